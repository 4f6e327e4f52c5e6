"""What is known of codes before a word is typed, read from the two data files that say it."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable

from code_sets.rules.index_build import Prior

COLUMNS = ("code", "use")


class PriorError(ValueError):
    """A line of the data cannot be used; the message names it."""


def parse_prior(common_lines: Iterable[str], settings_text: str) -> Prior:
    """Read the table of common codes (columns code, use) and the points of prior.toml. Raises PriorError."""
    settings = tomllib.loads(settings_text)
    points: dict[str, float] = settings["use"]
    reader = csv.DictReader(line for line in common_lines if not line.startswith("#"))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise PriorError(f"the table must have the columns {', '.join(COLUMNS)}")
    common: dict[str, float] = {}
    for row in reader:
        code, use = row["code"] or "", row["use"] or ""
        if use not in points or not code.isalnum() or code in common:
            raise PriorError(f"line {reader.line_num}: {row} is not a code and its use, given once")
        common[code] = points[use]
    has_defaults = settings.get("headings_have_defaults", True)
    return Prior(common, settings["chapter"], settings["seventh"], has_defaults)
