"""The columns of an encounters CSV: which there are, which must be there, what else they may be called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from encounters.rules.intake.problems import Problem, reject, warn

REQUIRED = ("encounter_id", "mrn", "family_name", "given_name", "birth_on", "service_on")
OPTIONAL = (
    *("message_id", "status", "sex", "contact", "kind", "specialty", "place_of_service_code", "started_at"),
    *("ended_at", "discharge_on", "discharge_status_code", "facility_name", "facility_npi", "attending_npi"),
    "attending_name",
    *("rendering_npi", "rendering_name", "payer_name", "member_id", "plan_type", "total_charge"),
    *("provider_codes", "note_file", "note_text", "note_id", "note_kind", "note_title", "note_authored_at"),
    "note_author",
    *("address_line", "address_line_2", "city", "state", "postal_code"),
    *("payer_identifier", "group_number", "relationship", "subscriber_family_name", "subscriber_given_name"),
    *("subscriber_birth_on", "subscriber_sex", "subscriber_address_line", "subscriber_address_line_2"),
    *("subscriber_city", "subscriber_state", "subscriber_postal_code"),
)
COLUMNS = REQUIRED + OPTIONAL
"""Every column, in the order of the template."""

ALIASES = {
    "visit_id": "encounter_id",
    "visit_number": "encounter_id",
    "encounter_number": "encounter_id",
    "account_number": "encounter_id",
    "medical_record_number": "mrn",
    "last_name": "family_name",
    "first_name": "given_name",
    "dob": "birth_on",
    "date_of_birth": "birth_on",
    "birth_date": "birth_on",
    "date_of_service": "service_on",
    "service_date": "service_on",
    "dos": "service_on",
    "gender": "sex",
    "phone": "contact",
    "visit_type": "kind",
    "pos": "place_of_service_code",
    "place_of_service": "place_of_service_code",
    "discharge_date": "discharge_on",
    "discharge_status": "discharge_status_code",
    "patient_status": "discharge_status_code",
    "facility": "facility_name",
    "payer": "payer_name",
    "insurance": "payer_name",
    "subscriber_id": "member_id",
    "note": "note_text",
    "charges": "total_charge",
    "address": "address_line",
    "address_1": "address_line",
    "street": "address_line",
    "address_2": "address_line_2",
    "zip": "postal_code",
    "zip_code": "postal_code",
    "payer_id": "payer_identifier",
    "group_id": "group_number",
    "patient_relationship": "relationship",
    "subscriber_last_name": "subscriber_family_name",
    "subscriber_first_name": "subscriber_given_name",
    "subscriber_dob": "subscriber_birth_on",
    "subscriber_zip": "subscriber_postal_code",
}
"""Other spellings seen in exports. Case, blanks and hyphens never matter."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each known column stands in a row; `width` is the number of header fields."""

    positions: tuple[int, ...]
    width: int

    def values(self, row: Sequence[str]) -> dict[str, str]:
        """The row by our column names, absent columns as ""."""
        return {
            name: row[position] if position >= 0 else ""
            for name, position in zip(COLUMNS, self.positions, strict=True)
        }


def layout_of(header: Sequence[str]) -> tuple[Layout | None, list[Problem]]:
    """The layout of a header row, or None with the reason.

    Problems name our columns and positions, never what the header says: a file without a header has a
    patient in its first row.
    """
    problems: list[Problem] = []
    positions: dict[str, int] = {}
    for index, written in enumerate(header):
        name = _plain(written)
        name = ALIASES.get(name, name)
        if name in positions:
            problems.append(reject("duplicate_column", f"header, column {index + 1}", name))
        elif name in COLUMNS:
            positions[name] = index
        elif name:
            problems.append(warn("unknown_column", f"header, column {index + 1}"))
    missing = [name for name in REQUIRED if name not in positions]
    if missing:
        # Without its columns the rest of the header is noise.
        return None, [reject("missing_columns", "header", name) for name in missing]
    if any(problem.code == "duplicate_column" for problem in problems):
        return None, problems
    return Layout(tuple(positions.get(name, -1) for name in COLUMNS), len(header)), problems


def _plain(written: str) -> str:
    return re.sub(r"[\s\-]+", "_", written.strip().lower())


def delimiter_of(header: str) -> str:
    """The delimiter of a header line: the one of , ; tab | that stands most often outside quotes."""
    outside = re.sub(r'"[^"]*"', "", header)
    return max(",;\t|", key=outside.count)
