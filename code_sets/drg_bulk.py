"""MS-DRGs of a file of stays, on several processes.

Each worker reads its own share of the file and writes its own part of the answer: no stay crosses from one
process to another, which would cost more than grouping it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from code_sets.drg_commands import read_stay
from code_sets.rules.drg import forget, group_brief
from coding_ops.core.errors import DomainError, InvalidInput


@dataclass(frozen=True, slots=True)
class Outcome:
    """Stays that were grouped, and lines that were refused (their answer says why)."""

    grouped: int
    refused: int


class BulkGrouper:
    """Workers that group files of stays; they live until the block ends."""

    def __init__(self, processes: int) -> None:
        if processes < 1:
            raise InvalidInput("processes must be 1 or more.", code="invalid", details={"path": "processes"})
        self._processes = processes
        # A forked child would share the database connections and the mapped tables of its parent.
        self._pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def group_file(self, source: Path, target: Path) -> Outcome:
        """Group the stays of `source` (one `codes.drg` request a line, with an optional "id") into `target`.

        One line a stay, in their order: {"id", "drg", "mdc", "initial_drg", "return_code", "version"}, or
        {"id", "error": {"code", "message", "path"}} for a line that is no stay. Raises OSError.
        """
        with tempfile.TemporaryDirectory(prefix="stays-", dir=target.parent) as folder:
            shares = share_out(source, self._processes)
            parts = [Path(folder) / f"{number}.part" for number in range(len(shares))]
            found = list(self._pool.map(group_share, [source] * len(shares), shares, parts))
            with target.open("wb") as out:
                for part in parts:
                    with part.open("rb") as read:
                        shutil.copyfileobj(read, out, 1 << 20)
        return Outcome(sum(one.grouped for one in found), sum(one.refused for one in found))


def share_out(source: Path, count: int) -> list[tuple[int, int]]:
    """First byte and byte after the last of `count` shares of a file, about equal, that end with lines."""
    size = source.stat().st_size
    edges = [0]
    with source.open("rb") as file:
        for number in range(1, count):
            file.seek(max(size * number // count - 1, 0))
            file.readline()
            edges.append(max(min(file.tell(), size), edges[-1]))
    edges.append(size)
    return list(pairwise(edges))


def group_share(source: Path, share: tuple[int, int], part: Path) -> Outcome:
    """Group one share of a file of stays; run by a worker."""
    # Answers are remembered within a share: a file of another client or day begins with none.
    forget()
    grouped = refused = 0
    with part.open("w", encoding="utf-8") as out:
        for line in _lines(source, share):
            if not line.strip():
                continue
            answer = group_line(line)
            refused += "error" in answer
            grouped += "error" not in answer
            out.write(json.dumps(answer) + "\n")
    return Outcome(grouped, refused)


def _lines(source: Path, share: tuple[int, int]) -> Iterator[bytes]:
    start, stop = share
    with source.open("rb") as file:
        file.seek(start)
        while file.tell() < stop:
            yield file.readline()


def group_line(line: bytes) -> dict[str, Any]:
    """The answer to one line."""
    try:
        request = json.loads(line)
    except ValueError as error:
        return _refusal(None, "invalid", f"This line is not JSON: {error}.", "")
    if not isinstance(request, dict):
        return _refusal(None, "invalid", "This line is not a JSON object.", "")
    try:
        stay, version = read_stay(request)
    except DomainError as error:
        return _refusal(request.get("id"), error.code, error.message, str(error.details.get("path", "")))
    found = group_brief(stay, version)
    return {
        "id": request.get("id"),
        "drg": found.drg,
        "mdc": found.mdc,
        "initial_drg": found.initial_drg,
        "return_code": found.return_code,
        "version": version.name,
    }


def _refusal(name: Any, code: str, message: str, path: str) -> dict[str, Any]:
    return {"id": name, "error": {"code": code, "message": message, "path": path}}
