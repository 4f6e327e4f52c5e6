"""Telling what a file is by its first bytes; the name helps only where the bytes leave a choice."""

from __future__ import annotations

import re

from encounters.rules.intake.incoming import SourceFormat

HEAD_BYTES = 64 * 1024
"""How much of a file `sniff_format` and `why_unknown` want to see; more is not looked at."""

_HL7 = re.compile(rb"(?:MSH|FHS|BHS)[^A-Za-z0-9\s][^A-Za-z0-9\s]{1,5}")
_FOREIGN = (b"<", b"ISA", b"%PDF", b"\xff\xfe", b"\xfe\xff")
_CSV_NAMES = (".csv", ".tsv", ".txt", ".psv")
_KEY_COLUMNS = re.compile(
    r"\b(?:mrn|medical_record_number|encounter_id|visit_id|visit_number|birth_on|dob|service_on|date_of_service)\b"
)


def sniff_format(head: bytes, filename: str = "") -> SourceFormat:
    """The format of a file that starts with `head` (at least its first few kB, if it has so many).

    UNKNOWN is an answer; `why_unknown` says which known foreign format it is. Never raises.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return SourceFormat.ZIP
    if head.startswith(b"\x1f\x8b"):
        return SourceFormat.GZIP
    body = _bare(head)
    if body[:1] in (b"{", b"["):
        return SourceFormat.FHIR
    if _HL7.match(body.lstrip(b"\x0b")):
        return SourceFormat.HL7V2
    if _looks_like_csv(body, filename):
        return SourceFormat.CSV
    return SourceFormat.UNKNOWN


def why_unknown(head: bytes) -> str:
    """The problem code for a file whose format is UNKNOWN."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "encoding_utf16"
    body = _bare(head)
    if not body:
        return "empty_file"
    if body.startswith(b"<"):
        return "ccda_unsupported"
    if body.startswith(b"ISA"):
        return "x12_unsupported"
    if body.startswith(b"%PDF"):
        return "pdf_unsupported"
    return "unknown_format"


def _bare(head: bytes) -> bytes:
    return head[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")


def _looks_like_csv(body: bytes, filename: str) -> bool:
    if not body or body.startswith(_FOREIGN) or b"\x00" in body.split(b"\n", 1)[0]:
        return False
    if filename.lower().endswith(_CSV_NAMES):
        return True
    header = body.split(b"\n", 1)[0][:4096].decode("utf-8", "replace").lower().replace(" ", "_")
    return len(set(_KEY_COLUMNS.findall(re.sub(r"[^a-z_]", " ", header)))) >= 2
