"""`codes.hcc` for the RxHCC model (Part D), which is scored by tables that were loaded."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from code_sets.edit_store import TableEntry
from code_sets.hcc_loaded import loaded_releases, read_model
from code_sets.loaders.rxhcc import SYSTEM
from code_sets.rule_input import Fields
from code_sets.rules.hcc import Factors, HccTables
from code_sets.rules.rxhcc import tables_from
from coding_ops.core.errors import Refused

MODEL = "RxHCC V08"
SETTINGS = Path(__file__).resolve().parent / "data" / "rxhcc.toml"


@dataclass(frozen=True, slots=True)
class RxRelease:
    """A calibration of a payment year that is loaded, with its factors as far as they are on record."""

    entry: TableEntry
    calibration: str
    payment_year: int
    note: str
    status: str
    source: str
    normalization: str | None


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads(SETTINGS.read_text("utf-8"))


def rx_releases() -> tuple[RxRelease, ...]:
    """The loaded calibrations, newest payment year first."""
    settings = _settings()
    found = []
    for entry in loaded_releases(f"{SYSTEM}-"):
        calibration = entry.system.removeprefix(f"{SYSTEM}-")
        factors = settings["year"].get(entry.release, {})
        found.append(
            RxRelease(
                entry=entry,
                calibration=calibration,
                payment_year=int(entry.release),
                note=settings["calibration"].get(calibration, ""),
                status=factors.get("status", "unverified"),
                source=f"{entry.source}, loaded as {entry.system} {entry.release}",
                normalization=factors.get("normalization"),
            )
        )
    return tuple(found)


def chosen_release(fields: Fields) -> RxRelease:
    """The release a request asks for: its payment year and, where it says so, its calibration.

    Raises Refused, saying what to load, when it is not loaded.
    """
    loaded = rx_releases()
    if not loaded:
        raise Refused(
            f"{MODEL} is not scored: its tables are not loaded. "
            f"Load CMS's model software: load_release {SYSTEM} FILE.",
            code="hcc.no_tables",
            details={"path": "model"},
        )
    payment_year = fields.whole("payment_year", 2000, 2100)
    of_year = [one for one in loaded if one.payment_year == payment_year]
    if not of_year:
        known = ", ".join(dict.fromkeys(str(one.payment_year) for one in loaded))
        raise Refused(
            f"There are no tables of {MODEL} for payment year {payment_year}, only for {known}.",
            code="hcc.no_tables",
            details={"path": "payment_year"},
        )
    names = [one.calibration for one in of_year]
    usual = next((one for one in _settings()["usual"] if one in names), names[0])
    calibration = fields.choice("calibration", names, usual)
    return next(one for one in of_year if one.calibration == calibration)


def rx_tables(release: RxRelease) -> HccTables:
    """The tables of a loaded calibration."""
    return _tables(release.entry.file, release.normalization)


@lru_cache(maxsize=8)
def _tables(file: str, normalization: str | None) -> HccTables:
    # CMS adjusts Part C scores for coding, not those of Part D.
    factor = None if normalization is None else Decimal(normalization)
    return tables_from(read_model(file), Factors(factor, None))
