"""From the text of an 835 to rows: each remittance whole or not at all, its claims matched, moved and told.

A remittance that cannot be read or does not foot is not posted; its problems say where, and by how much.
One that another file brought before is set aside.  What names no claim of ours is kept and matched later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from claims.actions.posting.applying import Batch
from claims.actions.posting.bulk import insert_rows
from claims.actions.posting.known import load_known, lock_posting
from claims.actions.posting.payers import Payers, load_payers, zone_of
from claims.actions.posting.posted import Posted
from claims.actions.posting.remitted import Rows, rows_of
from claims.models import (
    Adjustment,
    PayerFile,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from claims.rules.balance import imbalances, words
from claims.rules.x12 import remit_835
from claims.rules.x12.parts import Problem
from claims.rules.x12.reader import Transaction, read_file
from claims.selectors.reason_maps import Classifier, classifier
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.scope import client_transaction

BATCH = 1_000
"""Claims of one commit: a few seconds of one writer, and little to do again after a crash."""


def post_835(*, file: PayerFile, text: str, progress: Callable[[int], None], now: datetime) -> Posted:
    """Posts every remittance of a file; see the package's text.

    ``entry_count`` counts claims (CLP) of all its remittances.
    """
    with client_transaction([file.client_id]):
        client_id = file.client_id
        posting = _Posting(
            file, now, progress, zone_of(client_id), load_payers(client_id), classifier(client_id)
        )
    remittances = [one for one in read_file(text.replace("\x00", "")).transactions() if one.code == "835"]
    for position, transaction in enumerate(remittances, start=1):
        posting.take(position, transaction)
    return posting.posted()


@dataclass(slots=True)
class _Posting:
    """One file being posted, and what became of it so far."""

    file: PayerFile
    now: datetime
    progress: Callable[[int], None]
    zone: ZoneInfo
    payers: Payers
    reasons: Classifier
    entries: int = 0
    matched: int = 0
    unmatched: int = 0
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)

    def posted(self) -> Posted:
        return Posted(self.entries, self.matched, self.unmatched, self.duplicates, tuple(self.problems))

    def take(self, position: int, transaction: Transaction) -> None:
        """One remittance: read, balanced, and posted batch by batch from where an earlier reading stopped."""
        said = remit_835.read_835(transaction)
        self.problems += said.problems
        wrong = [
            Problem(
                f"balance.{one.sum.value}",
                transaction.place(one.position - transaction.position, one.segment),
                words(one),
                one.difference,
            )
            for one in imbalances(said)
        ]
        self.problems += wrong
        if wrong or not said.is_readable:
            self.entries += len(said.claims)
            return
        start: int | None = 0
        while start is not None:
            start = self.batch(position, transaction, said, start)

    def batch(
        self, position: int, transaction: Transaction, said: remit_835.Remittance, start: int
    ) -> int | None:
        """The next claims in one commit; where to go on, None at the end or when it was posted before."""
        with client_transaction([self.file.client_id]):
            lock_posting(self.file.client_id)
            if start == 0:
                remittance, start = self.begun(position, said)
            else:
                remittance = Remittance.objects.get(
                    client_id=self.file.client_id, file_id=self.file.pk, position=position
                )
            if remittance is None:
                place = transaction.place(0, "ST")
                message = "This payment (payer, trace number, amount and day) was posted before: set aside."
                self.problems.append(Problem("remit.duplicate", place, message, said.paid_amount))
                self.entries += len(said.claims)
                self.duplicates += len(said.claims)
                return None
            end = min(start + BATCH, len(said.claims))
            self.post(remittance, transaction, said, start, end)
            self.entries += end - start
            self.progress(self.entries)
        return end if end < len(said.claims) else None

    def begun(self, position: int, said: remit_835.Remittance) -> tuple[Remittance | None, int]:
        """The row of the remittance and how many of its claims stand; none where another file brought it."""
        client_id, file_id = self.file.client_id, self.file.pk
        mine = Remittance.objects.filter(client_id=client_id)
        before: Remittance | None = mine.filter(file_id=file_id, position=position).first()
        if before is not None:
            stored = RemittedClaim.objects.filter(client_id=client_id, remittance=before)
            count, unmatched = stored.count(), stored.filter(claim__isnull=True).count()
            self.entries += count
            self.matched += count - unmatched
            self.unmatched += unmatched
            return before, count
        row = Remittance(
            client_id=client_id,
            file_id=file_id,
            position=position,
            payer_id=self.payers.find(said.payer_code, said.payer_name),
            payer_name=said.payer_name[:60],
            payer_code=said.payer_code[:80],
            trace_number=said.trace_number[:50],
            method_code=said.method[:3],
            payment_amount=said.paid_amount,
            paid_on=said.paid_on,
            claim_count=len(said.claims),
            posted_at=self.now,
        )
        same = mine.filter(
            payer_code=row.payer_code, trace_number=row.trace_number, payment_amount=row.payment_amount
        )
        if same.filter(paid_on=row.paid_on).exists():
            return None, 0
        row.save(force_insert=True)
        insert_rows(ProviderAdjustment, self.beside(row, said))
        return row, 0

    def beside(self, row: Remittance, said: remit_835.Remittance) -> list[dict[str, object]]:
        """Rows of what the payment held or added beside its claims (PLB)."""
        return [
            {
                "id": uuid7(),
                "client_id": row.client_id,
                "remittance_id": row.pk,
                "position": position,
                "reason_code": one.reason[:4],
                "reference": one.reference[:50],
                "amount": one.amount,
                "fiscal_period_on": one.period_ends_on,
            }
            for position, one in enumerate(said.provider_adjustments, start=1)
        ]

    def post(
        self,
        remittance: Remittance,
        transaction: Transaction,
        said: remit_835.Remittance,
        start: int,
        end: int,
    ) -> None:
        """The rows of these claims, and what they do to claims of ours."""
        claims = said.claims[start:end]
        numbers = [(one.control_number, one.payer_control_number) for one in claims]
        known = load_known(remittance.client_id, numbers, with_lines=True)
        batch = Batch(known, self.zone, self.now)
        rows = Rows()
        for position, one in enumerate(claims, start=start + 1):
            claim = known.pick(
                one.control_number, one.payer_control_number, one.charge_amount, remittance.payer_id
            )
            payment = rows_of(rows, remittance, position, one, claim, self.reasons)
            if claim is not None:
                batch.pay(claim, payment)
                self.matched += 1
                continue
            self.unmatched += 1
            if one.control_number in known.not_sent:
                place = transaction.place(one.position - transaction.position, "CLP", "2100")
                message = "It answers a claim that is not marked as sent: mark it, and the answer is matched."
                self.problems.append(Problem("remit.not_sent", place, message))
        insert_rows(RemittedClaim, rows.claims)
        insert_rows(RemittedLine, rows.lines)
        insert_rows(Adjustment, rows.adjustments)
        batch.save()
