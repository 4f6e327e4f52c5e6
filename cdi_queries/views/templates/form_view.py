"""A draft of a template as its form shows it."""

from __future__ import annotations

from collections.abc import Mapping

from cdi_queries.models import QueryKind
from cdi_queries.rules.query import Kind
from cdi_queries.rules.template import AREAS, GAPS, PURPOSES
from cdi_queries.views.templates.draft import WHATS, WORDS, SectionDraft, TemplateDraft
from cdi_queries.views.templates.dto import FormView, SectionView
from coding_ops.web.choices import Choice

CHOICE = "field:choice"


def form_view(draft: TemplateDraft, href: str, back_href: str, *, is_new: bool, focus: str = "") -> FormView:
    """The form with what was typed."""
    last = len(draft.sections) - 1
    return FormView(
        href=href,
        back_href=back_href,
        is_new=is_new,
        base_version=draft.base_version,
        name=draft.name,
        title=draft.title,
        areas=_choices(AREAS, draft.area),
        kinds=_choices({value: str(label) for value, label in QueryKind.choices}, draft.kind),
        gaps=_choices(GAPS, draft.gap),
        purposes=_choices({"": "Choose", **PURPOSES}, draft.purpose),
        is_open=draft.kind == Kind.OPEN,
        is_yes_no=draft.kind == Kind.YES_NO,
        sections=tuple(_section(at, one, at == last) for at, one in enumerate(draft.sections)),
        options=draft.options,
        documented=draft.documented,
        search_words=draft.search_words,
        sample_indicators=draft.sample_indicators,
        internal_note=draft.internal_note,
        reason=draft.reason,
        focus=focus,
    )


def _section(at: int, draft: SectionDraft, is_last: bool) -> SectionView:
    is_field = draft.what.startswith("field:")
    return SectionView(
        key=f"s{at}",
        at=at,
        heading=f"Section {at + 1}",
        name=draft.name,
        whats=_choices(dict(WHATS), draft.what),
        words=draft.words,
        words_label="Label of the field" if is_field else "Words",
        before=draft.before,
        after=draft.after,
        choices=draft.choices,
        sample=draft.sample,
        optional=draft.optional,
        paragraph=draft.paragraph,
        is_words=draft.what == WORDS,
        is_field=is_field,
        is_choice=draft.what == CHOICE,
        is_first=at == 0,
        is_last=is_last,
    )


def _choices(labels: Mapping[str, str], selected: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == selected) for value, label in labels.items())
