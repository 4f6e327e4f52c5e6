"""The claims a batch of answers is about: found by their numbers, locked, changed in memory, saved once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from claims.actions.posting.bulk import update_rows
from claims.models import Acknowledgement, AcknowledgementKind, AcknowledgementOutcome, Claim, ClaimLine
from claims.rules.claim_states import ClaimVerb
from claims.rules.first_pass import First, Heard
from claims.rules.remit_lines import BilledLine
from claims.rules.remit_outcome import NOT_SENT, codes_text, moved

POSTING_LOCK = 7306
"""Advisory lock, with the client: one batch of answers of a client at a time."""
_WRITTEN = (
    "id",
    "state",
    "payer_control_number",
    "accepted_at",
    "adjudicated_at",
    "first_response_at",
    "first_response",
    "first_categories",
    "allowed_amount",
    "paid_amount",
    "patient_amount",
)
_COLUMNS = (
    *_WRITTEN,
    "control_number",
    "payer_id",
    "form",
    "replaces_id",
    "total_charge_amount",
)


@dataclass(slots=True)
class Row:
    """What of a claim answers read and change: the columns of the same names."""

    id: UUID
    state: str
    payer_control_number: str
    accepted_at: datetime | None
    adjudicated_at: datetime | None
    first_response_at: datetime | None
    first_response: str
    first_categories: list[str]
    allowed_amount: Decimal
    paid_amount: Decimal
    patient_amount: Decimal
    control_number: str
    payer_id: UUID | None
    form: str
    replaces_id: UUID | None
    total_charge_amount: Decimal


@dataclass(slots=True)
class KnownClaim:
    """A claim as the answers of this batch leave it.  ``told_at``: when its last step of this batch was."""

    row: Row
    lines: list[tuple[UUID, BilledLine]] = field(default_factory=list)
    is_changed: bool = False
    told_at: datetime | None = None

    @property
    def id(self) -> UUID:
        return self.row.id

    @property
    def is_original(self) -> bool:
        """Whether it corrects none before it."""
        return self.row.replaces_id is None

    @property
    def heard(self) -> Heard | None:
        """Its first response so far."""
        row = self.row
        if row.first_response_at is None:
            return None
        return Heard(row.first_response_at, First(row.first_response), tuple(row.first_categories))

    @property
    def may_have_denials(self) -> bool:
        """Whether it was answered before, or corrects a claim that was: nothing else can be settled."""
        return not self.is_original or self.row.first_response_at is not None

    def hear(self, heard: Heard) -> None:
        """Keeps the first response."""
        self.row.first_response_at = heard.at
        self.row.first_response = heard.first.value
        self.row.first_categories = list(heard.categories)

    def take(self, verb: ClaimVerb) -> bool:
        """Moves it; False where the answer comes too late to move it."""
        after = moved(self.row.state, verb)
        if after is None:
            return False
        self.row.state = after.value
        return True


@dataclass(slots=True)
class Known:
    """Locked claims by their numbers.

    ``not_sent``: numbers of claims of ours that never went out.  ``refused``: claim, codes and day of the
    rejections that are known already, for clearinghouses send the same one again in another file.  A receipt
    (999) names no day: a transaction is refused once.
    """

    client_id: int
    by_id: dict[UUID, KnownClaim] = field(default_factory=dict)
    by_number: dict[str, list[KnownClaim]] = field(default_factory=lambda: defaultdict(list))
    by_payer_number: dict[str, list[KnownClaim]] = field(default_factory=lambda: defaultdict(list))
    not_sent: set[str] = field(default_factory=set)
    refused: set[tuple[UUID, str, date | None]] = field(default_factory=set)

    def pick(
        self, number: str, payer_number: str, charge_amount: Decimal | None, payer_id: UUID | None = None
    ) -> KnownClaim | None:
        """The claim an answer is about: by our number, else by the payer's.

        Of several (a client may use a number again, also for a second payer) the one that has the payer's
        number, then one of this payer, then the one with the same charge, then the newest.  A reversal says
        the charge below zero, and is of one that was paid.
        """
        found = self.by_number.get(number) if number else None
        if not found and payer_number:
            found = self.by_payer_number.get(payer_number)
        if not found:
            return None
        if payer_number:
            found = [one for one in found if one.row.payer_control_number == payer_number] or found
        if payer_id is not None:
            found = [one for one in found if one.row.payer_id == payer_id] or found
        if charge_amount is not None:
            charge = abs(charge_amount)
            found = [one for one in found if one.row.total_charge_amount == charge] or found
            if charge_amount < 0:
                found = [one for one in found if one.row.adjudicated_at is not None] or found
        return found[-1]

    def save(self) -> None:
        """Writes what changed, in one statement."""
        rows = [_row(one) for one in self.by_id.values() if one.is_changed]
        update_rows(Claim, self.client_id, rows)


def lock_posting(client_id: int) -> None:
    """Holds the client's answers until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [POSTING_LOCK, client_id])


def load_known(client_id: int, numbers: Iterable[tuple[str, str]], *, with_lines: bool) -> Known:
    """The claims that bear these pairs of our number and the payer's, locked until the transaction ends."""
    pairs = list(numbers)
    known = Known(client_id)
    mine = Claim.objects.filter(client_id=client_id)
    _take(known, mine.filter(control_number__in={number for number, _ in pairs if number}))
    missing = {payers for number, payers in pairs if payers and number not in known.by_number}
    if missing:
        _take(known, mine.filter(payer_control_number__in=missing))
    if with_lines:
        _lines(known)
    return known


def load_refusals(known: Known) -> None:
    """The rejections that answered claims of it have; one query, none where no claim was answered."""
    answered = [one.id for one in known.by_id.values() if one.row.first_response_at is not None]
    if not answered:
        return
    rows = Acknowledgement.objects.filter(
        client_id=known.client_id,
        claim_id__in=answered,
        outcome=AcknowledgementOutcome.REJECTED,
    )
    columns = rows.values_list("claim_id", "category_code", "status_code", "answered_on", "kind")
    known.refused = {
        (claim, codes_text((one, two)), None if kind == AcknowledgementKind.RECEIPT else on)
        for claim, one, two, on, kind in columns
        if claim
    }


def load_by_id(client_id: int, ids: Sequence[UUID]) -> Known:
    """These claims, locked until the transaction ends."""
    known = Known(client_id)
    _take(known, Claim.objects.filter(client_id=client_id, pk__in=ids))
    return known


def _take(known: Known, claims: QuerySet[Claim]) -> None:
    locked = claims.select_for_update(of=("self",)).order_by("service_from_on", "pk")
    for values in locked.values_list(*_COLUMNS):
        row = Row(*values)
        if row.state in NOT_SENT:
            known.not_sent.add(row.control_number)
        elif row.id not in known.by_id:
            one = known.by_id[row.id] = KnownClaim(row)
            known.by_number[row.control_number].append(one)
            if row.payer_control_number:
                known.by_payer_number[row.payer_control_number].append(one)


def _lines(known: Known) -> None:
    rows = ClaimLine.objects.filter(client_id=known.client_id, claim_id__in=list(known.by_id))
    for row in rows.order_by("claim_id", "number").values_list(
        "pk", "claim_id", "number", "code", "modifiers", "revenue_code", "charge_amount"
    ):
        billed = BilledLine(row[2], row[3], tuple(row[4]), row[5], row[6])
        known.by_id[row[1]].lines.append((row[0], billed))


def _row(one: KnownClaim) -> dict[str, object]:
    return {name: getattr(one.row, name) for name in _WRITTEN}
