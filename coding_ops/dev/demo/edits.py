"""A few edits for the demo, loaded through the same loaders as the official files."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from code_sets.actions.edit_tables import load_edit_table, publish
from code_sets.models import EditTableRelease

FACTS = Path(__file__).with_suffix(".toml")
PTP_HEADING = (
    "Column1/Column2 Edits\t\t\t\t\t\t\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
)
FIRST_DAY = "20250101"


def load_edits() -> None:
    """Loads the demo's tables of edits, each of a system that has no release yet."""
    said: Mapping[str, Any] = tomllib.loads(FACTS.read_text("utf-8"))
    here = set(EditTableRelease.objects.values_list("system", flat=True).distinct())
    with tempfile.TemporaryDirectory() as folder:
        for system, name, text in _files(said):
            if system in here:
                continue
            path = Path(folder) / name
            path.write_text(text, "utf-8")
            release = said["poa_exempt"]["release"] if system == "POA-EXEMPT" else said["release"]
            load_edit_table(system=system, path=path, release=release, progress=_silent)
    publish()


def _files(said: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """System, file name and text of each table, in its publisher's layout."""
    pairs = PTP_HEADING + "".join(
        f"{first}\t{second}\t\t{FIRST_DAY}\t*\t{entry['indicator']}\t{entry['rationale']}\n"
        for entry in said["ptp"]
        for first, second in product(entry["column1"], entry["column2"])
    )
    yield "NCCI-PTP-PRACTITIONER", "demo-ptp-practitioner.txt", pairs
    yield "NCCI-PTP-OUTPATIENT", "demo-ptp-outpatient.txt", pairs
    units = "hcpcs_code,mue_value,mai,rationale\n" + "".join(
        f"{code},{value},{indicator},Excerpt for the demo\n"
        for code, (value, indicator) in said["mue"].items()
    )
    yield "NCCI-MUE-PRACTITIONER", "demo-mue-practitioner.csv", units
    yield "NCCI-MUE-OUTPATIENT", "demo-mue-outpatient.csv", units
    addons = "primary_code,add_on_code,aoc_edit_type\n" + "".join(
        f"{primary},{code},1\n" for code, primaries in said["addon"].items() for primary in primaries
    )
    yield "NCCI-ADDON", "demo-addon.csv", addons
    exempt = "POAexemptCode\n" + "".join(f"{code}\n" for code in said["poa_exempt"]["codes"])
    yield "POA-EXEMPT", "demo-poa-exempt.txt", exempt
    days = "hcpcs,modifier,global_days\n" + "".join(
        f"{code},,{period}\n" for code, period in said["global"].items()
    )
    yield "MPFS-GLOBAL", "demo-global-days.csv", days


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""
