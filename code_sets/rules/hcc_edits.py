"""Age and sex conditions of a mapping of diagnoses, turned into the edits that scoring applies.

CMS's mapping files say for which persons a row holds ("age >= 15", sex 1); scoring knows a diagnosis by the
categories that hold for most persons and one edit for the others. Both say the same: `as_edit` checks it for
every age and sex, and refuses what one edit cannot say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from code_sets.rules.hcc import FEMALE, MALE, DiagnosisEdit

OLDEST = 130
BETWEEN = re.compile(r"(?P<low>\d+) <= age <= (?P<high>\d+)")
ONE_SIDED = re.compile(r"age (?P<sign><|<=|>=|>|=) (?P<age>\d+)")
SEXES = (MALE, FEMALE)


@dataclass(frozen=True, slots=True)
class MappedRow:
    """One row: the category of a diagnosis for persons of these ages (both included) and this sex (None:
    both; "1" male, "2" female)."""

    category: str
    low: int = 0
    high: int = OLDEST
    sex: str | None = None


def ages(text: str) -> tuple[int, int]:
    """The ages of a condition such as "age >= 15" or "0 <= age <= 17"; all for none. Raises ValueError."""
    plain = " ".join(text.split())
    if not plain:
        return 0, OLDEST
    if match := BETWEEN.fullmatch(plain):
        return int(match["low"]), int(match["high"])
    match = ONE_SIDED.fullmatch(plain)
    if match is None:
        raise ValueError(f"{text!r} is not a condition of age")
    age = int(match["age"])
    return {
        "<": (0, age - 1),
        "<=": (0, age),
        ">=": (age, OLDEST),
        ">": (age + 1, OLDEST),
        "=": (age, age),
    }[match["sign"]]


def as_edit(rows: Iterable[MappedRow]) -> tuple[tuple[str, ...], DiagnosisEdit | None]:
    """The categories of a diagnosis, and the edit for those persons whom other rows hold for.

    Raises ValueError when no single edit says what the rows say.
    """
    held = list(rows)
    if all((row.low, row.high, row.sex) == (0, OLDEST, None) for row in held):
        return _categories(held, MALE, 0), None
    by_person = {(sex, age): _categories(held, sex, age) for sex in SEXES for age in range(OLDEST + 1)}
    counts = Counter(by_person.values())
    # What a row gives comes before nothing: an edit can take a diagnosis away from the young and the old.
    for usual in sorted(counts, key=lambda found: (not found, -counts[found], found)):
        others = {person: found for person, found in by_person.items() if found != usual}
        if not others:
            return usual, None
        targets = set(others.values())
        target = targets.pop()
        if targets or len(target) > 1:
            continue
        edit = _edit(others, target[0] if target else None)
        if all(edit.fires(age, sex) == ((sex, age) in others) for sex, age in by_person):
            return usual, edit
    raise ValueError("its rows hold for persons that no single edit of age or sex tells apart")


def _categories(rows: Sequence[MappedRow], sex: str, age: int) -> tuple[str, ...]:
    found = {row.category for row in rows if row.low <= age <= row.high and row.sex in (None, sex)}
    return tuple(sorted(found, key=int))


def _edit(others: Mapping[tuple[str, int], tuple[str, ...]], target: str | None) -> DiagnosisEdit:
    sexes = {sex for sex, _ in others}
    if len(sexes) == 1:
        return DiagnosisEdit(sexes.pop(), None, None, target)
    touched = {age for _, age in others}
    through = next((age - 1 for age in range(OLDEST + 2) if age not in touched), OLDEST)
    start = next(age for age in range(OLDEST, -2, -1) if age not in touched) + 1
    return DiagnosisEdit(None, through if through >= 0 else None, start if start <= OLDEST else None, target)
