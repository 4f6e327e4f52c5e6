"""The designer's form: exactly what was typed, so that it can be shown again whatever is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cdi_queries.rules.query import Kind
from cdi_queries.rules.template import (
    ACCOUNT_FIELDS,
    AREAS,
    GAPS,
    MOST_SECTIONS,
    PURPOSES,
    FieldType,
    Section,
    SectionKind,
    Template,
    named,
)

WORDS = "words"
#: What a section may be: value of the select, and its words.
WHATS: tuple[tuple[str, str], ...] = (
    (WORDS, "Words that stay as they are"),
    ("field:text", "Field: words to enter"),
    ("field:number", "Field: a number"),
    ("field:date", "Field: a date"),
    ("field:choice", "Field: one of a list"),
    *((f"account:{name}", f"From the chart: {label}") for name, (label, _) in ACCOUNT_FIELDS.items()),
)
OPENING = "Please clarify"
DEFAULT_OPTIONS = "Other (please specify)\nUnable to determine"
PLAIN = (
    "name", "area", "kind", "gap", "purpose", "title", "options", "documented", "search_words",
    "sample_indicators", "internal_note", "reason",
)  # fmt: skip
PARTS = ("what", "name", "words", "before", "after", "choices", "sample")


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """One section as typed; ``words`` is the label of a field, ``name`` what its value is kept under."""

    what: str = WORDS
    name: str = ""
    words: str = ""
    before: str = ""
    after: str = ""
    choices: str = ""
    sample: str = ""
    optional: bool = False
    paragraph: bool = False


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A template as typed; lists hold one entry a line."""

    base_version: int = 0
    name: str = ""
    area: str = "general"
    kind: str = Kind.MULTIPLE_CHOICE.value
    gap: str = "significance"
    purpose: str = ""
    title: str = ""
    sections: tuple[SectionDraft, ...] = (SectionDraft(),)
    options: str = DEFAULT_OPTIONS
    documented: str = ""
    search_words: str = ""
    sample_indicators: str = ""
    internal_note: str = ""
    reason: str = ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Every field as the form posts it, to send a draft again as it is."""
        rows = [(name, str(getattr(self, name))) for name in PLAIN]
        for at, section in enumerate(self.sections):
            rows += [(f"s{at}-{part}", str(getattr(section, part))) for part in PARTS]
            rows += [(f"s{at}-{flag}", "1") for flag in ("optional", "paragraph") if getattr(section, flag)]
        return rows


def draft_from(post: Mapping[str, str]) -> TemplateDraft:
    """The form as posted; what was not posted is empty."""
    base = post.get("base_version", "0")
    values = {name: post.get(name, "").replace("\r\n", "\n").strip() for name in PLAIN}
    return TemplateDraft(
        base_version=int(base) if base.isdecimal() and len(base) < 9 else 0,
        sections=tuple(_sections(post)),
        **values,
    )


def draft_of(template: Template) -> TemplateDraft:
    """A template, to be changed."""
    return TemplateDraft(
        base_version=template.version,
        name=template.name,
        area=template.area,
        kind=template.kind.value,
        gap=template.gap,
        purpose=template.purpose,
        title=template.title,
        sections=tuple(map(_section_draft, template.sections)),
        options="\n".join(template.options),
        documented="\n".join(template.documented),
        search_words="\n".join(template.search_words),
        sample_indicators="\n".join(template.sample_indicators),
        internal_note=template.internal_note,
    )


def template_of_draft(draft: TemplateDraft) -> Template:
    """The template a draft makes; what it is not fit for is said by ``template_problems``.

    A choice of the form that is none of its list falls back to the first of it.
    """
    kind = Kind(draft.kind) if draft.kind in {one.value for one in Kind} else Kind.MULTIPLE_CHOICE
    return Template(
        key="",
        name=" ".join(draft.name.split()),
        area=draft.area if draft.area in AREAS else next(iter(AREAS)),
        kind=kind,
        gap=draft.gap if draft.gap in GAPS else next(iter(GAPS)),
        title=" ".join(draft.title.split()),
        sections=named(map(_section, draft.sections)),
        # Kept in the form, so that a kind chosen by mistake takes no answers away.
        options=() if kind is Kind.OPEN else lines(draft.options),
        purpose=draft.purpose if kind is Kind.YES_NO and draft.purpose in PURPOSES else "",
        documented=lines(draft.documented),
        search_words=lines(draft.search_words),
        sample_indicators=lines(draft.sample_indicators),
        internal_note=draft.internal_note,
    )


def changed(draft: TemplateDraft, act: str) -> tuple[TemplateDraft, str]:
    """The draft after ``add:2`` (behind section 2), ``remove:2``, ``up:2``, ``down:2``.

    Gives the id of the field that has the focus next; an act that fits nothing changes nothing.
    """
    verb, _, where = act.partition(":")
    rows = list(draft.sections)
    at = int(where) if where.isdecimal() and len(where) < 4 else -1
    if verb == "add" and -1 < at <= len(rows) < MOST_SECTIONS:
        rows.insert(at, SectionDraft())
        return replace(draft, sections=tuple(rows)), f"s{at}-words"
    if not 0 <= at < len(rows):
        return draft, ""
    if verb == "remove":
        del rows[at]
        return replace(draft, sections=tuple(rows)), f"s{min(at, len(rows) - 1)}-words" if rows else "add"
    to = at + {"up": -1, "down": 1}.get(verb, 0)
    if to == at or not 0 <= to < len(rows):
        return draft, ""
    rows[at], rows[to] = rows[to], rows[at]
    return replace(draft, sections=tuple(rows)), f"s{to}-{verb}"


def lines(text: str) -> tuple[str, ...]:
    """One entry a line, blanks left out."""
    return tuple(" ".join(one.split()) for one in text.splitlines() if one.strip())


def _sections(post: Mapping[str, str]) -> list[SectionDraft]:
    found = []
    for at in range(MOST_SECTIONS + 1):
        if f"s{at}-what" not in post:
            break
        parts = {part: post.get(f"s{at}-{part}", "").replace("\r\n", "\n") for part in PARTS}
        # Words before and after a field keep their outer spaces: "of " is not "of".
        parts = {part: text if part in ("before", "after") else text.strip() for part, text in parts.items()}
        found.append(
            SectionDraft(
                **parts,
                optional=bool(post.get(f"s{at}-optional")),
                paragraph=bool(post.get(f"s{at}-paragraph")),
            )
        )
    return found


def _section_draft(section: Section) -> SectionDraft:
    if section.kind is SectionKind.WORDS:
        return SectionDraft(words=section.text, paragraph=section.paragraph)
    is_field = section.kind is SectionKind.FIELD
    return SectionDraft(
        what=f"field:{section.type.value}" if is_field else f"account:{section.name}",
        name=section.name if is_field else "",
        words=section.label,
        before=section.before,
        after=section.after,
        choices="\n".join(section.choices),
        sample=section.sample,
        optional=is_field and not section.required,
        paragraph=section.paragraph,
    )


def _section(draft: SectionDraft) -> Section:
    kind, _, which = draft.what.partition(":")
    if kind == "account" and which in ACCOUNT_FIELDS:
        return Section(
            SectionKind.ACCOUNT,
            name=which,
            before=draft.before,
            after=draft.after,
            paragraph=draft.paragraph,
        )
    if kind == "field" and which in {one.value for one in FieldType}:
        return Section(
            SectionKind.FIELD,
            name=draft.name,
            label=" ".join(draft.words.split()),
            type=FieldType(which),
            required=not draft.optional,
            choices=lines(draft.choices) if which == FieldType.CHOICE else (),
            before=draft.before,
            after=draft.after,
            sample=" ".join(draft.sample.split()),
            paragraph=draft.paragraph,
        )
    return Section(SectionKind.WORDS, text=" ".join(draft.words.split()), paragraph=draft.paragraph)
