"""The form of an edit table: a read-only block of named sections, mapped from a file, shared by all workers.

Numbers are found by bisection in place, so that opening a table copies nothing and every process that maps
the file shares its pages. Codes are kept as numbers of eight bytes, which sort as their texts do.
"""

from __future__ import annotations

import json
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

MAGIC: Final = b"EDITTAB3"
HEADER: Final = struct.Struct("<8sI")
CODE_WIDTH: Final = 8
CACHED_CODES: Final = 16_384


class TableFormatError(ValueError):
    """The bytes are not a whole table of this version; it has to be built again."""


def code_number(code: str) -> int:
    """A code of at most eight ASCII characters as a number with the same order. Raises ValueError."""
    raw = code.encode("ascii")
    if not 0 < len(raw) <= CODE_WIDTH:
        raise ValueError(f"{code!r} is not a code of 1 to {CODE_WIDTH} characters")
    return int.from_bytes(raw.ljust(CODE_WIDTH, b"\0"), "big")


def code_text(number: int) -> str:
    """The code of a number: the inverse of `code_number`."""
    return number.to_bytes(CODE_WIDTH, "big").rstrip(b"\0").decode("ascii")


def code_column(codes: Iterable[str]) -> bytes:
    """The section of a sorted list of codes."""
    return array("Q", [code_number(code) for code in codes]).tobytes()


def text_sections(name: str, texts: Sequence[str]) -> dict[str, bytes]:
    """Two sections of a list of texts, read by `PackedTable.texts`."""
    offsets, encoded = array("I", [0]), [text.encode() for text in texts]
    for text in encoded:
        offsets.append(offsets[-1] + len(text))
    return {f"{name}_at": offsets.tobytes(), name: b"".join(encoded)}


def pack(kind: str, sections: Mapping[str, bytes | bytearray], meta: Mapping[str, Any]) -> bytes:
    """One block: header, then the sections, each at a multiple of eight bytes to be read as numbers."""
    places: dict[str, tuple[int, int]] = {}
    at = 0
    for name, data in sections.items():
        places[name] = (at, len(data))
        at += (len(data) + 7) // 8 * 8
    header = json.dumps({"kind": kind, "sections": places, "meta": dict(meta), "size": at}).encode()
    header += b" " * (-(HEADER.size + len(header)) % 8)
    out = bytearray(HEADER.pack(MAGIC, len(header)) + header)
    for data in sections.values():
        out += data
        out += b"\0" * (-len(data) % 8)
    return bytes(out)


class PackedTable:
    """Read access to a packed block. Raises TableFormatError when it is cut or of another version."""

    KIND = ""

    def __init__(self, buffer: bytes | memoryview) -> None:
        view = memoryview(buffer)
        if len(view) < HEADER.size:
            raise TableFormatError("the table is cut")
        magic, size = HEADER.unpack(view[: HEADER.size])
        if magic != MAGIC:
            raise TableFormatError("the table was built by another version")
        start = HEADER.size + size
        if len(view) < start:
            raise TableFormatError("the table is cut")
        header = json.loads(bytes(view[HEADER.size : start]))
        if header["kind"] != self.KIND:
            raise TableFormatError(f"this is a table of {header['kind']}, not of {self.KIND}")
        if len(view) < start + header["size"]:
            raise TableFormatError("the table is cut")
        self._view, self._start = view, start
        self._places: dict[str, tuple[int, int]] = header["sections"]
        self.meta: dict[str, Any] = header["meta"]
        self.release = str(self.meta.get("release", ""))
        self.size = len(view)
        self.codes = self.numbers("codes", "Q")
        # A worker asks for the same codes again and again.
        self.find = lru_cache(maxsize=CACHED_CODES)(self._find)

    def section(self, name: str) -> memoryview:
        at, size = self._places[name]
        return self._view[self._start + at : self._start + at + size]

    def numbers(self, name: str, width: str) -> memoryview:
        """A section as numbers: "Q" eight bytes, "I" four, "H" two, "B" one."""
        return self.section(name).cast("B").cast(width)  # type: ignore[call-overload, no-any-return]

    def texts(self, name: str, position: int) -> str:
        """One text of a list made by `text_sections`."""
        at = self.numbers(f"{name}_at", "I")
        return bytes(self.section(name)[at[position] : at[position + 1]]).decode()

    def _find(self, code: str) -> int:
        """The place of a code, -1 when the table does not hold it."""
        try:
            number = code_number(code)
        except ValueError:
            return -1
        codes = self.codes
        place = bisect_left(codes, number)
        return place if place < len(codes) and codes[place] == number else -1
