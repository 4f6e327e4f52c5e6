"""Trying a rule on the client's finished charts before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from code_sets.edit_tables import TableSet
from code_sets.rules.edits.check import check_claim
from code_sets.rules.edits.claim import Claim, Finding, Setting
from edit_rules.rules.apply import Overlay
from edit_rules.rules.dry_run import DryRun, Sample, try_out

CHARTS = 500
Source = Callable[[int, int], Iterable[Sample]]


def dry_run(client_id: int, overlay: Overlay) -> DryRun:
    """What the rule would have done to the client's last 500 final charts.

    The charts lie in an app above this one: ``settings.EDIT_RULE_SAMPLES`` names the function that reads
    them, ``(client_id, limit)`` to samples.
    """
    tables: dict[Setting, TableSet] = {}

    def edits(claim: Claim) -> tuple[Finding, ...]:
        chosen = tables.setdefault(claim.setting, TableSet(claim.setting))
        return check_claim(claim, chosen.on).findings

    return try_out(overlay, _source()(client_id, CHARTS), edits)


@cache
def _source() -> Source:
    source: Source = import_string(settings.EDIT_RULE_SAMPLES)
    return source
