"""Opening denials: every denying adjustment and every rejection, with all that is known of its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from claims.actions.denials.facts import Billed, billed_claims, decided_counts, lines_of
from claims.actions.denials.moving import Move, move_denials
from claims.actions.denials.tallies import Sums, count_denials
from claims.models import ClaimLine, Denial, DenialSource, DenialStatus
from claims.rules.classify import CODING, NOT_A_DENIAL
from claims.rules.denial_states import STANDING, DenialVerb
from claims.rules.edit_at_submit import LIFTED, OVERRIDDEN, AtSubmit
from claims.rules.winnability import Seen, priority, winnability
from claims.terms.denials import win_terms
from edit_rules.models import EditOutcome, Outcome

REMITTED = DenialSource.REMITTANCE.value
_Repeat = tuple[UUID, UUID | None, str, str]


@dataclass(frozen=True, slots=True)
class Denied:
    """One denying adjustment of a remittance, or one rejection of a claim.

    Attributes:
        amount: dollars denied; of a rejection, the claim's charge once.
        is_initial: part of the first answer of a claim that is no correction.
        status_codes: of a rejection, as ``A7:255``.
    """

    claim_id: UUID
    source: str
    category: str
    amount: Decimal
    received_on: date
    is_initial: bool = True
    claim_line_id: UUID | None = None
    adjustment_id: UUID | None = None
    acknowledgement_id: UUID | None = None
    group_code: str = ""
    carc: str = ""
    remarks: tuple[str, ...] = ()
    status_codes: str = ""
    map_edition: str = ""

    @property
    def is_denial(self) -> bool:
        """Whether it denies anything: a rejection always, an adjustment by its kind and amount."""
        if self.source != REMITTED:
            return True
        return self.category != NOT_A_DENIAL and self.amount > 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What a batch of denials is opened with."""

    billed: Mapping[UUID, Billed]
    lines: Mapping[UUID, ClaimLine]
    decided: Mapping[tuple[UUID | None, str], tuple[int, int]]
    now: datetime
    edits: dict[UUID, AtSubmit] = field(default_factory=dict)


@transaction.atomic
def open_denials(*, client_id: int, adjustments: Sequence[Denied], now: datetime) -> int:
    """Opens a denial for each that denies something and has none yet; gives how many.

    A reason that is given again for a line whose denial still stands opens no second one: one that was
    appealed or corrected is upheld by it.
    """
    wanted = [one for one in adjustments if one.is_denial]
    if not wanted:
        return 0
    claim_ids = {one.claim_id for one in wanted}
    fresh = _fresh(client_id, wanted, claim_ids, now)
    if not fresh:
        return 0
    billed = billed_claims(client_id, claim_ids)
    known = _Known(
        billed,
        {line.pk: line for lines in lines_of(client_id, claim_ids).values() for line in lines},
        decided_counts(client_id, {one.claim.payer_id for one in billed.values()}),
        now,
    )
    rows = [_row(client_id, one, known) for one in fresh]
    Denial.objects.bulk_create(rows, batch_size=500)
    count_denials(client_id=client_id, changes=[(row, _added(row)) for row in rows])
    _keep_outcomes(client_id, rows, known)
    return len(rows)


def _fresh(client_id: int, wanted: Sequence[Denied], claim_ids: set[UUID], now: datetime) -> list[Denied]:
    """Those without a denial; the standing ones that are given again are upheld."""
    # Locked: a person may be deciding the appeal of one at this moment.
    known = list(
        Denial.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, claim_id__in=list(claim_ids))
        .defer("cause_note")
        .order_by("pk")
    )
    posted = {one.adjustment_id or one.acknowledgement_id for one in known}
    standing: dict[_Repeat, Denial] = {
        (one.claim_id, one.claim_line_id, one.group_code, one.carc): one
        for one in known
        if one.source == REMITTED and one.state in STANDING
    }
    fresh, upheld = [], []
    for one in wanted:
        if (one.adjustment_id or one.acknowledgement_id) in posted:
            continue
        again = standing.get((one.claim_id, one.claim_line_id, one.group_code, one.carc))
        if one.source != REMITTED or again is None:
            fresh.append(one)
        elif again.state in (DenialStatus.APPEALED, DenialStatus.CORRECTED):
            upheld.append(Move(again, DenialVerb.UPHOLD))
    move_denials(client_id=client_id, moves=upheld, now=now)
    return fresh


def _row(client_id: int, one: Denied, known: _Known) -> Denial:
    billed = known.billed[one.claim_id]
    line = known.lines.get(one.claim_line_id) if one.claim_line_id is not None else None
    edit, quotes = billed.coded(line)
    payer_id = billed.claim.payer_id
    overturned, decided = known.decided.get((payer_id, one.category), (0, 0))
    score = winnability(
        Seen(
            category=one.category,
            group=one.group_code,
            is_rejection=one.source != REMITTED,
            is_coded_by_us=billed.revision_id is not None,
            evidence_count=quotes,
            edit_state=edit.state,
            overturned_count=overturned,
            decided_count=decided,
        ),
        win_terms(),
    )
    row = Denial(
        client_id=client_id,
        claim_id=one.claim_id,
        claim_line_id=one.claim_line_id,
        adjustment_id=one.adjustment_id,
        acknowledgement_id=one.acknowledgement_id,
        payer_id=payer_id,
        source=str(one.source),
        is_initial=one.is_initial,
        group_code=one.group_code,
        carc=one.carc,
        remarks=list(one.remarks),
        status_codes=one.status_codes,
        category=one.category,
        map_edition=one.map_edition,
        service_code=line.code if line else "",
        denied_amount=one.amount,
        received_on=one.received_on,
        deadline_on=deadline(one.source, one.received_on, billed),
        coder_id=billed.claim.coder_id,
        assignment_id=line.assignment_id if line else None,
        edit_state=edit.state,
        edit_rule=edit.rule,
        winnability=score.value,
        priority=priority(one.amount, score.value),
        opened_at=known.now,
    )
    known.edits[row.pk] = edit
    return row


def deadline(source: str, received_on: date, billed: Billed) -> date | None:
    """The last day to correct or appeal by the payer's terms; the earlier of the two, ``None`` without terms.

    A rejected claim was never filed: it must be filed in time, counted from its last service.
    """
    if billed.payer is None:
        return None
    if source != REMITTED:
        return billed.claim.service_through_on + timedelta(days=billed.payer.timely_filing_days)
    return received_on + timedelta(days=min(billed.payer.correction_days, billed.payer.appeal_days))


def _added(row: Denial) -> Sums:
    return Sums(denial_count=1, initial_count=int(row.is_initial), denied_amount=row.denied_amount)


def _keep_outcomes(client_id: int, rows: Sequence[Denial], known: _Known) -> None:
    """Tells the rules' own page that a payer denied what a finding had been about."""
    outcomes = []
    for row in rows:
        edit, claim = known.edits[row.pk], known.billed[row.claim_id].claim
        if edit.state not in (OVERRIDDEN, LIFTED) or row.category != CODING:
            continue
        if claim.encounter_id is None or claim.revision_number is None:
            continue  # no finished version of ours, so no edit of ours either
        outcomes.append(
            EditOutcome(
                client_id=client_id,
                encounter_id=claim.encounter_id,
                revision_number=claim.revision_number,
                rule=edit.rule,
                level=edit.level,
                outcome=Outcome.DENIED.value,
                codes=[row.service_code] if row.service_code else [],
                denial_id=row.pk,
            )
        )
    EditOutcome.objects.bulk_create(outcomes, batch_size=500)
