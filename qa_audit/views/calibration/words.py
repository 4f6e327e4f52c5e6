"""How agreement, gold scores and places in a note are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from coding_ops.core.statistics import Interval
from encounters.models import DocumentVersion, Encounter
from encounters.rules.note_html import lines_touched
from encounters.rules.text import split_lines
from encounters.selectors.chart import documents_of
from qa_audit.models.calibration import CheckState, GoldSide, GoldSource, GoldState, RoundState
from qa_audit.rules.calibration import Kappa
from qa_audit.rules.lines import shown
from qa_audit.views.calibration.dto import NoteLine, NoteText

DASH = "\N{EM DASH}"
LONGEST_QUOTE = 140
PAGE_ROWS = 50
ROUND_TONES = {RoundState.OPEN: "", RoundState.CLOSED: "ok", RoundState.CANCELLED: "line"}
GOLD_TONES = {
    GoldState.DRAFT: "warn",
    GoldState.READY: "",
    GoldState.CHECKED: "ok",
    GoldState.HANDED: "ok",
    GoldState.VOID: "line",
}
CHECK_TONES = {
    CheckState.WAITING: "",
    CheckState.OPEN: "warn",
    CheckState.SETTLED: "ok",
    CheckState.VOID: "line",
}
SOURCES: Mapping[str, str] = dict(GoldSource.choices)
SIDES: Mapping[str, str] = dict(GoldSide.choices)


def base_href(slug: str) -> str:
    """``/c/<client>/quality/calibration/``"""
    return f"/c/{slug}/quality/calibration/"


def page_number(text: str) -> int:
    """The page asked for, from 1."""
    return int(text) if text.isdecimal() and 0 < int(text) < 10_000 else 1


def percent(rate: Decimal | None) -> str:
    """``97.3%``."""
    return DASH if rate is None else f"{100 * rate:.1f}%"


def between(found: Interval | None) -> str:
    """``95.1 to 98.6%``."""
    return DASH if found is None else f"{100 * found.low:.1f} to {100 * found.high:.1f}%"


def two(value: Decimal | None) -> str:
    """``0.87``."""
    return DASH if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def kappa_words(found: Kappa, least_lines: int) -> tuple[str, str]:
    """``0.87`` and ``0.71 to 1.00, 24 lines``; with fewer than the least lines that is said."""
    if found.value is None:
        why = "chance alone agrees" if found.items else "nothing shared"
        return DASH, why
    few = ", too few to judge" if found.items < least_lines else ""
    return two(found.value), f"{two(found.low)} to {two(found.high)}, {count(found.items, 'line')}{few}"


def count(number: int, noun: str) -> str:
    """``3 charts``, ``1 chart``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# --- places in a note ----------------------------------------------------------------------------------


def texts_shown(encounter: Encounter, cited: Sequence[Mapping[str, Any]] = ()) -> tuple[NoteText, ...]:
    """Each document's newest version with numbered lines; lines that a key cites are marked."""
    lines = documents_of(encounter)
    versions = DocumentVersion.objects.filter(client_id=encounter.client_id).in_bulk(
        [one.newest_id for one in lines]
    )
    return tuple(
        NoteText(
            number,
            one.title,
            tuple(
                NoteLine(
                    line.number,
                    line.text,
                    any(
                        spot["version"] == str(one.newest_id)
                        and line.start < spot["end"]
                        and line.end > spot["start"]
                        for spot in cited
                    ),
                )
                for line in split_lines(versions[one.newest_id].text)
                if not line.is_blank
            ),
        )
        for number, one in enumerate(lines, start=1)
    )


class Places:
    """Says where evidence of one chart stands: ``Progress note, line 12: “stage 3a”``."""

    def __init__(self, encounter: Encounter) -> None:
        self._versions = {
            str(one.pk): one
            for one in DocumentVersion.objects.filter(
                client_id=encounter.client_id, document__encounter=encounter
            ).select_related("document")
        }

    def words(self, spots: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """One text for each spot; ``version``, ``start`` and ``end`` as stored."""
        return tuple(told for told in map(self._one, spots) if told)

    def _one(self, spot: Mapping[str, Any]) -> str:
        version = self._versions.get(str(spot["version"]))
        if version is None:
            return ""
        touched = lines_touched(split_lines(version.text), spot["start"], spot["end"])
        if not touched:
            return ""
        first, last = touched[0].number, touched[-1].number
        where = f"line {first}" if first == last else f"lines {first} to {last}"
        quote = " ".join(version.text[spot["start"] : spot["end"]].split())
        quote = (
            quote if len(quote) <= LONGEST_QUOTE else f"{quote[: LONGEST_QUOTE - 1]}\N{HORIZONTAL ELLIPSIS}"
        )
        return f"{version.document.title}, {where}: “{quote}”"


def line_name(line: Mapping[str, Any] | None) -> str:
    """A line in words, a dash without one."""
    return shown(line) or DASH
