"""The demo's visits as files of an EHR export, brought in by the same intake as real ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.plan import Fate, Visit
from coding_ops.dev.demo.setup import SOURCE, Place
from encounters.actions.intake.reading import IntakeResult, receive_file
from encounters.rules.intake.csv_columns import COLUMNS
from encounters.rules.intake.incoming import SourceFormat

Row = dict[str, str]


def bring_in(places: dict[str, Place], visits: Iterable[Visit]) -> None:
    """One file for each client and moment of arrival, received at that moment."""
    ordered = sorted(visits, key=lambda visit: (visit.client.slug, visit.received_at))
    for (slug, received_at), group in groupby(
        ordered, key=lambda visit: (visit.client.slug, visit.received_at)
    ):
        with at(received_at):
            receive(places[slug], received_at, [row_of(visit) for visit in group])


def receive(place: Place, moment: datetime, rows: list[Row]) -> IntakeResult:
    """Hands a file with these rows to intake."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return receive_file(
        actor=SOURCE,
        client=place.client,
        connection_id=place.connection.pk,
        filename=f"visits-{moment:%Y%m%d-%H%M%S}.csv",
        content=io.BytesIO(text.getvalue().encode("utf-8")),
        source_format=SourceFormat.CSV,
    )


def row_of(visit: Visit, *, text: str | None = None) -> Row:
    """The visit as a row; ``text`` in place of its first note."""
    noted = visit.fate is not Fate.NO_NOTE
    row = {
        "encounter_id": visit.number,
        "mrn": visit.patient.mrn,
        "family_name": visit.patient.family_name,
        "given_name": visit.patient.given_name,
        "birth_on": visit.patient.birth_on.isoformat(),
        "sex": visit.patient.sex,
        "service_on": visit.service_on.isoformat(),
        "discharge_on": visit.discharge_on.isoformat() if visit.discharge_on else "",
        "discharge_status_code": "01" if visit.discharge_on else "",
        "status": "ended",
        "kind": visit.template.kind,
        "specialty": visit.template.specialty,
        "place_of_service_code": visit.template.place_of_service_code,
        "facility_name": visit.facility,
        "rendering_npi": visit.provider.npi,
        "rendering_name": visit.provider.name,
        "payer_name": visit.payer[0],
        "plan_type": visit.payer[1],
        "member_id": visit.member_id,
        "relationship": "self",
        **_home(visit),
        "total_charge": str(visit.charge),
    }
    if noted:
        row |= {
            "note_id": f"{visit.number}-N1",
            "note_kind": visit.template.document_kind,
            "note_title": visit.template.title,
            "note_author": f"{visit.provider.name}, MD",
            "note_authored_at": f"{visit.discharge_on or visit.service_on}T16:40",
            "note_text": visit.note.text if text is None else text,
        }
    return row


def _home(visit: Visit) -> Row:
    """An invented street of an invented town; by the record number, so that a patient lives in one place."""
    number = sum(visit.patient.mrn.encode())
    return {
        "address_line": f"{number} Bayou Lane",
        "city": "Thibodaux",
        "state": "LA",
        "postal_code": f"70301{number:04d}",
    }


def bring_in_what_cannot_be_read(place: Place, moment: datetime, like: Visit) -> IntakeResult:
    """A file with two rows that intake sets aside: one without a record number, one with half a date."""
    nobody = row_of(like) | {"encounter_id": f"{like.number}-X", "mrn": "", "note_id": f"{like.number}-X1"}
    undated = row_of(like) | {
        "encounter_id": f"{like.number}-Y", "service_on": "11/2", "note_id": f"{like.number}-Y1"
    }  # fmt: skip
    with at(moment):
        return receive(place, moment, [nobody, undated])
