"""FQHC visits of a day: who, with which service, how many.

Sources: 42 CFR 405.2463 (practitioners, same-day visits, mental health by telehealth; marriage and family
therapists and mental health counselors from 2024) and 405.2462(c)(2) (new patient, three years); the lists of
qualifying services stand as unverified.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput, Refused
from fqhc.rules.visits import is_new_patient
from fqhc.visit_command import visits

SEEN = "2025-06-01"
Encounters = list[dict[str, Any]]


def seen(who: str, *codes: str, key: str = "e1", **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "practitioner_type": who,
        "mode": "in_person",
        "hcpcs": list(codes),
        "modifiers": [],
    } | more


def ask(*encounters: dict[str, Any], last: str | None = SEEN, on: str = "2026-11-01") -> dict[str, Any]:
    return visits(
        {
            "service_on": on,
            "patient": {"last_seen_by_organization_on": last},
            "encounters": [one | {"id": f"e{at}"} for at, one in enumerate(encounters, 1)],
        }
    )


def told(answer: dict[str, Any]) -> list[str]:
    return [
        f"{one['type']} {one['payment_code']} {one['qualifying_code']} {'+'.join(one['encounters'])}"
        for one in answer["visits"]
    ]


#: (encounters, last seen, visits)
DAYS: list[tuple[Encounters, str | None, list[str]]] = [
    ([seen("physician", "99213")], SEEN, ["medical G0467 99213 e1"]),
    ([seen("physician", "99203")], None, ["medical G0466 99203 e1"]),
    ([seen("NP", "99214", "36415")], SEEN, ["medical G0467 99214 e1"]),
    ([seen("physician assistant", "99212")], SEEN, ["medical G0467 99212 e1"]),
    ([seen("CNM", "99213")], SEEN, ["medical G0467 99213 e1"]),
    ([seen("physician", "G0439")], SEEN, ["preventive G0468 G0439 e1"]),
    ([seen("physician", "G0402")], None, ["preventive G0468 G0402 e1"]),
    ([seen("physician", "G0438", "99213")], SEEN, ["preventive G0468 G0438 e1"]),
    ([seen("LCSW", "90834")], SEEN, ["mental G0470 90834 e1"]),
    ([seen("LCSW", "90791")], None, ["mental G0469 90791 e1"]),
    ([seen("clinical_psychologist", "90837")], SEEN, ["mental G0470 90837 e1"]),
    ([seen("MFT", "90834")], SEEN, ["mental G0470 90834 e1"]),
    ([seen("psychiatrist", "90792")], SEEN, ["mental G0470 90792 e1"]),
    ([seen("dietitian", "97802")], SEEN, ["medical G0467 97802 e1"]),
    ([seen("visiting_nurse", "G0490")], SEEN, ["medical G0467 G0490 e1"]),
    ([seen("physician", "99495")], SEEN, ["medical G0467 99495 e1"]),
    # the same day
    ([seen("physician", "99213"), seen("NP", "99212")], SEEN, ["medical G0467 99213 e1+e2"]),
    ([seen("physician", "99213"), seen("LCSW", "90834")], SEEN,
     ["medical G0467 99213 e1", "mental G0470 90834 e2"]),
    ([seen("physician", "99203"), seen("LCSW", "90834")], None,
     ["medical G0466 99203 e1", "mental G0470 90834 e2"]),
    ([seen("LCSW", "90834"), seen("LCSW", "90832")], SEEN, ["mental G0470 90834 e1+e2"]),
    ([seen("physician", "99213"), seen("physician", "99214", modifiers=["59"], new_illness=True)], SEEN,
     ["medical G0467 99213 e1", "subsequent G0467 99214 e2"]),
    ([seen("physician", "99203"), seen("physician", "99203", new_illness=True)], None,
     ["medical G0466 99203 e1", "subsequent G0467 99203 e2"]),
    ([seen("physician", "99213"), seen("physician", "99214", new_illness=True), seen("CSW", "90832")], SEEN,
     ["medical G0467 99213 e1", "subsequent G0467 99214 e2", "mental G0470 90832 e3"]),
    ([seen("physician", "99213"), seen("physician", "99214", modifiers=["59"])], SEEN,
     ["medical G0467 99213 e1+e2"]),
    ([seen("physician", "99214", new_illness=True)], SEEN, ["medical G0467 99214 e1"]),
    ([seen("physician", "G0439"), seen("physician", "99213")], SEEN, ["preventive G0468 G0439 e1+e2"]),
    ([seen("physician", "G0439"), seen("physician", "99213", new_illness=True)], SEEN,
     ["preventive G0468 G0439 e1", "subsequent G0467 99213 e2"]),
    ([seen("physician", "G0439"), seen("LCSW", "90834")], SEEN,
     ["preventive G0468 G0439 e1", "mental G0470 90834 e2"]),
    ([seen("dietitian", "97803"), seen("physician", "99213")], SEEN, ["medical G0467 99213 e1+e2"]),
    ([seen("physician", "99406", "99213")], SEEN, ["medical G0467 99213 e1"]),
    ([seen("psychiatrist", "99213", "90834")], SEEN, ["medical G0467 99213 e1", "mental G0470 90834 e1"]),
    # mode
    ([seen("LCSW", "90834", mode="video")], SEEN, ["mental G0470 90834 e1"]),
    ([seen("LCSW", "90834", mode="audio", modifiers=["93"])], SEEN, ["mental G0470 90834 e1"]),
    ([seen("psychiatrist", "99213", "90834", mode="video")], SEEN, ["mental G0470 90834 e1"]),
    ([], SEEN, []),
]  # fmt: skip


@pytest.mark.parametrize(("encounters", "last", "expected"), DAYS)
def test_the_visits_of_a_day(encounters: Encounters, last: str | None, expected: list[str]) -> None:
    answer = ask(*encounters, last=last)
    assert told(answer) == expected
    assert answer["not_qualifying"] == []
    assert json.loads(json.dumps(answer)) == answer


#: (encounter, last seen, day, words of the reason)
NONE: list[tuple[dict[str, Any], str | None, str, str]] = [
    (seen("physician", "99211"), SEEN, "2026-11-01", "99211 is no qualifying service"),
    (seen("RN", "99211"), SEEN, "2026-11-01", "99211 is no qualifying service"),
    (seen("RN", "99213"), SEEN, "2026-11-01", "rn makes no visit with 99213"),
    (seen("LCSW", "99213"), SEEN, "2026-11-01", "lcsw makes no visit with 99213"),
    (seen("dietitian", "99213"), SEEN, "2026-11-01", "dietitian makes no visit with 99213"),
    (seen("medical assistant", "99213"), SEEN, "2026-11-01", "medical_assistant is no practitioner"),
    (seen("pharmacist", "99213"), SEEN, "2026-11-01", "pharmacist is no practitioner"),
    (seen("MHC", "90834"), "2023-06-01", "2023-12-31", "mhc makes a visit from 2024-01-01 on"),
    (seen("MFT", "90834"), "2023-06-01", "2023-12-31", "mft makes a visit from 2024-01-01 on"),
    (seen("physician", "99213", mode="video"), SEEN, "2026-11-01", "distant-site telehealth"),
    (seen("physician", "99213", mode="audio"), SEEN, "2026-11-01", "distant-site telehealth"),
    (seen("LCSW", "90834", mode="video"), "2021-06-01", "2021-12-31", "is a visit from 2022-01-01 on"),
    (seen("physician", "G2025", mode="video"), SEEN, "2026-11-01", "G2025 is distant-site telehealth"),
    (seen("physician", "G0511"), SEEN, "2026-11-01", "care management"),
    (seen("physician", "36415"), SEEN, "2026-11-01", "36415: no service of the list"),
    (seen("physician"), SEEN, "2026-11-01", "no service: no service of the list"),
]


@pytest.mark.parametrize(("encounter", "last", "on", "why"), NONE)
def test_an_encounter_that_is_no_visit_says_why(
    encounter: dict[str, Any], last: str | None, on: str, why: str
) -> None:
    answer = ask(encounter, last=last, on=on)
    assert answer["visits"] == []
    assert why in answer["not_qualifying"][0]["why"]


def test_a_service_of_the_other_list_makes_a_visit_whose_claim_would_come_back() -> None:
    new, known = ask(seen("physician", "99213"), last=None), ask(seen("physician", "99203"))
    assert (told(new), told(known)) == (["medical G0466 99213 e1"], ["medical G0467 99203 e1"])
    assert "99213 is for established patients; the patient is new" in new["visits"][0]["warning"]
    assert "99203 is for new patients; the patient is established" in known["visits"][0]["warning"]
    assert ask(seen("physician", "99213"))["visits"][0]["warning"] is None


NEW = [
    ("2026-11-01", None, True),
    ("2026-11-01", "2023-10-31", True),
    ("2026-11-01", "2023-11-01", False),
    ("2026-11-01", "2026-11-01", False),
    ("2028-02-29", "2025-02-28", False),
    ("2028-02-29", "2025-02-27", True),
]


@pytest.mark.parametrize(("on", "last", "new"), NEW)
def test_a_patient_is_new_after_three_years(on: str, last: str | None, new: bool) -> None:
    when = None if last is None else date.fromisoformat(last)
    assert is_new_patient(date.fromisoformat(on), when, 3) is new


def test_the_second_illness_carries_modifier_59_and_audio_asks_for_its_modifier() -> None:
    answer = ask(seen("physician", "99213"), seen("physician", "99214", new_illness=True))
    assert [one["modifiers"] for one in answer["visits"]] == [[], ["59"]]
    audio = ask(seen("LCSW", "90834", mode="audio"))
    assert "fqhc.visit.audio" in [step["rule"] for step in audio["trace"]]
    assert {step.get("status") for step in audio["trace"] if step["rule"] == "fqhc.visit.mental"} == {
        "unverified"
    }


BAD: list[tuple[dict[str, Any], str]] = [
    ({"service_on": "soon"}, "service_on"),
    ({"patient": {"last_seen_by_organization_on": "2026-11-02"}}, "patient.last_seen_by_organization_on"),
    ({"encounters": None}, "encounters"),
    ({"patient": []}, "patient"),
    ({"encounters": [seen("physician", "99213", mode="fax")]}, "encounters[0].mode"),
    ({"encounters": [seen("physician", "99213"), seen("physician", "99213")]}, "encounters[1].id"),
    ({"encounters": [seen("", "99213")]}, "encounters[0].practitioner_type"),
    ({"encounters": [seen("physician", "99213", hcpcs="99213")]}, "encounters[0].hcpcs"),
    ({"encounters": [{"practitioner_type": "physician"}]}, "encounters[0].id"),
]


@pytest.mark.parametrize(("changes", "path"), BAD)
def test_bad_input_names_the_culprit(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        visits({"service_on": "2026-11-01", "patient": {}, "encounters": []} | changes)
    assert refusal.value.details["path"] == path


def test_a_day_before_the_payment_system_is_refused() -> None:
    with pytest.raises(Refused):
        ask(on="2014-09-30", last=None)


encounters = st.builds(
    seen,
    st.sampled_from(["physician", "NP", "LCSW", "RN", "dietitian", "MFT", "clown"]),
    st.sampled_from(["99213", "99203", "G0439", "90834", "99211", "97802", "G2025"]),
    mode=st.sampled_from(["in_person", "video", "audio"]),
    new_illness=st.booleans(),
)


@given(st.lists(encounters, max_size=7), st.sampled_from([None, SEEN]))
def test_every_encounter_is_answered_and_no_kind_is_paid_twice(found: Encounters, last: str | None) -> None:
    answer = ask(*found, last=last)
    named = {key for one in answer["visits"] for key in one["encounters"]}
    refused = {one["id"] for one in answer["not_qualifying"]}
    assert named | refused == {f"e{at}" for at in range(1, len(found) + 1)}
    assert not named & refused
    kinds = [one["type"] for one in answer["visits"]]
    assert len(kinds) == len(set(kinds)) <= 3
    assert not {"medical", "preventive"} <= set(kinds)
