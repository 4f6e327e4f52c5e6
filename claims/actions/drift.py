"""Comparing again: charts that came after their claim, and codes that changed after they were billed."""

from __future__ import annotations

from collections.abc import Sequence

from claims.actions.posting.client_claims import Tied, tie, tied_columns
from claims.actions.posting.known import lock_posting
from claims.models import Claim
from claims.rules.content import from_json
from claims.selectors.billed_charts import key_of
from claims.selectors.drift import behind, late_charts
from claims.selectors.finished import finished_versions
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from encounters.models import IntakeConnection

BATCH = 500
"""Claims of one commit."""
COLUMNS = (
    "encounter_id",
    "coverage_id",
    "specialty_id",
    "coder_id",
    "revision_number",
    "diagnoses",
    "drift_count",
    "drift",
)


def compare_waiting(*, actor: Actor, client_id: int) -> int:
    """Ties claims without a chart whose visit number is known by now, and compares anew what was finalized
    since; how many claims it changed.  No scope may be open.
    """
    count = 0
    while changed := _batch(actor, client_id):
        count += changed
    return count


def _batch(actor: Actor, client_id: int) -> int:
    with client_transaction([client_id]):
        lock_posting(client_id)
        connections = list(IntakeConnection.objects.filter(client_id=client_id).values_list("pk", flat=True))
        changed = _tie(client_id, list(late_charts(client_id, connections)[:BATCH]))
        changed += _compare(client_id, list(behind(client_id)[:BATCH]))
        if changed:
            Claim.objects.bulk_update(
                changed, [name.removesuffix("_id") for name in COLUMNS], batch_size=BATCH
            )
            record_event(
                actor=actor,
                verb=Verb.CLAIM_COMPARED,
                subject=Client.objects.get(pk=client_id),
                client_id=client_id,
                facts={"claims": len(changed), "differing": sum(bool(one.drift_count) for one in changed)},
            )
        return len(changed)


def _tie(client_id: int, rows: Sequence[Claim]) -> list[Claim]:
    contents = {row.pk: from_json(row.content) for row in rows}
    tied = tie(client_id, list(contents.values()))
    return [
        row
        for row in rows
        if (found := tied.get(key_of(contents[row.pk]))) is not None
        and _set(row, tied_columns(contents[row.pk], found))
    ]


def _compare(client_id: int, rows: Sequence[Claim]) -> list[Claim]:
    versions = finished_versions(client_id, {row.encounter_id for row in rows if row.encounter_id})
    changed = []
    for row in rows:
        version = versions.get(row.encounter_id) if row.encounter_id else None
        if version is None or row.encounter is None:
            continue
        if _set(row, tied_columns(from_json(row.content), Tied(row.encounter, version))):
            changed.append(row)
    return changed


def _set(row: Claim, columns: dict[str, object]) -> bool:
    """Sets what is new; whether anything was."""
    fresh = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in fresh.items():
        setattr(row, name, value)
    return bool(fresh)
