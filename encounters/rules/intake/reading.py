"""One door for a received file: find its format and read it.

This is what actions call. Everything a file can do wrong comes back as a unit with problems.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import PurePosixPath
from typing import BinaryIO

from encounters.rules.intake.archive import Archive, ArchiveError, open_gzip
from encounters.rules.intake.csv_files import read_csv
from encounters.rules.intake.fhir import read_fhir
from encounters.rules.intake.hl7v2 import read_hl7v2
from encounters.rules.intake.incoming import IncomingUnit, Limits, SourceFormat
from encounters.rules.intake.notes import NoteSource
from encounters.rules.intake.problems import reject
from encounters.rules.intake.sniff import HEAD_BYTES, sniff_format, why_unknown

_DATA_SUFFIXES = (".json", ".ndjson", ".hl7", ".csv", ".tsv", ".psv")


def read_file(
    stream: BinaryIO,
    filename: str = "",
    *,
    zone: tzinfo,
    source_format: SourceFormat | None = None,
    notes: NoteSource | None = None,
    limits: Limits | None = None,
) -> Iterator[IncomingUnit]:
    """The units of a file in order. `stream` must be seekable.

    `filename` only helps to tell the format. `source_format` overrides sniffing. `zone` is the client's
    time zone. `notes` opens the note files of a CSV that came without a zip. A file that can't be read gives
    one rejected unit placed at "file". Raises nothing for content; errors of the stream itself pass through.
    """
    limits = limits or Limits()
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    found = source_format or sniff_format(head, filename)
    try:
        match found:
            case SourceFormat.ZIP:
                yield from _read_zip(stream, zone, limits)
            case SourceFormat.GZIP:
                yield from _read_gzip(stream, filename, zone, notes, limits)
            case _:
                yield from _read_plain(stream, head, found, zone, notes, limits)
    except ArchiveError as error:
        yield _refused("file", error.code, found)


def _read_plain(
    stream: BinaryIO,
    head: bytes,
    found: SourceFormat,
    zone: tzinfo,
    notes: NoteSource | None,
    limits: Limits,
) -> Iterator[IncomingUnit]:
    match found:
        case SourceFormat.FHIR:
            yield from read_fhir(stream, zone=zone, limits=limits)
        case SourceFormat.HL7V2:
            yield from read_hl7v2(stream, zone=zone, limits=limits)
        case SourceFormat.CSV:
            yield from read_csv(stream, zone=zone, notes=notes, limits=limits)
        case _:
            yield _refused("file", why_unknown(head), found)


def _refused(place: str, code: str, found: SourceFormat) -> IncomingUnit:
    return IncomingUnit(
        place=place,
        source_format=found,
        message_key="",
        digest="",
        encounter=None,
        problems=(reject(code, place),),
    )


def _read_gzip(
    stream: BinaryIO, filename: str, zone: tzinfo, notes: NoteSource | None, limits: Limits
) -> Iterator[IncomingUnit]:
    packed_size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    inner = open_gzip(stream, packed_size, limits)
    head = inner.read(HEAD_BYTES)
    stream.seek(0)
    inner = open_gzip(stream, packed_size, limits)
    found = sniff_format(head, filename.removesuffix(".gz"))
    if found in (SourceFormat.ZIP, SourceFormat.GZIP):
        yield _refused("file", "archive_nested", SourceFormat.GZIP)
        return
    yield from _read_plain(inner, head, found, zone, notes, limits)


def _read_zip(stream: BinaryIO, zone: tzinfo, limits: Limits) -> Iterator[IncomingUnit]:
    """An encounters CSV with its notes, or any number of FHIR and HL7 files.

    Members are named by number in problems: their names may be patients' names.
    """
    archive = Archive(stream, limits)
    names = archive.names()
    tables = [name for name in names if name.lower().endswith((".csv", ".tsv", ".psv"))]
    chosen = [name for name in tables if PurePosixPath(name).stem.lower() == "encounters"] or tables
    if len(chosen) > 1:
        yield _refused("file", "archive_ambiguous", SourceFormat.ZIP)
    elif chosen:
        archive.folder = PurePosixPath(chosen[0]).parent
        yield from read_csv(archive.open(chosen[0]), zone=zone, notes=archive, limits=limits)
    else:
        data = [pair for pair in enumerate(names, 1) if pair[1].lower().endswith(_DATA_SUFFIXES)]
        if not data:
            yield _refused("file", "archive_no_data", SourceFormat.ZIP)
        for number, name in data:
            yield from _read_member(archive, name, f"member {number}", zone, limits)


def _read_member(
    archive: Archive, name: str, place: str, zone: tzinfo, limits: Limits
) -> Iterator[IncomingUnit]:
    try:
        content = archive.content(name, limits.json_bytes)
    except ArchiveError as error:
        yield _refused(place, error.code, SourceFormat.ZIP)
        return
    found = sniff_format(content[:HEAD_BYTES], name)
    for unit in _read_plain(io.BytesIO(content), content[:HEAD_BYTES], found, zone, None, limits):
        yield unit.placed_in(place)
