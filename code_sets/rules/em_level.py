"""The level of an evaluation and management service, by medical decision making and by total time.

Source: AMA CPT E/M guidelines of 2021 (office) and 2023 (hospital, emergency department), in our words; the
tables with their dates are data (`data/em_levels.toml`). Two of the three elements (problems, data, risk)
must be met for a level; total time on the date of the encounter chooses a level of its own; the practitioner
may use whichever is higher. The emergency department has no times.

Kinds of problem:

* ``self_limited``: self-limited or minor;
* ``stable_chronic``: chronic and at its treatment goal;
* ``acute_uncomplicated``: an acute illness or injury that is simple, full recovery expected;
* ``stable_acute``: an acute illness under treatment that is stable (from 2023);
* ``acute_uncomplicated_hospital``: the simple one that needs hospital or observation care (from 2023);
* ``chronic_exacerbation``: chronic with exacerbation, progression or side effects of treatment;
* ``undiagnosed_new``: new, undiagnosed, prognosis uncertain;
* ``acute_systemic``: an acute illness with systemic symptoms;
* ``acute_injury_complicated``: an injury with more to evaluate than the injured part;
* ``severe_exacerbation``: chronic with severe exacerbation, progression or side effects;
* ``threat_to_life``: acute or chronic, a threat to life or bodily function in the near term.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Level(IntEnum):
    """Levels of decision making and of each of its elements, in order; `NONE` meets no level."""

    NONE = 0
    STRAIGHTFORWARD = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4

    @property
    def word(self) -> str:
        """The name in lower case, as it is read and written in JSON."""
        return self.name.lower()


RISKS: Mapping[str, Level] = {
    "minimal": Level.STRAIGHTFORWARD,
    "low": Level.LOW,
    "moderate": Level.MODERATE,
    "high": Level.HIGH,
}
ELEMENTS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code, the levels of decision making it stands for, its least minutes (None: time never counts)."""

    code: str
    levels: tuple[Level, ...]
    minutes: int | None


@dataclass(frozen=True, slots=True)
class DataRule:
    """How many items and groups of data make each level."""

    low_items: int
    moderate_items: int
    moderate_groups: int
    high_groups: int


@dataclass(frozen=True, slots=True)
class Edition:
    """The tables in force from `first` through `last` (None: no end is known)."""

    name: str
    first: date
    last: date | None
    source: str
    categories: Mapping[str, tuple[CodeRow, ...]]
    problems: Mapping[str, Mapping[Level, int]]
    data: DataRule


@dataclass(frozen=True, slots=True)
class Problem:
    """Problems of one kind addressed at the encounter."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class DataReviewed:
    """Data reviewed and analyzed. `items`: external notes from each source, tests reviewed, tests ordered."""

    items: int = 0
    independent_historian: bool = False
    independent_interpretation: bool = False
    external_discussion: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """The level one element reaches, and why."""

    level: Level
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The level, the path that gave it, the other path's code, and each element with its reason.

    `code` is None when neither path reaches the lowest code. `time_code` is None when no minutes were given,
    when they are too few, or where time does not count.
    """

    code: str | None
    by: str | None
    problems: Element
    data: Element
    risk: Element
    level: Level
    mdm_code: str | None
    time_code: str | None
    time_why: str


def edition_on(editions: Sequence[Edition], on: date) -> Edition | None:
    """The edition in force on the day of service; None when the day lies before or after all of them."""
    for edition in editions:
        if edition.first <= on and (edition.last is None or on <= edition.last):
            return edition
    return None


def em_level(
    edition: Edition,
    category: str,
    problems: Sequence[Problem],
    data: DataReviewed,
    risk: Level,
    minutes: int | None,
) -> Decision:
    """Score both paths and take the higher; where they are equal, decision making names the path.

    Raises KeyError for a category or a kind of problem that the edition does not have.
    """
    rows = edition.categories[category]
    by_problems = problems_element(edition, problems)
    by_data = data_element(edition.data, data)
    by_risk = Element(risk, f"risk of management is {risk.word}" if risk else "no risk was given")
    level = mdm_level(by_problems.level, by_data.level, by_risk.level)
    mdm_row = next((row for row in rows if level in row.levels), None)
    time_row, time_why = _by_time(rows, minutes)
    order = {row.code: place for place, row in enumerate(rows)}
    best = max((row for row in (mdm_row, time_row) if row), key=lambda row: order[row.code], default=None)
    by = None if best is None else "mdm" if best is mdm_row else "time"
    return Decision(
        code=best.code if best else None,
        by=by,
        problems=by_problems,
        data=by_data,
        risk=by_risk,
        level=level,
        mdm_code=mdm_row.code if mdm_row else None,
        time_code=time_row.code if time_row else None,
        time_why=time_why,
    )


def mdm_level(*elements: Level) -> Level:
    """The highest level that two of the three elements meet or exceed."""
    return sorted(elements, reverse=True)[ELEMENTS_NEEDED - 1]


def problems_element(edition: Edition, problems: Sequence[Problem]) -> Element:
    """The highest level that one kind of problem reaches; problems of a kind named twice add up."""
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.kind] = counts.get(problem.kind, 0) + problem.count
    best = Element(Level.NONE, "no problem was addressed")
    for kind, count in counts.items():
        for level, least in edition.problems[kind].items():
            if count >= least and level > best.level:
                best = Element(level, f"{count} x {kind} (at least {least} for {level.word})")
    return best


def data_element(rule: DataRule, data: DataReviewed) -> Element:
    """The level of the data reviewed; none or little of it is straightforward."""
    groups = [
        name
        for name, met in (
            (f"{rule.moderate_items} items", data.items + data.independent_historian >= rule.moderate_items),
            ("independent interpretation", data.independent_interpretation),
            ("external discussion", data.external_discussion),
        )
        if met
    ]
    if len(groups) >= rule.high_groups:
        return Element(Level.HIGH, f"{len(groups)} of 3 groups: {', '.join(groups)}")
    if len(groups) >= rule.moderate_groups:
        return Element(Level.MODERATE, f"{len(groups)} of 3 groups: {', '.join(groups)}")
    if data.independent_historian:
        return Element(Level.LOW, "an independent historian")
    if data.items >= rule.low_items:
        return Element(Level.LOW, f"{data.items} items (at least {rule.low_items} for low)")
    return Element(Level.STRAIGHTFORWARD, f"items: {data.items}; minimal or no data")


def _by_time(rows: Sequence[CodeRow], minutes: int | None) -> tuple[CodeRow | None, str]:
    timed = [row for row in rows if row.minutes is not None]
    if not timed:
        return None, "time never chooses a level in this category"
    if minutes is None:
        return None, "no total time was given"
    met = [row for row in timed if row.minutes is not None and minutes >= row.minutes]
    if not met:
        return None, f"{minutes} minutes are fewer than the {timed[0].minutes} of {timed[0].code}"
    return met[-1], f"{minutes} minutes meet the {met[-1].minutes} of {met[-1].code}"
