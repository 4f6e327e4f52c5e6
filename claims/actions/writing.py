"""Writing a file of claims: written, read by the validator, and kept only when it passes.

Long work holds no lock: what changed meanwhile is found when the file is kept, and the file is then written
once more without it.  A claim the validator refuses is left out and blocked with what was found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from claims.actions.making import blocked_facts
from claims.actions.steps import NewStep, add_steps
from claims.models import (
    BillingProfile,
    Claim,
    ClaimStatus,
    ClaimStepKind,
    Submission,
    SubmissionState,
    SubmittedClaim,
)
from claims.rules.claim_states import ClaimVerb, step
from claims.rules.content import ClaimContent, Organization, from_json
from claims.rules.facts import Lack
from claims.rules.x12.text import digits, plain
from claims.rules.x12.validate import Finding, validate
from claims.rules.x12.write_837 import Written, write_837
from claims.rules.x12.write_parts import CannotWrite, Envelope
from claims.selectors.submissions import waiting_claims, waiting_for
from claims.terms.assembly import most_per_file, most_per_transaction
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import client_transaction

PROGRESS_EACH = 250
MOST_TRIES = 5
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class _Job:
    """A file to write: its envelope, and the claims by control number."""

    submission_id: UUID
    envelope: Envelope
    claims: Mapping[str, tuple[UUID, ClaimContent]]


def write_submission(*, actor: Actor, client_id: int, submission_id: UUID) -> bool:
    """Writes a file that was asked for; whether it is ready now.  No scope may be open.

    Safe to call again: a file that is written, or failed, is left as it is.
    """
    with client_transaction([client_id]):
        job = _job(client_id, submission_id)
    if job is None:
        return False
    claims, left_out = dict(job.claims), 0
    for _ in range(MOST_TRIES):
        if not claims:
            _fail(client_id, submission_id, "No claim of it can go out. See the blocked claims.")
            return False
        contents = [content for _, content in claims.values()]
        found = _write(job.envelope, contents, _progress(client_id, submission_id))
        if isinstance(found, Written):
            gone = _keep(actor, client_id, submission_id, claims, found, left_out)
            if gone is None:
                return True
            claims = {number: one for number, one in claims.items() if one[0] not in gone}
            continue
        refused = {one.control_number for one in found if one.control_number in claims}
        if not refused:
            _fail(client_id, submission_id, f"The validator refused the file: {found[0].problem.place}.")
            return False
        left_out += _block(actor, client_id, claims, found)
        claims = {number: one for number, one in claims.items() if number not in refused}
    _fail(client_id, submission_id, "Its claims kept changing while it was written. Ask for it again.")
    return False


def _job(client_id: int, submission_id: UUID) -> _Job | None:
    submission: Submission | None = (
        Submission.objects.filter(client_id=client_id, pk=submission_id, state=SubmissionState.BUILDING)
        .select_related("client")
        .first()
    )
    profile: BillingProfile | None = BillingProfile.objects.filter(client_id=client_id).first()
    if submission is None or profile is None:
        return None
    waiting = waiting_for(client_id, submission.receiver_id, submission.form)[: most_per_file()]
    return _Job(
        submission_id,
        _envelope(submission, profile, timezone.now()),
        {
            one.control_number: (one.pk, from_json(one.content))
            for one in waiting.only("pk", "client_id", "control_number", "content")
            if one.content is not None
        },
    )


def _envelope(submission: Submission, profile: BillingProfile, now: datetime) -> Envelope:
    return Envelope(
        sender_id=profile.submitter_id,
        receiver_id=submission.receiver_id,
        submitter=Organization(
            plain(profile.submitter_name, LONGEST_NAME),
            profile.submitter_id,
            contact_name=plain(profile.contact_name, LONGEST_NAME),
            contact_phone=digits(profile.contact_phone),
        ),
        receiver=Organization(plain(submission.receiver_name, LONGEST_NAME), submission.receiver_id),
        interchange_number=submission.interchange_number,
        made_at=now.astimezone(ZoneInfo(submission.client.timezone)),
        is_test=submission.is_test,
    )


def _write(
    envelope: Envelope, contents: Sequence[ClaimContent], progress: Callable[[int], None]
) -> Written | tuple[Finding, ...]:
    """The file when the validator takes it, else what it refuses."""
    try:
        written = write_837(
            contents, envelope, most_per_transaction=most_per_transaction(), progress=progress
        )
    except CannotWrite as error:
        return (Finding(error.control_number, error.problem),)
    return validate(written.text, written.placed) or written


def _progress(client_id: int, submission_id: UUID) -> Callable[[int], None]:
    """Lets the page see how far it is, a step in a transaction of its own."""

    def tell(count: int) -> None:
        if count % PROGRESS_EACH == 0:
            with client_transaction([client_id]):
                Submission.objects.filter(client_id=client_id, pk=submission_id).update(written_count=count)

    return tell


def _keep(
    actor: Actor,
    client_id: int,
    submission_id: UUID,
    claims: Mapping[str, tuple[UUID, ClaimContent]],
    written: Written,
    left_out: int,
) -> frozenset[UUID] | None:
    """Keeps the file; or keeps nothing and says which claims can go out no more."""
    ids = [pk for pk, _ in claims.values()]
    with client_transaction([client_id]):
        submission: Submission = (
            Submission.objects.select_for_update(of=("self",))
            .filter(client_id=client_id)
            .get(pk=submission_id)
        )
        if submission.state != SubmissionState.BUILDING:
            return None
        claim_rows = Claim.objects.select_for_update(of=("self",)).filter(client_id=client_id, pk__in=ids)
        list(claim_rows.only("pk"))
        still = set(waiting_claims(client_id).filter(pk__in=ids).values_list("pk", flat=True))
        gone = frozenset(pk for pk in ids if pk not in still)
        if gone:
            return gone
        SubmittedClaim.objects.bulk_create(
            [
                SubmittedClaim(
                    client_id=client_id,
                    submission=submission,
                    claim_id=claims[one.control_number][0],
                    transaction_number=one.transaction_number,
                    position=one.position,
                )
                for one in written.placed
            ],
            batch_size=1_000,
        )
        _finish(actor, submission, claims, written, left_out)
    return None


def _finish(
    actor: Actor,
    submission: Submission,
    claims: Mapping[str, tuple[UUID, ClaimContent]],
    written: Written,
    left_out: int,
) -> None:
    values = {
        "state": SubmissionState.READY,
        "written_count": len(written.placed),
        "left_out_count": left_out,
        "total_charge_amount": sum(content.total_charge_amount for _, content in claims.values()),
        "content": written.text,
        "content_sha256": hashlib.sha256(written.text.encode()).digest(),
        "written_at": timezone.now(),
    }
    for name, value in values.items():
        setattr(submission, name, value)
    submission.save(update_fields=list(values))
    record_event(
        actor=actor,
        verb=Verb.SUBMISSION_WRITTEN,
        subject=submission,
        facts={
            "interchange": submission.interchange_number,
            "claims": submission.written_count,
            "left_out": left_out,
            "amount": str(submission.total_charge_amount),
        },
    )


def _block(
    actor: Actor,
    client_id: int,
    claims: Mapping[str, tuple[UUID, ClaimContent]],
    findings: Sequence[Finding],
) -> int:
    """Claims that the validator refused wait for a person; returns how many."""
    lacks: dict[UUID, list[Lack]] = {}
    for one in findings:
        if one.control_number in claims:
            problem = one.problem
            lack = Lack(problem.code, problem.place, problem.message, "claim")
            lacks.setdefault(claims[one.control_number][0], []).append(lack)
    now = timezone.now()
    steps = []
    with client_transaction([client_id]):
        rows = Claim.objects.select_for_update(of=("self",)).filter(
            client_id=client_id, pk__in=list(lacks), state=ClaimStatus.READY
        )
        for claim in rows.only("pk", "state", "client_id"):
            found = lacks[claim.pk]
            claim.state = ClaimStatus(step(claim.state, ClaimVerb.BLOCK).value)
            claim.problems = [asdict(one) for one in found]
            claim.save(update_fields=["state", "problems"])
            steps.append(NewStep(claim.pk, ClaimStepKind.BLOCKED, now, blocked_facts(found)))
        add_steps(actor=actor, client_id=client_id, steps=steps)
    return len(lacks)


def _fail(client_id: int, submission_id: UUID, words: str) -> None:
    with client_transaction([client_id]):
        Submission.objects.filter(
            client_id=client_id, pk=submission_id, state=SubmissionState.BUILDING
        ).update(state=SubmissionState.FAILED, failure=words[:300])
