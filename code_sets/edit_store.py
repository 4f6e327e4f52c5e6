"""Edit tables as files: named by what they were built from, mapped once a process, shared by workers.

`edits.json` beside them says which release answers for which days. It is replaced in one step, and a file is
never changed: a process goes from one release to the next without a pause, a running check keeps its own.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from code_sets import index_store
from code_sets.rules.edits.packed import MAGIC, PackedTable, TableFormatError

OPEN_TABLES = 64
Table = TypeVar("Table", bound=PackedTable)


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One loaded release of a table; days are ISO dates. `published_through`: None when no end is named."""

    system: str
    release: str
    effective_from: str
    effective_to: str | None
    published_through: str | None
    file: str
    source: str

    def answers_on(self, day: str) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def table_name(system: str, release: str, sha256: str) -> str:
    """The file name of a table: another source or another form of tables gives another name."""
    digest = hashlib.sha256(MAGIC + sha256.encode()).hexdigest()
    return f"{system}_{release}_{digest[:16]}.tab"


def ensure_file(name: str, build: Callable[[], bytes]) -> None:
    """Build and write a table's file when it is absent. One process builds."""
    if has_table(name):
        return
    with index_store.building(name):
        if not has_table(name):
            write_table(name, build())


def has_table(name: str) -> bool:
    """Whether a table's file lies on this machine; it is written beside and renamed, so it is whole."""
    return (index_store.folder() / name).exists()


def write_table(name: str, data: bytes) -> None:
    """Write a table's file, in one step."""
    index_store.write_file(index_store.folder() / name, data)


def open_table(kind: type[Table], name: str) -> Table:
    """Map a table's file. Raises FileNotFoundError or TableFormatError."""
    return kind(mapped(name))


def mapped(name: str) -> memoryview:
    """The bytes of a table's file, mapped once a process. Raises FileNotFoundError or TableFormatError."""
    return _mapped(str(index_store.folder() / name))


@lru_cache(maxsize=OPEN_TABLES)
def _mapped(path: str) -> memoryview:
    # The mapping lives as long as a table over it; its pages are shared with every process that maps it.
    with Path(path).open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise TableFormatError("the table is cut")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def write_catalog(entries: Iterable[TableEntry]) -> None:
    """Replace the catalog in one step."""
    rows = [asdict(entry) for entry in entries]
    index_store.write_file(index_store.folder() / "edits.json", json.dumps(rows, indent=1).encode())


def read_catalog() -> tuple[TableEntry, ...]:
    """The loaded tables, () when none is; read again only when the file was replaced."""
    path = index_store.folder() / "edits.json"
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return _catalog(str(path), found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=2)
def _catalog(path: str, changed: int, inode: int) -> tuple[TableEntry, ...]:
    return tuple(TableEntry(**row) for row in json.loads(Path(path).read_text("utf-8")))
