"""The answers of a query in the order we choose, and the ones that are always there.

Diagnoses stand in alphabetic order, so that no order carries weight; then what is no diagnosis ("None of
these"); then "Other (please specify)" and "Unable to determine", which nobody can leave out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from cdi_queries.rules.content import AnswerOption, QueryContent
from cdi_queries.rules.query import Kind
from cdi_queries.rules.wording import Wording

OTHER: Final = AnswerOption("other", "Other (please specify)")
UNABLE: Final = AnswerOption("unable", "Unable to determine")
YES: Final = AnswerOption("yes", "Yes")
NO: Final = AnswerOption("no", "No")
#: Answers whose words are ours: they are shown, but not edited.
STANDING: Final = frozenset({OTHER.id, UNABLE.id})


def arranged(kind: Kind, options: Sequence[AnswerOption], wording: Wording) -> tuple[AnswerOption, ...]:
    """The options as they are kept and sent; an open query has none.

    A diagnosis without words yet stands after those with words, so that typing does not move it about.
    """
    if kind is Kind.OPEN:
        return ()
    rest = [one for one in options if not (wording.is_other(one.text) or wording.is_undetermined(one.text))]
    if kind is Kind.YES_NO:
        offered = [one for one in rest if one.text.strip() and not wording.is_diagnostic(one.text)]
        rest = offered or [YES, NO]
    else:
        rest.sort(key=lambda one: _place(one, wording))
    return (*(one for one in rest if one.id not in STANDING), OTHER, UNABLE)


def _place(option: AnswerOption, wording: Wording) -> tuple[int, str]:
    text = option.text.strip()
    if not text:
        return 1, ""
    return (0 if wording.is_diagnostic(text) else 2), text.casefold()


def numbered(texts: Iterable[str]) -> tuple[AnswerOption, ...]:
    """Options ``o1``, ``o2`` … of the words of a template."""
    return tuple(AnswerOption(f"o{place}", text) for place, text in enumerate(texts, start=1))


def with_blank(content: QueryContent) -> QueryContent:
    """One empty answer more to type into; the one that is empty already is enough."""
    if any(not one.text.strip() for one in content.options):
        return content
    taken = {one.id for one in content.options}
    free = next(f"o{n}" for n in range(1, len(taken) + 2) if f"o{n}" not in taken)
    return replace(content, options=(*content.options, AnswerOption(free, "")))


def without_blanks(content: QueryContent) -> QueryContent:
    """What is sent: an answer that was never typed is none."""
    return replace(content, options=tuple(one for one in content.options if one.text.strip()))


def known_links(content: QueryContent) -> QueryContent:
    """Links to indicators that are there; a link to one that was taken out is none."""
    known = {one.id for one in content.indicators}
    return replace(
        content,
        options=tuple(
            replace(one, indicator_ids=tuple(i for i in dict.fromkeys(one.indicator_ids) if i in known))
            for one in content.options
        ),
    )
