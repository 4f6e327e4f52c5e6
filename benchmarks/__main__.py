"""`python -m benchmarks [NAME…]`: measures the application against its limits, on durable servers.

Each line printed is JSON: name, value, unit, limit, ratio, n (and what else explains it).  A benchmark
compares results as well as times; the exit code is 1 when one misses its limit.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile

NAMES = (
    "take_next",
    "hot_queue",
    "growth",
    "worklist",
    "workbench_bytes",
    "code_search",
    "hcc_roster",
    "drg",
    "edits",
    "live_edit",
    "intake",
    "written_rules",
    "quality_overview",
    "score",
    "draw",
    "query_lint",
    "query_queue",
    "claims_837",
    "remittances",
    "denial_board",
)


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    from benchmarks import database

    database.prepare(os.environ)
    os.environ["LEDGER_SEAL_DIR"] = tempfile.mkdtemp(prefix="bench-seals-")
    missed = 0
    for name in wanted or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        for line in module.run():
            print(json.dumps(line), flush=True)
            missed += not line.get("met", True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
