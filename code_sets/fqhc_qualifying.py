"""Which services qualify a visit of a health center: claims and the rules of visits read the same lists."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LISTS = Path(__file__).resolve().parent / "data" / "fqhc_qualifying.toml"


@cache
def qualifying_services() -> Mapping[str, tuple[str, ...]]:
    """Payment code (G0466 to G0470) to the codes that qualify a visit for it, in their order.

    Source: as the file says; unverified.
    """
    lists = tomllib.loads(LISTS.read_text("utf-8"))["qualifying"]
    return {code: tuple(listed) for code, listed in lists.items()}
