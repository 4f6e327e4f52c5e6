"""The rules of this app by name (`manage.py rule codes.search`): JSON in, JSON out, no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from code_sets import index_store
from code_sets.loaders.bundled import bundle_of, load_bundled
from code_sets.loaders.icd10cm import SYSTEM as ICD10CM
from code_sets.rules.index import SearchIndex, day_number
from code_sets.rules.index_build import build_index
from code_sets.rules.query import read_query
from code_sets.rules.search import MOST_RESULTS
from code_sets.rules.search import search as search_index
from coding_ops.core.errors import InvalidInput, Refused

DEFAULT_LIMIT = 20


def search(request: Mapping[str, Any]) -> dict[str, Any]:
    """`codes.search`: {"system", "on", "text", "limit"} -> {"results": […], "trace": {…}}.

    Raises InvalidInput (with the path of the field) and Refused (no release in force on the day).
    """
    system = _text(request, "system")
    on = _day(request, "on")
    text = _text(request, "text")
    limit = _limit(request)
    release, index = _index(system, on)
    found = search_index(index, index_store.abbreviations(), text, limit, day_number(on))
    query = read_query(text, index, index_store.abbreviations())
    return {
        "results": [
            {"code": one.code, "title": one.title, "billable": one.billable, "score": one.score}
            for one in found
        ],
        "trace": {
            "system": system,
            "release": release,
            "on": on.isoformat(),
            "code_prefix": query.code_prefix,
            "concepts": [
                [
                    " ".join(word.text + "*" * word.open_end for word in reading.words)
                    for reading in one.alternatives
                ]
                for one in query.concepts
            ],
            "unknown_words": list(query.unknown),
        },
    }


def _index(system: str, on: date) -> tuple[str, SearchIndex]:
    """The release in force by the catalog of loaded releases; where none is loaded, the bundled one."""
    entry = index_store.entry_in_force(system, on)
    if entry is not None:
        return entry.release, index_store.ensure_index(entry.index, lambda: _rebuilt(entry))
    if system != ICD10CM or any(one.system == system for one in index_store.read_catalog()):
        raise Refused(f"No release of {system} is in force on {on}.", code="code_set.no_release")
    bundle = bundle_of(system)
    if on < bundle.backfill_from:
        raise Refused(f"No release of {system} is in force on {on}.", code="code_set.no_release")
    name = index_store.index_name(system, bundle.release, bundle.tabular_sha256)
    return bundle.release, index_store.ensure_index(name, _bundled)


def _bundled() -> bytes:
    parsed = load_bundled(ICD10CM, _silent)
    meta = {"system": parsed.system, "release": parsed.release}
    return build_index(parsed.entries, index_store.prior(), {}, _silent, meta)


def _rebuilt(entry: index_store.CatalogEntry) -> bytes:
    """The file of a loaded release is gone: only the bundled one can be made without the database."""
    bundle = bundle_of(ICD10CM)
    if entry.index == index_store.index_name(ICD10CM, bundle.release, bundle.tabular_sha256):
        return _bundled()
    raise Refused(
        f"The search index of {entry.system} {entry.release} is missing; run load_release again.",
        code="code_set.no_index",
    )


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def _text(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a text.", code="invalid", details={"path": name})
    return value


def _day(request: Mapping[str, Any], name: str) -> date:
    value = _text(request, name)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InvalidInput(
            f"{name} must be a date such as 2026-11-01.", code="invalid", details={"path": name}
        ) from error


def _limit(request: Mapping[str, Any]) -> int:
    value = request.get("limit", DEFAULT_LIMIT)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_RESULTS:
        raise InvalidInput(
            f"limit must be a whole number from 1 to {MOST_RESULTS}.",
            code="invalid",
            details={"path": "limit"},
        )
    return value
