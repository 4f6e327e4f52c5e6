"""Final charts of several providers of one specialty: enough for a letter, and for a comparison."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from cdi_queries.actions.letters import letters_due, write_letter
from code_sets import selectors
from code_sets.models import Code, CodeSetRelease
from coding_ops.core.ids import uuid7
from encounters.models import (
    CodeRevision,
    Document,
    DocumentVersion,
    Encounter,
    EncounterKind,
    EncounterStatus,
    Provider,
)
from tests import cast
from tests.cdi_queries.scene import Desk

OPEN = ("I509", "Heart failure, unspecified")
EXACT = ("I5022", "Chronic systolic (congestive) heart failure")
TITLES = {
    "I50": "Heart failure",
    "I5021": "Acute systolic (congestive) heart failure",
    "I5022": EXACT[1],
    "I5031": "Acute diastolic (congestive) heart failure",
    "I5032": "Chronic diastolic (congestive) heart failure",
    "I509": OPEN[1],
}
NOTE = (
    "Theriot is a 93-year-old woman seen by Dr. Stone on 10/02/2026: heart failure, furosemide 40 mg daily."
)


def heart_failure_codes() -> None:
    """The codes of one category, in the release of the cast."""
    release = CodeSetRelease.objects.get(system="ICD-10-CM")
    Code.objects.bulk_create(
        Code(
            release=release, code=code, position=100 + position, kind="subcategory", title=title,
            is_billable=len(code) > 3, parent_code="I50" if len(code) > 3 else "",
        )
        for position, (code, title) in enumerate(TITLES.items())
    )  # fmt: skip
    selectors.forget_releases()


def provider(of: Desk, number: int, name: str) -> Provider:
    made: Provider = Provider.objects.create(
        client=of.place.client, npi=f"18888888{number:02d}", name=name, professional_credential="MD"
    )
    return made


def final_charts(
    of: Desk, who: Provider, *, exact: int = 0, left_open: int = 0, on: date, **more: Any
) -> list[Encounter]:
    """Charts that are final with one diagnosis each, one a day back from a day."""
    patient = more.pop("patient", None) or cast.patient(of.place)
    moment = timezone.now()
    specialty = more.pop("specialty", None) or cast.specialty("IM")
    charts = [
        Encounter(
            client=of.place.client, connection=of.place.connection, external_id=f"F{uuid7().hex[-12:]}",
            patient=patient, rendering_provider=who, specialty=specialty, kind=EncounterKind.OFFICE,
            service_on=on - timedelta(days=n % 28), status=EncounterStatus.FINAL, received_at=moment,
            available_at=moment, final_at=moment, revision_count=1,
        )
        for n in range(exact + left_open)
    ]  # fmt: skip
    Encounter.objects.bulk_create(charts)
    revised(of, charts[:exact], EXACT)
    revised(of, charts[exact:], OPEN)
    return charts


def revised(
    of: Desk, charts: list[Encounter], code: tuple[str, str], number: int = 1, evidence: Any = ()
) -> None:
    """A finished version of each chart with one diagnosis."""
    CodeRevision.objects.bulk_create(
        CodeRevision(
            client=of.place.client,
            encounter=chart,
            number=number,
            codes=[line(*code, evidence=evidence)],
            reason="correction" if number > 1 else "",
            finalized_by=of.coder,
            credential="CPC",
            finalized_at=timezone.now(),
        )
        for chart in charts
    )


def line(code: str, title: str, *, evidence: Any = ()) -> dict[str, Any]:
    return {
        "id": str(uuid7()), "kind": "dx", "system": "ICD-10-CM", "code": code, "title": title, "position": 1,
        "modifiers": [], "service_unit_quantity": 1, "present_on_admission": "", "pointers": [],
        "exception_reason": "", "exception_note": "", "evidence": list(evidence),
    }  # fmt: skip


def noted(of: Desk, chart: Encounter, text: str = NOTE) -> dict[str, Any]:
    """A note on the chart, cited whole."""
    document = Document.objects.create(
        client=of.place.client,
        encounter=chart,
        external_id="n",
        title="Note",
        kind=Document.Kind.PROGRESS_NOTE,
    )
    version = DocumentVersion.objects.create(
        client=of.place.client, document=document, number=1, text=text, character_count=len(text),
        sha256=hashlib.sha256(text.encode()).digest(), received_at=datetime(2026, 10, 2, tzinfo=UTC),
    )  # fmt: skip
    return {"id": str(uuid7()), "document_version": str(version.pk), "start": 0, "end": len(text), "meat": ""}


def written(of: Desk, today: date) -> int:
    """Writes the letters that are due; how many are new."""
    month, due = letters_due(client=of.place.client, today=today)
    made = [write_letter(actor=cast.SYSTEM, client=of.place.client, of=one, month=month) for one in due]
    return sum(one is not None for one in made)
