"""How a page is looked at: each theme and each width once; all four with ``ALL_LOOKS=1``."""

from __future__ import annotations

import os

import pytest

ALL_LOOKS = bool(os.environ.get("ALL_LOOKS"))
_EACH_ONCE = [("light", False), ("dark", True)]
_OTHERS = [("light", True), ("dark", False)]

looks = pytest.mark.parametrize(
    ("theme", "phone"),
    [
        pytest.param(theme, phone, id=f"{theme}-{'390' if phone else '1440'}")
        for theme, phone in (_EACH_ONCE + _OTHERS if ALL_LOOKS else _EACH_ONCE)
    ],
)
