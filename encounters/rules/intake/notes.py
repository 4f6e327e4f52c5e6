"""Where the note files named in a CSV come from: a folder beside it, or the same zip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol


class NoteError(Exception):
    """A note can't be had; `code` is a problem code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoteSource(Protocol):
    """Opens a note by the name a row gives it."""

    def read(self, name: str) -> bytes:
        """The bytes of the note. Raises NoteError, and nothing else."""
        ...


class NoNotes:
    """A CSV that came alone."""

    def read(self, name: str) -> bytes:
        """Always `note_missing`."""
        raise NoteError("note_missing")


def safe_name(name: str) -> PurePosixPath:
    """The relative path a row may name. Raises NoteError for one that leaves the folder."""
    plain = name.replace("\\", "/")
    path = PurePosixPath(plain)
    if path.is_absolute() or ".." in path.parts or ":" in plain or "\x00" in plain or not path.parts:
        raise NoteError("note_path")
    return path


class FolderNotes:
    """Notes in a folder, or in its `notes` subfolder. Links out of the folder are not followed."""

    def __init__(self, folder: Path, longest: int) -> None:
        self._folder = folder.resolve()
        self._longest = longest

    def read(self, name: str) -> bytes:
        """The bytes of the note. Raises NoteError, and nothing else."""
        relative = safe_name(name)
        for base in (self._folder, self._folder / "notes"):
            try:
                path = (base / relative).resolve()
                if not path.is_relative_to(self._folder):
                    raise NoteError("note_path")
                if not path.is_file():
                    continue
                with path.open("rb") as file:
                    content = file.read(self._longest + 1)
            except (OSError, ValueError):  # a name the file system refuses is a note that is not there
                continue
            if len(content) > self._longest:
                raise NoteError("too_large")
            return content
        raise NoteError("note_missing")


class MemoryNotes:
    """Notes already in memory, by relative path (a zip's members, a test's notes)."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def read(self, name: str) -> bytes:
        """The bytes of the note. Raises NoteError, and nothing else."""
        relative = safe_name(name)
        for path in (relative, "notes" / relative):
            if (content := self._contents.get(str(path))) is not None:
                return content
        raise NoteError("note_missing")
