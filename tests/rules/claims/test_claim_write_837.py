"""Every claim we write is read back as it was, and a validator that shares no code with us takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.rules.content import (
    Address,
    ClaimContent,
    ClaimForm,
    Diagnosis,
    Frequency,
    Organization,
    Person,
    Procedure,
    ServiceLine,
)
from claims.rules.x12.claims_837 import read_claims
from claims.rules.x12.parts import Problem
from claims.rules.x12.reader import read_file
from claims.rules.x12.text import plain
from claims.rules.x12.validate import validate
from claims.rules.x12.write_837 import Written, write_837
from claims.rules.x12.write_parts import CannotWrite, Envelope
from tests.shared_data import shared_path

HOME = Address("8 BAYOU LANE", "THIBODAUX", "LA", "703010100")
CLINIC = Organization("CYPRESS RIDGE", "1234567893", "721234567", "207R00000X", HOME)
PAYER = Organization("SAMPLE MUTUAL", "SMPL1")
ENVELOPE = Envelope(
    sender_id="CODINGOPS",
    receiver_id="CLEARTEST",
    submitter=Organization(
        "CODING OPS", "CODINGOPS", contact_name="BILLING DESK", contact_phone="9855550100"
    ),
    receiver=Organization("TEST CLEARINGHOUSE", "CLEARTEST"),
    interchange_number=7,
    made_at=datetime(2026, 11, 24, 9, 30),
    is_test=True,
)
PROVIDER = Person("OKAFOR", "N", identifier="1888888884", taxonomy_code="207R00000X")
CODES = ("E1122", "N1831", "I10", "Z794", "R079", "J449", "M545")
DAY = date(2026, 9, 15)

names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ '-", min_size=2, max_size=20).map(
    lambda one: plain(f"A{one}", 35)
)
days = st.integers(0, 400).map(lambda one: DAY - timedelta(days=one))
amounts = st.integers(1, 5_000_000).map(lambda cents: Decimal(cents) / 100)
people = st.builds(
    Person,
    family_name=names,
    given_name=names,
    middle_name=st.sampled_from(("", "Q", "MARIE")),
    birth_on=st.just(date(1959, 3, 14)),
    sex=st.sampled_from("FMU"),
    address=st.just(HOME) | st.just(replace(HOME, line_2="APT 3", postal_code="70301")),
)


@st.composite
def claims(draw: st.DrawFn, form: ClaimForm) -> ClaimContent:
    """A whole claim; its control number is set by the test, so that a file has each once."""
    is_own = draw(st.booleans())
    subscriber = replace(draw(people), identifier="SM0000001")
    frequency = draw(st.sampled_from(list(Frequency)))
    parts = draw(office() if form == ClaimForm.PROFESSIONAL else stay())
    return ClaimContent(
        form=form,
        control_number="X",
        frequency=frequency,
        total_charge_amount=sum((one.charge_amount for one in parts["lines"]), Decimal(0)),
        billing=CLINIC,
        payer=PAYER,
        subscriber=subscriber,
        payer_control_number="ICN77" if frequency != Frequency.ORIGINAL else "",
        filing_code=draw(st.sampled_from(("MB", "MC", "CI", "16"))),
        relationship="18" if is_own else draw(st.sampled_from(("01", "19", "53", "G8"))),
        group_number=draw(st.sampled_from(("", "G100"))),
        patient=None if is_own else draw(people),
        prior_authorization=draw(st.sampled_from(("", "PA123"))),
        **parts,
    )


@st.composite
def office(draw: st.DrawFn) -> dict[str, Any]:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=7, unique=True))
    places = st.lists(st.integers(1, len(codes)), min_size=1, max_size=4, unique=True)
    lines = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        first = draw(days)
        lines.append(
            ServiceLine(
                number=number,
                code=draw(st.sampled_from(("99213", "83036", "G0439"))),
                charge_amount=draw(amounts),
                units=Decimal(draw(st.integers(1, 200))),
                service_on=first,
                modifiers=tuple(
                    draw(st.lists(st.sampled_from(("25", "59", "RT", "GT")), max_size=4, unique=True))
                ),
                pointers=tuple(draw(places)),
                place_of_service_code=draw(st.sampled_from(("", "22"))),
                service_through_on=draw(st.sampled_from((None, first + timedelta(days=2)))),
            )
        )
    return {
        "facility_code": "11",
        "diagnoses": tuple(
            Diagnosis(one, "principal" if place == 0 else "other") for place, one in enumerate(codes)
        ),
        "lines": tuple(lines),
        "rendering": PROVIDER,
        "admitted_on": draw(st.none() | st.just(DAY)),
    }


@st.composite
def stay(draw: st.DrawFn) -> dict[str, Any]:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=7, unique=True))
    letters = st.sampled_from(("", "Y", "N", "U", "W"))
    first = draw(days)
    count = draw(st.integers(0, 3))
    causes = (Diagnosis("W1800XA", "external_cause", draw(letters)),) if draw(st.booleans()) else ()
    return {
        "facility_code": draw(st.sampled_from(("11", "13", "77"))),
        "diagnoses": (
            Diagnosis(codes[0], "principal", draw(letters)),
            *causes,
            *(Diagnosis(one, "other", draw(letters)) for one in codes[1:]),
        ),
        "procedures": tuple(Procedure("0DTJ4ZZ", first) for _ in range(count)),
        "drg_code": draw(st.sampled_from(("", "470"))),
        "lines": (
            ServiceLine(1, "", draw(amounts), Decimal(3), None, revenue_code="0120"),
            ServiceLine(2, "G0467", draw(amounts), Decimal(1), first, ("59",), revenue_code="0521"),
        ),
        "attending": PROVIDER,
        "statement_from_on": first,
        "statement_through_on": first + timedelta(days=3),
        "admitted_on": draw(st.none() | st.just(first)),
        "discharge_status_code": "01",
        "admission_type": "9",
        "admission_source": draw(st.sampled_from(("", "1"))),
    }


def files(form: ClaimForm, least: int, most: int) -> st.SearchStrategy[list[ClaimContent]]:
    return st.lists(claims(form), min_size=least, max_size=most).map(
        lambda found: [replace(one, control_number=f"CTL{place:011d}") for place, one in enumerate(found)]
    )


def written(contents: Sequence[ClaimContent], most: int = 2) -> Written:
    return write_837(contents, ENVELOPE, most_per_transaction=most)


def read(text: str) -> list[ClaimContent]:
    problems: list[Problem] = []
    reading = read_file(text)
    found = [one.content for each in reading.transactions() for one in read_claims(each, problems)]
    assert [*reading.problems, *problems] == []
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(list(ClaimForm)).flatmap(lambda form: files(form, 1, 3)))
def test_what_is_written_is_read_back_as_it_was(contents: list[ClaimContent]) -> None:
    assert read(written(contents).text) == contents


@pytest.mark.parametrize("form", list(ClaimForm))
def test_an_independent_validator_takes_every_claim(form: ClaimForm) -> None:
    @settings(max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(files(form, 12, 12))
    def check(contents: list[ClaimContent]) -> None:
        found = written(contents, most=5)
        assert found.transaction_count == 3
        assert validate(found.text, found.placed) == ()

    check()


def whole(number: str = "A") -> ClaimContent:
    line = ServiceLine(1, "99213", Decimal("135.50"), Decimal(1), DAY, ("25",), (1,))
    return ClaimContent(
        form=ClaimForm.PROFESSIONAL,
        control_number=number,
        frequency=Frequency.ORIGINAL,
        facility_code="11",
        total_charge_amount=Decimal("135.50"),
        billing=CLINIC,
        payer=PAYER,
        subscriber=Person("THERIOT", "M", "", "SM1", date(1959, 3, 14), "F", HOME),
        diagnoses=(Diagnosis("E1122", "principal"),),
        lines=(line,),
        filing_code="CI",
        rendering=PROVIDER,
    )


def test_the_validator_places_what_it_refuses_on_its_claim_without_repeating_it() -> None:
    bad = replace(whole("B"), subscriber=replace(whole().subscriber, address=replace(HOME, state="QQ")))
    found = written([whole("A"), bad, whole("C")])
    findings = validate(found.text, found.placed)
    assert {one.control_number for one in findings} == {"B"}
    assert "N4" in findings[0].problem.place
    assert "QQ" not in str(findings)
    # A file that was cut is refused as a whole.
    assert validate(found.text[: len(found.text) // 2], found.placed) != ()
    assert validate("no X12", ()) != ()


def test_published_examples_of_health_centers_are_written_as_they_were_read() -> None:
    folder = shared_path("reference/edi/x12/own_fqhc_synthetic")
    contents = [one for path in sorted(folder.glob("*.837i")) for one in read(path.read_text())]
    found = written(contents)
    assert len(contents) == 3
    assert read(found.text) == contents
    assert validate(found.text, found.placed) == ()


def test_an_envelope_the_standard_cannot_carry_is_refused_and_names_no_claim() -> None:
    with pytest.raises(CannotWrite) as refused:
        write_837([whole()], replace(ENVELOPE, sender_id="X" * 16), most_per_transaction=1)
    assert (refused.value.control_number, refused.value.place.split(" ")[0]) == ("", "envelope")
    silent = replace(ENVELOPE, submitter=replace(ENVELOPE.submitter, name=""))
    with pytest.raises(CannotWrite, match="submitter or receiver"):
        write_837([whole()], silent, most_per_transaction=1)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (
            replace(whole(), subscriber=replace(whole().subscriber, family_name="A*B")),
            "subscriber.family_name",
        ),
        (replace(whole(), subscriber=replace(whole().subscriber, family_name="")), "subscriber"),
        (replace(whole(), total_charge_amount=Decimal(1)), "claim"),
        (replace(whole(), lines=()), "lines"),
        (replace(whole(), lines=(replace(whole().lines[0], pointers=(2,)),)), "line 1"),
        (replace(whole(), lines=(replace(whole().lines[0], service_on=None),)), "line 1"),
        (replace(whole(), relationship="19"), "patient"),
        (replace(whole(), filing_code="??"), "subscriber"),
        (replace(whole(), form=ClaimForm.INSTITUTIONAL), "statement dates"),
    ],
)
def test_what_the_form_cannot_carry_is_refused_with_its_place(wrong: ClaimContent, place: str) -> None:
    with pytest.raises(CannotWrite) as refused:
        written([wrong])
    assert refused.value.place.startswith(place)
    assert refused.value.control_number == "A"
    assert "A*B" not in str(refused.value)


def test_claims_of_two_forms_and_none_are_refused() -> None:
    with pytest.raises(ValueError, match="one form"):
        written([])
    with pytest.raises(ValueError, match="one form"):
        written([whole(), replace(whole(), form=ClaimForm.INSTITUTIONAL)])


@given(st.text(max_size=80), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_words_are_cut_to_letters_that_end_no_element(text: str, longest: int) -> None:
    found = plain(text, longest)
    assert len(found) <= longest
    assert found == found.strip()
    assert not set(found) & set("*:^~\n\t")
    assert found.isascii()
    assert plain(found, longest) == found


def test_accents_go_and_names_stay() -> None:
    assert plain("José Núñez-Sørensen", 60) == "JOSE NUNEZ-SORENSEN"
    assert plain("李", 60) == ""
