"""What is loaded, from when to when, and what is missing: every release of every code system and table."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path

from code_sets.models import CodeSetRelease, EditTableRelease, ReleaseUpload

CATALOGUE = Path(__file__).resolve().parent / "data" / "release_catalogue.toml"


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One loaded release. `rows`: entries of its file; `note`: what its loader had to say."""

    system: str
    release: str
    title: str
    effective_from: date
    effective_to: date | None
    published_from: date
    published_through: date | None
    source: str
    rows: int
    sha256: str
    loaded_at: datetime
    note: str

    def answers_on(self, day: date) -> bool:
        """Whether a day's charts are checked by it."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """What can be loaded (data/release_catalogue.toml). `packaged`: what answers while it is not."""

    name: str
    label: str
    serves: str
    every: str
    packaged: str = ""
    lasts: bool = False
    """A list without an end: the newest stays good until CMS changes it."""


class Standing(Enum):
    """How a system stands on a day."""

    IN_FORCE = "in force"
    PAST_END = "past its end"
    MISSING = "none for today"
    PACKAGED = "from a package"
    NOT_LOADED = "not loaded"


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """One system on a day: which release answers, the newest that is loaded, and all of them."""

    system: KnownSystem
    standing: Standing
    in_force: ReleaseLine | None
    releases: tuple[ReleaseLine, ...]


@cache
def known_systems() -> tuple[KnownSystem, ...]:
    """All that can be loaded, in the order of the page."""
    data = tomllib.loads(CATALOGUE.read_text("utf-8"))
    return tuple(KnownSystem(**one) for one in data["system"])


def loaded_releases() -> list[ReleaseLine]:
    """Every loaded release, newest first in each system; codes before the tables of the same name."""
    codes = [_line(one, one.code_count) for one in CodeSetRelease.objects.all()]
    seen = {(one.system, one.sha256) for one in codes}
    tables = [
        _line(one, one.row_count)
        for one in EditTableRelease.objects.defer("data")
        if (one.system, one.sha256) not in seen
    ]
    return sorted([*codes, *tables], key=lambda one: (one.system, -one.published_from.toordinal()))


def newest_uploads(limit: int) -> list[ReleaseUpload]:
    """The files sent last through the page, newest first, without their bytes."""
    return list(ReleaseUpload.objects.defer("data")[:limit])


def statuses(loaded: Sequence[ReleaseLine], today: date) -> list[SystemStatus]:
    """How each system stands on a day; systems that are loaded and not in the catalogue come last."""
    known = {one.name: one for one in known_systems()}
    others = dict.fromkeys(one.system for one in loaded if one.system not in known)
    systems = [*known_systems(), *(KnownSystem(name, name, "", "") for name in others)]
    return [_status(one, [line for line in loaded if line.system == one.name], today) for one in systems]


def _status(system: KnownSystem, lines: Sequence[ReleaseLine], today: date) -> SystemStatus:
    in_force = next((line for line in lines if line.answers_on(today)), None)
    if not lines:
        standing = Standing.PACKAGED if system.packaged else Standing.NOT_LOADED
    elif in_force is None:
        standing = Standing.MISSING
    elif in_force.published_through is not None and today > in_force.published_through and not system.lasts:
        standing = Standing.PAST_END
    else:
        standing = Standing.IN_FORCE
    return SystemStatus(system, standing, in_force, tuple(lines))


def _line(one: CodeSetRelease | EditTableRelease, rows: int) -> ReleaseLine:
    return ReleaseLine(
        system=one.system,
        release=one.release,
        title=one.title,
        effective_from=one.effective_from,
        effective_to=one.effective_to,
        published_from=one.published_from,
        published_through=one.published_through,
        source=one.source,
        rows=rows,
        sha256=one.sha256,
        loaded_at=one.loaded_at,
        note=one.note,
    )
