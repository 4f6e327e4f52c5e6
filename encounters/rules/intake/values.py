"""Reading single values strictly: dates, money, NPIs, text. Each returns a value or None, never raises."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no identifier, name or code may hold. Notes may hold line breaks, tabs and form feeds."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_HL7_TIME = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,6}))?)?)?)?)?)?([+-]\d{4})?", re.ASCII
)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_CLOCK = re.compile(
    r"[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?: ?([AaPp])[Mm])?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_MONEY = re.compile(r"\$?(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(\.\d{1,2})?", re.ASCII)
_PROCEDURE_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z](?:-?[0-9A-Z]{2}){0,4}", re.ASCII)


def is_storable(text: str) -> bool:
    """True unless the text holds what PostgreSQL and UTF-8 can't: NUL or lone surrogates."""
    if "\x00" in text:
        return False
    return text.isascii() or _SURROGATE.search(text) is None


def is_npi(text: str) -> bool:
    """True for ten digits whose Luhn check (with the prefix 80840 of the NPI standard) holds."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    total = 24  # what the prefix 80840 adds
    for index, char in enumerate(text):
        digit = int(char)
        if index % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def local_date(moment: datetime, zone: tzinfo) -> date:
    """The calendar date at the place of care.

    A written offset is the place's own clock and is kept. UTC says nothing about the place (many systems
    convert all times to UTC), so a UTC moment is shown on the client's clock first: an evening visit in
    Boston is otherwise dated a day late.
    """
    if moment.utcoffset() == timedelta(0):
        moment = _shift(moment, zone)
    return moment.date()


def _shift(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # year 1 or 9999: no calendar on the other side
        return moment


def hl7_time(text: str, zone: tzinfo) -> datetime | None:
    """An HL7 v2 time (YYYYMMDD[HHMM[SS[.S]]][+/-ZZZZ]) with the client's zone where none is written.

    A date alone is midnight. Month or year precision is None: it is no date of service and no birth date.
    """
    match = _HL7_TIME.fullmatch(text)
    if match is None or match[3] is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    offset: tzinfo = zone
    try:
        if match[8]:
            size = timedelta(hours=int(match[8][1:3]), minutes=int(match[8][3:]))
            offset = timezone(-size if match[8][0] == "-" else size)
        return datetime(year, month, day, hour, minute, second, tzinfo=offset)
    except ValueError:
        return None


def hl7_date(text: str) -> date | None:
    """The date an HL7 v2 time is written with, or None. Its offset is the place's own: never shifted."""
    moment = hl7_time(text, UTC)
    return moment.date() if moment else None


def plain_date(text: str) -> date | None:
    """YYYY-MM-DD or M/D/YYYY (American order). A time behind it is ignored."""
    match = _ISO_DATE.match(text)
    if match is not None:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif (match := _US_DATE.match(text)) is not None:
        month, day, year = int(match[1]), int(match[2]), int(match[3])
    else:
        return None
    rest = text[match.end() :]
    if rest and _CLOCK.fullmatch(rest) is None:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def plain_time(text: str, zone: tzinfo) -> datetime | None:
    """A date as `plain_date` reads it with an optional time (24 h or AM/PM) and offset."""
    day = plain_date(text)
    if day is None:
        return None
    match = _CLOCK.search(text)
    if match is None:
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    hour, half = int(match[1]), (match[4] or "").upper()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "P" else 0)
    try:
        offset = datetime.fromisoformat("2000-01-01T00:00:00" + match[5]).tzinfo if match[5] else zone
        return datetime(day.year, day.month, day.day, hour, int(match[2]), int(match[3] or 0), tzinfo=offset)
    except ValueError:
        return None


def money(text: str) -> Decimal | None:
    """A dollar amount of at most nine digits before the point: 1234.5, 1,234.50, $1,234.50."""
    match = _MONEY.fullmatch(text)
    if match is None:
        return None
    return Decimal(match[1].replace(",", "") + (match[2] or "")).quantize(Decimal("0.01"))


def quantity(text: str) -> Decimal | None:
    """A count of units: a plain decimal number, at most six digits before the point."""
    if re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", text, re.ASCII) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:  # the pattern above leaves nothing that Decimal refuses; kept total anyway
        return None


def procedure_code(text: str) -> str | None:
    """A CPT or HCPCS code with its modifiers (99213, 99213-25, G0467), upper case; None if it is not one."""
    code = text.strip().upper()
    return code if _PROCEDURE_CODE.fullmatch(code) else None


def utf8(content: bytes) -> str | None:
    """The text of UTF-8 bytes without a leading byte order mark, or None."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
