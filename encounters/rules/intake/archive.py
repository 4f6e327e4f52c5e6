"""Zip and gzip, opened only after their table of contents was found harmless.

A zip of 204 kB can unpack to 200 MB. Sizes, count, names, links and methods are therefore checked against
the central directory before one byte is unpacked, and while unpacking no member may give more than it
declared.
"""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from encounters.rules.intake.incoming import Limits
from encounters.rules.intake.notes import NoteError, safe_name

_NESTED = (".zip", ".gz", ".tgz", ".tar", ".7z", ".bz2", ".xz")
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db")
_SMALL = 1024 * 1024  # a short note of repeated words may beat 100:1 and is no bomb
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
)
"""What zipfile raises on hostile bytes; all of it means: damaged."""


class ArchiveError(Exception):
    """The archive may not be opened, or not further; `code` is a problem code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Archive:
    """A checked zip. Also a NoteSource: a row's `note_file` is a member beside the CSV or in `notes/`."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        """Reads and checks the table of contents. Raises ArchiveError, and nothing else."""
        self._limits = limits
        self.folder = PurePosixPath()
        try:
            self._zip = zipfile.ZipFile(stream)
            self._members = self._check(self._zip.infolist())
        except _BROKEN:
            raise ArchiveError("archive_damaged") from None

    def _check(self, listed: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(listed) > self._limits.archive_members:
            raise ArchiveError("archive_members")
        unpacked = sum(one.file_size for one in listed)
        packed = sum(one.compress_size for one in listed)
        if unpacked > self._limits.archive_bytes:
            raise ArchiveError("archive_bomb")
        if unpacked > _SMALL and unpacked > packed * self._limits.archive_ratio:
            raise ArchiveError("archive_bomb")
        members: dict[str, zipfile.ZipInfo] = {}
        for one in listed:
            name = self._checked_name(one)
            if name is None:
                continue
            if name in members:
                raise ArchiveError("archive_path")
            members[name] = one
        return members

    def _checked_name(self, one: zipfile.ZipInfo) -> str | None:
        """The member's path, or None for folders and litter. Raises ArchiveError."""
        mode = one.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveError("archive_path")
        try:
            # orig_filename: zipfile cuts names at NUL, and a cut name is not the name that was checked.
            path = safe_name(one.orig_filename)
        except NoteError:
            raise ArchiveError("archive_path") from None
        if one.flag_bits & 0x1 or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError("archive_damaged")
        if one.file_size > _SMALL and one.file_size > one.compress_size * self._limits.archive_ratio:
            raise ArchiveError("archive_bomb")
        if one.is_dir() or any(part in _LITTER or part.startswith("._") for part in path.parts):
            return None
        if path.suffix.lower() in _NESTED:
            raise ArchiveError("archive_nested")
        return str(path)

    def names(self) -> list[str]:
        """The members, folders and litter left out, in the archive's order."""
        return list(self._members)

    def content(self, name: str, longest: int) -> bytes:
        """The bytes of a member. Raises ArchiveError (also when it is longer than `longest`)."""
        info = self._members[name]
        if info.file_size > longest:
            raise ArchiveError("too_large")
        try:
            with self._zip.open(info) as member:
                return member.read(info.file_size + 1)
        except _BROKEN:
            raise ArchiveError("archive_damaged") from None

    def open(self, name: str) -> BinaryIO:
        """The member as a stream. Reading it may raise ArchiveError."""
        try:
            return io.BufferedReader(_Guarded(self._zip.open(self._members[name])), 256 * 1024)
        except _BROKEN:
            raise ArchiveError("archive_damaged") from None

    def read(self, name: str) -> bytes:
        """The note a CSV row names, relative to the CSV's folder. Raises NoteError, and nothing else."""
        relative = safe_name(name)
        for path in (self.folder / relative, self.folder / "notes" / relative):
            if str(path) in self._members:
                try:
                    return self.content(str(path), self._limits.field_bytes)
                except ArchiveError as error:
                    raise NoteError(error.code) from None
        raise NoteError("note_missing")


class _Guarded(io.RawIOBase):
    """A compressed stream whose failures come out as ArchiveError and whose length is bounded."""

    def __init__(self, source: IO[bytes] | gzip.GzipFile, longest: int | None = None) -> None:
        super().__init__()
        self._source = source
        self._left = longest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            content = self._source.read(len(buffer))
        except _BROKEN:
            raise ArchiveError("archive_damaged") from None
        if self._left is not None:
            self._left -= len(content)
            if self._left < 0:
                raise ArchiveError("archive_bomb")
        buffer[: len(content)] = content
        return len(content)


def open_gzip(stream: BinaryIO, packed_size: int, limits: Limits) -> BinaryIO:
    """The unpacked stream of a gzip file; reading beyond the limits raises ArchiveError.

    gzip declares no size that can be trusted, so the ratio is kept while reading.
    """
    longest = min(limits.archive_bytes, max(packed_size * limits.archive_ratio, _SMALL))
    return io.BufferedReader(_Guarded(gzip.GzipFile(fileobj=stream), longest), 256 * 1024)
