"""What gold scores are held to, and what follows one that falls below: always a recorded decision."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.pauses import pause_coder
from encounters.selectors.pauses import paused_now
from qa_audit.actions.calibration import require_leader
from qa_audit.models import GoldCheck, GoldPolicy, GoldSignal
from qa_audit.models.calibration import CheckState, GoldSide, SignalDecision
from qa_audit.rules.gold import Standing, Sum
from qa_audit.selectors.calibration import Policy, gold_sums, people_in, policy_of, review_pause_of

LEAST_WORDS = 5
PAUSE_WORDS = "A quality measure of the programme lies below its target."
"""On the pause itself, which more people may read than know of gold charts."""
ROLES = {GoldSide.CODER.value: Role.CODER, GoldSide.REVIEWER.value: Role.QA_REVIEWER}


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What gold scores shall be held to; ``target`` is a rate from 0 to 1."""

    target: Decimal
    least_lines: int
    window_days: int
    pauses_itself: bool


@transaction.atomic
def set_policy(*, actor: Actor, client_id: int, terms: PolicyTerms, reason: str) -> GoldPolicy:
    """A new policy from now on; signals raised before keep theirs.

    Raises:
        InvalidInput: a value out of its range, its name in ``details``.
        Refused: no reason.
    """
    require_leader(actor)
    for field, value, low, high in (
        ("target", terms.target, Decimal("0.5"), Decimal(1)),
        ("least_lines", terms.least_lines, 5, 1000),
        ("window_days", terms.window_days, 7, 730),
    ):
        if not low <= value <= high:
            told = "from 50 to 100%" if field == "target" else f"from {low} to {high}"
            raise InvalidInput(f"Enter a number {told}.", code="gold.policy", details={"path": field})
    if len(reason.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words why it changes.", code="gold.reason")
    policy: GoldPolicy = GoldPolicy.objects.create(
        client_id=client_id,
        number=policy_of(client_id).number + 1,
        target=terms.target,
        least_lines=terms.least_lines,
        window_days=terms.window_days,
        pauses_itself=terms.pauses_itself,
        reason=reason.strip(),
        made_by_id=actor.person_id,
        made_at=timezone.now(),
    )
    facts = {"target": str(terms.target), "least_lines": terms.least_lines, "days": terms.window_days}
    record_event(
        actor=actor,
        verb=Verb.GOLD_POLICY_CHANGED,
        subject=policy,
        reason=reason.strip(),
        facts={**facts, "pauses_itself": terms.pauses_itself},
    )
    return policy


@transaction.atomic
def raise_signals(*, actor: Actor, client_id: int) -> int:
    """A signal for each person whose gold score fell below the target; returns how many.

    Nobody gets a second one while the first is open, while they are paused, or before another gold chart of
    theirs was settled, nor who has left.  Where the policy pauses by itself, a score surely below does.
    """
    policy, raised = policy_of(client_id), 0
    for side, role in ROLES.items():
        here = {one.pk for one in people_in(client_id, role)}
        for person, found in sorted(gold_sums(client_id, side, policy, timezone.now()).items()):
            if person not in here or not found.is_below or _is_known(client_id, side, person):
                continue
            signal = _raise(actor, client_id, side, person, policy, found)
            raised += 1
            if policy.pauses_itself and signal.is_sure:
                _decide(
                    actor, signal, SignalDecision.PAUSE, f"Policy {policy.number} pauses by itself.", None
                )
    return raised


def _raise(actor: Actor, client_id: int, side: str, person: int, policy: Policy, found: Sum) -> GoldSignal:
    signal: GoldSignal = GoldSignal.objects.create(
        client_id=client_id,
        side=side,
        person_id=person,
        policy_number=policy.number,
        target=policy.target,
        charts=found.charts,
        numerator=found.numerator,
        denominator=found.denominator,
        is_sure=found.standing is Standing.MISSED,
        raised_at=timezone.now(),
    )
    facts = {"side": side, "person": person, "numerator": found.numerator, "denominator": found.denominator}
    record_event(actor=actor, verb=Verb.GOLD_SIGNALLED, subject=signal, facts=facts)
    return signal


def _is_known(client_id: int, side: str, person: int) -> bool:
    newest = (
        GoldSignal.objects.filter(client_id=client_id, side=side, person_id=person)
        .order_by("-raised_at")
        .first()
    )
    if newest is None:
        return False
    if newest.decision == "" or review_pause_of(client_id, person) or paused_now(client_id, person):
        return True
    since = GoldCheck.objects.filter(
        client_id=client_id,
        side=side,
        person_id=person,
        state=CheckState.SETTLED,
        settled_at__gt=newest.raised_at,
    )
    return not since.exists()


@transaction.atomic
def decide_signal(*, actor: Actor, signal: GoldSignal, decision: SignalDecision, reason: str) -> GoldSignal:
    """Pauses the person, or says why not.

    Raises:
        Refused: no reason.
        Conflict: somebody decided before.
    """
    require_leader(actor)
    if len(reason.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words why.", code="gold.reason")
    locked = _locked_signal(signal)
    if locked.decision:
        raise Conflict("Somebody has decided this already.", code="gold.decided")
    return _decide(actor, locked, decision, reason.strip(), actor.user_id)


def _decide(
    actor: Actor, signal: GoldSignal, decision: SignalDecision, reason: str, by: int | None
) -> GoldSignal:
    # A coder who is paused for another reason stays so under that pause.
    standing = any(one.specialty_id is None for one in paused_now(signal.client_id, signal.person_id))
    if decision is SignalDecision.PAUSE and signal.side == GoldSide.CODER and not standing:
        signal.pause = pause_coder(
            actor=actor,
            client_id=signal.client_id,
            coder_id=signal.person_id,
            specialty_id=None,
            reason=PAUSE_WORDS,
        )
    signal.decision, signal.reason = decision, reason
    signal.decided_by_id, signal.decided_at = by, timezone.now()
    signal.save(update_fields=["decision", "reason", "decided_by", "decided_at", "pause"])
    record_event(
        actor=actor,
        verb=Verb.GOLD_SIGNAL_DECIDED,
        subject=signal,
        reason=reason,
        facts={"decision": decision.value, "person": signal.person_id, "side": signal.side},
    )
    return signal


@transaction.atomic
def lift_review_pause(*, actor: Actor, signal: GoldSignal, reason: str) -> GoldSignal:
    """Lets a reviewer take reviews again; a coder's pause is lifted where it was made.

    Raises:
        Refused: no reason.
        Conflict: there is no pause to lift.
    """
    require_leader(actor)
    if len(reason.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words why the pause ends.", code="gold.reason")
    locked = _locked_signal(signal)
    stands = locked.side == GoldSide.REVIEWER and locked.decision == SignalDecision.PAUSE
    if not stands or locked.lifted_at is not None:
        raise Conflict("There is no pause to lift.", code="gold.not_paused")
    locked.lifted_at, locked.lifted_by_id = timezone.now(), actor.person_id
    locked.lift_reason = reason.strip()
    locked.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    record_event(
        actor=actor,
        verb=Verb.GOLD_SIGNAL_DECIDED,
        subject=locked,
        reason=reason.strip(),
        facts={"decision": "lifted", "person": locked.person_id, "side": locked.side},
    )
    return locked


def _locked_signal(signal: GoldSignal) -> GoldSignal:
    locked: GoldSignal = GoldSignal.objects.select_for_update(of=("self",)).get(
        client_id=signal.client_id, pk=signal.pk
    )
    return locked
