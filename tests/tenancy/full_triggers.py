"""Gaps that rules found in a chart: one that waits, one that was dismissed, a rule that is off."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cdi_queries.actions.triggers import dismiss_hit, fingerprint_of, spans_json, switch_rule
from cdi_queries.models import TriggerCursor, TriggerHit
from cdi_queries.rules.triggers.shapes import Hit, Place
from cdi_queries.terms.triggers import trigger_book
from coding_ops.tenancy.actor import Actor
from encounters.models import DocumentVersion, Encounter


def fill_triggers(cdi: Actor, chart: Encounter) -> tuple[TriggerHit, TriggerHit]:
    """The gap that waits and the dismissed one; the sweep has been through."""
    version = DocumentVersion.objects.filter(
        client_id=chart.client_id, document__encounter=chart, document__kind="progress_note"
    )[0]
    start = version.text.index("Hypertension")
    place = Place(str(version.pk), start, start + 12, version.text[start : start + 12])
    waiting, dismissed = (
        _hit(chart, Hit(key, "sodium", (place,))) for key in ("finding.sodium_low", "finding.sodium_high")
    )
    dismissed = dismiss_hit(actor=cdi, hit=dismissed, reason="other", note=chart.patient.family_name)
    switch_rule(actor=cdi, client_id=chart.client_id, key="finding.inr_high", is_on=False)
    TriggerCursor.objects.create(
        client_id=chart.client_id, edition=trigger_book().edition, seq=1, swept_at=timezone.now()
    )
    return waiting, dismissed


def _hit(chart: Encounter, hit: Hit) -> TriggerHit:
    made: TriggerHit = TriggerHit.objects.create(
        client_id=chart.client_id,
        encounter=chart,
        rule_key=hit.rule,
        subject=hit.subject,
        fingerprint=fingerprint_of(hit),
        spans=spans_json(hit.places),
        edition=trigger_book().edition,
        provider_id=chart.rendering_provider_id,
        specialty_id=chart.specialty_id,
        found_at=timezone.now() - timedelta(days=1),
    )
    return made
