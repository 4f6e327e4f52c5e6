"""The document of an MDM message: TXA describes it, the OBX segments carry its lines."""

from __future__ import annotations

import base64
import binascii
from datetime import tzinfo

from encounters.rules.intake.er7 import Message, Segment
from encounters.rules.intake.incoming import DocumentKind, DocumentRelation, IncomingDocument
from encounters.rules.intake.problems import Problem, part, warn
from encounters.rules.intake.values import hl7_time, utf8

# HL7 table 0270 (document type), the types a coder works from.
_KINDS = {
    "PN": DocumentKind.PROGRESS_NOTE,
    "HP": DocumentKind.HISTORY_PHYSICAL,
    "CN": DocumentKind.CONSULT,
    "ED": DocumentKind.EMERGENCY,
    "OP": DocumentKind.OPERATIVE,
    "PR": DocumentKind.OPERATIVE,
    "DS": DocumentKind.DISCHARGE_SUMMARY,
    "DI": DocumentKind.IMAGING,
    "SP": DocumentKind.LAB,
}
_RELATIONS = {
    "T05": DocumentRelation.ADDENDUM,
    "T06": DocumentRelation.ADDENDUM,
    "T09": DocumentRelation.REPLACEMENT,
    "T10": DocumentRelation.REPLACEMENT,
}
_TEXT_TYPES = ("TX", "FT", "ST")
_PLAIN_SUBTYPES = ("PLAIN", "TEXT", "TXT", "TEXT/PLAIN", "")
_BEHIND_THE_DOCUMENT = ("ED", "RP")  # encapsulated data, reference pointer


def document_of(message: Message, zone: tzinfo, problems: list[Problem]) -> IncomingDocument | None:
    """The document of an MDM, or None with the reason added to `problems`. TXA must be present.

    Each OBX is one line and keeps its place; an OBX without text is an empty line of the note.
    """
    txa = message.first("TXA")
    if txa is None:
        raise ValueError("document_of() needs TXA; the caller refuses messages without it")
    lines: list[str] = []
    title = ""
    for obx in message.all("OBX"):
        line = _line(obx, problems)
        if line is not None:
            lines.append(line)
            title = title or obx.value(3, 2)
    if not lines:
        lost = any(obx.value(2) in _BEHIND_THE_DOCUMENT for obx in message.all("OBX"))
        if not lost:
            problems.append(warn("document_without_text", "OBX-5", "document"))
        return None
    event = message.segments[0].value(9, 2)
    kind = _KINDS.get(txa.value(2).upper(), DocumentKind.OTHER)
    return IncomingDocument(
        external_id=txa.value(12) or txa.value(12, 3) or message.segments[0].value(10),
        kind=kind,
        title=title or kind.value.replace("_", " ").capitalize(),
        text="\n".join(lines),
        authored_at=hl7_time(txa.value(6), zone) or hl7_time(txa.value(4), zone),
        author=_author(txa),
        relation=_RELATIONS.get(event, DocumentRelation.ORIGINAL),
        parent_external_id=txa.value(13) or txa.value(13, 3),
    )


def _line(obx: Segment, problems: list[Problem]) -> str | None:
    kind = obx.value(2)
    if kind in _TEXT_TYPES or not kind:
        return obx.text(5)
    if kind == "ED":
        return _encapsulated(obx, problems)
    if kind == "RP":
        problems.append(part("document_not_inline", obx.place(5), "document"))
    return None


def _encapsulated(obx: Segment, problems: list[Problem]) -> str | None:
    """ED: source ^ type ^ subtype ^ encoding ^ data. Plain text only, as letters or base64."""
    kind, subtype, encoding, data = (obx.value(5, number) for number in (2, 3, 4, 5))
    if kind.upper() not in ("TEXT", "TX", "") or subtype.upper() not in _PLAIN_SUBTYPES:
        problems.append(part("document_not_text", obx.place(5, 3), "document"))
        return None
    if encoding.upper() != "BASE64":
        return data
    try:
        text = utf8(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        text = None
    if text is None:
        problems.append(part("document_encoding", obx.place(5, 5), "document"))
    return text


def _author(txa: Segment) -> str:
    """The originator (TXA-9), else who authenticated it (TXA-22, TXA-10); "Given Family"."""
    for position in (9, 22, 10):
        for raw in txa.repetitions(position):
            name = " ".join(part for part in (txa.component(raw, 3), txa.component(raw, 2)) if part)
            if name:
                return name
    return ""
