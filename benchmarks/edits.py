"""P12 and P13: claim edits in process against the same question to PostgreSQL; Excludes1 against the library.

Claims and PTP pairs are invented (fixed seed): 2.5 million pairs over 11,000 codes, claims of 1 to 20 lines.
Both sides of a pair must find the same on every claim that is compared, or the ratio is nothing. The live
claim is checked for everything and its findings worded; PostgreSQL answers the PTP pairs alone. The batch
answers what PostgreSQL answers, and which of it a modifier lifts.
"""

from __future__ import annotations

import csv
import gc
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks import database
from benchmarks.pairs import rate_ratio
from code_sets import edit_store, index_store
from code_sets.edit_tables import icd_bytes, modifier_facts
from code_sets.loaders import TABLE_LOADERS
from code_sets.loaders.base import SourceFile
from code_sets.loaders.bundled import load_bundled
from code_sets.rules.edits.batch import ptp_hits
from code_sets.rules.edits.check import check_claim
from code_sets.rules.edits.claim import Claim, ClaimLine
from code_sets.rules.edits.icd_table import IcdTable
from code_sets.rules.edits.lists import AddonTable, FlagTable, MueTable, build_addon, build_flags, build_mue
from code_sets.rules.edits.note_targets import Keep, targets
from code_sets.rules.edits.packed import PackedTable
from code_sets.rules.edits.ptp import NO_DATE, PtpTable, build_ptp
from code_sets.rules.edits.tables import DayTables

SEED = 20261123
DAY = 20260710
CODES = 11_000
PAIRS = 2_500_000
CLAIMS = 4_000
COMPARED = 1_000
DIAGNOSIS_CLAIMS = 100_000
LOADED_PAIRS = 1_000_000
LIVE_RATIO, LIVE_P95_US, BATCH_RATIO, MEMORY_SHARE = 8.0, 150.0, 25.0, 1 / 8
EXCLUDES_RATIO, LOAD_SECONDS = 15.0, 60.0
MODIFIERS = ("25", "59", "LT", "RT", "XS", "51")

PtpEdit = tuple[str, str, int, int, int, str]
JOIN = f"""
    PREPARE ptp_edits (text[]) AS
    SELECT a.n, b.n FROM unnest($1) WITH ORDINALITY a(code, n)
    CROSS JOIN unnest($1) WITH ORDINALITY b(code, n)
    JOIN bench_ptp p ON p.column1 = a.code AND p.column2 = b.code
    WHERE p.effective <= {DAY} AND p.deletion >= {DAY} AND p.indicator <> 9
"""


def run() -> Iterable[dict[str, object]]:
    """JSON-ready lines: name, value, unit, limit, ratio, n, met."""
    rng = random.Random(SEED)
    codes = [f"{10_000 + number * 8:05}" for number in range(CODES)]
    edits = _edits(rng, codes)
    icd = IcdTable(icd_bytes("bench", list(load_bundled("ICD-10-CM", _unwatched).entries), []))
    tables = _tables(rng, codes, edits, icd)
    claims = _claims(rng, codes)
    yield _memory(tables, edits)
    join = _sql_join(edits)
    # The invented rows are millions of objects that no worker holds: the collector must not walk them.
    gc.collect()
    gc.freeze()
    yield _same_pairs(claims, tables, join)
    yield from _live(claims, tables, join)
    yield from _excludes1(rng, icd)
    yield _loading(edits)


def _edits(rng: random.Random, codes: Sequence[str]) -> list[PtpEdit]:
    """Distinct pairs; of 25 edits one has ended, one is not applicable, eight allow a modifier."""
    seen: dict[tuple[str, str], PtpEdit] = {}
    while len(seen) < PAIRS:
        column1, column2 = rng.choice(codes), rng.choice(codes)
        if column1 != column2:
            kind = rng.randrange(25)
            last = 20251231 if kind == 0 else NO_DATE
            indicator = 9 if kind == 1 else 1 if kind < 10 else 0
            seen[column1, column2] = (column1, column2, 20200101, last, indicator, "Misuse")
    return list(seen.values())


def _tables(rng: random.Random, codes: Sequence[str], edits: Sequence[PtpEdit], icd: IcdTable) -> DayTables:
    """Tables mapped from files, as a worker has them."""
    meta = {"release": "bench"}
    ages = {"O": ("maternity", "female"), "P": ("newborn",)}
    marks = [
        (code, 0, NO_DATE, ages[code[0]])
        for place in range(len(icd.codes))
        if (code := icd.code(place))[0] in ages
    ]
    built: list[tuple[type[PackedTable], bytes]] = [
        (PtpTable, build_ptp(edits, meta)),
        (MueTable, build_mue([(code, rng.randint(1, 4), rng.randint(1, 3), "x") for code in codes], meta)),
        (AddonTable, build_addon([(codes[at], codes[at + 1], 1) for at in range(0, 200, 2)], meta)),
        (FlagTable, build_flags(marks, meta)),
    ]
    opened: dict[str, Any] = {}
    for kind, data in built:
        name = edit_store.table_name("BENCH", kind.KIND, str(SEED))
        edit_store.write_table(name, data)
        opened[kind.KIND] = kind(edit_store.mapped(name))
    return DayTables(
        modifier_facts(),
        ptp=opened[PtpTable.KIND],
        mue=opened[MueTable.KIND],
        addon=opened[AddonTable.KIND],
        mce=opened[FlagTable.KIND],
        icd=icd,
    )


def _claims(rng: random.Random, codes: Sequence[str]) -> list[Claim]:
    with (index_store.DATA / "common_codes.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        diagnoses = [row["code"] for row in rows]
    return [_claim(rng, codes, diagnoses) for _ in range(CLAIMS)]


def _claim(rng: random.Random, codes: Sequence[str], diagnoses: Sequence[str]) -> Claim:
    lines = tuple(
        ClaimLine(
            number,
            rng.choice(codes),
            DAY,
            1 if rng.random() < 0.95 else 2,
            (rng.choice(MODIFIERS),) if rng.random() < 0.2 else (),
            (1,),
        )
        for number in range(1, rng.randint(1, 20) + 1)
    )
    chosen = tuple(rng.sample(diagnoses, rng.randint(1, 8)))
    return Claim("practitioner", chosen, lines, 19600310, rng.choice("FM"))


def _sql_join(edits: Sequence[PtpEdit]) -> Callable[[Claim], list[tuple[int, int]]]:
    """The anchor: the PTP join alone, prepared, one round trip a claim, on a warm and analysed table."""
    connection = database.owner_connection()
    cursor = connection.cursor()
    cursor.execute(
        "CREATE UNLOGGED TABLE bench_ptp"
        " (column1 text, column2 text, effective int, deletion int, indicator int)"
    )
    text = StringIO("".join(f"{a}\t{b}\t{c}\t{d}\t{e}\n" for a, b, c, d, e, _ in edits))
    cursor.copy_expert("COPY bench_ptp FROM STDIN", text)
    cursor.execute("CREATE INDEX ON bench_ptp (column1, column2) INCLUDE (effective, deletion, indicator)")
    cursor.execute("VACUUM ANALYZE bench_ptp")
    cursor.execute(JOIN)

    def join(claim: Claim) -> list[tuple[int, int]]:
        cursor.execute("EXECUTE ptp_edits (%s)", [[line.code for line in claim.lines]])
        return [(a, b) for a, b in cursor.fetchall()]

    return join


def _same_pairs(
    claims: Sequence[Claim], tables: DayTables, join: Callable[[Claim], list[tuple[int, int]]]
) -> dict[str, object]:
    """Pairs found by both, on claims without modifiers; a pair on which they differ is a failure."""
    found = different = 0
    for claim in claims[:COMPARED]:
        bare = Claim("practitioner", (), tuple(ClaimLine(one.number, one.code, DAY) for one in claim.lines))
        checked = check_claim(bare, lambda day: tables)
        ours = {frozenset(one.lines) for one in checked.findings if one.rule == "ncci.ptp"}
        batch = {frozenset((hit.first, hit.second)) for hit in ptp_hits((bare,), lambda day: tables)}
        theirs = {frozenset(pair) for pair in join(bare) if pair[0] != pair[1]}
        found += len(ours)
        different += len(ours ^ theirs) + len(ours ^ batch)
    return _line("edits.same_pairs_as_sql", different, "pairs", 0, COMPARED, found=found)


def _live(
    claims: Sequence[Claim], tables: DayTables, join: Callable[[Claim], list[tuple[int, int]]]
) -> Iterator[dict[str, object]]:
    def ours() -> float:
        start = time.perf_counter()
        for claim in claims:
            check_claim(claim, lambda day: tables)
        return len(claims) / (time.perf_counter() - start)

    def sql() -> float:
        start = time.perf_counter()
        for claim in claims[:COMPARED]:
            join(claim)
        return COMPARED / (time.perf_counter() - start)

    yield rate_ratio("edits.live_by_sql_join", sql, ours, limit=LIVE_RATIO, unit="claims/s")
    best = [float("inf")] * len(claims)
    for _ in range(3):
        for place, claim in enumerate(claims):
            start = time.perf_counter()
            check_claim(claim, lambda day: tables)
            best[place] = min(best[place], (time.perf_counter() - start) * 1e6)
    best.sort()
    yield _line("edits.live.p50", best[len(best) // 2], "us", None, len(best))
    yield _line("edits.live.p95", best[len(best) * 95 // 100], "us", LIVE_P95_US, len(best))

    def batch() -> float:
        start = time.perf_counter()
        for _ in ptp_hits(claims, lambda day: tables):
            pass
        return len(claims) / (time.perf_counter() - start)

    yield rate_ratio("edits.batch_ptp_by_sql_join", sql, batch, limit=BATCH_RATIO, unit="claims/s")


def _memory(tables: DayTables, edits: Sequence[PtpEdit]) -> dict[str, object]:
    """Bytes of the mapped PTP table against a dict of pairs of texts, whose texts are shared."""
    as_dict = {(edit[0], edit[1]): edit[4] for edit in edits}
    of_dict = sys.getsizeof(as_dict) + len(as_dict) * sys.getsizeof(("a", "b"))
    size = tables.ptp.size if tables.ptp is not None else 0
    return _line(
        "edits.table_by_dict",
        size / of_dict,
        "ratio",
        MEMORY_SHARE,
        len(edits),
        bytes=size,
        dict_bytes=of_dict,
    )


def _excludes1(rng: random.Random, icd: IcdTable) -> Iterator[dict[str, object]]:
    import simple_icd_10_cm as library

    codes = [icd.code(place) for place in range(len(icd.codes))]
    leaves = [code for code in codes if (facts := icd.facts(code)) is not None and facts.billable]
    claims = [rng.sample(leaves, rng.randint(2, 12)) for _ in range(DIAGNOSIS_CLAIMS)]
    with_hits = [[*claim, rng.choice(leaves)] for claim in _near(rng, leaves, 2_000)]
    walk = _library_walk(library)

    def ours(claim: Sequence[str]) -> set[tuple[int, int]]:
        return {(a, b) for a, b, _ in icd.excludes1_of(claim)}

    found = different = lost = 0
    for claim in (*claims, *with_hits):
        expected, got = walk(claim), ours(claim)
        found += len(got)
        if expected != got:
            by_blocks = _by_blocks(icd, claim)
            lost += len(got & by_blocks - expected)
            different += len((expected ^ got) - by_blocks)
    count = len(claims) + len(with_hits)
    yield _line("edits.excludes1.same_hits", different, "pairs", 0, count, found=found, library_lost=lost)
    part = claims[:5_000]
    yield rate_ratio(
        "edits.excludes1_by_library_walk",
        lambda: _rate(walk, part[:2_000]),
        lambda: _rate(ours, part),
        limit=EXCLUDES_RATIO,
        unit="claims/s",
    )


def _by_blocks(icd: IcdTable, claim: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs excluded by a block of one category (T07-T07): the library takes the block for the category and
    loses the notes that stand at the block."""
    facts = [one for code in claim if (one := icd.facts(code)) is not None]
    found = set()
    for a, b, note in icd.excludes1(facts):
        first, _, last = icd.excludes1_note(note).owner.partition("-")
        if first == last:
            found.add((a, b))
    return found


def _near(rng: random.Random, leaves: Sequence[str], count: int) -> Iterator[list[str]]:
    """Claims whose codes lie close together: there the notes hit."""
    for _ in range(count):
        start = rng.randrange(len(leaves) - 400)
        yield rng.sample(leaves[start : start + 400], rng.randint(2, 8))


def _library_walk(library: Any) -> Callable[[Sequence[str]], set[tuple[int, int]]]:
    """The anchor: ask the library for each code's headings and their Excludes1 notes, then look for the other
    codes. What a note points at is read once and kept, so that only the walk is measured."""

    @cache
    def pointed(note: str) -> tuple[tuple[str, str, Keep | None], ...]:
        return tuple(targets(note))

    def walk(claim: Sequence[str]) -> set[tuple[int, int]]:
        found = set()
        for a, code in enumerate(claim):
            above = (code, *library.get_ancestors(code))
            notes = [note for one in above for note in library.get_excludes1(one)]
            for low, high, keep in (target for note in notes for target in pointed(note)):
                for b, other in enumerate(claim):
                    inside = low <= other and other[: len(high)] <= high
                    if a != b and inside and (keep is None or keep(other)):
                        found.add((a, b))
        return found

    return walk


def _rate(check: Callable[[Sequence[str]], object], claims: Sequence[Sequence[str]]) -> float:
    start = time.perf_counter()
    for claim in claims:
        check(claim)
    return len(claims) / (time.perf_counter() - start)


def _loading(edits: Sequence[PtpEdit]) -> dict[str, object]:
    """A release of a million pairs from the publisher's text to a built table."""
    heading = "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    rows = "".join(f"{a}\t{b}\t\t{c}\t*\t{e}\tx\r\n" for a, b, c, _, e, _ in edits[:LOADED_PAIRS])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ccipra-v322r0-f1.txt"
        path.write_text(heading + rows, "utf-8", newline="")
        start = time.perf_counter()
        parsed = TABLE_LOADERS["NCCI-PTP-PRACTITIONER"](SourceFile.read(path), None, _unwatched)
        seconds = time.perf_counter() - start
    return _line("edits.load_a_million_pairs", seconds, "s", LOAD_SECONDS, parsed.rows)


def _line(
    name: str, value: float, unit: str, limit: float | None, n: int, **more: object
) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "limit": limit,
        "ratio": None,
        "n": n,
        "met": limit is None or value <= limit,
        **more,
    }


def _unwatched(step: str, done: int, total: int) -> None:
    """Nobody watches."""
