"""Public reference data that is read in place and never committed; tests skip where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_path(relative: str) -> Path:
    """The path of a file or folder of the reference data (`SHARED_DIR`, default beside the project).

    Skips the test, saying what is missing, when the data is not on this machine.
    """
    path = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared")) / relative
    if not path.exists():
        pytest.skip(f"reference data is not on this machine: {relative}")
    return path
