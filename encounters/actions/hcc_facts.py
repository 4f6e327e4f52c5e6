"""Confirming from the note what risk adjustment asks for and the data do not say."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from encounters.actions.changes import code_set, note_change
from encounters.actions.cited_state import facts_state, word_columns
from encounters.actions.coding import Words
from encounters.actions.leases import require_lease
from encounters.models import EligibilityFact, Encounter
from encounters.rules.hcc_eligibility import check_fact


@transaction.atomic
def confirm_fact(
    *, actor: Actor, encounter: Encounter, fence: int, fact: str, value: str, words: Words | None = None
) -> EligibilityFact:
    """Records what the coder has seen; a fact confirmed before is replaced.

    Raises:
        InvalidInput: no such fact or answer, or the words that must show it are missing or elsewhere.
        Conflict: the chart is no longer held.
    """
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    check_fact(fact, value, words is not None)
    before = {"codes": code_set(encounter), "facts": facts_state(encounter)}
    columns = word_columns(
        encounter, *((words.version_id, words.start, words.end) if words else (None, None, None))
    )
    EligibilityFact.objects.filter(client_id=encounter.client_id, encounter=encounter, fact=fact).delete()
    row: EligibilityFact = EligibilityFact.objects.create(
        client_id=encounter.client_id,
        encounter=encounter,
        fact=fact,
        value=value,
        confirmed_by_id=actor.person_id,
        confirmed_at=timezone.now(),
        **columns,
    )
    change = note_change(actor=actor, encounter=encounter, verb=Verb.ELIGIBILITY_CONFIRMED, before=before)
    record_event(
        actor=actor,
        verb=Verb.ELIGIBILITY_CONFIRMED,
        subject=encounter,
        facts={"fact": fact, "value": value, "quotes": 1 if words else 0, "change": change.number},
    )
    return row


@transaction.atomic
def withdraw_fact(*, actor: Actor, encounter: Encounter, fence: int, fact: str) -> None:
    """Takes a confirmed fact back: it is not known again.

    Raises:
        NotFound: it was not confirmed.
        Conflict: the chart is no longer held.
    """
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    before = {"codes": code_set(encounter), "facts": facts_state(encounter)}
    deleted, _ = EligibilityFact.objects.filter(
        client_id=encounter.client_id, encounter=encounter, fact=fact
    ).delete()
    if not deleted:
        raise NotFound
    change = note_change(actor=actor, encounter=encounter, verb=Verb.ELIGIBILITY_WITHDRAWN, before=before)
    record_event(
        actor=actor,
        verb=Verb.ELIGIBILITY_WITHDRAWN,
        subject=encounter,
        facts={"fact": fact, "change": change.number},
    )
