"""What a received file is, before anybody posts it: its kind, who sent it, whether it is whole.

Told by its segments, never by its name.  A file is of one kind; what cannot be read as a whole is set aside
as a whole, with each reason at its place, and nothing of it is posted by halves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from claims.rules.x12.parts import Problem
from claims.rules.x12.reader import ISA_LENGTH, Reading, Transaction, find_delimiters, read_file


class Kind(StrEnum):
    """What a file carries; the values are those of the database column."""

    CLAIMS = "837"
    RECEIPT = "999"
    STATUS = "277CA"
    REMITTANCE = "835"
    UNKNOWN = "unknown"


# ST01 with the implementation guide of ST03 or GS08 that is read; a guide's errata letter does not matter.
_KINDS: Final = {
    ("837", "005010X222"): Kind.CLAIMS,
    ("837", "005010X223"): Kind.CLAIMS,
    ("999", "005010X231"): Kind.RECEIPT,
    ("277", "005010X214"): Kind.STATUS,
    ("835", "005010X221"): Kind.REMITTANCE,
}
_GUIDE_LENGTH: Final = 10
_SETS: Final = {"837": Kind.CLAIMS, "999": Kind.RECEIPT, "277": Kind.STATUS, "835": Kind.REMITTANCE}
_ENTRIES: Final = {Kind.CLAIMS: "CLM", Kind.RECEIPT: "AK2", Kind.STATUS: "STC", Kind.REMITTANCE: "CLP"}
_GLANCE: Final = 4096

ACCEPTABLE: Final = frozenset(
    {
        "envelope.count",
        "envelope.control_number",
        "envelope.control_number_twice",
        "envelope.after_end",
    }
)
"""What a person may accept with a reason: the file is whole, but what it says of itself is wrong."""

MEANINGS: Final = {
    "file.empty": "The file holds no data.",
    "file.no_transactions": "The file holds no transactions.",
    "file.encoding": "The file is not plain text: it is packed, encrypted, or no X12 file.",
    "file.kind": "The file holds transactions that are not read here. Read are 837, 999, 277CA and 835.",
    "file.version": "The transaction follows another implementation guide than those that are read here: "
    "837 005010X222 and X223, 999 005010X231, 277CA 005010X214, 835 005010X221.",
    "file.mixed": "The file holds transactions of several kinds. Send each kind in a file of its own.",
    "file.fault": "The file could not be posted because of a fault on our side. It is kept as it came.",
}


@dataclass(frozen=True, slots=True)
class Glance:
    """What the first bytes tell, at once when a file comes in."""

    kind: Kind
    sender_id: str
    interchange_number: str


@dataclass(frozen=True, slots=True)
class Recognized:
    """A whole file.

    Attributes:
        text: what a poster reads.
        entry_count: claims, statuses or payments in it, counted by their segments.
        problems: why the file is set aside as a whole; empty when it can be posted.
    """

    kind: Kind
    sender_id: str
    interchange_number: str
    text: str
    entry_count: int
    problems: tuple[Problem, ...]

    def stops(self, accepted: Iterable[tuple[str, str]]) -> tuple[Problem, ...]:
        """The problems that keep it from being posted, without those a person accepted: (place, code)."""
        passed = {(place, code) for place, code in accepted if code in ACCEPTABLE}
        return tuple(one for one in self.problems if (one.place, one.code) not in passed)


def glance(head: bytes) -> Glance:
    """Kind, sender and number by the first bytes; unknown where they do not tell."""
    text = (decoded(head[:_GLANCE], is_cut=True) or "").lstrip("\ufeff \t\r\n")
    marks = find_delimiters(text[:ISA_LENGTH])
    if marks is None:
        return Glance(Kind.UNKNOWN, "", "")
    segments = [one.strip("\r\n ").split(marks.element) for one in text.split(marks.segment)]
    isa = segments[0]
    first = {one[0]: one for one in reversed(segments)}
    st, gs = first.get("ST", []), first.get("GS", [])
    guide = _element(st, 3) or _element(gs, 8)
    kind = _KINDS.get((_element(st, 1), guide[:_GUIDE_LENGTH]), Kind.UNKNOWN)
    return Glance(kind, _element(isa, 6), _element(isa, 13))


def recognize(content: bytes) -> Recognized:
    """The file with all that keeps it from being posted as a whole; raises nothing on bad data."""
    if not content.strip():
        return _refused("file.empty")
    text = decoded(content)
    if text is None:
        return _refused("file.encoding")
    reading = read_file(text)
    if not reading.interchanges and not reading.problems:
        return _refused("file.empty")  # nothing but a byte order mark or blanks
    if not reading.interchanges:
        return Recognized(Kind.UNKNOWN, "", "", text, 0, reading.problems)
    transactions = tuple(reading.transactions())
    kind, reasons = _kind_of(transactions)
    first = reading.interchanges[0]
    return Recognized(
        kind,
        first.sender.strip(),
        first.control_number.strip(),
        text,
        _entries(text, kind, reading),
        (*reading.problems, *reasons),
    )


def decoded(content: bytes, *, is_cut: bool = False) -> str | None:
    """The text of a file: UTF-8, else Latin-1 as older systems write it; None for what is no text.

    ``is_cut``: the bytes may end in the middle of a character.
    """
    if b"\x00" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if is_cut and error.start >= len(content) - 3:
            return content[: error.start].decode("utf-8-sig")
        return content.decode("latin-1")


def problem(code: str, place: str = "file") -> Problem:
    """A problem of a file with its fixed words.

    Raises:
        KeyError: no such code.
    """
    return Problem(code, place, MEANINGS[code])


def _refused(code: str) -> Recognized:
    return Recognized(Kind.UNKNOWN, "", "", "", 0, (problem(code),))


def _kind_of(transactions: tuple[Transaction, ...]) -> tuple[Kind, tuple[Problem, ...]]:
    if not transactions:
        return Kind.UNKNOWN, (problem("file.no_transactions"),)
    reasons: list[Problem] = []
    kinds: set[Kind] = set()
    for one in transactions:
        found = _KINDS.get((one.code, one.version[:_GUIDE_LENGTH]))
        if found is None:
            code = "file.version" if one.code in _SETS else "file.kind"
            reasons.append(problem(code, one.place(0, "ST")))
        kinds.add(found or Kind.UNKNOWN)
    known = kinds - {Kind.UNKNOWN}
    if len(known) > 1:
        reasons.append(problem("file.mixed"))
        return Kind.UNKNOWN, tuple(reasons)
    return (known.pop() if known else Kind.UNKNOWN), tuple(reasons)


def _entries(text: str, kind: Kind, reading: Reading) -> int:
    """How many entries a poster will find, to say how far it is; never what is counted as posted."""
    tag = _ENTRIES.get(kind)
    if tag is None:
        return 0
    marks = reading.interchanges[0].delimiters
    return sum(text.count(f"{marks.segment}{gap}{tag}{marks.element}") for gap in ("", "\n", "\r\n"))


def _element(segment: list[str], index: int) -> str:
    return segment[index].strip() if index < len(segment) else ""
