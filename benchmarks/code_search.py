"""Code search in process, over the bundled release: labelled queries, typing errors, abbreviations.

Limit: p95 of 3 ms. The same queries go to tantivy (fuzzy prefix, one edit) in the same run, so that a slow
machine slows both; what each of them answers right is counted too, because speed without the code is nothing.
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from code_sets import index_store
from code_sets.loaders.bundled import bundle_of, load_bundled
from code_sets.rules.index import SearchIndex
from code_sets.rules.index_build import build_index
from code_sets.rules.search import search
from code_sets.rules.text import fold

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

Query = tuple[str, frozenset[str]]
Engine = Callable[[str], list[str]]


def run() -> Iterable[dict[str, object]]:
    """JSON-ready lines: name, value, unit, limit, ratio, n, met."""
    queries = list(_queries())
    index = _index()
    table = index_store.abbreviations()

    def ours(text: str) -> list[str]:
        return [one.code for one in search(index, table, text, RESULTS)]

    times, right = _measure(ours, queries)
    p95 = _percentile(times, 0.95)
    count = len(queries)
    yield _line("code_search.p50", _percentile(times, 0.5), "ms", None, count)
    yield _line("code_search.p95", p95, "ms", LIMIT_MS, count)
    yield _line("code_search.right_in_first_5", right / count, "share", RIGHT_SHARE, count, at_least=True)
    yield _opening()
    peer = _tantivy(index)
    if peer is not None:
        peer_times, peer_right = _measure(peer, queries)
        peer_p95 = _percentile(peer_times, 0.95)
        yield _line("code_search.tantivy.p95", peer_p95, "ms", None, count)
        yield _line("code_search.tantivy.right_in_first_5", peer_right / count, "share", None, count)
        ratio = p95 / peer_p95
        yield _line("code_search.p95_by_tantivy", ratio, "ratio", TYPEAHEAD_RATIO, count)


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


def _measure(engine: Engine, queries: list[Query]) -> tuple[list[float], int]:
    """Sorted times in ms, and how many queries had the right code in front.

    Each query counts with the best of three rounds through all of them: what the search costs, not what else
    the machine did meanwhile. A round is long enough that no cache carries a query over to the next.
    """
    best = [float("inf")] * len(queries)
    right = 0
    for round_number in range(ROUNDS):
        for place, (text, expected) in enumerate(queries):
            started = time.perf_counter()
            found = engine(text)
            best[place] = min(best[place], (time.perf_counter() - started) * 1000)
            right += round_number == 0 and not expected.isdisjoint(found[:FIRST])
    return sorted(best), right


def _tantivy(index: SearchIndex) -> Engine | None:
    """The peer: an in-memory index of the billable titles; None where the package is not installed."""
    try:
        import tantivy
    except ImportError:
        return None
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("code", stored=True, tokenizer_name="raw")
    builder.add_text_field("title", stored=False)
    schema = builder.build()
    store = tantivy.Index(schema)
    writer = store.writer(100_000_000, 1)
    for number in range(len(index.codes)):
        if index.billable[number]:
            writer.add_document(tantivy.Document(code=index.codes[number], title=fold(index.title(number))))
    writer.commit()
    store.reload()
    searcher = store.searcher()
    table = index_store.abbreviations()

    def find(text: str) -> list[str]:
        words: list[str] = []
        for word in fold(text).replace("/", " ").replace("-", " ").split():
            expansions = table.of(word)
            words.extend(expansions[0].words if expansions else (word,))
        parts = [
            (tantivy.Occur.Must, tantivy.Query.fuzzy_term_query(schema, "title", word, 1, True, True))
            for word in words
        ]
        hits = searcher.search(tantivy.Query.boolean_query(parts), RESULTS).hits if parts else []
        return [str(searcher.doc(address)["code"][0]) for _, address in hits]

    return find


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
