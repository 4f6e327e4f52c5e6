"""What lies in `data/`, read once a process: codes, limits, figures with their sources.  A module a room."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
"""Where the files lie."""
