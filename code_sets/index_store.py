"""Built search indexes: files named by what they were built from, mapped once a process, shared by workers.

`catalog.json` beside them says which release answers for which days, for what runs without the database
(`manage.py rule codes.search`).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings

from code_sets.rules import index as index_format
from code_sets.rules.abbreviations import Abbreviations, parse_abbreviations
from code_sets.rules.index import IndexFormatError, SearchIndex
from code_sets.rules.index_build import NO_SYNONYMS, Prior, Synonyms
from code_sets.rules.prior import parse_prior

DATA = Path(__file__).resolve().parent / "data"
BUILDERS = ("index_build.py", "text.py", "abbreviations.py")
SYSTEM_DATA = {
    "ICD-10-CM": ("common_codes.csv", "prior.toml", ""),
    "ICD-10-PCS": ("common_pcs.csv", "prior_pcs.toml", "terms_pcs.csv"),
    "HCPCS": ("common_hcpcs.csv", "prior_procedures.toml", "terms_hcpcs.csv"),
}
"""By system: codes in everyday use, points, and terms, as files of our data."""
NO_DATA = ("", "prior_procedures.toml", "")
OPEN_INDEXES = 16


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One loaded release, as far as a search without the database needs it; days are ISO dates."""

    system: str
    release: str
    effective_from: str
    effective_to: str | None
    index: str


def folder() -> Path:
    """Where indexes lie; made when absent."""
    path = Path(settings.CODE_INDEX_DIR)
    path.mkdir(parents=True, exist_ok=True)
    return path


@cache
def abbreviations() -> Abbreviations:
    """The table of abbreviations, read once a process."""
    return parse_abbreviations((DATA / "abbreviations.csv").read_text("utf-8").splitlines())


def prior(system: str = "ICD-10-CM") -> Prior:
    """Common codes and points of a system, for building; none for a system we know nothing of."""
    common, points, _ = SYSTEM_DATA.get(system, NO_DATA)
    lines = _lines(common) if common else ["code,use"]
    return parse_prior(lines, (DATA / points).read_text("utf-8"))


def own_synonyms(system: str) -> Synonyms:
    """Our own table of terms of a system: what is typed, and what its titles say instead."""
    *_, terms = SYSTEM_DATA.get(system, NO_DATA)
    if not terms:
        return NO_SYNONYMS
    table = parse_abbreviations(_lines(terms))
    aliases = ((term, one.words, one.quality) for term, all_of in table.expansions.items() for one in all_of)
    return Synonyms({}, tuple(aliases))


def _lines(name: str) -> list[str]:
    return (DATA / name).read_text("utf-8").splitlines()


@cache
def _recipe(system: str) -> str:
    """A digest of everything but the release that decides what an index of a system holds."""
    digest = hashlib.sha256(index_format.MAGIC)
    rules = Path(index_format.__file__).resolve().parent
    data = (name for name in SYSTEM_DATA.get(system, NO_DATA) if name)
    for path in (*(rules / name for name in BUILDERS), *(DATA / name for name in data)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def index_name(system: str, release: str, sha256: str, borrowed_sha256: str = "") -> str:
    """The file name of a release's index: another file, donor, table or builder gives another name."""
    digest = hashlib.sha256(f"{sha256} {borrowed_sha256} {_recipe(system)}".encode()).hexdigest()
    return f"{system}_{release}_{digest[:16]}.idx"


def ensure_index(name: str, build: Callable[[], bytes]) -> SearchIndex:
    """The index of this name, built and written when there is none or it is damaged. One process builds."""
    try:
        return _open(str(folder() / name))
    except (FileNotFoundError, IndexFormatError):
        pass
    with building(name):
        try:
            return _open(str(folder() / name))
        except (FileNotFoundError, IndexFormatError):
            write_file(folder() / name, build())
            return _open(str(folder() / name))


def write_catalog(entries: Iterable[CatalogEntry]) -> None:
    """Replace the catalog in one step."""
    rows = [asdict(entry) for entry in entries]
    write_file(folder() / "catalog.json", json.dumps(rows, indent=1).encode())


def read_catalog() -> list[CatalogEntry]:
    """The releases of the catalog, [] when nothing has been loaded on this machine."""
    try:
        rows = json.loads((folder() / "catalog.json").read_text("utf-8"))
    except FileNotFoundError:
        return []
    return [CatalogEntry(**row) for row in rows]


def entry_in_force(system: str, on: date) -> CatalogEntry | None:
    """The release of the catalog that answers for a day."""
    day = on.isoformat()
    for entry in read_catalog():
        last = entry.effective_to
        if entry.system == system and entry.effective_from <= day and (last is None or day <= last):
            return entry
    return None


@lru_cache(maxsize=OPEN_INDEXES)
def _open(path: str) -> SearchIndex:
    return open_index(Path(path))


def open_index(path: Path) -> SearchIndex:
    """Map an index file. Raises FileNotFoundError or IndexFormatError."""
    # The mapping lives as long as the index: pages are shared with every other process that maps the file.
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise IndexFormatError("the index is cut")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return SearchIndex(memoryview(mapped))


@contextmanager
def building(name: str) -> Iterator[None]:
    """Hold the lock of a file that is being built: other processes wait for it."""
    with (folder() / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_file(path: Path, data: bytes) -> None:
    """Write beside and rename, so that a reader sees the old file or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
