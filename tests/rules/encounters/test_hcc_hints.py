"""Lines of a note where a coder may look for signature, credential and date: pointers, never answers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.hcc_eligibility import Fact
from encounters.rules.hcc_hints import places_to_look
from encounters.rules.text import split_lines

ON = date(2026, 9, 5)
KNOWN = {"MD", "PA-C"}
NOTE = """Visit of 9/5/2026.
Patient signed out of the clinic list.
Assessment: stable.
  Electronically signed: N. Okafor, M.D., 09/05/2026 4:42 PM
"""


def found(text: str) -> dict[Fact, str]:
    return {fact: place.quote for fact, place in places_to_look(split_lines(text), ON, KNOWN).items()}


def test_signature_credential_and_date_are_pointed_at() -> None:
    signed = "Electronically signed: N. Okafor, M.D., 09/05/2026 4:42 PM"
    assert found(NOTE) == {
        Fact.SIGNATURE: signed,
        Fact.CREDENTIAL: signed,
        Fact.NOTE_DATE: "Visit of 9/5/2026.",
    }


def test_a_signature_without_a_known_credential_points_at_no_credential() -> None:
    assert set(found("Signed: J. Doe, RN")) == {Fact.SIGNATURE}


@pytest.mark.parametrize("text", ["19/5/2026", "9/5/20261", "09/15/2026", "9/6/2026", "2026-09-051"])
def test_other_dates_are_not_the_date_of_service(text: str) -> None:
    assert Fact.NOTE_DATE not in found(text)


@pytest.mark.parametrize("text", ["09/05/2026", "9-5-26", "2026-09-05", "seen 09/5/2026,"])
def test_the_date_of_service_is_read_in_its_usual_forms(text: str) -> None:
    assert Fact.NOTE_DATE in found(text)


@given(st.text(max_size=200))
def test_a_place_is_exactly_what_stands_there(text: str) -> None:
    note = f"{text}\nSigned by A. B., MD\n{ON:%m/%d/%Y}"
    for place in places_to_look(split_lines(note), ON, KNOWN).values():
        assert note[place.start : place.end] == place.quote
