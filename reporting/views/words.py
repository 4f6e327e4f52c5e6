"""How numbers are written on pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from reporting.models import Span
from reporting.rules.kpi import KpiDefinition, KpiValue, TargetBand, Unit

DASH = "—"
SHORT = {
    Unit.HOURS: "h",
    Unit.DAYS: "days",
    Unit.COUNT: "",
    Unit.PERCENT: "%",
    Unit.PER_HOUR: "/h",
    Unit.PER_HUNDRED: "",
    Unit.DOLLARS: "",
}
SPAN_WORDS = {Span.ONE: "7 days", Span.FOUR: "4 weeks", Span.TWELVE: "12 weeks"}
_DECIMALS = {
    Unit.HOURS: 1,
    Unit.DAYS: 1,
    Unit.COUNT: 0,
    Unit.PERCENT: 1,
    Unit.PER_HOUR: 1,
    Unit.PER_HUNDRED: 1,
    Unit.DOLLARS: 0,
}


def number(value: Decimal | None, unit: Unit) -> str:
    """The number alone, as many decimals as its unit bears, dollars with their sign; a dash for none."""
    if value is None:
        return DASH
    sign = "$" if unit is Unit.DOLLARS else ""
    return f"{sign}{value:,.{_DECIMALS[unit]}f}"


def amount(value: Decimal | None, unit: Unit) -> str:
    """The number with its unit: ``93.1%``, ``20.0 h``, ``1,204``."""
    if value is None:
        return DASH
    short = SHORT[unit]
    return f"{number(value, unit)}{'' if short in ('%', '/h', '') else ' '}{short}"


def unit_beside(of: Unit) -> str:
    """The unit beside a large number, set off from it by a thin space where it is a word or a letter."""
    short = SHORT[of]
    return short if short in ("", "%", "/h") else f"\N{NARROW NO-BREAK SPACE}{short}"


def interval(value: KpiValue, unit: Unit) -> str:
    """``92.6 to 93.6%``, ``at least 24.0 h`` where the sample bounds one side only; empty for a census."""
    if value.low is None and value.high is None:
        return ""
    if value.high is None:
        return f"at least {amount(value.low, unit)}"
    if value.low is None:
        return f"at most {amount(value.high, unit)}"
    return f"{number(value.low, unit)} to {amount(value.high, unit)}"


def target(band: TargetBand | None, unit: Unit) -> str:
    """``target ≥ 90.0%``, ``target ≤ 4.0 days``, ``target 8.0 to 20.0/h``; empty for none."""
    if band is None or (band.low is None and band.high is None):
        return ""
    if band.high is None:
        return f"target ≥ {amount(band.low, unit)}"
    if band.low is None:
        return f"target ≤ {amount(band.high, unit)}"
    return f"target {number(band.low, unit)} to {amount(band.high, unit)}"


def count(value: int, noun: str) -> str:
    """``1,204 charts``, ``1 chart``."""
    if value == 1:
        noun = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    return f"{value:,} {noun}"


def last_day(window_end: datetime, zone: str) -> date:
    """The last day of a window that ends at midnight."""
    return (window_end - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()


def period(start: datetime, end: datetime, zone: str) -> str:
    """``10/27/2026 to 11/23/2026``, both days included."""
    return f"{start.astimezone(ZoneInfo(zone)):%m/%d/%Y} to {last_day(end, zone):%m/%d/%Y}"


def meaning(definition: KpiDefinition) -> tuple[tuple[str, str], ...]:
    """A definition as labelled lines."""
    lines = [
        ("Question", definition.question),
        ("Counted", definition.numerator),
        ("Out of", definition.denominator),
        ("Left out", " ".join(definition.exclusions)),
        ("Window", definition.window),
        ("Source", definition.source),
        ("Judged from", f"{definition.minimum_n:,} {definition.noun} on"),
        ("Version", str(definition.version)),
    ]
    return tuple(lines)
