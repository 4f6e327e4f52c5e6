"""Drawing an audit sample that can be drawn again anywhere: same frame, plan and seed, same list.

Nothing of Python's or the machine's chance is used.  The draw, in full:

1. The units of each stratum are numbered from 0 in ascending order of their id (Unicode code points).
2. A stratum has its own stream of 64-bit numbers: block k (0, 1, ...) is the SHA-256 of the UTF-8 text
   ``coding-ops/qa.sample/1`` NUL seed NUL stratum NUL k, all in decimal where they are numbers; a block holds
   four numbers, big-endian, in order.
3. ``below(m)`` takes the next number, skips it while it is at or above the largest multiple of m that is not
   above 2**64, and answers its remainder by m.
4. Positions are taken by a Fisher-Yates shuffle from the front: the i-th place is exchanged with place
   ``i + below(N - i)``.  A larger sample of the same stratum therefore begins with the smaller one.

Sizes: certainty strata are taken whole.  The count, or the percent rounded up, is of all other units
together; it is shared out in proportion to size by largest remainders, after every stratum has its floor.
A widened stratum then gives its share times its factor, rounded up, at least one unit and never more than it
has; the other strata keep their shares.  The weight of a unit is N/n of its stratum.
"""

from __future__ import annotations

import hashlib
import json
import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import islice
from typing import Final

from coding_ops.core.errors import InvalidInput

ALGORITHM: Final = "coding-ops/qa.sample/1"
MOST_WIDENED: Final = 100
_WORD: Final = 8
_RANGE: Final = 1 << 64


class Method(StrEnum):
    """Whether a plan's value is a number of units or a percentage of them."""

    COUNT = "count"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to draw.  ``value``: units (a whole number) or percent (0 to 100).

    ``widened``: strata that give more than their share, and the factor, 1 to 100.
    """

    method: Method
    value: Decimal
    floor_per_stratum: int = 0
    certainty_strata: frozenset[str] = frozenset()
    widened: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stratum:
    """The draw of one stratum: ids in the order drawn, out of ``population``."""

    name: str
    population: int
    drawn: tuple[str, ...]
    certainty: bool

    @property
    def weight(self) -> Fraction | None:
        """How many units of the stratum each drawn one stands for; None when none is drawn."""
        return Fraction(self.population, len(self.drawn)) if self.drawn else None


@dataclass(frozen=True, slots=True)
class Draw:
    """A finished draw: strata in the order of their names, with the hashes that freeze it."""

    strata: tuple[Stratum, ...]
    frame_sha256: str
    plan_sha256: str


def draw(frame: Sequence[tuple[str, str]], plan: Plan, seed: int) -> Draw:
    """Draw from a frame of (id, stratum); the order of the frame does not matter.

    Raises:
        InvalidInput: an id twice in the frame, or a value the plan cannot have.
    """
    _check(plan)
    _require_distinct(frame)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for unit, stratum in frame:
        members[stratum].append(unit)
    for units in members.values():
        units.sort()
    names = sorted(members)
    certain = {name for name in names if name in plan.certainty_strata}
    sizes = widen(
        allocate({name: len(members[name]) for name in names if name not in certain}, plan), members, plan
    )
    strata = tuple(
        Stratum(
            name=name,
            population=len(members[name]),
            drawn=tuple(
                take(members[name], len(members[name]) if name in certain else sizes[name], seed, name)
            ),
            certainty=name in certain,
        )
        for name in names
    )
    return Draw(strata, frame_hash(members), plan_hash(plan))


def allocate(populations: Mapping[str, int], plan: Plan) -> dict[str, int]:
    """How many units each stratum gives: floors first, the rest in proportion by largest remainders.

    The total is the plan's, or that of the floors where they ask for more; never more than there are.
    Equal remainders go to the larger stratum, then to the earlier name.
    """
    total = sum(populations.values())
    wanted = min(total, _size(plan, total))
    floors = {name: min(size, plan.floor_per_stratum) for name, size in populations.items()}
    held: dict[str, int] = {}
    while True:
        open_names = [name for name in populations if name not in held]
        shares = _in_proportion(populations, open_names, max(0, wanted - sum(held.values())))
        short = [name for name in open_names if shares[name] < floors[name]]
        if not short:
            return held | shares
        held |= {name: floors[name] for name in short}


def widen(shares: Mapping[str, int], members: Mapping[str, Sequence[str]], plan: Plan) -> dict[str, int]:
    """The shares with those of widened strata multiplied; see the module's text."""
    return {
        name: min(
            len(members[name]),
            max(1, int((share * plan.widened[name]).to_integral_value(rounding=ROUND_CEILING))),
        )
        if name in plan.widened
        else share
        for name, share in shares.items()
    }


def take(ordered: Sequence[str], count: int, seed: int, stratum: str) -> list[str]:
    """The first ``count`` places of the shuffled stratum; ``ordered`` ascends."""
    numbers = stream(seed, stratum)
    moved: dict[int, int] = {}
    taken = []
    for place in range(count):
        other = place + _below(len(ordered) - place, numbers)
        taken.append(ordered[moved.get(other, other)])
        moved[other] = moved.get(place, place)
    return taken


def stream(seed: int, stratum: str) -> Iterator[int]:
    """The endless 64-bit numbers of a seed and a stratum, as step 2 above defines them."""
    start = f"{ALGORITHM}\0{seed}\0{stratum}\0"
    block = 0
    while True:
        digest = hashlib.sha256(f"{start}{block}".encode()).digest()
        for at in range(0, len(digest), _WORD):
            yield int.from_bytes(digest[at : at + _WORD], "big")
        block += 1


def stream_words(seed: int, stratum: str) -> Callable[[int], bytes]:
    """The numbers of :func:`stream` many at a time: each call gives the next so many, as big-endian bytes."""
    begun = hashlib.sha256(f"{ALGORITHM}\0{seed}\0{stratum}\0".encode())
    block, left = 0, b""

    def digest(number: int) -> bytes:
        one = begun.copy()
        one.update(b"%d" % number)
        return one.digest()

    def following(count: int) -> bytes:
        nonlocal block, left
        missing = max(0, count * _WORD - len(left))
        blocks = -(-missing // begun.digest_size)
        made = left + b"".join(map(digest, range(block, block + blocks)))
        block, left = block + blocks, made[count * _WORD :]
        return made[: count * _WORD]

    return following


def frame_hash(members: Mapping[str, Sequence[str]]) -> str:
    """SHA-256 of the frame in UTF-8: for each stratum in order its name, its ids in order, an empty line.

    Ids and strata hold no line feed (that would let two frames read alike).
    """
    digest = hashlib.sha256()
    for name in sorted(members):
        lines = "\n".join([name, *members[name], "", ""])
        if lines.count("\n") != len(members[name]) + 2:
            raise _bad("frame", "An id or a stratum holds a line feed; take it out.")
        digest.update(lines.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def plan_hash(plan: Plan) -> str:
    """SHA-256 of the plan: JSON with sorted keys and certainty strata, no spaces, UTF-8.

    ``widened`` is among the keys only where a stratum is widened.
    """
    parts: dict[str, object] = {
        "certainty_strata": sorted(plan.certainty_strata),
        "floor_per_stratum": plan.floor_per_stratum,
        "method": plan.method.value,
        "value": f"{plan.value.normalize():f}",
    }
    if plan.widened:
        parts["widened"] = {name: f"{factor.normalize():f}" for name, factor in plan.widened.items()}
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _check(plan: Plan) -> None:
    if plan.method is Method.PERCENT and not 0 <= plan.value <= 100:
        raise _bad("plan.value", "A percentage lies between 0 and 100.")
    if plan.method is Method.COUNT and (plan.value < 0 or plan.value != plan.value.to_integral_value()):
        raise _bad("plan.value", "A count is a whole number of units, 0 or more.")
    if plan.floor_per_stratum < 0:
        raise _bad("plan.floor_per_stratum", "A floor is 0 or more.")
    for name, factor in plan.widened.items():
        if not 1 <= factor <= MOST_WIDENED:
            raise _bad(f"plan.widened.{name}", f"A stratum is widened 1 to {MOST_WIDENED} times.")


def _require_distinct(frame: Sequence[tuple[str, str]]) -> None:
    units = [unit for unit, _ in frame]
    # A frame as the application reads it ascends, which proves it without a table of millions of ids.
    if all(map(operator.lt, units, islice(units, 1, None))) or len(set(units)) == len(units):
        return
    seen: set[str] = set()
    for place, (unit, _) in enumerate(frame):
        if unit in seen:
            raise _bad(f"frame[{place}].id", "Each unit stands once in the frame; this id is there twice.")
        seen.add(unit)


def _size(plan: Plan, total: int) -> int:
    if plan.method is Method.COUNT:
        return int(plan.value)
    return int((plan.value * total / 100).to_integral_value(rounding=ROUND_CEILING))


def _in_proportion(populations: Mapping[str, int], names: Sequence[str], wanted: int) -> dict[str, int]:
    total = sum(populations[name] for name in names)
    wanted = min(wanted, total)
    if not total:
        return dict.fromkeys(names, 0)
    shares = {name: wanted * populations[name] // total for name in names}
    left = wanted - sum(shares.values())
    by_remainder = sorted(
        names, key=lambda name: (-(wanted * populations[name] % total), -populations[name], name)
    )
    for name in by_remainder[:left]:
        shares[name] += 1
    return shares


def _below(limit: int, numbers: Iterator[int]) -> int:
    ceiling = _RANGE - _RANGE % limit
    for number in numbers:
        if number < ceiling:
            return number % limit
    raise ArithmeticError("The stream of numbers does not end.")


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code="invalid", details={"path": path})
