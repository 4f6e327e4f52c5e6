"""Which ICD-10-PCS tables answer for a day: from the file of a loaded release, without the database."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from code_sets import edit_store, index_store
from code_sets.edit_store import TableEntry
from code_sets.loaders.pcs_tables import SYSTEM
from code_sets.rules.pcs_table import PcsTables
from coding_ops.core.errors import Refused

OPEN_TABLES = 8


def pcs_tables_on(on: date, release: str | None = None) -> tuple[TableEntry, PcsTables]:
    """The tables of the day of discharge, or of the release named. Raises Refused when none are loaded."""
    loaded = [one for one in edit_store.read_catalog() if one.system == SYSTEM]
    day = on.isoformat()
    found = [one for one in loaded if (one.release == release if release else one.answers_on(day))]
    if not found:
        wanted = f"of release {release}" if release else f"for {on:%Y-%m-%d}"
        known = ", ".join(one.release for one in loaded)
        told = f"Loaded: {known}." if known else "None are loaded: load the tables file of the fiscal year."
        raise Refused(f"There are no ICD-10-PCS tables {wanted}. {told}", code="pcs.no_tables")
    return found[0], _opened(str(index_store.folder() / found[0].file), found[0].file)


@lru_cache(maxsize=OPEN_TABLES)
def _opened(path: str, name: str) -> PcsTables:
    """One object a process; keyed by the path, since tests and installations have folders of their own."""
    return edit_store.open_table(PcsTables, name)
