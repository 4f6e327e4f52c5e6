"""Which edit tables answer for a day: from the files of loaded releases, without the database.

A release can be named ("ncci-ptp": "2024q3"), so that an encounter is checked years later under the releases
of its first check; otherwise the day decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TypeVar

from code_sets import edit_store, index_store
from code_sets.loaders.base import LoadError
from code_sets.loaders.bundled import bundle_of, load_bundled
from code_sets.loaders.icd10cm import SYSTEM as ICD10CM
from code_sets.rules.edits.claim import Setting
from code_sets.rules.edits.icd_build import build_icd
from code_sets.rules.edits.icd_table import IcdTable
from code_sets.rules.edits.lists import AddonTable, DatedTable, FlagTable, GlobalTable, MueTable
from code_sets.rules.edits.modifier_facts import ModifierFacts, parse_modifiers
from code_sets.rules.edits.packed import PackedTable
from code_sets.rules.edits.ptp import PtpTable
from code_sets.rules.edits.tables import DayTables
from code_sets.rules.entries import CodeEntry
from coding_ops.core.errors import InvalidInput, Refused

Table = TypeVar("Table", bound=PackedTable)
SUFFIXES = {"practitioner": "-PRACTITIONER", "outpatient": "-OUTPATIENT"}
RELEASE_NAMES = (
    *("ncci-ptp", "ncci-mue", "ncci-addon", "hcpcs", "modifiers", "mce", "icd-10-cm"),
    *("mpfs-global", "pos", "poa-exempt"),
)
MOST_DAYS = 4096


@cache
def modifier_facts() -> ModifierFacts:
    """The table of modifiers, read once a process."""
    return parse_modifiers((index_store.DATA / "edit_modifiers.toml").read_text("utf-8"))


_open: dict[str, PackedTable] = {}


def _opened(kind: type[Table], name: str) -> Table:
    """The table of a file: one object a process, since it remembers the codes it was asked for."""
    path = str(index_store.folder() / name)
    table = _open.get(path)
    if not isinstance(table, kind):
        table = _open[path] = kind(edit_store.mapped(name))
    return table


@dataclass(frozen=True, slots=True)
class Resolved:
    """The tables of one day, the release of each by table name, and the names that nothing answers for."""

    tables: DayTables
    used: Mapping[str, str]
    missing: tuple[str, ...]


@dataclass(slots=True)
class TableSet:
    """The tables of one setting by day, and what was used: release names by table name, and what is missing.

    `absent`: names of tables that must not be seen; they are not even opened. Raises Refused when a named
    release is not loaded.
    """

    setting: Setting
    named: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    _days: dict[int, DayTables] = field(default_factory=dict)

    def on(self, day: int) -> DayTables:
        """The tables of a day (YYYYMMDD)."""
        known = self._days.get(day)
        if known is not None:
            return known
        iso = _iso(day)
        found = _resolved(self.setting, tuple(sorted(self.named.items())), frozenset(self.absent), iso)
        for name, release in found.used.items():
            self.used.setdefault(name, {})[iso] = release
        for name in found.missing:
            self.missing.setdefault(name, []).append(iso)
        self._days[day] = found.tables
        return found.tables


_remembered: tuple[object, dict[object, Resolved]] = ((), {})


def _resolved(
    setting: Setting, named: tuple[tuple[str, str], ...], absent: frozenset[str], day: str
) -> Resolved:
    """What answers for a day. To find it costs more than to check a claim by it, so a process finds it once
    for as long as no other release is loaded."""
    global _remembered
    state = (str(index_store.folder()), _changed("edits.json"), _changed("catalog.json"))
    remembered = _remembered
    if remembered[0] != state or len(remembered[1]) > MOST_DAYS:
        remembered = _remembered = (state, {})
    key = (setting, named, absent, day)
    found = remembered[1].get(key)
    if found is None:
        found = remembered[1][key] = _Resolving(setting, dict(named), absent, day).resolved()
    return found


def _changed(name: str) -> tuple[int, int] | None:
    """What tells one state of a catalog from the next: it is replaced, never written to."""
    try:
        found = (index_store.folder() / name).stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


@dataclass(slots=True)
class _Resolving:
    """One day's tables being found in the catalogs."""

    setting: Setting
    named: Mapping[str, str]
    absent: frozenset[str]
    day: str
    used: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def resolved(self) -> Resolved:
        suffix = SUFFIXES.get(self.setting)
        facility = suffix is None
        found = DayTables(
            modifiers=modifier_facts(),
            ptp=None if facility else self._table(PtpTable, "ncci-ptp", f"NCCI-PTP{suffix}"),
            mue=None if facility else self._table(MueTable, "ncci-mue", f"NCCI-MUE{suffix}"),
            addon=None if facility else self._table(AddonTable, "ncci-addon", "NCCI-ADDON"),
            global_days=None if facility else self._table(GlobalTable, "mpfs-global", "MPFS-GLOBAL"),
            hcpcs=self._table(DatedTable, "hcpcs", "HCPCS"),
            level2=self._table(DatedTable, "modifiers", "MODIFIERS"),
            icd=self._icd(),
            mce=self._table(FlagTable, "mce", "MCE"),
            places=None if facility else self._table(DatedTable, "pos", "POS"),
            poa_exempt=self._table(DatedTable, "poa-exempt", "POA-EXEMPT") if facility else None,
        )
        return Resolved(found, self.used, tuple(self.missing))

    def _table(self, kind: type[Table], name: str, system: str) -> Table | None:
        if name in self.absent:
            return None
        of_system = [one for one in edit_store.read_catalog() if one.system == system]
        release = self.named.get(name)
        if release is not None:
            entry = next((one for one in of_system if one.release == release.lower()), None)
            if entry is None:
                raise _not_loaded(name, system, release)
        else:
            entry = next((one for one in of_system if one.answers_on(self.day)), None)
        if entry is None:
            self.missing.append(name)
            return None
        self.used[name] = entry.release
        return _opened(kind, entry.file)

    def _icd(self) -> IcdTable | None:
        if "icd-10-cm" in self.absent:
            return None
        release = self.named.get("icd-10-cm")
        found = _icd_release(release, self.day)
        if found is None:
            if release is not None:
                raise _not_loaded("icd-10-cm", ICD10CM, release)
            self.missing.append("icd-10-cm")
            return None
        name, file = found
        self.used["icd-10-cm"] = name
        edit_store.ensure_file(file, lambda: _rebuilt(name))
        return _opened(IcdTable, file)


def icd_file(index_name: str) -> str:
    """The file of a release's diagnosis edits, from the name of its search index."""
    return index_name.removesuffix(".idx") + ".edits4.tab"


def icd_bytes(release: str, entries: list[CodeEntry], notes_of: list[CodeEntry]) -> bytes:
    """The edit table of an ICD-10-CM release; `notes_of` [] when its own file has notes."""
    return build_icd(entries, {"system": ICD10CM, "release": release}, notes_of)


def _icd_release(release: str | None, day: str) -> tuple[str, str] | None:
    """Name and file of the ICD-10-CM release of a day, or of this name."""
    loaded = [one for one in index_store.read_catalog() if one.system == ICD10CM]
    for one in loaded:
        last = one.effective_to
        in_force = one.effective_from <= day and (last is None or day <= last)
        if one.release == release or (release is None and in_force):
            return one.release, icd_file(one.index)
    bundle = bundle_of(ICD10CM)
    if loaded or (release or bundle.release) != bundle.release:
        return None
    if release is None and day < bundle.backfill_from.isoformat():
        return None
    return bundle.release, icd_file(index_store.index_name(ICD10CM, bundle.release, bundle.tabular_sha256))


def _rebuilt(release: str) -> bytes:
    """The file of a release is gone: only the bundled one can be made without the database."""
    if release != bundle_of(ICD10CM).release:
        raise Refused(
            f"The edit table of {ICD10CM} {release} is missing; run load_release again.",
            code="code_set.no_index",
        )
    try:
        parsed = load_bundled(ICD10CM, _silent)
    except LoadError as error:
        raise Refused(str(error), code="code_set.no_index") from error
    return icd_bytes(parsed.release, list(parsed.entries), [])


def _not_loaded(name: str, system: str, release: str) -> InvalidInput:
    return InvalidInput(
        f"Release {release} of {system} is not loaded.",
        code="code_set.no_release",
        details={"path": f"releases.{name}"},
    )


def _iso(day: int) -> str:
    return date(day // 10000, day // 100 % 100, day % 100).isoformat()


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""
