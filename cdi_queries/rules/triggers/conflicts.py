"""Documents that contradict each other about the same thing: said and denied, two values, two sides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from cdi_queries.rules.triggers.notes import Note, Standing, said
from cdi_queries.rules.triggers.shapes import Denied, Differing, Hit, OppositeSides, Place, Rule

#: Kinds of documents that hold a provider's words.
PROVIDERS_WORDS = frozenset(
    {"progress_note", "history_physical", "consult", "operative", "discharge_summary", "emergency"}
)
IMAGING = "imaging"
#: Named by a side without saying so.
_BOTH = re.compile(r"\bbilateral|\bboth\b", re.IGNORECASE)


def said_and_denied(rule: Rule, test: Denied, notes: Sequence[Note]) -> Iterator[Hit]:
    """One document says it and never denies it; another plainly denies it and never says it."""
    sayer: Place | None = None
    denier: Place | None = None
    for note in _of(notes, imaging=test.reads_imaging):
        mentions = list(said(note, test.says))
        says = [hit for hit, standing in mentions if standing is Standing.SAID]
        denies = [hit for hit, standing in mentions if standing is Standing.DENIED and _plainly(note, hit)]
        if says and not denies:
            sayer = sayer or note.place(*says[0].span())
        if denies and not says:
            denier = denier or note.place(*denies[0].span())
    if sayer and denier:
        yield Hit(rule.key, "", (sayer, denier))


def differing(rule: Rule, test: Differing, notes: Sequence[Note]) -> Iterator[Hit]:
    """Two documents that each give one value, and not the same one; "3" and "3a" go together."""
    single: list[tuple[str, Place]] = []
    for note in _of(notes):
        found = [
            (test.values[_key(hit["value"])], note.place(*hit.span()))
            for hit, standing in said(note, test.says)
            if standing is Standing.SAID and _key(hit["value"]) in test.values
        ]
        if found and len({value for value, _ in found}) == 1:
            single.append(found[0])
    for (one, first), (other, second) in combinations(single, 2):
        if not one.startswith(other) and not other.startswith(one):
            yield Hit(rule.key, "", (first, second))
            return


def opposite_sides(rule: Rule, test: OppositeSides, notes: Sequence[Note]) -> Iterator[Hit]:
    """Left in one document and right in another, of one part and kind; a document that names both is none."""
    sides: dict[tuple[str, str], dict[str, Place]] = {}
    both: set[tuple[str, str]] = set()
    for note in _of(notes, imaging=True):
        here: dict[tuple[str, str], dict[str, Place]] = {}
        for hit, standing in said(note, test.says):
            if standing is not Standing.SAID:
                continue
            side, part, kind = _sided(hit)
            here.setdefault((part, kind), {}).setdefault(side, note.place(*hit.span()))
        for about, found in here.items():
            if len(found) > 1 or "both" in found:
                both.add(about)
            for side, place in found.items():
                sides.setdefault(about, {}).setdefault(side, place)
    for (part, kind), found in sides.items():
        if (part, kind) not in both and {"left", "right"} <= found.keys():
            yield Hit(rule.key, f"{part} {kind}"[:40], (found["left"], found["right"]))


def _of(notes: Sequence[Note], *, imaging: bool = False) -> Iterator[Note]:
    """The documents that can contradict each other; none when there is one alone."""
    kinds = PROVIDERS_WORDS | {IMAGING} if imaging else PROVIDERS_WORDS
    found = [note for note in notes if note.document.kind in kinds]
    yield from found if len(found) > 1 else ()


def _plainly(note: Note, hit: re.Match[str]) -> bool:
    after = note.after(hit.end())
    return bool(note.cues.denied_after.match(after)) or note.is_denied(note.before(hit.start()), plainly=True)


def _sided(hit: re.Match[str]) -> tuple[str, str, str]:
    """Side, part and kind of one mention, in small letters; the pattern names its groups twice."""
    groups = {name: value.lower() for name, value in hit.groupdict().items() if value}
    side = groups.get("side") or groups["side2"]
    part = groups.get("part") or groups["part2"]
    kind = groups.get("kind") or groups["kind2"]
    return ("both" if _BOTH.match(side) else side), part.removesuffix("s"), kind


def _key(written: str) -> str:
    return re.sub(r"[\s-]+", " ", written.strip().lower())
