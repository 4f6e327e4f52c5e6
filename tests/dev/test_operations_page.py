"""The page for operators names what the code reads, and nothing that it does not."""

from __future__ import annotations

import importlib
import re
import runpy
from pathlib import Path

from coding_ops import env

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_table_of_variables_is_the_set_that_is_read() -> None:
    importlib.import_module("coding_ops.settings")
    runpy.run_path(str(ROOT / "scripts" / "gunicorn.conf.py"))
    table = PAGE[PAGE.index("### Variables") : PAGE.index("### Keys")]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    read = {name for name in env.KNOWN if not name.endswith("_FILE")}
    assert {name for name in told if not name.endswith("_FILE")} == read
    assert {name for name in told if name.endswith("_FILE")} == {n for n in env.KNOWN if n.endswith("_FILE")}


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", PAGE)) <= targets


def test_every_file_it_names_exists() -> None:
    for name in re.findall(r"`((?:scripts|docs)/[\w./-]+)`", PAGE):
        assert (ROOT / name).exists(), name
