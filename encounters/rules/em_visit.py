"""A visit's level from cited elements: both paths, what the next level lacks, and two scorers compared.

The tables are those of ``code_sets`` (``code_sets.rules.em_level``); what can be cited is data
(``encounters/data/em_elements.toml``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from code_sets.rules.em_level import (
    ELEMENTS_NEEDED,
    RISKS,
    CodeRow,
    DataReviewed,
    Decision,
    Edition,
    Level,
    Problem,
    em_level,
)
from coding_ops.core.errors import InvalidInput

PARTS = ("problems", "data", "risk", "time")
MOST_MINUTES = 24 * 60
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be cited for a part.  ``group`` of data, ``level`` of a risk; ``first`` day it counts."""

    part: str
    name: str
    label: str
    group: str = ""
    level: Level = Level.NONE
    first: date | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """One element as it was cited."""

    part: str
    kind: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class PathStep:
    """What lifts one path.  ``code`` it would give; ``lacks`` says what is missing, in words."""

    code: str
    lacks: str


@dataclass(frozen=True, slots=True)
class Scored:
    """The decision and the way up.  A step is None where a path is at its top, or time never counts."""

    decision: Decision
    next_mdm: PathStep | None
    next_time: PathStep | None

    @property
    def other_code(self) -> str:
        """What the path gives that did not decide; empty for none."""
        found = self.decision.mdm_code if self.decision.by == "time" else self.decision.time_code
        return found or ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One part on which two scorers differ, each in words."""

    part: str
    coder: str
    reviewer: str


def kinds_on(edition: Edition, kinds: Sequence[Kind], on: date) -> tuple[Kind, ...]:
    """What can be cited on the day of service under this edition."""
    return tuple(
        kind
        for kind in kinds
        if (kind.part != "problems" or kind.name in edition.problems)
        and (kind.first is None or kind.first <= on)
    )


def check_element(element: Cited, kinds: Sequence[Kind]) -> Kind:
    """The kind of an element.

    Raises:
        InvalidInput: no such kind on the day, or a count out of range (minutes: 1 to 1440).
    """
    found = next((k for k in kinds if (k.part, k.name) == (element.part, element.kind)), None)
    if found is None:
        raise InvalidInput("Choose one of the listed elements.", code="em.kind", details={"field": "kind"})
    most = MOST_MINUTES if element.part == "time" else 1 if element.part == "risk" else MOST_COUNTED
    if not 1 <= element.count <= most:
        what = "Minutes are" if element.part == "time" else "The count is"
        raise InvalidInput(f"{what} 1 to {most}.", code="em.count", details={"field": "count"})
    return found


def score(edition: Edition, category: str, elements: Sequence[Cited], kinds: Sequence[Kind]) -> Scored:
    """Both paths of a visit.  Elements that ``kinds`` does not know count for nothing.

    Raises KeyError for a category the edition does not have.
    """
    known = {(kind.part, kind.name): kind for kind in kinds}
    counted = [e for e in elements if (e.part, e.kind) in known]
    problems = [Problem(e.kind, e.count) for e in counted if e.part == "problems"]
    data = _data(counted, known)
    risk = max((known[e.part, e.kind].level for e in counted if e.part == "risk"), default=Level.NONE)
    minutes = max((e.count for e in counted if e.part == "time"), default=None)
    decision = em_level(edition, category, problems, data, risk, minutes)
    if not any(e.part != "time" for e in counted):
        # Nothing was cited: the "minimal or no data" that every visit has is no finding of its own.
        decision = _without_mdm(decision)
    rows = edition.categories[category]
    return Scored(
        decision,
        _next_mdm(edition, rows, decision, _more_problems(edition, problems, kinds), data),
        _next_time(rows, decision, minutes),
    )


def compare(
    coder: Sequence[Cited], reviewer: Sequence[Cited], kinds: Sequence[Kind]
) -> tuple[Difference, ...]:
    """Part by part, what the two scorers do not share; parts that agree are left out."""
    found = []
    for part in PARTS:
        mine, theirs = _counts(coder, part), _counts(reviewer, part)
        if mine != theirs:
            found.append(Difference(part, _in_words(mine, part, kinds), _in_words(theirs, part, kinds)))
    return tuple(found)


def _data(elements: Sequence[Cited], known: Mapping[tuple[str, str], Kind]) -> DataReviewed:
    groups = [(known[e.part, e.kind].group, e.count) for e in elements if e.part == "data"]
    names = {group for group, _ in groups}
    return DataReviewed(
        items=sum(count for group, count in groups if group == "items"),
        independent_historian="independent_historian" in names,
        independent_interpretation="independent_interpretation" in names,
        external_discussion="external_discussion" in names,
    )


def _without_mdm(decision: Decision) -> Decision:
    return Decision(
        code=decision.time_code,
        by="time" if decision.time_code else None,
        problems=decision.problems,
        data=decision.data,
        risk=decision.risk,
        level=Level.NONE,
        mdm_code=None,
        time_code=decision.time_code,
        time_why=decision.time_why,
    )


# --- the way up -------------------------------------------------------------------------------------------


def _next_mdm(
    edition: Edition,
    rows: Sequence[CodeRow],
    decision: Decision,
    more_problems: Callable[[Level], str],
    data: DataReviewed,
) -> PathStep | None:
    """The next code by decision making, and what each part that could give it lacks."""
    higher = [row for row in rows if min(row.levels) > decision.level]
    if not higher:
        return None
    wanted = min(higher[0].levels)
    ways: list[tuple[str, Level, Callable[[], str]]] = [
        ("problems", decision.problems.level, lambda: more_problems(wanted)),
        ("data", decision.data.level, lambda: _more_data(edition, data, wanted)),
        ("risk", decision.risk.level, lambda: f"a {_risk_word(wanted)} risk"),
    ]
    met = [name for name, level, _ in ways if level >= wanted]
    missing = [way() for _, level, way in ways if level < wanted]
    short = ELEMENTS_NEEDED - len(met)
    if short == 1:
        lacks = f"{_either(missing)} would give {wanted.word}"
    else:
        lacks = f"{wanted.word} needs two of these: {'; '.join(missing)}"
    return PathStep(higher[0].code, lacks)


def _either(ways: Sequence[str]) -> str:
    """``a, b or c``"""
    return ways[0] if len(ways) == 1 else f"{', '.join(ways[:-1])} or {ways[-1]}"


def _more_problems(
    edition: Edition, problems: Sequence[Problem], kinds: Sequence[Kind]
) -> Callable[[Level], str]:
    """What problems lack for a level: one more of a kind that is there, or one of another kind."""
    labels = {kind.name: kind.label for kind in kinds if kind.part == "problems"}
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.kind] = counts.get(problem.kind, 0) + problem.count

    def lacks(wanted: Level) -> str:
        for kind, count in counts.items():
            least = min((n for level, n in edition.problems[kind].items() if level >= wanted), default=0)
            if least > count:
                return f"{least - count} more problem of the kind “{labels[kind]}”"
        return f"a problem that is {wanted.word}"

    return lacks


def _more_data(edition: Edition, data: DataReviewed, wanted: Level) -> str:
    rule = edition.data
    if wanted <= Level.LOW:
        return f"{_items(rule.low_items - data.items)} or an independent historian"
    short = rule.moderate_items - data.items - data.independent_historian
    ways = [_items(short)] if short > 0 else []
    ways += [] if data.independent_interpretation else ["an independent reading of a test"]
    ways += [] if data.external_discussion else ["a discussion with another professional"]
    groups = len(
        [1 for met in (short <= 0, data.independent_interpretation, data.external_discussion) if met]
    )
    needed = (rule.moderate_groups if wanted is Level.MODERATE else rule.high_groups) - groups
    return _either(ways) if needed == 1 else f"any two of {', '.join(ways)}"


def _items(count: int) -> str:
    return "one more data item" if count == 1 else f"{count} more data items"


def _risk_word(level: Level) -> str:
    return next(word for word, one in RISKS.items() if one is level)


def _next_time(rows: Sequence[CodeRow], decision: Decision, minutes: int | None) -> PathStep | None:
    timed = [row for row in rows if row.minutes is not None]
    for row in timed:
        if row.minutes is not None and (minutes or 0) < row.minutes:
            short = row.minutes - (minutes or 0)
            more = f"{short} more minutes" if minutes else f"{row.minutes} minutes"
            return PathStep(row.code, f"{more} give {row.code}")
    return None


# --- two scorers ------------------------------------------------------------------------------------------


def _counts(elements: Sequence[Cited], part: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for element in elements:
        if element.part == part:
            counts[element.kind] = counts.get(element.kind, 0) + element.count
    return counts


def _in_words(counts: Mapping[str, int], part: str, kinds: Sequence[Kind]) -> str:
    labels = {kind.name: kind.label for kind in kinds if kind.part == part}
    if part == "time":
        return f"{sum(counts.values())} minutes" if counts else "none"
    return ", ".join(f"{n} × {labels.get(name, name)}" for name, n in counts.items()) or "none"
