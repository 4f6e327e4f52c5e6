"""Codes that an answer's words lead to: to look at, never applied by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from cdi_queries.models import CdiQuery, QueryAnswer
from cdi_queries.rules.answer_words import words_to_search
from cdi_queries.rules.content import from_json
from cdi_queries.terms.lint import lexicon, wording
from code_sets.selectors import search_box
from coding_ops.core.errors import Refused
from encounters.models import CodeAssignment, Encounter

MOST = 5
DIAGNOSES = "ICD-10-CM"
#: Answers of the search that are looked through for billable codes that are not on the chart yet.
_SEARCHED = 12


@dataclass(frozen=True, slots=True)
class Proposal:
    """One code to look at.  ``code`` has no dot; ``why``: the provider's words it was found by."""

    system: str
    code: str
    title: str
    why: str


def proposals_for(query: CdiQuery, answer: QueryAnswer) -> tuple[Proposal, ...]:
    """At most five billable diagnoses of the release in force on the chart's coding day, best first.

    Codes that stand on the chart are left out.  None for an answer that names no diagnosis, and none while
    no release is loaded for that day: the code box says so where codes are added.
    """
    encounter = query.encounter
    texts = words_to_search(
        from_json(query.content), answer.option_id, answer.words or "", wording(), lexicon()
    )
    standing = (
        set(
            CodeAssignment.objects.filter(
                client_id=encounter.client_id, encounter=encounter, system=DIAGNOSES
            ).values_list("code", flat=True)
        )
        if texts
        else set()
    )
    found: dict[str, Proposal] = {}
    for text in texts:
        for one in _search(encounter, text):
            if one.code not in standing:
                found.setdefault(one.code, one)
    return tuple(found.values())[:MOST]


def _search(encounter: Encounter, text: str) -> list[Proposal]:
    try:
        hits = search_box((DIAGNOSES,), encounter.coding_on, text, _SEARCHED)
    except Refused:
        return []
    return [Proposal(one.system, one.code, one.title, text) for one in hits if one.billable]
