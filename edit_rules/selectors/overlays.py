"""The rules of a client that hold on a day, as the pure part wants them."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from datetime import date, datetime

from edit_rules.models import EditRuleVersion
from edit_rules.rules.apply import Level, Overlay
from edit_rules.rules.conditions import parse_conditions

KEPT = 5000


def overlays_for(client_id: int, on: date, *, known_at: datetime | None = None) -> tuple[Overlay, ...]:
    """One version of each rule that holds on a day of service, by rule number: one query.

    The newest version begun by that day decides; when it has ended or is older than the day, the rule does
    not hold, and no earlier version comes back.  Ask once a request and hand the result on.

    Args:
        on: the day whose code sets apply (``Encounter.coding_on``).
        known_at: only versions saved by then, so that an old chart is judged again as it was.
    """
    versions = EditRuleVersion.objects.filter(client_id=client_id, effective_from__lte=on)
    if known_at is not None:
        versions = versions.filter(made_at__lte=known_at)
    newest = versions.select_related("rule").order_by("rule_id", "-number").distinct("rule_id")
    found = [_known(one) for one in newest if one.effective_to is None or one.effective_to >= on]
    return tuple(sorted(found, key=lambda overlay: overlay.number))


_parsed: OrderedDict[uuid.UUID, Overlay] = OrderedDict()


def _known(version: EditRuleVersion) -> Overlay:
    """``overlay_of``, read once a process: a version never changes, and neither does what its rule is for."""
    found = _parsed.get(version.pk)
    if found is None:
        found = _parsed[version.pk] = overlay_of(version)
        while len(_parsed) > KEPT:
            _parsed.popitem(last=False)
    return found


def overlay_of(version: EditRuleVersion) -> Overlay:
    """A stored version; ``rule`` must be loaded with it."""
    rule = version.rule
    return Overlay(
        number=rule.number,
        version=version.number,
        version_id=str(version.pk),
        name=version.name,
        level=Level(version.level),
        conditions=parse_conditions(version.conditions),
        effective_from=int(version.effective_from.strftime("%Y%m%d")),
        payer=rule.payer_name,
        builtin=rule.builtin,
        per_line=version.per_line,
        message=version.message,
        satisfy=version.satisfy,
        citation=cited(version.citation, version.citation_on),
        bypass=tuple(version.bypass),
    )


def cited(document: str, on: date | None) -> str:
    """``Aetna policy 0123 of 11/01/2026``."""
    return f"{document} of {on:%m/%d/%Y}" if document and on else document
