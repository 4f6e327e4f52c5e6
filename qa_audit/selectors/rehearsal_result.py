"""What a rehearsal has found so far: shares with intervals, dollars found, projected and asked for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from coding_ops.core.statistics import Interval, IntervalMethod, interval
from qa_audit.models import Rehearsal, RehearsalItem, RehearsalTerms
from qa_audit.rules.estimates import ValueStratum, cluster_bootstrap
from qa_audit.rules.projection import Projection, project
from qa_audit.rules.rehearsal import HccVerdict, RehearsalKind, overpaid, two_sided

DISPLAY_CONFIDENCE = Decimal("0.95")
TWO = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """One item as the result needs it: unit, stratum, verdict (empty: open), category, dollars entered."""

    unit: str
    stratum: str
    verdict: str
    hcc: int | None
    entered: Decimal | None


@dataclass(frozen=True, slots=True)
class Result:
    """Where a rehearsal stands.

    Attributes:
        items, open_items: what is judged, and what is not yet.
        units, open_units: units, and those with an open item.
        counts: items by verdict.
        without_amount: categories found unsupported for which neither an amount nor a rate is known.
        projection: ``None`` until every item is judged and priced, or where a stratum is too thin.
        why_none: says why there is no projection; empty when there is one.
        units_with_finding: units with an overpayment.
    """

    items: int
    open_items: int
    units: int
    open_units: int
    counts: Mapping[str, int]
    without_amount: tuple[int, ...]
    found: Decimal
    projection: Projection | None
    why_none: str
    units_with_finding: int


def terms_of(rehearsal: Rehearsal) -> RehearsalTerms:
    """The terms that count."""
    return RehearsalTerms.objects.get(
        client_id=rehearsal.client_id, rehearsal=rehearsal, number=rehearsal.terms_count
    )


def judged_items(rehearsals: Sequence[Rehearsal]) -> dict[uuid.UUID, list[Judged]]:
    """All items of each rehearsal, in the order drawn: one query."""
    found: dict[uuid.UUID, list[Judged]] = {one.pk: [] for one in rehearsals}
    if not rehearsals:
        return found
    rows = (
        RehearsalItem.objects.filter(client_id=rehearsals[0].client_id, rehearsal__in=list(found))
        .order_by("unit__number", "number")
        .values_list("rehearsal_id", "unit_id", "unit__stratum", "verdict", "hcc", "overpaid_amount")
    )
    for pk, unit, stratum, verdict, hcc, entered in rows:
        found[pk].append(Judged(str(unit), stratum, verdict, hcc, entered))
    return found


def results_of(rehearsals: Sequence[Rehearsal]) -> dict[uuid.UUID, Result]:
    """The result of each under the terms that count: two queries for any number of them."""
    if not rehearsals:
        return {}
    items = judged_items(rehearsals)
    terms = RehearsalTerms.objects.filter(
        client_id=rehearsals[0].client_id, rehearsal__in=list(items), number=F("rehearsal__terms_count")
    )
    by_rehearsal = {one.rehearsal_id: one for one in terms}
    return {one.pk: result(one, by_rehearsal[one.pk], items[one.pk]) for one in rehearsals}


def result_of(rehearsal: Rehearsal, terms: RehearsalTerms) -> Result:
    """The result under these terms: one query."""
    return result(rehearsal, terms, judged_items([rehearsal])[rehearsal.pk])


def result(rehearsal: Rehearsal, terms: RehearsalTerms, items: Sequence[Judged]) -> Result:
    """What these items make under these terms."""
    rates = {int(hcc): Decimal(rate) for hcc, rate in terms.rates.items()}
    values: dict[str, Decimal] = {}
    missing: set[int] = set()
    open_units: set[str] = set()
    for item in items:
        values.setdefault(item.unit, Decimal(0))
        if not item.verdict:
            open_units.add(item.unit)
            continue
        amount = overpaid(
            HccVerdict(item.verdict),
            entered=item.entered,
            rate=rates.get(item.hcc) if item.hcc is not None else None,
        )
        if amount is None:
            missing.add(item.hcc or 0)
        else:
            values[item.unit] += amount
    why = _why_none(rehearsal, open_units, missing)
    done = [item for item in items if item.verdict]
    return Result(
        items=len(items),
        open_items=len(items) - len(done),
        units=len(values),
        open_units=len(open_units),
        counts={one.value: sum(item.verdict == one for item in done) for one in HccVerdict},
        without_amount=tuple(sorted(missing)),
        found=sum(values.values(), Decimal(0)),
        projection=None if why else _projected(rehearsal, terms, items, values),
        why_none=why,
        units_with_finding=sum(value > 0 for value in values.values()),
    )


def _why_none(rehearsal: Rehearsal, open_units: set[str], missing: set[int]) -> str:
    noun = "member" if rehearsal.kind == RehearsalKind.RADV else "claim"
    if open_units:
        plural = "" if len(open_units) == 1 else "s"
        return f"{len(open_units)} {noun}{plural} still to judge: a part of a sample is not projected."
    if missing:
        named = ", ".join(f"HCC {one}" for one in sorted(missing) if one) or "a claim"
        return f"No amount for {named}: enter a rate, or the dollars with the verdict."
    thin = [name for name, sizes in rehearsal.strata.items() if sizes["sample"] < min(TWO, sizes["frame"])]
    return f"Stratum {thin[0]} has too few units to show a spread." if thin else ""


def _projected(
    rehearsal: Rehearsal, terms: RehearsalTerms, items: Sequence[Judged], values: Mapping[str, Decimal]
) -> Projection:
    stratum_of = {item.unit: item.stratum for item in items}
    strata = [
        ValueStratum(
            name, sizes["frame"], tuple(value for unit, value in values.items() if stratum_of[unit] == name)
        )
        for name, sizes in rehearsal.strata.items()
        if sizes["sample"]
    ]
    return project(strata, extrapolate=terms.is_extrapolated, confidence=two_sided(terms.confidence))


def share_of(rehearsal: Rehearsal, items: Sequence[Judged]) -> Interval | None:
    """The share of judged items that keep their payment: supported, or better supported elsewhere.

    Each unit is weighted by what it stands for, and the interval keeps a member's categories together; its
    seed is the rehearsal's own.  ``None`` before anything is judged.
    """
    parts: dict[str, tuple[str, int, int]] = {}
    for item in items:
        if not item.verdict:
            continue
        stratum, hits, lines = parts.get(item.unit, (item.stratum, 0, 0))
        parts[item.unit] = (stratum, hits + (item.verdict != HccVerdict.NOT_SUPPORTED), lines + 1)
    if not parts:
        return None
    charts = [(hits, lines) for _, hits, lines in parts.values()]
    if all(hits == lines for hits, lines in charts) or not any(hits for hits, _ in charts):
        # No unit differs: a resample would have no width, so the exact interval over the units stands in.
        clean = len(charts) if charts[0][0] else 0
        return interval(
            clean, len(charts), confidence=DISPLAY_CONFIDENCE, method=IntervalMethod.CLOPPER_PEARSON
        )
    sizes = rehearsal.strata
    weights = [
        Decimal(sizes[stratum]["frame"]) / Decimal(sizes[stratum]["sample"])
        for stratum, _, _ in parts.values()
    ]
    return cluster_bootstrap(charts, confidence=DISPLAY_CONFIDENCE, seed=rehearsal.seed, weights=weights)
