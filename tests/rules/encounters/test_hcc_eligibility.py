"""May an encounter support diagnoses for risk adjustment?

[RAPG] CMS 2008 Risk Adjustment Data Technical Assistance for MAOs Participant Guide, sections 3, 4 and 7.
[TELE] CMS memorandum of 2020-04-10 on telehealth: audio and video counts, audio alone does not.
[RADV] CMS RADV Medical Record Reviewer Guidance: signature, credential, date of service.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from coding_ops.core.errors import InvalidInput
from encounters.rules.hcc_eligibility import Eligibility, State, Visit, check_fact, eligibility
from encounters.selectors.hcc_tables import eligibility_tables

TABLES = eligibility_tables()
SEEN = {"signature": "yes", "credential": "yes", "note_date": "yes"}
VISIT = Visit(
    on=date(2026, 9, 15), year=2026, kind="office", place="11", credential="MD", specialty="IM",
    documents=("progress_note",), services=(("99214", ()),), confirmed=SEEN,
)  # fmt: skip


def found(**changes: Any) -> Eligibility:
    return eligibility(replace(VISIT, **changes), TABLES)


def state_of(result: Eligibility, rule: str) -> State:
    return next(r.state for r in result.requirements if r.rule == rule)


def test_a_signed_visit_in_person_counts() -> None:
    assert found().state is State.MET and found().words == "Eligible"


@pytest.mark.parametrize(
    ("cite", "changes", "rule", "state"),
    [
        ("422.310", {"year": 2025}, "hcc.date", State.NOT_MET),
        ("TELE", {"kind": "telehealth", "place": "10", "services": (("99214", ("95",)),)}, "hcc.face_to_face",
         State.MET),
        ("TELE", {"kind": "telehealth", "place": "10", "services": (("99214", ("93",)),)}, "hcc.face_to_face",
         State.NOT_MET),
        ("TELE", {"kind": "telehealth", "place": "02"}, "hcc.face_to_face", State.UNKNOWN),
        ("TELE", {"kind": "telehealth", "place": "02", "confirmed": {**SEEN, "face_to_face": "video"}},
         "hcc.face_to_face", State.MET),
        ("TELE", {"kind": "telehealth", "place": "02", "confirmed": {**SEEN, "face_to_face": "audio"}},
         "hcc.face_to_face", State.NOT_MET),
        # what was read in the note goes before the registration
        ("RAPG", {"confirmed": {**SEEN, "face_to_face": "none"}}, "hcc.face_to_face", State.NOT_MET),
        # portal messages and telephone calls are no visit, wherever they are registered
        ("RAPG", {"services": (("99421", ()),)}, "hcc.face_to_face", State.NOT_MET),
        ("RAPG", {"services": (("99441", ()), ("98016", ()))}, "hcc.face_to_face", State.NOT_MET),
        ("RAPG", {"services": (("99421", ()), ("99214", ()))}, "hcc.face_to_face", State.MET),
        ("RAPG", {"place": ""}, "hcc.face_to_face", State.UNKNOWN),
        ("RAPG", {"kind": "other"}, "hcc.face_to_face", State.UNKNOWN),
        ("RAPG", {"documents": ("lab", "lab")}, "hcc.source", State.NOT_MET),
        ("RAPG", {"documents": ("imaging",)}, "hcc.source", State.NOT_MET),
        ("RAPG", {"documents": ("lab", "progress_note")}, "hcc.source", State.MET),
        ("RAPG", {"documents": ()}, "hcc.source", State.UNKNOWN),
        ("RAPG", {"place": "81"}, "hcc.source", State.NOT_MET),
        ("RAPG", {"specialty": "RAD"}, "hcc.source", State.NOT_MET),
        ("RAPG", {"credential": "PA-C"}, "hcc.provider", State.MET),
        ("RAPG", {"credential": "M.D., FACP"}, "hcc.provider", State.MET),
        ("RAPG", {"credential": "RN"}, "hcc.provider", State.NOT_MET),
        ("RAPG", {"credential": "XYZ"}, "hcc.provider", State.UNKNOWN),
        ("RAPG", {"credential": ""}, "hcc.provider", State.UNKNOWN),
        ("RAPG", {"credential": "XYZ", "confirmed": {**SEEN, "provider": "yes"}}, "hcc.provider", State.MET),
        ("RADV", {"confirmed": {}}, "hcc.signature", State.UNKNOWN),
        ("RADV", {"confirmed": {**SEEN, "signature": "no"}}, "hcc.signature", State.NOT_MET),
        ("RADV", {"confirmed": {**SEEN, "credential": "no"}}, "hcc.credential", State.NOT_MET),
        ("RADV", {"confirmed": {**SEEN, "note_date": "no"}}, "hcc.note_date", State.NOT_MET),
    ],
)  # fmt: skip
def test_golden_requirements(cite: str, changes: dict[str, Any], rule: str, state: State) -> None:
    result = found(**changes)
    assert state_of(result, rule) is state, cite
    assert all(r.citation for r in result.requirements)
    if state is not State.MET:
        assert result.state is state


def test_what_nobody_looked_at_is_not_known_and_named() -> None:
    result = found(confirmed={"credential": "yes"})
    assert result.state is State.UNKNOWN
    assert result.words == "Not known: signature, date on the note"


def test_one_requirement_not_met_outweighs_what_is_not_known() -> None:
    result = found(confirmed={}, credential="RN")
    assert result.words == "Not eligible: provider type"


@pytest.mark.parametrize(
    ("fact", "value", "cited"),
    [
        ("signature", "yes", False),
        ("note_date", "yes", False),
        ("signature", "maybe", True),
        ("age", "yes", True),
    ],
)
def test_a_fact_needs_its_words_and_a_known_answer(fact: str, value: str, cited: bool) -> None:
    with pytest.raises(InvalidInput):
        check_fact(fact, value, cited)


def test_that_something_is_missing_needs_no_words() -> None:
    check_fact("signature", "no", False)
    check_fact("face_to_face", "video", False)
