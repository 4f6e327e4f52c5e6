"""The form of a code or modifier: what can be said of it before its code set is loaded.

Sources: CMS, "HCPCS - General Information" (Level I: five characters, CPT of the AMA; Level II: one letter
A-V and four digits); AMA CPT conventions (Category II ends in F, Category III in T, multianalyte assays in M,
proprietary laboratory analyses in U, vaccine administrations of 2020 to 2023 in A); ICD-10-CM Official
Guidelines I.A.2 and I.A.4-5 (3 to 7 characters, placeholder X); modifiers: NUBC/NUCC, two characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from code_sets.rules.entries import without_dot

CPT = re.compile(r"[0-9]{5}|[0-9]{4}[AFTUM]")
HCPCS = re.compile(r"[A-V][0-9]{4}")
ICD10CM = re.compile(r"[A-Z][0-9A-Z]{2}(?:[0-9A-Z]{1,4})?")
ICD10PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")
REVENUE = re.compile(r"[0-9]{4}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")

EXPECTED = {
    "CPT": "five digits, or four digits and A, F, T, U or M",
    "HCPCS": "one letter A to V and four digits",
    "ICD-10-CM": "a letter, then two to six letters or digits",
    "ICD-10-PCS": "seven characters, digits and letters without I and O",
    "REVENUE": "four digits",
    "modifier": "two letters or digits",
}
PATTERNS = {"CPT": CPT, "HCPCS": HCPCS, "ICD-10-CM": ICD10CM, "ICD-10-PCS": ICD10PCS, "REVENUE": REVENUE}


@dataclass(frozen=True, slots=True)
class FormCheck:
    """Whether a text has the form of a code; `value` is the text as it would be stored."""

    ok: bool
    value: str
    reason: str = ""


def check_form(system: str, code: str) -> FormCheck:
    """The form of `code` in `system` ("CPT", "HCPCS", "ICD-10-CM", "ICD-10-PCS", "REVENUE").

    Raises KeyError for a system whose form is not known.
    """
    pattern = PATTERNS[system]
    value = without_dot(code) if system.startswith("ICD") else code.strip().upper()
    if pattern.fullmatch(value):
        return FormCheck(True, value)
    shown = code.strip() or "Nothing"
    return FormCheck(False, value, f"{shown} is not a {system} code: expected {EXPECTED[system]}.")


def check_modifier(modifier: str) -> FormCheck:
    """The form of one claim modifier, Level I or II."""
    value = modifier.strip().upper()
    if MODIFIER.fullmatch(value):
        return FormCheck(True, value)
    shown = modifier.strip() or "Nothing"
    return FormCheck(False, value, f"{shown} is not a modifier: expected {EXPECTED['modifier']}.")


def procedure_system(code: str) -> str | None:
    """The system a procedure code belongs to by its form alone: "CPT", "HCPCS", or None."""
    value = code.strip().upper()
    if CPT.fullmatch(value):
        return "CPT"
    if HCPCS.fullmatch(value):
        return "HCPCS"
    return None
