"""The release that a pinned package carries: what it is stands in data/bundled.toml, never in code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.icd10cm_tabular import tabular_entries

CATALOGUE = Path(__file__).resolve().parent.parent / "data" / "bundled.toml"


@dataclass(frozen=True, slots=True)
class Bundle:
    """One entry of the catalogue; file names are relative to `package`, digests are SHA-256 in hex."""

    package: str
    tabular: str
    tabular_sha256: str
    confirmed: str
    confirmed_sha256: str
    release: str
    title: str
    published_from: date
    published_through: date
    backfill_from: date
    note: str


def bundle_of(system: str) -> Bundle:
    """The catalogue entry of a code system. Raises LoadError when no package carries one."""
    entry = tomllib.loads(CATALOGUE.read_text("utf-8")).get(system)
    if entry is None:
        raise LoadError(CATALOGUE.name, 0, f"no package carries a release of {system}; give its file")
    return Bundle(**entry)


def bundled_source(bundle: Bundle) -> SourceFile:
    """The tabular file of a bundle, its digest checked."""
    return checked_source(bundle.package, bundle.tabular, bundle.tabular_sha256)


def load_bundled(system: str, progress: Progress) -> ParsedRelease:
    """Read the release that a package carries. Raises LoadError when the package holds another file."""
    bundle = bundle_of(system)
    confirmed = checked_source(bundle.package, bundle.confirmed, bundle.confirmed_sha256)
    codes = frozenset(line.strip().replace(".", "") for line in confirmed.text_lines() if _is_code(line))
    _, entries = tabular_entries(bundled_source(bundle), codes, progress)
    return ParsedRelease(
        system=system,
        release=bundle.release,
        title=bundle.title,
        published_from=bundle.published_from,
        published_through=bundle.published_through,
        entries=entries,
        backfill_from=bundle.backfill_from,
        note=bundle.note,
    )


def _is_code(line: str) -> bool:
    """The package's list also names chapters ("4") and blocks ("E08-E13")."""
    text = line.strip()
    return bool(text) and "-" not in text and not text.isdigit()


def checked_source(package: str, name: str, expected: str) -> SourceFile:
    """A file that a package carries. Raises LoadError when it is missing, or its SHA-256 is another."""
    # Only found, not imported: on import the package reads all of its data.
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    path = next((path for folder in folders if (path := Path(folder) / name).is_file()), None)
    if path is None:
        raise LoadError(name, 0, f"the package {package} does not carry it")
    source = SourceFile.read(path)
    if source.sha256 != expected:
        raise LoadError(name, 0, f"the package {package} carries another file than our data names")
    return source
