"""One letter of appeal on paper, as it stands or as it was sent."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from claims.access.answers import find_appeal
from claims.models import Appeal
from claims.rules.appeals import level_at
from claims.selectors.appeal_levels import levels_for
from coding_ops.core.errors import NotFound
from coding_ops.exports import pdf
from coding_ops.exports.kinds import Asked, ExportKind, Job, Produced
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client


@dataclass(frozen=True, slots=True)
class Sheet:
    """The letter, ready to be drawn: paragraphs of lines; ``dated`` is empty for a draft."""

    title: str
    practice: str
    dated: str
    paragraphs: tuple[tuple[str, ...], ...]
    digest: str
    encounter_ids: tuple[str, ...]


def ask(actor: Actor, client_id: int, given: Mapping[str, str]) -> Asked:
    """``appeal``, an id.

    Raises:
        NotFound: absent, a draft to who is outside, or not theirs to see.
    """
    found = find_appeal(actor=actor, client_id=client_id, appeal_id=_id(given.get("appeal", "")))
    return Asked(f"Appeal, level {found.level}, PDF", {"appeal": str(found.pk)})


def parts_of(job: Job) -> Sequence[str]:
    """One part: a letter is short."""
    return [job.params["appeal"]]


def read(job: Job, part: str) -> Sheet:
    """The letter as plain values."""
    found = Appeal.objects.select_related("denial__claim", "denial__payer").get(
        client_id=job.client_id, pk=part
    )
    client = Client.objects.get(pk=job.client_id)
    level = level_at(levels_for(found.denial), found.level)
    encounter_id = found.denial.claim.encounter_id
    sent_on = found.sent_at.astimezone(ZoneInfo(client.timezone)).date() if found.sent_at else None
    return Sheet(
        title=f"{level.name} request",
        practice=client.name,
        dated=f"{sent_on:%m/%d/%Y}" if sent_on else "",
        paragraphs=tuple(
            tuple(paragraph.split("\n")) for paragraph in found.letter.strip().split("\n\n") if paragraph
        ),
        digest=hashlib.sha256(found.letter.encode()).hexdigest(),
        encounter_ids=(str(encounter_id),) if encounter_id else (),
    )


def write(job: Job, read_parts: Sequence[Any]) -> Produced:
    """The file; what it is called names neither patient nor visit."""
    sheet: Sheet = read_parts[0]
    return Produced(
        content=pdf.pdf("claims/appeal_paper.html", {"sheet": sheet}),
        file_name=f"appeal-{job.params['appeal']}.pdf",
        media_type=pdf.MEDIA_TYPE,
        encounter_ids=sheet.encounter_ids,
    )


def _id(text: str) -> uuid.UUID:
    if not re.fullmatch(r"[0-9a-f-]{36}", text):
        raise NotFound
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


KIND = ExportKind(ask=ask, parts=parts_of, read=read, write=write)
