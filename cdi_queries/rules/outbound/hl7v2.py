r"""A query as HL7 v2.5.1 text: ORU^R01 (an unsolicited observation) or MDM^T02 (a document with its content).

Written by hand rather than by a library for the reason that the reader is (`encounters.rules.intake.er7`):
hl7apy needs tens of milliseconds a message and escapes escapes.  The tests let hl7apy read what is written
here and compare.

Nothing that a value holds can end its field or its segment: delimiters are escaped, every control character
(among them the carriage return that ends a segment and the bytes of the MLLP frame) becomes a space.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from cdi_queries.rules.outbound.message import Clinician, OutboundQuery, message_lines
from encounters.rules.intake.er7 import charset, split_message

VERSION: Final = "2.5.1"
SENDER: Final = "CODING OPS"
CODE: Final = ("CDI-QUERY", "Documentation question", "L")
START: Final = b"\x0b"
END: Final = b"\x1c\x0d"
_DELIMITERS: Final = {"|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\\": "\\E\\"}
#: Unicode control, line and paragraph separators: what a receiver could take for the end of a segment.
_ENDS: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the receiver said: AA, AE, AR (or CA, CE, CR), and to which message."""

    code: str
    control_id: str

    @property
    def is_accepted(self) -> bool:
        return self.code in ("AA", "CA")

    @property
    def is_rejected(self) -> bool:
        """Rejected for good: the same message would be rejected again."""
        return self.code in ("AR", "CR")


def escaped(text: str) -> str:
    r"""A value in which no delimiter and no control character is left; "a|b" becomes "a\F\b"."""
    plain = "".join(" " if unicodedata.category(one) in _ENDS else one for one in text)
    return "".join(_DELIMITERS.get(one, one) for one in plain)


def components(*values: str) -> str:
    """Components of one field, each escaped; empty ones at the end are left out."""
    return "^".join(escaped(one) for one in values).rstrip("^")


def segment(name: str, fields: Sequence[str]) -> str:
    """A segment of fields that are escaped already; empty ones at the end are left out."""
    return "|".join([name, *fields]).rstrip("|")


def oru_r01(message: OutboundQuery) -> bytes:
    """ORU^R01: one order, one observation of type TX a line."""
    when = stamp(message.made_at)
    observation = [
        "1", "", components(message.control_id, SENDER), components(*CODE), "", "", stamp(message.sent_at),
        *[""] * 8, _clinician(message.provider), *[""] * 5, when, "", "", "F", "", "",
        _clinician(message.provider),
    ]  # fmt: skip
    return _encoded(
        [
            _header(message, components("ORU", "R01", "ORU_R01")),
            _patient(message),
            _visit(message),
            segment("OBR", observation),
            *_lines(message_lines(message)),
        ]
    )


def mdm_t02(message: OutboundQuery) -> bytes:
    """MDM^T02: a document (TXA-17 ``DO``: documented) assigned to the provider who is asked (TXA-10)."""
    when, asked = stamp(message.made_at), _clinician(message.provider)
    document = [
        "1", escaped(CODE[0]), "TX", stamp(message.sent_at), asked, when, "", "", "", asked, "",
        components(message.control_id, SENDER), "", "", "", "", "DO", "", "AV",
    ]  # fmt: skip
    return _encoded(
        [
            _header(message, components("MDM", "T02", "MDM_T02")),
            segment("EVN", ["T02", when]),
            _patient(message),
            _visit(message),
            segment("TXA", document),
            *_lines(message_lines(message)),
        ]
    )


def stamp(at: datetime) -> str:
    """``20261123220000+0000``."""
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S}+0000"


def framed(message: bytes) -> bytes:
    """The message in its MLLP frame."""
    return START + message + END


def unframed(received: bytes) -> bytes | None:
    """The message inside a frame, or None while its end has not come."""
    start = received.find(START)
    end = received.find(b"\x1c", start + 1)
    return received[start + 1 : end] if 0 <= start < end else None


def read_ack(raw: bytes) -> Acknowledgement | None:
    """The acknowledgement in a message; None when it is none."""
    message = split_message(raw.decode(charset(raw), errors="replace"))
    msa = message.first("MSA") if message else None
    if msa is None:
        return None
    return Acknowledgement(msa.value(1).upper()[:2], msa.value(2))


def _header(message: OutboundQuery, kind: str) -> str:
    receiver = message.receiver
    fields = [
        "^~\\&", escaped(SENDER), escaped(message.sender), escaped(receiver.application),
        escaped(receiver.facility), stamp(message.made_at), "", kind, escaped(message.control_id),
        "T" if message.is_test else "P", VERSION, "", "", "", "", "", "UNICODE UTF-8",
    ]  # fmt: skip
    return segment("MSH", fields)


def _patient(message: OutboundQuery) -> str:
    one = message.patient
    number = components(one.mrn, "", "", message.receiver.authority, "MR")
    name = components(one.family_name, one.given_name)
    return segment("PID", ["1", "", number, "", name, "", _day(one.birth_on), escaped(one.sex)])


def _visit(message: OutboundQuery) -> str:
    """PV1-2 I or O, PV1-7 whom it is asked of, PV1-19 the visit number, PV1-44 and 45 the dates."""
    visit = message.visit
    fields = ["1", "I" if visit.is_inpatient else "O", *[""] * 4, _clinician(message.provider), *[""] * 11]
    fields += [components(visit.number), *[""] * 24, _day(visit.service_on), _day(visit.discharge_on)]
    return segment("PV1", fields)


def _clinician(one: Clinician) -> str:
    """XCN: the NPI with its authority where there is one; the whole name stands as the family name, because
    it is kept as one text and splitting it would guess."""
    named = (one.npi, one.name, "", "", "", "", one.professional_credential)
    return components(*named, "", "NPI", "", "", "", "NPI") if one.npi else components(*named)


def _lines(lines: Iterable[str]) -> list[str]:
    code = components(*CODE)
    return [
        segment("OBX", [str(number), "TX", code, str(number), escaped(line), *[""] * 5, "F"])
        for number, line in enumerate(lines, start=1)
    ]


def _day(on: date | None) -> str:
    return f"{on:%Y%m%d}" if on else ""


def _encoded(segments: Iterable[str]) -> bytes:
    """Segments end at CR, the last one too; the whole in UTF-8, as MSH-18 says."""
    return "".join(f"{one}\r" for one in segments).encode("utf-8")
