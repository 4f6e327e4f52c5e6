"""Risk adjustment tables that were loaded as releases: mappings of CMS-HCC models, whole RxHCC models.

Read from the files of loaded releases, without the database; a loaded mapping stands before the one that a
package carries.
"""

from __future__ import annotations

from functools import lru_cache

from code_sets import edit_store
from code_sets.edit_store import TableEntry
from code_sets.loaders.hcc_mappings import MODELS
from code_sets.rules.hcc_model_table import HccModel, HccModelTable

TABLES_KEPT = 8
SYSTEM_OF = {model: system for system, model in MODELS.items()}


def loaded_mapping(model: str, payment_year: int) -> TableEntry | None:
    """The loaded mapping of a CMS-HCC model for a payment year, None when the package's answers."""
    system = SYSTEM_OF.get(model)
    return None if system is None else loaded_release(system, str(payment_year))


def loaded_release(system: str, release: str) -> TableEntry | None:
    """A release of a table by its name, None when it is not loaded."""
    entries = edit_store.read_catalog()
    return next((one for one in entries if (one.system, one.release) == (system, release)), None)


def loaded_releases(prefix: str) -> tuple[TableEntry, ...]:
    """The loaded releases of the tables whose name begins so, newest first."""
    found = [one for one in edit_store.read_catalog() if one.system.startswith(prefix)]
    return tuple(sorted(found, key=lambda one: (one.release, one.system), reverse=True))


@lru_cache(maxsize=TABLES_KEPT)
def read_model(file: str) -> HccModel:
    """The model of a release's file. Raises FileNotFoundError or TableFormatError."""
    return edit_store.open_table(HccModelTable, file).read()
