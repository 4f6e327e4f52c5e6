"""What the families of claims share: their rows as the rules of claims pick them, and their shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from claims.rules.measures import ClaimKeys, DenialFact, Picked, SentClaim, Window
from reporting.rules.facts import Facts, Frame, Keys
from reporting.rules.kpi import (
    KpiDefinition,
    KpiValue,
    LeftOut,
    Row,
    Selection,
    as_percent,
    empty_value,
    measured_value,
)


def follows_claims(facts: Facts) -> bool:
    """Whether this client's claims are followed here."""
    return facts.billing is not None


def claims_of(facts: Facts) -> Sequence[SentClaim]:
    """The client's original claims that went out."""
    return facts.billing.claims if facts.billing else ()


def denials_of(facts: Facts) -> Sequence[DenialFact]:
    """The client's denials."""
    return facts.billing.denials if facts.billing else ()


def window_of(frame: Frame) -> Window:
    """The window of a frame as the rules of claims take it."""
    return Window(frame.start, frame.end)


def selection_of(picked: Picked) -> Selection:
    """What a rule of claims picked, as rows."""
    return Selection(
        tuple(Row(one.id, one.part, one.amount, one.at, _keys(one.keys)) for one in picked.counted),
        tuple(LeftOut(one.id, one.reason, _keys(one.keys)) for one in picked.left_out),
    )


def share(
    definition: KpiDefinition, selection: Selection, frame: Frame, hits: Iterable[str], why: str
) -> KpiValue:
    """Claims or denials with a row in ``hits`` over all, in percent, with Wilson's interval.

    What stands in several rows counts once.
    """
    n = len({row.id for row in selection.rows})
    if not n:
        return empty_value(definition, selection, why)
    numerator = Decimal(len({row.id for row in selection.in_buckets(*hits)}))
    return measured_value(
        definition,
        selection,
        n=n,
        numerator=numerator,
        denominator=Decimal(n),
        estimate=as_percent(numerator, Decimal(n), frame.confidence),
    )


def _keys(keys: ClaimKeys) -> Keys:
    return Keys(keys.facility, keys.specialty)
