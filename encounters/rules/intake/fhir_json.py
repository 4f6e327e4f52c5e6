"""FHIR JSON out of bytes: bounded, and free of what JSON parsers let through.

`json.loads` accepts NaN and Infinity, raises RecursionError (which is no ValueError) on deep nesting, and
refuses integers of 4,300 digits with a plain ValueError; a bundle may also be one of thousands on a line
each (NDJSON). All of that ends here in a resource or one problem code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

Resource = dict[str, Any]

DEEPEST = 64
"""Levels of nesting at most. Real resources stay below 20."""


class BadJsonError(ValueError):
    """The text can't be a resource; `code` is a problem code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse(content: bytes) -> Resource:
    """The resource in `content` (UTF-8, byte order mark allowed). Raises BadJsonError, and nothing else."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadJsonError("encoding") from None
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise BadJsonError("too_deep") from None
    except ValueError:
        raise BadJsonError("invalid_json") from None
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise BadJsonError("not_fhir")
    if _deeper_than(value, DEEPEST):
        raise BadJsonError("too_deep")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _deeper_than(value: object, limit: int) -> bool:
    """Level by level, because a walk by recursion is what such files attack."""
    level: list[object] = [value]
    for _ in range(limit):
        level = [
            child
            for one in level
            for child in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def iter_documents(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """The JSON texts of a stream with their line number (0 for a file that is one text).

    A file is NDJSON when its first line is a complete JSON object and another follows. None stands for a
    text longer than `longest`; the rest of such a line is skipped, the rest of such a file is not read.
    """
    first = _read_line(stream, longest)
    if first is None:
        yield 0, None
        return
    second = _next_filled(stream, longest, 1)
    if second is None:
        yield 0, first
        return
    if not _is_object(first):
        number, line = second
        rest = None if line is None else stream.read(longest + 1)
        whole = None if rest is None or line is None else first + b"\n" * (number - 1) + line + rest
        yield 0, None if whole is None or len(whole) > longest else whole
        return
    yield 1, first
    while second is not None:
        yield second
        second = _next_filled(stream, longest, second[0])


def _next_filled(stream: BinaryIO, longest: int, number: int) -> tuple[int, bytes | None] | None:
    while True:
        line = _read_line(stream, longest)
        number += 1
        if line is None or line.strip():
            return number, line
        if line == b"":
            return None


def _read_line(stream: BinaryIO, longest: int) -> bytes | None:
    """The next line with its end; b"" at the end of the stream; None (and the rest skipped) if too long."""
    line = stream.readline(longest + 1)
    if len(line) <= longest:
        return line
    while not line.endswith(b"\n") and line:
        line = stream.readline(longest)
    return None


def _is_object(line: bytes) -> bool:
    stripped = line.strip().removeprefix(b"\xef\xbb\xbf")
    return stripped.startswith(b"{") and stripped.endswith(b"}") and len(stripped) > 2
