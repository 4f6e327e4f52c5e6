"""The envelope of X12 files: delimiters, interchanges, groups, transactions, and what does not agree in them.

A file is walked once, without splitting what lies between ST and SE: a transaction keeps its place in the
text and gives its segments when asked, a block at a time, so a file of 200,000 claims costs its text and no
more.  Nothing is raised on bad data: what can be read is returned with the problems, each with its place.
All problems found here are of the envelope: a file that has one was cut or changed on its way.
Source of the rules: ASC X12 005010 interchange and group control structures (counts, control numbers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from claims.rules.x12.parts import Problem, at, number_of

ISA_LENGTH = 106
_ISA_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_BLOCK = 1 << 12
"""Characters split at once: few enough to stay in the processor's cache, which larger blocks do not."""
_BETWEEN = " \t\r\n\x00\x1a"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The signs that divide a file, as its ISA segment names them.  ``repetition`` is empty before 5010."""

    element: str
    component: str
    segment: str
    repetition: str = ""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One ST…SE.

    Attributes:
        code: ST01, as ``837``.  ``version``: ST03, else GS08, as ``005010X222A1``.
        position: number of its ST in the file, from 1.
        is_complete: its SE was found before the file, group or interchange ended.
    """

    code: str
    version: str
    control_number: str
    position: int
    is_complete: bool
    delimiters: Delimiters
    _text: str = field(repr=False, compare=False)
    _start: int = field(repr=False, compare=False)
    _stop: int = field(repr=False, compare=False)

    def segments(self) -> Iterator[list[str]]:
        """Its segments from ST to SE, each split to elements (the id is element 0)."""
        for block in self.blocks():
            yield from block

    def blocks(self) -> Iterator[list[list[str]]]:
        """The same, many segments at a time; elements are not trimmed (``parts.at`` trims what it gives)."""
        element, terminator = self.delimiters.element, self.delimiters.segment
        start = self._start
        while start < self._stop:
            cut = self._text.find(terminator, min(start + _BLOCK, self._stop - 1), self._stop)
            cut = self._stop if cut < 0 else cut
            yield [raw.split(element) for raw in self._text[start:cut].split(terminator)]
            start = cut + 1

    def place(self, offset: int, segment: str, loop: str = "") -> str:
        """Where a segment of it is; ``offset`` counts from its ST, which is 0."""
        where = f"loop {loop}, " if loop else ""
        return f"{where}segment {self.position + offset} ({segment}), transaction {self.control_number}"


@dataclass(frozen=True, slots=True)
class Group:
    """One GS…GE.  ``version`` is GS08."""

    kind: str
    sender: str
    receiver: str
    control_number: str
    version: str
    transactions: tuple[Transaction, ...]


@dataclass(frozen=True, slots=True)
class Interchange:
    """One ISA…IEA.  ``usage``: P production, T test.  ``created``: ISA09 and ISA10, ``YYMMDDHHMM``."""

    delimiters: Delimiters
    sender: str
    receiver: str
    control_number: str
    created: str
    usage: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file: its interchanges in order, how many segments it has, and what is wrong with its envelope."""

    interchanges: tuple[Interchange, ...]
    segment_count: int
    problems: tuple[Problem, ...]

    def transactions(self) -> Iterator[Transaction]:
        """Every transaction of the file, in its order."""
        for interchange in self.interchanges:
            for group in interchange.groups:
                yield from group.transactions


def read_file(text: str) -> Reading:
    """Every interchange of a file.

    Line breaks, blanks between segments, a byte order mark and bytes after the end are allowed, as many
    senders write them.
    """
    walk = _Walk(text.lstrip("\ufeff" + _BETWEEN).rstrip(_BETWEEN))
    walk.run()
    return Reading(tuple(walk.interchanges), walk.behind, tuple(walk.problems))


def find_delimiters(isa: str) -> Delimiters | None:
    """The delimiters by an ISA segment of 106 characters; ``None`` when it is not one.

    Shorter or longer ISA segments are refused rather than guessed at: a wrong guess would divide every
    code of the file in the wrong place.
    """
    if len(isa) < ISA_LENGTH or not isa.startswith("ISA"):
        return None
    element, repetition, component, segment = isa[3], isa[82], isa[104], isa[105]
    signs = {element, component, segment}
    if len(signs) < 3 or any(sign.isalnum() or sign == " " for sign in signs):
        return None
    if any(isa[index] != element for index in _ISA_SEPARATORS):
        return None
    return Delimiters(element, component, segment, "" if repetition.isalnum() else repetition)


def _tidy(text: str, marks: Delimiters) -> str:
    """The text without what is allowed between segments, so that each begins right after a terminator."""
    end = marks.segment
    for sign in "\r\n":
        if sign != end and sign in text:
            text = text.replace(sign, "")
    between = re.compile(f"{re.escape(end)}[ \t{re.escape(end)}]+")
    if between.search(text):
        text = between.sub(lambda _: end, text)
    return text


@dataclass(slots=True)
class _Open:
    """A header whose trailer has not come yet."""

    elements: list[str]
    position: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Level:
    """What a header and its trailer must agree in."""

    header: str
    trailer: str
    control: int
    holds: str


_ISA = _Level("ISA", "IEA", 13, "functional groups")
_GS = _Level("GS", "GE", 6, "transactions")
_ST = _Level("ST", "SE", 2, "segments")
_HEADERS = {"GS": _GS, "ST": _ST}
_TRAILERS = {"SE": _ST, "GE": _GS, "IEA": _ISA}
_INSIDE = {"ISA": (_ST, _GS), "GS": (_ST,), "ST": ()}


class _Walk:
    """The state of one walk through a file: what is open, and how many segments lie behind."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks = Delimiters("*", ":", "~")
        self.ended = ""
        self.behind = 0
        self.scanned = 0
        self.control_end = 0
        self.open: dict[str, _Open] = {}
        self.used: dict[str, set[str]] = {"ISA": set(), "GS": set(), "ST": set()}
        self.interchanges: list[Interchange] = []
        self.groups: list[Group] = []
        self.transactions: list[Transaction] = []
        self.problems: list[Problem] = []

    def run(self) -> None:
        start = 0
        while start < len(self.text):
            marks = find_delimiters(self.text[start : start + ISA_LENGTH])
            if marks is None:
                self.refuse_start(start)
                return
            # A second interchange is tidied again only when it is divided by other signs.
            if start == 0 or marks != self.marks:
                rest = self.text[start:].removesuffix(self.ended) if start else self.text
                tidy = _tidy(rest, marks)
                self.ended = "" if tidy.endswith(marks.segment) else marks.segment
                self.text = f"{self.text[:start]}{tidy}{self.ended}"
            self.marks = marks
            start = self.interchange(start)

    def refuse_start(self, start: int) -> None:
        place = f"segment {self.behind + 1}"
        if self.text.startswith("ISA", start):
            code, said = (
                "delimiters",
                (
                    f"The ISA segment is not {ISA_LENGTH} characters with 16 elements, so the signs that "
                    "divide the file cannot be known. Ask the sender for the file as it was made."
                ),
            )
        elif self.interchanges:
            code = "after_end"
            said = "Text follows the end of the interchange (IEA) that is not another interchange."
        else:
            code = "not_x12"
            said = "The file does not begin with an ISA segment: it is not an X12 interchange."
        self.problem(code, place, said)

    def interchange(self, start: int) -> int:
        """Read from an ISA to its IEA; the offset where the next interchange would begin."""
        self.enter(_ISA, start)
        for name, offset in self.controls(start + ISA_LENGTH - 1):
            if name == "ISA":
                self.cut(_ISA, offset, f"segment {self.position(offset)} (ISA)")
                return offset
            if name in _HEADERS:
                self.enter(_HEADERS[name], offset)
            else:
                stop = self.leave(_TRAILERS[name], offset)
                if name == "IEA":
                    return stop
        last = self.position(len(self.text)) - 1
        self.cut(_ISA, len(self.text), f"after segment {last}, the last of the file")
        return len(self.text)

    def controls(self, start: int) -> Iterator[tuple[str, int]]:
        """Every segment of the envelope behind an offset, with where it begins."""
        element, end = self.marks.element, self.marks.segment
        pattern = re.compile(f"{re.escape(end)}(GS|ST|SE|GE|IEA|ISA){re.escape(element)}")
        while found := pattern.search(self.text, start):
            name, start = found.group(1), found.end() - 1
            yield name, found.start() + 1

    def position(self, offset: int) -> int:
        """The number in the file of the segment that begins at an offset; offsets only grow."""
        self.behind += self.text.count(self.marks.segment, self.scanned, offset)
        self.scanned = offset
        return self.behind + 1

    def elements(self, offset: int) -> list[str]:
        return self.text[offset : self.text.index(self.marks.segment, offset)].split(self.marks.element)

    def enter(self, level: _Level, offset: int) -> None:
        name, position = level.header, self.position(offset)
        self.adjacent(name, position, offset)
        for inner in (*_INSIDE[name], level):
            if inner.header in self.open:
                self.cut(inner, offset, f"segment {position} ({name})")
        parent = {"ST": "GS", "GS": "ISA"}.get(name)
        if parent and parent not in self.open:
            self.problem(
                "misplaced", f"segment {position} ({name})", f"{name} comes before a {parent} segment."
            )
        here = _Open(self.elements(offset), position, offset)
        self.open[name] = here
        number = at(here.elements, level.control)
        if number in self.used[name]:
            self.problem(
                "control_number_twice",
                f"segment {position} ({name}{level.control:02d})",
                f"The control number {number} of this {name} was used before in the same file.",
            )
        self.used[name].add(number)
        if name == "GS":
            self.used["ST"].clear()

    def leave(self, level: _Level, offset: int) -> int:
        """Close by a trailer; the offset behind it."""
        position, trailer = self.position(offset), self.elements(offset)
        place = f"segment {position} ({level.trailer}"
        stop = self.text.index(self.marks.segment, offset) + 1
        if level is not _ST:
            self.adjacent(level.trailer, position, offset)
        for inner in _INSIDE[level.header]:
            if inner.header in self.open:
                self.cut(inner, offset, f"{place})")
        here = self.open.get(level.header)
        if here is None:
            self.problem("misplaced", f"{place})", f"{level.trailer} ends no {level.header} segment.")
            return stop
        number, said = at(here.elements, level.control), at(trailer, 2)
        if number != said:
            self.problem(
                "control_number",
                f"{place}02)",
                f"{level.trailer}02 is {said or 'empty'}, {level.header}{level.control:02d} is {number}.",
            )
        found = {"ISA": len(self.groups), "GS": len(self.transactions)}.get(
            level.header, position - here.position + 1
        )
        if number_of(at(trailer, 1)) != found:
            self.problem(
                "count",
                f"{place}01)",
                f"{level.trailer}01 says {at(trailer, 1) or 'nothing'}, there are {found} {level.holds}.",
            )
        self.control_end = stop
        self.close(level, stop, is_complete=True)
        if level is _ISA:
            self.position(stop)
        return stop

    def cut(self, level: _Level, offset: int, place: str) -> None:
        """Close what has no trailer, and all that is open in it."""
        for inner in (*_INSIDE[level.header], level):
            here = self.open.get(inner.header)
            if here is None:
                continue
            number = at(here.elements, inner.control)
            self.problem(
                "truncated",
                place,
                f"{inner.header} {number} of segment {here.position} has no {inner.trailer}: "
                "the file was cut off or a part is missing.",
            )
            self.close(inner, offset, is_complete=False)

    def close(self, level: _Level, stop: int, *, is_complete: bool) -> None:
        here = self.open.pop(level.header)
        elements = here.elements
        if level is _ST:
            self.transactions.append(self.transaction(here, stop, is_complete))
        elif level is _GS:
            kind, sender, receiver, number, version = (at(elements, n) for n in (1, 2, 3, 6, 8))
            self.groups.append(Group(kind, sender, receiver, number, version, tuple(self.transactions)))
            self.transactions = []
        else:
            sender, receiver, on, time = (at(elements, n) for n in (6, 8, 9, 10))
            # Transactions outside any group are kept in one without a name: nothing is lost.
            if self.transactions:
                self.groups.append(Group("", "", "", "", "", tuple(self.transactions)))
                self.transactions = []
            self.interchanges.append(
                Interchange(
                    self.marks,
                    sender,
                    receiver,
                    at(elements, 13),
                    on + time,
                    at(elements, 15),
                    tuple(self.groups),
                )
            )
            self.groups = []
            self.used["GS"].clear()
            self.used["ST"].clear()

    def transaction(self, here: _Open, stop: int, is_complete: bool) -> Transaction:
        elements = here.elements
        group = self.open.get("GS")
        version = at(elements, 3) or (at(group.elements, 8) if group else "")
        return Transaction(
            at(elements, 1), version, at(elements, 2), here.position, is_complete,
            self.marks, self.text, here.offset, stop - 1,
        )  # fmt: skip

    def adjacent(self, name: str, position: int, offset: int) -> None:
        """Nothing stands between the segments of the envelope, outside of ST and SE, but a TA1."""
        between = self.text[self.control_end : offset]
        if "ST" not in self.open and between and name != "ISA" and not between.startswith("TA1"):
            self.problem(
                "misplaced",
                f"segment {position - between.count(self.marks.segment)}",
                f"There are segments before {name} of segment {position} that belong to no transaction.",
            )
        self.control_end = self.text.index(self.marks.segment, offset) + 1

    def problem(self, code: str, place: str, message: str) -> None:
        self.problems.append(Problem(f"envelope.{code}", place, message))
