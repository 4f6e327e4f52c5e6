"""The tables that answer for one day, and the modifiers the edits know."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from code_sets.rules.edits.icd_table import IcdTable
from code_sets.rules.edits.lists import AddonTable, DatedTable, FlagTable, GlobalTable, MueTable
from code_sets.rules.edits.packed import PackedTable
from code_sets.rules.edits.ptp import PtpTable


@dataclass(frozen=True, slots=True)
class ModifierFacts:
    """See data/edit_modifiers.toml, which cites its sources."""

    bypass: tuple[str, ...]
    bypass_evaluation: tuple[str, ...]
    lifting: frozenset[str]
    distinct: frozenset[str]
    specific: tuple[str, ...]
    either_column_from: int
    evaluation_only: frozenset[str]
    split: tuple[str, ...]
    not_counted: frozenset[str]
    level1: frozenset[str]
    outpatient_only: frozenset[str]
    exclusive: tuple[tuple[str, str], ...]
    evaluation: tuple[tuple[str, str], ...]
    evaluation_starts: frozenset[str]

    def is_evaluation(self, code: str) -> bool:
        """Whether a code is one of evaluation and management."""
        return code[:1] in self.evaluation_starts and any(
            first <= code <= last for first, last in self.evaluation
        )


def parse_modifiers(text: str) -> ModifierFacts:
    """Read data/edit_modifiers.toml. Raises KeyError or tomllib.TOMLDecodeError when it is damaged."""
    data = tomllib.loads(text)
    ptp, mue, forms = data["ptp"], data["mue"], data["forms"]
    rest = [one for one in (*ptp["other"], *ptp["anatomic"]) if one not in ptp["distinct"]]
    later = [one for one in ptp["global"] if one not in ptp["evaluation_only"]]
    plain = (*ptp["specific"], "59", *rest, *later)
    return ModifierFacts(
        bypass=plain,
        bypass_evaluation=("25", "57", "24", *plain),
        lifting=frozenset((*ptp["anatomic"], *ptp["global"], *ptp["other"])),
        distinct=frozenset(ptp["distinct"]),
        specific=tuple(ptp["specific"]),
        either_column_from=ptp["either_column_from"],
        evaluation_only=frozenset(ptp["evaluation_only"]),
        split=(*mue["repeat"], *ptp["anatomic"]),
        not_counted=frozenset(mue["not_counted"]),
        level1=frozenset(forms["level1"]),
        outpatient_only=frozenset(forms["outpatient_only"]),
        exclusive=tuple((one, other) for one, other in forms["exclusive"]),
        evaluation=tuple((first, last) for first, last in data["evaluation"]["ranges"]),
        evaluation_starts=frozenset(first[0] for first, _ in data["evaluation"]["ranges"]),
    )


@dataclass(frozen=True, slots=True)
class DayTables:
    """What answers for one day; None: no release is loaded for it, and its edits are not made."""

    modifiers: ModifierFacts
    ptp: PtpTable | None = None
    mue: MueTable | None = None
    addon: AddonTable | None = None
    global_days: GlobalTable | None = None
    hcpcs: DatedTable | None = None
    level2: DatedTable | None = None
    icd: IcdTable | None = None
    mce: FlagTable | None = None
    places: DatedTable | None = None
    poa_exempt: DatedTable | None = None


def edition(table: PackedTable) -> str:
    """The release of a table as a citation names it."""
    return str(table.meta["release"])
