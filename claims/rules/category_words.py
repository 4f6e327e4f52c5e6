"""The kinds of denials in words: ours, for X12's belong to X12."""

from __future__ import annotations

from typing import Final

from claims.rules.classify import CODING, NOT_A_DENIAL, UNMAPPED

CATEGORY_WORDS: Final = {
    CODING: "Coding",
    "medical_necessity": "Medical necessity",
    "eligibility": "Eligibility",
    "registration": "Registration",
    "authorization": "Authorization",
    "cob": "Other coverage first",
    "enrolment": "Provider enrolment",
    "submission": "Billing or submission",
    "timely": "Filed too late",
    "duplicate": "Duplicate",
    "documentation": "Documentation asked for",
    "benefit": "Not covered",
    NOT_A_DENIAL: "Not a denial",
    UNMAPPED: "In no map",
}
