"""What the pages of plans and draws are given: prepared strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The form over every term.  ``texts``: the fields that are typed, by name."""

    href: str
    is_new: bool
    seen_version: int
    name: str
    reason: str
    kinds: tuple[Choice, ...]
    specialties: tuple[Choice, ...]
    coders: tuple[Choice, ...]
    strata: tuple[Choice, ...]
    certainty: tuple[Choice, ...]
    method: tuple[Choice, ...]
    mode: tuple[Choice, ...]
    gate: tuple[Choice, ...]
    schedule: tuple[Choice, ...]
    counted_score: tuple[Choice, ...]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One stratum of a preview."""

    name: str
    frame: str
    sample: str
    weight: str
    planned: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What the terms would draw of the newest period that is over."""

    period: str
    frame: str
    left_out: str
    rows: tuple[PreviewRow, ...]
    more: str
    whole: PreviewRow
    precision: str
    enough: bool
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan of the list."""

    href: str
    name: str
    share: str
    cut: str
    always: str
    schedule: str
    gate: str
    is_on: bool
    last: str
    last_href: str
    draws: str


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """The vendor's plans, or the client's own."""

    id: str
    heading: str
    note: str
    rows: tuple[PlanRow, ...]
    new_href: str
    empty_words: str


@dataclass(frozen=True, slots=True)
class PlansPage:
    """``/c/<client>/quality/plans/``."""

    groups: tuple[PlanGroup, ...]
    draws_href: str
    held_href: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of the terms; ``changes``: field, before, after."""

    number: int
    made: str
    reason: str
    sha256: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DrawRow:
    """One draw of a list."""

    href: str
    period: str
    plan: str
    version: str
    frame: str
    sample: str
    reviewed: str
    drawn: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    """``/c/<client>/quality/plans/<plan>/``."""

    href: str
    list_href: str
    name: str
    standing: str
    is_on: bool
    side: str
    says: tuple[tuple[str, str], ...]
    may_edit: bool
    change_href: str
    switch_href: str
    draw_href: str
    draws: tuple[DrawRow, ...]
    all_draws_href: str
    versions: tuple[VersionRow, ...]
    first: str
    last: str
    seed: str
    why: str


@dataclass(frozen=True, slots=True)
class DrawsPage:
    """``/c/<client>/quality/draws/``."""

    heading: str
    rows: tuple[DrawRow, ...]
    filters: tuple[Choice, ...]
    summary: str
    plans_href: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class StratumRow:
    """One stratum of a draw."""

    name: str
    frame: str
    sample: str
    weight: str
    reviews: str
    reviews_href: str
    result: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One estimate with its interval, n and verdict."""

    name: str
    value: str
    interval: str
    n: str
    verdict: str
    target: str


@dataclass(frozen=True, slots=True)
class DrawPage:
    """``/c/<client>/quality/draws/<draw>/``."""

    heading: str
    plan_href: str
    plan_name: str
    facts: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    strata: tuple[StratumRow, ...]
    whole: StratumRow
    reviews_href: str
    again_href: str
    frame_href: str
    rule_href: str
    notices: tuple[str, ...]
    estimate_note: str
    confidence: str
    export_href: str = ""
    """Where a finished draw is made into a file; empty before, and for who may not have it."""
    draw_id: str = ""


@dataclass(frozen=True, slots=True)
class AgainPage:
    """``/c/<client>/quality/draws/<draw>/again/``."""

    heading: str
    draw_href: str
    repeats: bool
    answer: str
    checks: tuple[tuple[str, bool, str], ...]
    since: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One final version that is held."""

    href: str
    visit_id: str
    service_on: str
    version: str
    holder: str
    stage: str
    since: str
    age: str
    release_href: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseForm:
    """Letting one version go with its standing findings.  ``hold``: its id, as it is posted."""

    hold: str
    heading: str
    words: str
    back_href: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """``/c/<client>/quality/held/``.  ``release`` is the form of the version that was chosen, if any;
    ``may_release``: rows that wait for their correction lead to it."""

    href: str
    rows: tuple[HeldRow, ...]
    filters: tuple[Choice, ...]
    plans_href: str
    empty_words: str
    may_release: bool = False
    release: ReleaseForm | None = None
    next_page_href: str = ""
    previous_page_href: str = ""
