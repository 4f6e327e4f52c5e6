"""Which diagnoses are exempt from reporting whether they were present on admission, by day of discharge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from code_sets import edit_store, index_store
from code_sets.rules.edits.lists import DatedTable

SYSTEM = "POA-EXEMPT"
OPEN_TABLES = 8


@dataclass(frozen=True, slots=True)
class PoaExempt:
    """CMS's list for a day: the release it is of, and its codes."""

    release: str
    table: DatedTable

    def holds(self, code: str, on: date) -> bool:
        """Whether a diagnosis (without its dot) is exempt on the day of discharge."""
        period = self.table.period(code)
        return period is not None and period[0] <= int(on.strftime("%Y%m%d")) <= period[1]


def poa_exempt_on(on: date) -> PoaExempt | None:
    """The list in force on a day of discharge; None when none is loaded: nothing is known to be exempt."""
    day = on.isoformat()
    for one in edit_store.read_catalog():
        if one.system == SYSTEM and one.answers_on(day):
            return PoaExempt(one.release, _opened(str(index_store.folder() / one.file), one.file))
    return None


@lru_cache(maxsize=OPEN_TABLES)
def _opened(path: str, name: str) -> DatedTable:
    """One object a process; keyed by the path, since tests and installations have folders of their own."""
    return edit_store.open_table(DatedTable, name)
