"""Golden table of code and modifier forms (sources: the module's docstring)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets.rules.forms import check_form, check_modifier, procedure_system

GOOD = [
    ("CPT", "99213", "99213"),
    ("CPT", " 00100 ", "00100"),
    ("CPT", "0001F", "0001F"),
    ("CPT", "0075t", "0075T"),
    ("CPT", "0001U", "0001U"),
    ("CPT", "0001M", "0001M"),
    ("HCPCS", "G0467", "G0467"),
    ("HCPCS", "t1015", "T1015"),
    ("HCPCS", "V2020", "V2020"),
    ("ICD-10-CM", "E11.9", "E119"),
    ("ICD-10-CM", "i10", "I10"),
    ("ICD-10-CM", "S52.501A", "S52501A"),
    ("ICD-10-CM", "C4A.0", "C4A0"),
    ("ICD-10-CM", "QA0.0101", "QA00101"),
    ("ICD-10-PCS", "02100z9", "02100Z9"),
]
BAD = [
    ("CPT", ""),
    ("CPT", "9921"),
    ("CPT", "992133"),
    ("CPT", "0001X"),
    ("CPT", "G0467"),
    ("CPT", "99 213"),
    ("CPT", "９９２１３"),
    ("CPT", "99213\n99214"),
    ("HCPCS", "W0001"),
    ("HCPCS", "G467"),
    ("HCPCS", "99213"),
    ("HCPCS", "G04670"),
    ("ICD-10-CM", "10I"),
    ("ICD-10-CM", "E1"),
    ("ICD-10-CM", "E11.99999"),
    ("ICD-10-CM", "E11-9"),
    ("ICD-10-PCS", "0210OZ9"),
    ("ICD-10-PCS", "0210IZ9"),
    ("ICD-10-PCS", "02100Z"),
]


@pytest.mark.parametrize(("system", "typed", "stored"), GOOD)
def test_a_well_formed_code_is_taken_as_stored(system: str, typed: str, stored: str) -> None:
    check = check_form(system, typed)
    assert (check.ok, check.value, check.reason) == (True, stored, "")


@pytest.mark.parametrize(("system", "typed"), BAD)
def test_another_form_is_refused_with_what_is_expected(system: str, typed: str) -> None:
    check = check_form(system, typed)
    assert not check.ok
    assert f"is not a {system} code: expected " in check.reason


def test_a_system_of_unknown_form_is_an_error() -> None:
    with pytest.raises(KeyError):
        check_form("LOINC", "1234-5")


@pytest.mark.parametrize("modifier", ["25", "xe", " LT", "A1", "59"])
def test_two_letters_or_digits_are_a_modifier(modifier: str) -> None:
    assert check_modifier(modifier).ok
    assert check_modifier(modifier).value == modifier.strip().upper()


@pytest.mark.parametrize("modifier", ["", "2", "255", "2-", "é5", "5 9"])
def test_anything_else_is_no_modifier(modifier: str) -> None:
    assert not check_modifier(modifier).ok


@pytest.mark.parametrize(
    ("code", "system"), [("99213", "CPT"), ("0075T", "CPT"), ("G0467", "HCPCS"), ("E119", None), ("", None)]
)
def test_the_form_tells_the_system_of_a_procedure(code: str, system: str | None) -> None:
    assert procedure_system(code) == system


@given(st.text(max_size=12), st.sampled_from(["CPT", "HCPCS", "ICD-10-CM", "ICD-10-PCS"]))
def test_no_text_breaks_the_check_and_what_passes_is_plain_ascii(text: str, system: str) -> None:
    check = check_form(system, text)
    assert not check.ok or (check.value.isascii() and check.value.isalnum())
