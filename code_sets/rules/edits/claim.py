"""A claim as the edits see it, and what they find. Dates are numbers, YYYYMMDD; codes have no dot."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

ERROR: Final = "error"
WARNING: Final = "warning"
INFO: Final = "info"
Setting = Literal["practitioner", "outpatient", "inpatient"]
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One service line. `pointers`: positions of diagnoses from 1; `npi`, `place` (of service) None: not
    said; `description`: what an unlisted code stands for."""

    number: int
    code: str
    service_on: int
    units: int = 1
    modifiers: tuple[str, ...] = ()
    pointers: tuple[int, ...] = ()
    npi: str | None = None
    place: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class PriorService:
    """A service the same patient had on another claim, before or (the day after) this one."""

    code: str
    service_on: int
    npi: str | None = None
    modifiers: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim before it is sent. `sex`: "F", "M" or None; `note`: the words of the chart, if at hand.

    `history`: the patient's services on other claims, None when nobody looked. `poa`: present on admission,
    one entry a diagnosis ("Y", "N", "U", "W", "1" or None: not answered), () when it is not asked for.
    """

    setting: Setting
    diagnoses: tuple[str, ...] = ()
    lines: tuple[ClaimLine, ...] = ()
    birth_on: int | None = None
    sex: str | None = None
    discharge_on: int | None = None
    note: str | None = None
    history: tuple[PriorService, ...] | None = None
    poa: tuple[str | None, ...] = ()

    def diagnosis_day(self) -> int | None:
        """The day whose ICD-10-CM release counts: discharge for inpatient, else the last date of service.

        Source: 45 CFR 162.1000(a); ICD-10-CM guidelines, "Date of service". None when the claim has no date.
        """
        return self.diagnosis_day_of({line.service_on for line in self.lines})

    def diagnosis_day_of(self, days: Set[int]) -> int | None:
        """The same, where the days of the lines are known."""
        if self.setting == "inpatient" and self.discharge_on is not None:
            return self.discharge_on
        return max(days, default=self.discharge_on)


# Findings are made by the thousand: a named tuple is as unchangeable as a frozen dataclass, in a quarter of
# the time.
class Finding(NamedTuple):
    """One edit that a claim fails. `bypass`: modifiers that may lift it; `satisfy`: what would."""

    rule: str
    severity: Severity
    lines: tuple[int, ...]
    codes: tuple[str, ...]
    message: str
    citation: str
    satisfy: str
    bypass: tuple[str, ...] = ()


class Passed(NamedTuple):
    """An edit that a modifier lifted: kept for the trace, since the note must support the modifier."""

    rule: str
    lines: tuple[int, ...]
    codes: tuple[str, ...]
    modifier: str
    advice: str
