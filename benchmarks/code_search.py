"""Code search in process, over the bundled release: labelled queries, typing errors, abbreviations.

Limit: p95 of 3 ms, and of 15 ms with the terms of the alphabetical indexes. The same queries go to tantivy
(fuzzy prefix, one edit), and 200 of them to PostgreSQL (full text, trigrams where it finds nothing), in the
same run, so that a slow machine slows all; what each of them answers right is counted too.
"""

from __future__ import annotations

import csv
import os
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.search_peers import Engine, postgres, tantivy_fuzzy
from code_sets import index_store
from code_sets.loaders import TABLE_LOADERS
from code_sets.loaders.base import SourceFile
from code_sets.loaders.bundled import bundle_of, load_bundled
from code_sets.loaders.parts import table_in
from code_sets.rules.index import SearchIndex
from code_sets.rules.index_build import build_index
from code_sets.rules.search import search
from code_sets.rules.synonyms import merged, unpack_synonyms

ICD10CM = "ICD-10-CM"
QUERIES = Path(__file__).resolve().parent.parent / "tests" / "rules" / "code_sets" / "queries.csv"
LIMIT_MS = 3.0
RIGHT_SHARE = 0.95
OPENING_MS = 1000.0
TYPEAHEAD_RATIO = 3.0
RESULTS = 20
FIRST = 5
ROUNDS = 3
SEED = 20261123

TEN = 10
RIGHT_IN_TEN = 0.97
FIXED_SET = 200
POSTGRES_RATIO = 100.0
BOX_MS = 15.0
INDEX_FILES = ("icd10cm-eindex-*.xml.gz", "icd10cm-neoplasm-*.xml.gz", "icd10cm-drug-*.xml.gz")

Query = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Sorted times in ms, and in how many queries the right code stood in front."""

    times: list[float]
    in_first_5: int
    in_first_10: int


def run() -> Iterable[dict[str, object]]:
    """JSON-ready lines: name, value, unit, limit, ratio, n, met."""
    queries = list(_queries())
    index = _index()
    table = index_store.abbreviations()

    def ours(text: str) -> list[str]:
        return [one.code for one in search(index, table, text, RESULTS)]

    measured = _measure(ours, queries)
    count = len(queries)
    yield _line("code_search.p50", _percentile(measured.times, 0.5), "ms", None, count)
    yield _line("code_search.p95", _percentile(measured.times, 0.95), "ms", LIMIT_MS, count)
    first_five = measured.in_first_5 / count
    yield _line("code_search.right_in_first_5", first_five, "share", RIGHT_SHARE, count, at_least=True)
    yield _opening()
    yield from _with_the_indexes(queries)
    yield from _by_tantivy(index, measured, queries)
    yield from _by_postgres(index, ours, queries)


def _with_the_indexes(queries: list[Query]) -> Iterator[dict[str, object]]:
    """The same queries with the terms of the alphabetical indexes: half as many names more."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    shared = Path(os.environ.get("SHARED_DIR", beside)) / "reference" / "icd10"
    files = [path for name in INDEX_FILES for path in shared.glob(name)]
    if not files:
        return
    parts = []
    for path in files:
        source = SourceFile.read(path)
        system = table_in(ICD10CM, source)
        if system is not None:
            parts.append(unpack_synonyms(TABLE_LOADERS[system](source, None, _unwatched).data))
    entries = load_bundled(ICD10CM, _unwatched).entries
    meta = {"system": ICD10CM}
    index = SearchIndex(build_index(entries, index_store.prior(), {}, _unwatched, meta, merged(parts)))
    table = index_store.abbreviations()
    measured = _measure(lambda text: [one.code for one in search(index, table, text, RESULTS)], queries)
    count = len(queries)
    yield _line("code_search.with_indexes.names", index.phrase_count, "names", None, len(files))
    yield _line("code_search.with_indexes.p95", _percentile(measured.times, 0.95), "ms", BOX_MS, count)
    first_five = measured.in_first_5 / count
    name = "code_search.with_indexes.right_in_first_5"
    yield _line(name, first_five, "share", RIGHT_SHARE, count, at_least=True)


def _by_tantivy(index: SearchIndex, ours: Measured, queries: list[Query]) -> Iterator[dict[str, object]]:
    engine = tantivy_fuzzy(index)
    if engine is None:
        return
    peer = _measure(engine, queries)
    count = len(queries)
    p95 = _percentile(peer.times, 0.95)
    yield _line("code_search.tantivy.p95", p95, "ms", None, count)
    yield _line("code_search.tantivy.right_in_first_5", peer.in_first_5 / count, "share", None, count)
    ratio = _percentile(ours.times, 0.95) / p95
    yield _line("code_search.p95_by_tantivy", ratio, "ratio", TYPEAHEAD_RATIO, count)


def _by_postgres(index: SearchIndex, ours: Engine, queries: list[Query]) -> Iterator[dict[str, object]]:
    """A fixed set of 200 of the queries, typing errors and abbreviations among them: the peer is slow."""
    chosen = queries[:: max(1, len(queries) // FIXED_SET)][:FIXED_SET]
    measured, peer = _side_by_side([ours, postgres(index)], chosen)
    count = len(chosen)
    p95 = _percentile(peer.times, 0.95)
    yield _line("code_search.postgres.p95", p95, "ms", None, count)
    yield _line("code_search.postgres.right_in_first_10", peer.in_first_10 / count, "share", None, count)
    first_ten = measured.in_first_10 / count
    yield _line("code_search.right_in_first_10", first_ten, "share", RIGHT_IN_TEN, count, at_least=True)
    lower = p95 / _percentile(measured.times, 0.95)
    yield _line("code_search.postgres_by_p95", lower, "ratio", POSTGRES_RATIO, count, at_least=True)


def _queries() -> Iterator[Query]:
    """The labelled queries, and each whole-word one again with two letters swapped."""
    rng = random.Random(SEED)
    with QUERIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        expected = frozenset(row["expected"].split("|"))
        yield row["query"], expected
        word = max(row["query"].split(), key=len)
        if row["kind"] == "words" and len(word) >= 8 and word.isalpha():
            at = rng.randrange(2, len(word) - 2)
            wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            yield row["query"].replace(word, wrong), expected


def _index() -> SearchIndex:
    bundle = bundle_of(ICD10CM)
    name = index_store.index_name(ICD10CM, bundle.release, bundle.tabular_sha256)

    def build() -> bytes:
        entries = load_bundled(ICD10CM, _unwatched).entries
        return build_index(entries, index_store.prior(), {}, _unwatched, {"release": bundle.release})

    return index_store.ensure_index(name, build)


def _opening() -> dict[str, object]:
    """What a new worker pays before its first search: open, map, read the vocabulary."""
    bundle = bundle_of(ICD10CM)
    path = index_store.folder() / index_store.index_name(ICD10CM, bundle.release, bundle.tabular_sha256)
    started = time.perf_counter()
    index_store.open_index(path)
    elapsed = (time.perf_counter() - started) * 1000
    return _line("code_search.open_index", elapsed, "ms", OPENING_MS, 1)


def _measure(engine: Engine, queries: list[Query]) -> Measured:
    return _side_by_side([engine], queries)[0]


def _side_by_side(engines: list[Engine], queries: list[Query]) -> list[Measured]:
    """Sorted times in ms of each engine, and how many queries had the right code in front.

    Each query counts with the best of three rounds through all of them: what the search costs, not what else
    the machine did meanwhile. A round is long enough that no cache carries a query over to the next; within
    it the engines answer a query in turn, so that a busy machine is busy for all.
    """
    best = [[float("inf")] * len(queries) for _ in engines]
    right = [[0, 0] for _ in engines]
    for round_number in range(ROUNDS):
        for place, (text, expected) in enumerate(queries):
            for engine, times, counts in zip(engines, best, right, strict=True):
                started = time.perf_counter()
                found = engine(text)
                times[place] = min(times[place], (time.perf_counter() - started) * 1000)
                if round_number == 0:
                    counts[0] += not expected.isdisjoint(found[:FIRST])
                    counts[1] += not expected.isdisjoint(found[:TEN])
    return [Measured(sorted(times), *counts) for times, counts in zip(best, right, strict=True)]


def _percentile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _line(
    name: str, value: float, unit: str, limit: float | None, count: int, *, at_least: bool = False
) -> dict[str, object]:
    """One line of the output; `ratio` is the value by its limit, `met` whether it keeps it."""
    met = limit is None or (value >= limit if at_least else value <= limit)
    ratio = None if limit is None else round(value / limit, 4)
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "limit": limit,
        "ratio": ratio,
        "n": count,
        "met": met,
    }


def _unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
