"""Everything that is known of one claim: its versions, lines, steps, and what payers answered.

The number of queries does not depend on how much there is of anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from claims.models import (
    Acknowledgement,
    Adjustment,
    Appeal,
    Claim,
    ClaimLine,
    ClaimStep,
    CreditProposal,
    CreditState,
    Denial,
    OverpaymentNotice,
    RemittedClaim,
    RemittedLine,
    Rework,
    SubmittedClaim,
)
from coding_ops.tenancy.actor import Actor
from encounters.access import charts_in_reach
from encounters.models import CodeRevision
from encounters.selectors.chart import DocumentLine, documents_of
from encounters.selectors.release import released_revisions

MOST = 500
"""Of anything on one page; a claim has at most 999 lines, and few have ten."""


_VERSION = (
    "id", "client_id", "version", "frequency_code", "state", "made_at", "submitted_at",
    "total_charge_amount", "paid_amount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodedLine:
    """What the chart says of one code: its title, and where its words stand."""

    title: str
    coded: str
    links: tuple[tuple[UUID, int, int], ...]


@dataclass(frozen=True, slots=True)
class Net:
    """One reason of a payer, all its answers together; ``amount`` in dollars."""

    group_code: str
    carc: str
    category: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Story:
    """One claim with all that belongs to it.

    ``codes`` by our assignment's id as text; ``paid``, ``nets`` and ``remarks`` by the claim's line, nets and
    remarks of the claim as a whole under ``None``.
    """

    claim: Claim
    versions: Sequence[Claim]
    lines: Sequence[ClaimLine]
    codes: Mapping[str, CodedLine]
    documents: Sequence[DocumentLine]
    opens_chart: bool
    steps: Sequence[ClaimStep]
    submitted: Sequence[SubmittedClaim]
    acknowledgements: Sequence[Acknowledgement]
    remitted: Sequence[RemittedClaim]
    paid: Mapping[UUID | None, Decimal]
    nets: Mapping[UUID | None, Sequence[Net]]
    remarks: Mapping[UUID | None, Sequence[str]]
    denials: Sequence[Denial]
    appeals: Sequence[Appeal]
    reworks: Sequence[Rework]
    credits: Sequence[CreditProposal]
    notices: Sequence[OverpaymentNotice]


def story_of(claim: Claim, actor: Actor) -> Story:
    """The claim's whole story as this person may see it.

    Outside the vendor: no appeal that was not sent, no credit that is not approved, released codes only.
    """
    client_id, inside = claim.client_id, actor.is_vendor
    mine = {"client_id": client_id, "claim": claim}
    remitted = list(
        RemittedClaim.objects.filter(**mine)
        .select_related("remittance__payer")
        .order_by("posted_at", "position")[:MOST]
    )
    money, opens_chart = _money(client_id, remitted), _opens_chart(claim, actor)
    denials = Denial.objects.filter(**mine).select_related("claim_line", "owner")
    return Story(
        claim=claim,
        versions=versions_of(claim),
        lines=list(ClaimLine.objects.filter(**mine).order_by("number")),
        codes=_codes(claim, inside),
        documents=documents_of(claim.encounter) if opens_chart and claim.encounter else (),
        opens_chart=opens_chart,
        steps=list(ClaimStep.objects.filter(**mine).order_by("at", "id")[:MOST]),
        submitted=_submitted(claim),
        acknowledgements=_acknowledgements(claim),
        remitted=remitted,
        paid=money.paid,
        nets=money.nets,
        remarks=money.remarks,
        denials=list(denials.order_by("received_on", "id")[:MOST]),
        appeals=_appeals(claim, inside),
        reworks=list(Rework.objects.filter(**mine).order_by("asked_at")),
        credits=_credits(claim, inside),
        notices=list(OverpaymentNotice.objects.filter(**mine)),
    )


def _submitted(claim: Claim) -> list[SubmittedClaim]:
    found = SubmittedClaim.objects.filter(client_id=claim.client_id, claim=claim)
    return list(found.select_related("submission").defer("submission__content").order_by("id"))


def _acknowledgements(claim: Claim) -> list[Acknowledgement]:
    found = Acknowledgement.objects.filter(client_id=claim.client_id, claim=claim)
    return list(found.order_by("posted_at", "position")[:MOST])


def _appeals(claim: Claim, inside: bool) -> list[Appeal]:
    found = Appeal.objects.filter(client_id=claim.client_id, denial__claim=claim)
    if not inside:
        found = found.filter(sent_at__isnull=False)
    return list(found.defer("letter").order_by("made_at"))


def _credits(claim: Claim, inside: bool) -> list[CreditProposal]:
    found = CreditProposal.objects.filter(client_id=claim.client_id, denial__claim=claim)
    if not inside:
        found = found.filter(state=CreditState.APPROVED)
    return list(found.order_by("proposed_at"))


def versions_of(claim: Claim) -> list[Claim]:
    """Every version of the claim, oldest first: of its visit, or those it replaces and that replace it."""
    every = Claim.objects.filter(client_id=claim.client_id)
    if claim.encounter_id is not None:
        mine = every.filter(encounter_id=claim.encounter_id, is_billed_by_client=claim.is_billed_by_client)
    else:
        near = Q(pk=claim.pk) | Q(replaces_id=claim.pk)
        mine = every.filter(near | Q(pk=claim.replaces_id) if claim.replaces_id else near)
    return list(mine.only(*_VERSION).order_by("version", "made_at", "id"))


@dataclass(slots=True)
class _Money:
    paid: dict[UUID | None, Decimal]
    nets: dict[UUID | None, list[Net]]
    remarks: dict[UUID | None, list[str]]


def _money(client_id: int, remitted: Sequence[RemittedClaim]) -> _Money:
    """What payers said of each line, all answers together: a reversal takes back what it names."""
    found = _Money({}, {}, {})
    if not remitted:
        return found
    ids = [one.pk for one in remitted]
    lines = list(RemittedLine.objects.filter(client_id=client_id, remitted_claim_id__in=ids))
    line_of = {one.pk: one.claim_line_id for one in lines}
    for one in lines:
        found.paid[one.claim_line_id] = found.paid.get(one.claim_line_id, Decimal(0)) + one.paid_amount
        _add(found.remarks, one.claim_line_id, one.remarks)
    for claim in remitted:
        _add(found.remarks, None, claim.remarks)
    sums: dict[tuple[UUID | None, str, str, str], Decimal] = {}
    adjustments = Adjustment.objects.filter(client_id=client_id, remitted_claim_id__in=ids)
    for row in adjustments.order_by("remitted_claim_id", "position"):
        line = line_of.get(row.remitted_line_id) if row.remitted_line_id else None
        key = (line, row.group_code, row.carc, row.category)
        sums[key] = sums.get(key, Decimal(0)) + row.amount
    for (line, group, carc, category), amount in sums.items():
        if amount:
            found.nets.setdefault(line, []).append(Net(group, carc, category, amount))
    return found


def _add(remarks: dict[UUID | None, list[str]], line: UUID | None, codes: Sequence[str]) -> None:
    kept = remarks.setdefault(line, [])
    kept += [one for one in codes if one not in kept]


def _opens_chart(claim: Claim, actor: Actor) -> bool:
    """A coder opens the charts of their own only; a link that answers 404 is none."""
    if claim.encounter_id is None:
        return False
    return charts_in_reach(actor, claim.client_id).filter(pk=claim.encounter_id).exists()


def _codes(claim: Claim, inside: bool) -> dict[str, CodedLine]:
    """The codes of the finished version that was billed, by our assignment."""
    if claim.encounter is None or claim.revision_number is None:
        return {}
    every = CodeRevision.objects.filter(client_id=claim.client_id, encounter=claim.encounter)
    rows = every if inside else released_revisions(claim.encounter)
    stored: Any = rows.filter(number=claim.revision_number).values_list("codes", flat=True).first()
    return {
        row["id"]: CodedLine(
            title=row["title"],
            coded="-".join([row["code"], *row["modifiers"]]),
            links=tuple(
                (UUID(link["document_version"]), link["start"], link["end"]) for link in row["evidence"]
            ),
        )
        for row in stored or ()
    }
