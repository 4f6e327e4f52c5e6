"""Files of claims: asked for, sent, taken back.  Writing them is ``writing``."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from claims.access.submissions import require_submitter
from claims.actions.correcting import successors_sent
from claims.actions.posting.known import lock_posting
from claims.actions.steps import NewStep, add_steps
from claims.models import (
    BillingProfile,
    Claim,
    ClaimFormat,
    ClaimStatus,
    ClaimStepKind,
    Submission,
    SubmissionState,
    SubmittedClaim,
)
from claims.rules.claim_states import ClaimState, ClaimVerb, step
from claims.selectors.submissions import changed_since, waiting_for
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.tasks import enqueue

WRITE_TASK, MATCH_TASK = "claims.write_submission", "claims.read_files"
SHORTEST_REASON = 5
SENDABLE = ClaimState.READY


@transaction.atomic
def build_submission(
    *, actor: Actor, client_id: int, receiver_id: str, form: str, now: datetime
) -> Submission:
    """Asks for a file of every claim that waits for a receiver, of one form; it is written in the background.

    Numbers of a receiver's files have no gap: one that could not be written gives its number to the next.

    Raises:
        NotFound, NotAllowed: not a leader.
        InvalidInput: no such form.
        Refused: no billing profile, a client that bills for itself, or no claim waits.
    """
    require_submitter(actor)
    if form not in ClaimFormat.values:
        raise InvalidInput("Choose professional or institutional.", code="submission.form")
    # Its lock makes the numbers of one client follow each other.
    profile: BillingProfile | None = (
        BillingProfile.objects.select_for_update().filter(client_id=client_id).first()
    )
    if profile is None or profile.is_self_billed:
        raise Refused("This client's claims are not written here.", code="submission.not_billed_here")
    waiting = waiting_for(client_id, receiver_id, form)
    first = waiting.select_related("payer").first()
    if first is None or first.payer is None:
        raise Refused("No claim waits for this receiver.", code="submission.nothing_waits")
    if Submission.objects.filter(
        client_id=client_id, receiver_id=receiver_id, form=form, state=SubmissionState.BUILDING
    ).exists():
        raise Conflict("A file for this receiver is being written already.", code="submission.building")
    values = {
        "form": form,
        "receiver_name": first.payer.receiver_name,
        "state": SubmissionState.BUILDING,
        "is_test": profile.is_test,
        "claim_count": waiting.count(),
        "written_count": 0,
        "left_out_count": 0,
        "failure": "",
        "asked_by_id": actor.person_id,
        "asked_at": now,
    }
    made = _row(client_id, receiver_id, values)
    enqueue(WRITE_TASK, client_id=client_id, submission_id=str(made.pk))
    record_event(
        actor=actor,
        verb=Verb.SUBMISSION_ASKED,
        subject=made,
        facts={"form": form, "interchange": made.interchange_number, "claims": made.claim_count},
    )
    return made


def _row(client_id: int, receiver_id: str, values: dict[str, object]) -> Submission:
    """A new row with the receiver's next number, or the row of a file that was never written."""
    files = Submission.objects.filter(client_id=client_id, receiver_id=receiver_id)
    unused: Submission | None = (
        files.filter(state=SubmissionState.FAILED, content__isnull=True)
        .order_by("interchange_number")
        .first()
    )
    if unused is not None:
        for name, value in values.items():
            setattr(unused, name, value)
        unused.save(update_fields=[name.removesuffix("_id") for name in values])
        return unused
    highest = files.aggregate(Max("interchange_number"))["interchange_number__max"] or 0
    made: Submission = Submission.objects.create(
        client_id=client_id, receiver_id=receiver_id, interchange_number=highest + 1, **values
    )
    return made


@transaction.atomic
def mark_sent(*, actor: Actor, submission: Submission, now: datetime) -> Submission:
    """The file went out: its claims are sent, and corrections take the place of what they correct.

    Raises:
        NotFound, NotAllowed: not a leader.
        Conflict: it is not written, was sent already, or was taken back.
        Refused: claims in it were changed after it was written.
    """
    require_submitter(actor)
    # Posted answers lock versions of a claim in another order: one waits here for the other, not both.
    lock_posting(submission.client_id)
    locked = _locked(submission)
    _require_ready(locked)
    ids = _claim_ids(locked)
    list(
        Claim.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, client_id=locked.client_id)
        .only("pk")
    )
    changed = changed_since(locked, ids)
    if changed:
        which = "1 claim was" if changed == 1 else f"{changed} claims were"
        raise Refused(
            f"{which} changed or opened again after this file was written."
            " Take the file back and write another.",
            code="submission.claims_changed",
            details={"claims": changed},
        )
    Claim.objects.filter(client_id=locked.client_id, pk__in=ids).update(
        state=ClaimStatus(step(SENDABLE, ClaimVerb.SUBMIT).value), submitted_at=now
    )
    facts = {"submission": str(locked.pk), "interchange": locked.interchange_number}
    add_steps(
        actor=actor,
        client_id=locked.client_id,
        steps=[NewStep(one, ClaimStepKind.SUBMITTED, now, facts) for one in ids],
    )
    replaced = successors_sent(actor=actor, client_id=locked.client_id, claim_ids=ids, now=now)
    # Answers can be quicker than whoever marks a file as sent: those that wait find their claims now.
    enqueue(MATCH_TASK, client_id=locked.client_id)
    locked.state, locked.sent_at = SubmissionState.SENT, now
    locked.save(update_fields=["state", "sent_at"])
    record_event(
        actor=actor,
        verb=Verb.SUBMISSION_SENT,
        subject=locked,
        facts={
            "interchange": locked.interchange_number,
            "claims": len(ids),
            "replaced": replaced,
            "amount": str(locked.total_charge_amount),
        },
    )
    return locked


@transaction.atomic
def take_back(*, actor: Actor, submission: Submission, reason: str) -> Submission:
    """A written file is not sent after all; its claims wait for another.  The file is kept, and its number.

    Raises:
        NotFound, NotAllowed: not a leader.
        InvalidInput: no reason.
        Conflict: it was sent, taken back before, or is not written.
    """
    require_submitter(actor)
    words = " ".join(reason.split())
    if len(words) < SHORTEST_REASON:
        raise InvalidInput("Say in a few words why it is not sent.", code="submission.reason")
    locked = _locked(submission)
    _require_ready(locked)
    locked.state, locked.failure = SubmissionState.FAILED, f"Taken back: {words}"[:300]
    locked.save(update_fields=["state", "failure"])
    record_event(
        actor=actor,
        verb=Verb.SUBMISSION_TAKEN_BACK,
        subject=locked,
        facts={"interchange": locked.interchange_number, "claims": locked.written_count},
    )
    return locked


def _locked(submission: Submission) -> Submission:
    locked: Submission = (
        Submission.objects.select_for_update(of=("self",))
        .filter(client_id=submission.client_id)
        .defer("content")
        .get(pk=submission.pk)
    )
    return locked


def _require_ready(submission: Submission) -> None:
    if submission.state != SubmissionState.READY:
        words = str(SubmissionState(submission.state).label).lower()
        raise Conflict(f"This cannot be done now: the file stands at “{words}”.", code="submission.state")


def _claim_ids(submission: Submission) -> list[UUID]:
    rows = SubmittedClaim.objects.filter(client_id=submission.client_id, submission=submission)
    return list(rows.values_list("claim_id", flat=True))
