"""The search index of one release: a read-only block of bytes, mapped from a file, shared by all workers.

A *phrase* is one way to name a code: its title, an inclusion term, or the title and terms of a heading for
the code that stands for it when nothing more is said. Phrases are numbered by how likely they are wanted (see
`index_build`), so that the first bits of any set of phrases are its best. A word has two posting lists:
phrases that hold it (primary), and phrases whose code has it nearby: in a heading above, or in another of
its names (context). Frequent words keep their list as a bit map; every set operation is one on integers.
"""

from __future__ import annotations

import json
import re
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, overload

from code_sets.rules.abbreviations import Abbreviations, Expansion
from code_sets.rules.spelling import Speller

MAGIC: Final = b"CODEIDX5"
HEADER: Final = struct.Struct("<8sI")
CODE_WIDTH: Final = 8
NOT_DENSE: Final = 0xFFFF_FFFF
ALWAYS: Final = 9999_12_31
"""Last day, as a number, of a code that has no end of its own."""
BYTE_BITS: Final = tuple(tuple(bit for bit in range(8) if value >> bit & 1) for value in range(256))
CACHED_WORDS: Final = 256
CACHED_PREFIXES: Final = 128
CHUNK: Final = 512
_EMPTY_CHUNK = bytes(CHUNK)
_NONZERO = re.compile(rb"[^\0]")

Field = Literal["primary", "context"]


class CodeColumn(Sequence[str]):
    """The codes of a release in order, each eight bytes wide; decoded one at a time."""

    def __init__(self, raw: memoryview) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw) // CODE_WIDTH

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        start = index * CODE_WIDTH
        return bytes(self._raw[start : start + CODE_WIDTH]).decode("ascii").rstrip()


class IndexFormatError(ValueError):
    """The bytes are not an index of this version; it has to be built again."""


class SearchIndex:
    """Read access to a built index. Cheap to open: nothing is copied but the vocabulary (about 1 MB)."""

    def __init__(self, buffer: bytes | memoryview) -> None:
        view = memoryview(buffer)
        if len(view) < HEADER.size:
            raise IndexFormatError("the index is cut")
        magic, size = HEADER.unpack(view[: HEADER.size])
        if magic != MAGIC:
            raise IndexFormatError("the index was built by another version")
        if len(view) < HEADER.size + size:
            raise IndexFormatError("the index is cut")
        header: dict[str, Any] = json.loads(bytes(view[HEADER.size : HEADER.size + size]))
        self._view = view
        self._sections: dict[str, tuple[int, int]] = header["sections"]
        if len(view) < header["total"]:
            raise IndexFormatError("the index is cut")
        self.meta: dict[str, Any] = header["meta"]
        self.codes = CodeColumn(self._section("codes"))
        self.billable = self._section("billable")
        self.parents = self._section("parents").cast("I")
        self.code_prior = self._section("code_prior").cast("f")
        self._titles = self._section("titles")
        self._title_at = self._section("title_at").cast("I")
        self.words: list[str] = bytes(self._section("words")).decode("ascii").split("\n")
        self.weights = self._section("weights").cast("f")
        self.phrase_code = self._section("phrase_code").cast("I")
        self.phrase_weight = self._section("phrase_weight").cast("f")
        self.phrase_bonus = self._section("phrase_bonus").cast("f")
        self.dated = "valid_from" in self._sections
        if self.dated:
            self._valid_from = self._section("valid_from").cast("I")
            self._valid_to = self._section("valid_to").cast("I")
        self.phrase_count = len(self.phrase_code)
        self.width = (self.phrase_count + 7) // 8
        self._prefixes: dict[str, int] = {name: at for at, name in enumerate(self.meta["prefixes"])}
        self._bits = lru_cache(maxsize=CACHED_WORDS)(self._read_bits)
        self._started_bits = lru_cache(maxsize=CACHED_PREFIXES)(self._read_prefix)

    def _section(self, name: str) -> memoryview:
        start, size = self._sections[name]
        return self._view[start : start + size]

    def title(self, number: int) -> str:
        """The title of the code with this number."""
        return bytes(self._titles[self._title_at[number] : self._title_at[number + 1]]).decode("utf-8")

    def find(self, code: str) -> int | None:
        """The number of a code without dot, None when the release does not hold it."""
        number = bisect_left(self.codes, code)
        return number if number < len(self.codes) and self.codes[number] == code else None

    def holds_on(self, number: int, day: int) -> bool:
        """Whether a code's own dates hold a day (YYYYMMDD); True where its publisher dates no codes."""
        return not self.dated or self._valid_from[number] <= day <= self._valid_to[number]

    def own_dates(self, number: int) -> tuple[date | None, date | None]:
        """First and last day of the code itself, None where its publisher gives none."""
        if not self.dated:
            return None, None
        first, last = self._valid_from[number], self._valid_to[number]
        return (as_date(first) if first else None), (as_date(last) if last < ALWAYS else None)

    def children(self, number: int) -> list[int]:
        """The numbers of the entries right below one, in the order of their codes."""
        return [one for one in self.code_range(self.codes[number]) if self.parents[one] == number]

    @cached_property
    def aliases(self) -> Abbreviations:
        """Terms of this code system and what its titles say instead; none for systems that have none."""
        if "aliases" not in self._sections:
            return Abbreviations({}, 1)
        found: dict[str, list[Expansion]] = {}
        for term, words, quality in json.loads(bytes(self._section("aliases"))):
            found.setdefault(term, []).append(Expansion(tuple(words), quality))
        longest = max((term.count(" ") + 1 for term in found), default=1)
        return Abbreviations({term: tuple(expansions) for term, expansions in found.items()}, longest)

    def code_range(self, prefix: str) -> range:
        """The numbers of all codes that begin with `prefix` (no dot, upper case)."""
        first = bisect_left(self.codes, prefix)
        return range(first, bisect_left(self.codes, prefix + "\x7f", first))

    def word(self, word: str) -> int | None:
        """The number of a word (as `text.stem` leaves it), None when no phrase holds it."""
        number = bisect_left(self.words, word)
        return number if number < len(self.words) and self.words[number] == word else None

    def word_range(self, prefix: str) -> range:
        """The numbers of all words that begin with `prefix`."""
        first = bisect_left(self.words, prefix)
        return range(first, bisect_left(self.words, prefix + "\x7f", first))

    @cached_property
    def speller(self) -> Speller:
        """Repairs words over this vocabulary; made at the first typing error."""
        return Speller(self.words)

    def bits(self, field: Field, word: int) -> int:
        """The set of phrases with this word, as an integer: bit n is phrase n."""
        return self._bits(field, word)

    def prefix_bits(self, field: Field, prefix: str) -> int:
        """The set of phrases with a word that begins with `prefix`."""
        return self._started_bits(field, prefix)

    def _read_prefix(self, field: Field, prefix: str) -> int:
        stored = self._prefixes.get(prefix)
        if stored is not None:
            return self._bitmap(f"{field}_prefix", stored)
        result = 0
        merged = bytearray(self.width)
        dense = self._section(f"{field}_dense").cast("I")
        for word in self.word_range(prefix):
            if dense[word] != NOT_DENSE:
                result |= self._bitmap(f"{field}_bitmap", dense[word])
            else:
                self._set(merged, field, word)
        return result | int.from_bytes(merged, "little")

    def _read_bits(self, field: Field, word: int) -> int:
        at = self._section(f"{field}_dense").cast("I")[word]
        if at != NOT_DENSE:
            return self._bitmap(f"{field}_bitmap", at)
        merged = bytearray(self.width)
        self._set(merged, field, word)
        return int.from_bytes(merged, "little")

    def _bitmap(self, section: str, at: int) -> int:
        raw = self._section(section)
        return int.from_bytes(raw[at * self.width : (at + 1) * self.width], "little")

    def _set(self, target: bytearray, field: Field, word: int) -> None:
        offsets = self._section(f"{field}_at").cast("I")
        listed = self._section(f"{field}_list").cast("I")
        for phrase in listed[offsets[word] : offsets[word + 1]]:
            target[phrase >> 3] |= 1 << (phrase & 7)


def as_date(day: int) -> date:
    """A day written as a number (YYYYMMDD)."""
    return date(day // 10_000, day // 100 % 100, day % 100)


def day_number(day: date) -> int:
    """A day as a number (YYYYMMDD), which sorts as days do."""
    return day.year * 10_000 + day.month * 100 + day.day


def first_phrases(bits: int, width: int, limit: int) -> list[int]:
    """The lowest `limit` members of a set of phrases."""
    return list(_members(bits.to_bytes(width, "little"), limit))


def _members(raw: bytes, limit: int) -> Iterator[int]:
    left = limit
    # Nearly all bytes are zero: whole chunks of them are passed over by one comparison.
    for start in range(0, len(raw), CHUNK):
        chunk = raw[start : start + CHUNK]
        if chunk == _EMPTY_CHUNK:
            continue
        for found in _NONZERO.finditer(chunk):
            at = found.start()
            for bit in BYTE_BITS[chunk[at]]:
                yield (start + at) * 8 + bit
                left -= 1
                if not left:
                    return
