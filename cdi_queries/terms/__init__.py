"""What lies in `data/`, read once a process: editions of questions, limits, hours.  A module a room."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
"""Where the files lie."""
