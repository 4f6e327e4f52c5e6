"""HL7 v2 messages into encounters: which messages are read, which are refused and why.

ADT states or cancels a visit, MDM brings a document, DFT brings charges. Everything else, and every event
that joins, moves or deletes people, is refused with a reason: a person must decide those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import tzinfo
from typing import BinaryIO

from encounters.rules.intake import er7
from encounters.rules.intake.checking import finish, message_key
from encounters.rules.intake.hl7v2_facts import PLACES, build
from encounters.rules.intake.incoming import IncomingUnit, Limits, SourceFormat, VisitEvent, VisitProgress
from encounters.rules.intake.problems import Problem, Severity, reject, warn

# HL7 2.8 chapter 3 (ADT) and 9 (MDM), chapter 6 (DFT).
_CANCELLING = {"A11", "A23", "A27", "A38"}
_IDENTITY = {
    *("A17", "A18", "A24", "A30", "A34", "A35", "A36", "A37", "A39", "A40", "A41", "A42", "A43", "A44"),
    *("A45", "A46", "A47", "A48", "A49", "A50", "A51"),
}
_HUMAN = {"A29", "T11"}
_VISITS = {
    *("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10", "A12", "A13", "A14", "A15"),
    *("A16", "A21", "A22", "A25", "A26", "A28", "A31", "A32", "A33", "A54", "A55", "A60", "A61", "A62"),
}
_DOCUMENTS = {"T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10"}
_CHARGES = {"P03", "P11"}
_READ = {"ADT": _VISITS | _CANCELLING, "MDM": _DOCUMENTS, "DFT": _CHARGES}
_PLANNED = {"A05", "A14"}


def read_hl7v2(stream: BinaryIO, *, zone: tzinfo, limits: Limits | None = None) -> Iterator[IncomingUnit]:
    """One unit for each message of a file or batch, in order; memory is bounded by the largest message.

    `zone` is the client's time zone, for times written without an offset. Never raises for content.
    """
    limits = limits or Limits()
    number = expected = 0
    for raw in er7.iter_raw(stream, limits.message_bytes):
        if raw is None:
            number += 1
            yield _refused(f"message {number}", b"", reject("too_large", f"message {number}"))
        elif raw[:3] == b"MSH":
            number += 1
            yield _read_message(raw, f"message {number}", zone)
        elif raw[:3] == b"BTS":
            expected += _declared_count(raw)
        elif not er7.is_header(raw):
            yield _refused("file", raw, reject("outside_message", "before the first message"))
    if expected and expected != number:
        yield _notice("BTS-1", warn("batch_count", "BTS-1"))
    if number == 0:
        yield _refused("file", b"", reject("segment_missing", "MSH"))


def _declared_count(raw: bytes) -> int:
    # A trailer cut after its name has no separator.
    fields = raw.split(raw[3:4]) if len(raw) > 3 else []
    return int(fields[1]) if len(fields) > 1 and fields[1].isdigit() and len(fields[1]) < 10 else 0


def _notice(place: str, problem: Problem) -> IncomingUnit:
    return IncomingUnit(
        place=place,
        source_format=SourceFormat.HL7V2,
        message_key="",
        digest="",
        encounter=None,
        problems=(problem,),
    )


def _refused(place: str, raw: bytes, *problems: Problem, key: str = "") -> IncomingUnit:
    return finish(
        source_format=SourceFormat.HL7V2,
        place=place,
        message_key=key,
        digest=_digest(raw),
        encounter=None,
        problems=problems,
        places={},
    )


def _digest(raw: bytes) -> str:
    """SHA-256 of a message with its line ends made one: the same message by file or by socket is the same."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\r").replace(b"\n", b"\r")).hexdigest()


def _read_message(raw: bytes, place: str, zone: tzinfo) -> IncomingUnit:
    codec = er7.charset(raw)
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return _refused(place, raw, reject("encoding", "MSH-18"))
    message = er7.split_message(text)
    if message is None:
        return _refused(place, raw, reject("header_incomplete", "MSH-2"))
    header = message.segments[0]
    key = message_key(header.value(3), header.value(4), header.value(10))
    problems = list(_header_problems(header))
    if message.broken:
        problems.append(warn("segment_broken", place))
    event = _event(message)
    problems += _type_problems(message, event)
    if any(problem.severity is Severity.REJECT for problem in problems):
        return _refused(place, raw, *problems, key=key)
    encounter, more = build(message, _visit_event(event), _progress(message, event), zone)
    return finish(
        source_format=SourceFormat.HL7V2,
        place=place,
        message_key=key,
        digest=_digest(raw),
        encounter=encounter,
        problems=problems + more,
        places=PLACES,
    )


def _event(message: er7.Message) -> str:
    """The trigger event: MSH-9.2, or EVN-1 where an old sender leaves it out."""
    event = message.segments[0].value(9, 2)
    if event:
        return event
    evn = message.first("EVN")
    return evn.value(1) if evn else ""


def _visit_event(event: str) -> VisitEvent:
    if event in _CANCELLING:
        return VisitEvent.CANCEL
    return VisitEvent.CANCEL_DISCHARGE if event == "A13" else VisitEvent.UPSERT


def _progress(message: er7.Message, event: str) -> VisitProgress:
    """How far the visit is. Only ADT tells; a document or a charge says nothing about the stay."""
    pv1 = message.first("PV1")
    if pv1 is None or message.segments[0].value(9) != "ADT":
        return VisitProgress.UNKNOWN
    if event in _PLANNED or pv1.value(2).upper() == "P":
        return VisitProgress.PLANNED
    if event != "A13" and (event == "A03" or pv1.value(45)):
        return VisitProgress.ENDED
    return VisitProgress.OPEN


def _header_problems(header: er7.Segment) -> Iterator[Problem]:
    if len(header.fields) < 10 or not header.value(9):
        yield reject("header_incomplete", "MSH-9")
    elif not header.value(10):
        yield reject("control_id_missing", "MSH-10", "message_key")
    version = header.value(12)
    if not version:
        yield warn("version_missing", "MSH-12")
    elif version.split(".")[0] != "2":
        yield reject("unsupported_version", "MSH-12")
    if header.value(11) not in ("", "P"):
        yield warn("not_production", "MSH-11")


def _type_problems(message: er7.Message, event: str) -> Iterator[Problem]:
    kind = message.segments[0].value(9)
    if event in _IDENTITY and kind == "ADT":
        yield reject("identity_change", "MSH-9.2")
    elif event in _HUMAN and kind in _READ:
        yield reject("unsupported_event", "MSH-9.2")
    elif event not in _READ.get(kind, ()):
        yield reject("unsupported_type", "MSH-9")
    else:
        for name in ("PID", "PV1"):
            found = len(message.all(name))
            if found == 0:
                yield reject("segment_missing", name)
            elif found > 1:
                # One message, one visit: two PV1 outside the move events is a sender's own dialect.
                yield reject("unsupported_event", f"{name}[2]")
        if kind == "MDM" and message.first("TXA") is None:
            yield reject("segment_missing", "TXA")
