"""A few tables of ICD-10-PCS and their codes for the demo, loaded through the same loaders as CMS's files."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from code_sets.actions.edit_tables import load_edit_table
from code_sets.actions.releases import load_release_file
from code_sets.models import CodeSetRelease, EditTableRelease

FACTS = Path(__file__).with_suffix(".toml")
FIRST_DAY, LAST_DAY = "20251001", "20260930"
CODES, TABLES = "ICD-10-PCS", "ICD-10-PCS-TABLES"
BLANK = re.compile(r"\{(?P<before>[^{}\d]*)(?P<place>[4-7])\}")
NOTHING = ("No Device", "No Qualifier")


def load_procedures() -> None:
    """Loads the demo's tables and their codes, each where none is loaded yet."""
    said: Mapping[str, Any] = tomllib.loads(FACTS.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        if not EditTableRelease.objects.filter(system=TABLES).exists():
            path = Path(folder) / "demo-pcs-tables.json"
            path.write_text(json.dumps([_table(table) for table in said["table"]]), "utf-8")
            load_edit_table(system=TABLES, path=path, release=said["release"], progress=_silent)
        if not CodeSetRelease.objects.filter(system=CODES).exists():
            path = Path(folder) / "demo-pcs-codes.csv"
            lines = ["code,valid_from,valid_to,long_title", *_codes(said["table"])]
            path.write_text("\n".join(lines) + "\n", "utf-8")
            load_release_file(system=CODES, path=path, release=said["release"], progress=_silent)


def _table(said: Mapping[str, Any]) -> dict[str, Any]:
    """A table as the loader's JSON has it."""
    section, system, operation = said["heads"]
    return {
        "table": said["prefix"],
        "section": section,
        "body_system": system,
        "operation": operation,
        "definition": said["definition"],
        "rows": [
            {f"{name}|{place}": row[str(place)] for place, name in enumerate(said["axes"], start=4)}
            for row in said["row"]
        ],
    }


def _codes(tables: list[Mapping[str, Any]]) -> Iterator[str]:
    """Every code of the tables with its days and title, as a line of CSV."""
    for table in tables:
        for row in table["row"]:
            for values in product(*(row[place] for place in "4567")):
                labels = {place: row[place][value] for place, value in zip("4567", values, strict=True)}
                title = _title(table["title"], labels)
                yield f'{table["prefix"]}{"".join(values)},{FIRST_DAY},{LAST_DAY},"{title}"'


def _title(pattern: str, labels: Mapping[str, str]) -> str:
    """``Pleural Cavity, Right`` is worded ``Right Pleural Cavity``; what is not there is not said."""

    def worded(match: re.Match[str]) -> str:
        label = labels[match["place"]]
        if label in NOTHING:
            return ""
        name, comma, side = label.partition(", ")
        return match["before"] + (f"{side} {name}" if comma else label)

    return BLANK.sub(worded, pattern)


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""
