"""Rows of claims for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from claims.models import (
    Acknowledgement,
    Appeal,
    Claim,
    ClaimStatus,
    ClaimStep,
    ClaimTally,
    CreditProposal,
    Denial,
    DenialTally,
    FileProblem,
    OverpaymentNotice,
    Payer,
    PayerFile,
    PayerFileChunk,
    ProviderAdjustment,
    ReasonRule,
    Remittance,
    RemittedClaim,
    Rework,
    Submission,
    SubmittedClaim,
)
from claims.rules.content import Person
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import Encounter
from tests import cast
from tests.claims import scene


@dataclass(frozen=True, slots=True)
class Billed:
    """Claims in several states of the client's final chart, and what came back for them.

    ``ready`` is not sent, ``blocked`` lacks its address; ``denied`` has ``denial`` with ``appeal`` (a draft),
    ``appealed`` has one that was sent, ``ours`` has none and is our error; ``given_up`` is one of
    three of a cause; ``unmatched`` is a payment for a claim nobody knows.
    """

    payer: Payer
    reason: ReasonRule
    ready: Claim
    blocked: Claim
    sent: Claim
    rejected: Claim
    denied: Claim
    paid: Claim
    theirs: Claim
    denial: Denial
    appealed: Denial
    ours: Denial
    given_up: Denial
    appeal: Appeal
    sent_appeal: Appeal
    credit: CreditProposal
    notice: OverpaymentNotice
    rework: Rework
    submission: Submission
    written: Submission
    file: PayerFile
    waiting_file: PayerFile
    problem: FileProblem
    unmatched: RemittedClaim


def fill_claims(
    place: cast.Place, people: dict[Role, User], chart: Encounter, mark: str, words: dict[str, str]
) -> Billed:
    """``chart``: a final one with a coverage; ``mark``: in the clear and this client's alone; ``words``: what
    sealed columns hold, by ``Family``, ``Member``, ``Filename``, ``Raw`` and ``Note``."""
    assert chart.coverage is not None
    payer = scene.billing(place, chart.coverage.payer_name)
    of = scene.Desk(place, people[Role.CODER], people[Role.MANAGER], people[Role.CLIENT_ADMIN], payer)
    common, now = {"client": place.client}, timezone.now()
    manager = people[Role.MANAGER]
    number = iter(range(1, 100))

    def made(state: str, version: int, **extra: Any) -> Claim:
        control = f"{mark[:10]}{next(number):03d}"
        subscriber = Person(words["Family"], "A", identifier=words["Member"], sex="F")
        whole = replace(scene.content(control), subscriber=subscriber)
        return scene.claim(
            of, chart, state=state, version=version, control_number=control, content=whole, **extra
        )

    claims = {
        state: made(state, version)
        for version, state in enumerate(
            (ClaimStatus.READY, ClaimStatus.BLOCKED, ClaimStatus.SUBMITTED, ClaimStatus.REJECTED), 1
        )
    }
    answered = {
        "first_response_at": now, "first_response": "denied", "first_categories": ["coding"],
        "adjudicated_at": now,
    }  # fmt: skip
    denied = made(ClaimStatus.DENIED, 5, **answered)
    paid = made(ClaimStatus.PAID, 6, **(answered | {"first_response": "paid", "first_categories": []}))
    problems = [{"code": "address.missing", "where": "patient", "message": "The address is missing."}]
    Claim.objects.filter(pk=claims[ClaimStatus.BLOCKED].pk).update(problems=problems)
    drift = [{"kind": "code_changed", "where": "Service 1", "ours": "99213", "theirs": "99214"}]
    theirs = made(ClaimStatus.SUBMITTED, 1, is_billed_by_client=True, drift_count=1, drift=drift)
    ClaimStep.objects.create(
        claim=paid, kind="paid", at=now, by=manager, by_name=manager.full_name, role="manager", **common
    )
    denial = scene.denial(of, denied)
    error = {"is_vendor_error": True, "root_cause": "coding"}
    second = scene.denial(of, denied, state="appealed", owner=manager, **error)
    ended = {"state": "written_off", "ended_at": now, "root_cause": "edit_missing"}
    given_up, *_ = [scene.denial(of, denied, **ended) for _ in range(3)]
    ours = scene.denial(of, denied, **error)
    appeals = _appeals(common, manager, denial, second, words["Note"])
    credit = CreditProposal.objects.create(
        denial=second, amount=Decimal("10.00"), basis="The charge of the line", proposed_by=manager,
        proposed_at=now, **common,
    )  # fmt: skip
    notice = OverpaymentNotice.objects.create(
        claim=paid, amount=Decimal("20.00"), identified_on=cast.today(), note=words["Note"], made_at=now,
        **common,
    )  # fmt: skip
    rework = Rework.objects.create(
        encounter=chart, claim=denied, denial=second, reason=words["Note"], asked_by=manager, asked_at=now,
        before_revision=1, after_revision=1, done_at=now, **common,
    )  # fmt: skip
    submission = _submission(common, manager, claims[ClaimStatus.SUBMITTED], words["Raw"], 1, sent_at=now)
    written = _submission(common, manager, made(ClaimStatus.READY, 7), words["Raw"], 2)
    file, waiting, problem = _files(of, people[Role.CLIENT_ADMIN], words)
    _answers(common, payer, file, claims[ClaimStatus.REJECTED])
    reason = ReasonRule.objects.create(
        payer=payer, carc="97", category="coding", starts_on=cast.today(), reason=f"{mark} contract 4.2",
        made_by=manager, made_at=now, **common,
    )  # fmt: skip
    return Billed(
        payer=payer,
        reason=reason,
        ready=claims[ClaimStatus.READY],
        blocked=claims[ClaimStatus.BLOCKED],
        sent=claims[ClaimStatus.SUBMITTED],
        rejected=claims[ClaimStatus.REJECTED],
        denied=denied,
        paid=paid,
        theirs=theirs,
        denial=denial,
        appealed=second,
        given_up=given_up,
        ours=ours,
        appeal=appeals[0],
        sent_appeal=appeals[1],
        credit=credit,
        notice=notice,
        rework=rework,
        submission=submission,
        written=written,
        file=file,
        waiting_file=waiting,
        problem=problem,
        unmatched=scene.remitted(of, None, adjustments=()),
    )


def _appeals(
    common: dict[str, Any], by: User, denial: Denial, second: Denial, letter: str
) -> tuple[Appeal, Appeal]:
    now = timezone.now()
    shared = {
        "level": 1, "letter": letter, "requested_amount": Decimal("135.00"), "made_by": by, "made_at": now,
        "due_on": cast.today() + timedelta(days=60), **common,
    }  # fmt: skip
    return (
        Appeal.objects.create(denial=denial, **shared),
        Appeal.objects.create(denial=second, state="sent", sent_at=now, **shared),
    )


def _submission(
    common: dict[str, Any], by: User, claim: Claim, raw: str, number: int, sent_at: datetime | None = None
) -> Submission:
    now = timezone.now()
    submission: Submission = Submission.objects.create(
        form="837P", receiver_id="CLEARTEST", receiver_name="Test Clearinghouse", interchange_number=number,
        state="sent" if sent_at else "ready", claim_count=1, written_count=1, content=raw,
        total_charge_amount=Decimal("135.00"), content_sha256=b"\1" * 32, asked_by=by, asked_at=now,
        written_at=now, sent_at=sent_at, **common,
    )  # fmt: skip
    SubmittedClaim.objects.create(
        submission=submission, claim=claim, transaction_number="0001", position=1, **common
    )
    return submission


def _files(of: scene.Desk, by: User, words: dict[str, str]) -> tuple[PayerFile, PayerFile, FileProblem]:
    now = timezone.now()
    file = scene.payer_file(
        of, "835", filename=words["Filename"], state="problems", problem_count=1, received_by=by
    )
    PayerFileChunk.objects.create(client=of.place.client, file=file, number=1, content=words["Raw"].encode())
    waiting = scene.payer_file(of, "277CA", state="quarantined", received_by=by)
    problem = FileProblem.objects.create(
        client=of.place.client, file=file, place="transaction 0001", code="remittance.unbalanced",
        message="The payment differs from its claims.", difference_amount=Decimal("1.00"), made_at=now,
    )  # fmt: skip
    return file, waiting, problem


def _answers(common: dict[str, Any], payer: Payer, file: PayerFile, rejected: Claim) -> None:
    now = timezone.now()
    Acknowledgement.objects.create(
        file=file, kind="277CA", position=1, claim=rejected, control_number=rejected.control_number,
        outcome="rejected", category_code="A7", status_code="254", posted_at=now, **common,
    )  # fmt: skip
    remittance = Remittance.objects.filter(client_id=rejected.client_id)[0]
    ProviderAdjustment.objects.create(
        remittance=remittance, position=1, reason_code="WO", amount=Decimal("1.00"), **common
    )
    day = cast.today()
    DenialTally.objects.create(
        received_on=day, payer=payer, source="835", category="coding", group_code="CO", carc="97",
        denial_count=2, denied_amount=Decimal("270.00"), **common,
    )  # fmt: skip
    ClaimTally.objects.create(
        answered_on=day, payer=payer, form="837P", answered_count=2, adjudicated_count=2, denied_count=1,
        **common,
    )  # fmt: skip
