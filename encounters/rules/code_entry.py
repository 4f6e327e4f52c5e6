"""What a coder types in the add-code box, read without looking anything up.

``99213-25``, ``99213 25``, ``J3301x4``, ``n18.31``, ``20610-RT``, ``E11.22 p:1,2``, ``I50.9 poa:y`` add a
code; ``-25``, ``x4``, ``p:1,2`` change the active line; everything else is search words.  Only the *form* is
judged here: whether such a code exists on the date of service is the release's business.

A letter and four digits without a dot can be two codes (``G0439`` is a HCPCS visit and ICD-10-CM G04.39), so
:class:`CodeOptions` lists every reading.  When more than one exists in its release, the coder must choose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from encounters.rules.readiness_facts import MODIFIERS_THAT_FIT, POINTERS_THAT_FIT

LARGEST_POINTER: Final = 12  # diagnoses on a professional claim, A to L
MOST_UNITS: Final = 9_999

ICD10CM, CPT, HCPCS, ICD10PCS = "ICD-10-CM", "CPT", "HCPCS", "ICD-10-PCS"


@dataclass(frozen=True, slots=True)
class LineChange:
    """What was typed beside a code, or alone for the active line; ``None`` and empty mean not typed.

    ``pointers`` are numbers as typed: diagnosis positions on a service; on a diagnosis, the services that
    are to point at it.
    """

    modifiers: tuple[str, ...] = ()
    units: int | None = None
    pointers: tuple[int, ...] = ()
    poa: str = ""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One reading: ``code`` in capitals without dot."""

    system: str
    code: str
    change: LineChange = LineChange()


@dataclass(frozen=True, slots=True)
class CodeOptions:
    """Every reading of the form, likeliest first, never empty; ``search`` is for when none exists."""

    options: tuple[CodeEntry, ...]
    search: str


@dataclass(frozen=True, slots=True)
class SearchWords:
    """Nothing with the form of a code: words (or nothing) to search for, spaces collapsed."""

    words: str


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """The form of a code or change, but something in it cannot be; ``message`` is shown while typing."""

    message: str


Parsed = CodeOptions | LineChange | SearchWords | EntryProblem

_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u00d7": "x", "\u00b7": "."}
)
_SUFFIX = r"(?=$|[\s\-*]|X\d)"
# Forms only.  CPT: 5 digits or 4 and a category letter.  ICD-10-CM: letter, digit, digit/A/B, up to 4 more.
_FORMS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (ICD10CM, re.compile(r"[A-Z]\d[0-9AB]\.[0-9A-Z]{1,4}(?=$|[\s\-*])")),
    (CPT, re.compile(r"\d{4}[0-9FTUMA]" + _SUFFIX)),
    (ICD10CM, re.compile(r"[A-Z]\d[0-9AB][0-9A-Z]{0,4}(?=$|[\s\-*])")),
    (HCPCS, re.compile(r"[A-V]\d{4}" + _SUFFIX)),
    (ICD10PCS, re.compile(r"[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}(?=$|\s)")),
)
_SERVICE: Final = frozenset({CPT, HCPCS})
_PART = re.compile(
    r"\s*(?:(?P<dash>-)\s*(?P<modifiers>[0-9A-Z]*(?:\s*,\s*[0-9A-Z]+)*)"
    r"|[X*]\s*(?P<units>\d+)(?![0-9A-Z])"
    r"|P(?P<poa_word>OA)\s*[:= ]\s*(?P<poa>[0-9A-Z]*)"
    r"|P\s*[:=]\s*(?P<pointers>[0-9A-Z]*(?:\s*[,-]\s*[0-9A-Z]+)*))"
)
_BARE_MODIFIER = re.compile(r"\s+(?!X\d)([0-9A-Z]{2})(?=$|\s)")
_OPENS_CHANGE = re.compile(r"\s*(?:-|\*|X\s*\d|P\s*[:=]|POA\s*[:=])")


class _WrongError(Exception):
    """Carries the sentence of an :class:`EntryProblem` out of the reader."""


def parse_entry(typed: str) -> Parsed:
    """Read the add-code box; see the module for what it understands."""
    words = " ".join(typed.translate(_SIGNS).split())
    upper = words.upper()
    try:
        if _OPENS_CHANGE.match(upper):
            change = _read_change(upper, bare_modifiers=False)
            return change if change is not None else SearchWords(words)
        options = _options(upper)
    except _WrongError as wrong:
        return EntryProblem(str(wrong))
    return CodeOptions(options, words) if options else SearchWords(words)


def dotted(system: str, code: str) -> str:
    """A stored code as people read it: ICD-10-CM with its dot after the third character."""
    return f"{code[:3]}.{code[3:]}" if system == ICD10CM and len(code) > 3 else code


def _options(upper: str) -> tuple[CodeEntry, ...]:
    found: list[CodeEntry] = []
    wrong: _WrongError | None = None
    for system, form in _FORMS:
        match = form.match(upper)
        if match is None:
            continue
        try:
            change = _read_change(upper[match.end() :], bare_modifiers=system in _SERVICE)
            if change is None:
                continue
            _check_fits(system, match.group(), change)
        except _WrongError as error:
            wrong = wrong or error
            continue
        found.append(CodeEntry(system, match.group().replace(".", ""), change))
    if not found and wrong is not None:
        raise wrong
    # "J3301X4" is seven characters of ICD-10-CM too, but hardly ever meant so.
    return tuple(sorted(found, key=lambda entry: entry.change.units is None))


def _check_fits(system: str, code: str, change: LineChange) -> None:
    if system not in _SERVICE and (change.modifiers or change.units is not None):
        raise _WrongError(f"{code} is a {system} code; those take no modifiers and no units.")
    if system != ICD10CM and change.poa:
        raise _WrongError(f"Present on admission belongs to diagnoses; {code} is not one.")
    if system == ICD10PCS and change.pointers:
        raise _WrongError(f"{code} is a procedure of a stay; those take no pointers.")


def _read_change(rest: str, *, bare_modifiers: bool) -> LineChange | None:
    """The parts behind a code; ``None`` when the rest is words after all."""
    modifiers: list[str] = []
    units: int | None = None
    pointers: tuple[int, ...] = ()
    poa = ""
    at = 0
    while at < len(rest):
        bare = _BARE_MODIFIER.match(rest, at) if bare_modifiers else None
        if bare:
            modifiers.append(bare.group(1))
            at = bare.end()
            continue
        part = _PART.match(rest, at)
        if part is None:
            if rest[at:].strip() == "":
                break
            if _OPENS_CHANGE.match(rest, at) or modifiers or units is not None or pointers or poa:
                raise _WrongError(f"“{rest[at:].strip()}” is not understood here.")
            return None
        if part.end() < len(rest) and not re.match(r"[\s\-*X]", rest[part.end() :]):
            raise _WrongError(f"“{rest[at:].strip()}” is not understood here.")
        if part["dash"]:
            modifiers += _modifiers(part["modifiers"])
        elif part["units"]:
            units = _units(part["units"], units)
        elif part["poa_word"]:
            poa = _poa(part["poa"])
        else:
            pointers = _pointers(part["pointers"])
        at = part.end()
    _check_modifiers(modifiers)
    return LineChange(tuple(modifiers), units, pointers, poa)


def _modifiers(typed: str) -> list[str]:
    found = [modifier.strip() for modifier in typed.split(",")]
    if any(len(modifier) != 2 for modifier in found):
        raise _WrongError("A modifier has two letters or digits.")
    return found


def _check_modifiers(modifiers: list[str]) -> None:
    if len(modifiers) > MODIFIERS_THAT_FIT:
        raise _WrongError(f"A line has room for {MODIFIERS_THAT_FIT} modifiers.")
    for modifier in modifiers:
        if modifiers.count(modifier) > 1:
            raise _WrongError(f"Modifier {modifier} is there twice.")


def _units(typed: str, before: int | None) -> int:
    if before is not None:
        raise _WrongError("The units are there twice.")
    if not 1 <= int(typed) <= MOST_UNITS:
        raise _WrongError(f"Units are 1 to {MOST_UNITS}.")
    return int(typed)


def _poa(typed: str) -> str:
    if typed not in ("Y", "N", "U", "W", "1"):
        raise _WrongError("Present on admission is Y, N, U or W (1 when exempt).")
    return typed


def _pointers(typed: str) -> tuple[int, ...]:
    """``1,2``, ``1-3``, ``A,B``: numbers 1 to 12 in the order typed."""
    found: list[int] = []
    for part in typed.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        start = _pointer(first)
        end = _pointer(last) if last else start
        if end < start:
            raise _WrongError(f"Pointers {part} run backwards.")
        found.extend(range(start, end + 1))
    if len(found) != len(set(found)):
        raise _WrongError("A pointer is there twice.")
    if len(found) > POINTERS_THAT_FIT:
        raise _WrongError(f"A line has room for {POINTERS_THAT_FIT} pointers.")
    return tuple(found)


def _pointer(typed: str) -> int:
    if typed.isdigit():
        number = int(typed)
    elif len(typed) == 1 and "A" <= typed <= "L":
        number = ord(typed) - ord("A") + 1
    else:
        number = 0
    if not 1 <= number <= LARGEST_POINTER:
        raise _WrongError(f"Pointers are 1 to {LARGEST_POINTER} or A to L.")
    return number
