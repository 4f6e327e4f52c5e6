"""From the text of receipts (999) and claim acknowledgements (277CA) to rows, and what they do to claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from claims.actions.posting.applying import Batch
from claims.actions.posting.bulk import insert_rows
from claims.actions.posting.known import load_known, load_refusals, lock_posting
from claims.actions.posting.payers import zone_of
from claims.actions.posting.posted import Posted
from claims.actions.posting.receipts import answer_batch, answer_set
from claims.actions.posting.replies import Replies
from claims.models import Acknowledgement, PayerFile
from claims.rules.x12.ack_999 import read_999
from claims.rules.x12.parts import Problem
from claims.rules.x12.reader import Interchange, Transaction, read_file
from claims.rules.x12.status_277ca import Acknowledgement as ReadAcknowledgement
from claims.rules.x12.status_277ca import ClaimStatus, read_277ca
from coding_ops.tenancy.scope import client_transaction

BATCH = 1_000
"""Claims of one commit."""


def post_999(*, file: PayerFile, text: str, progress: Callable[[int], None], now: datetime) -> Posted:
    """Posts every receipt of a file; see the package's text.  ``entry_count``: transactions answered."""
    posting = _begun(file, now, progress)
    reading = read_file(text.replace("\x00", ""))
    for interchange in reading.interchanges:
        for transaction in _of(interchange, "999", "997"):
            posting.receipt(interchange.sender, transaction, reading.segment_count)
    return posting.posted()


def post_277ca(*, file: PayerFile, text: str, progress: Callable[[int], None], now: datetime) -> Posted:
    """Posts every acknowledgement of a file; see the package's text.  ``entry_count`` counts claims."""
    posting = _begun(file, now, progress)
    reading = read_file(text.replace("\x00", ""))
    for interchange in reading.interchanges:
        for transaction in _of(interchange, "277"):
            posting.acknowledgement(interchange.sender, transaction, reading.segment_count)
    return posting.posted()


def _of(interchange: Interchange, *codes: str) -> list[Transaction]:
    return [one for group in interchange.groups for one in group.transactions if one.code in codes]


def _begun(file: PayerFile, now: datetime, progress: Callable[[int], None]) -> _Posting:
    with client_transaction([file.client_id]):
        return _Posting(file, now, progress, zone_of(file.client_id))


@dataclass(slots=True)
class _Posting:
    """One file being posted, and what became of it so far.  ``placed``: statuses that lie behind it."""

    file: PayerFile
    now: datetime
    progress: Callable[[int], None]
    zone: ZoneInfo
    entries: int = 0
    matched: int = 0
    unmatched: int = 0
    placed: int = 0
    problems: list[Problem] = field(default_factory=list)

    def posted(self) -> Posted:
        return Posted(self.entries, self.matched, self.unmatched, 0, tuple(self.problems))

    def count(self, is_known: bool) -> None:
        self.entries += 1
        self.matched += is_known
        self.unmatched += not is_known

    def receipt(self, sender: str, transaction: Transaction, last: int) -> None:
        """One 999: each transaction that it answers in a commit of its own."""
        said = read_999(transaction)
        self.problems += said.problems
        for answer in said.sets or (None,):
            with client_transaction([self.file.client_id]):
                lock_posting(self.file.client_id)
                replies = Replies(self.file, self.now, last)
                found = answer_set(replies, self.zone, sender, said, answer)
                self.count(found.is_known)
                if found.problem is not None:
                    code, message = found.problem
                    offset = (answer.position if answer else said.position) - transaction.position
                    place = transaction.place(offset, "AK2" if answer else "ST")
                    self.problems.append(Problem(code, place, message))
                self.progress(self.entries)

    def acknowledgement(self, sender: str, transaction: Transaction, last: int) -> None:
        """One 277CA: what it says of whole files first, then its claims, batch by batch."""
        said = read_277ca(transaction)
        self.problems += said.problems
        with client_transaction([self.file.client_id]):
            lock_posting(self.file.client_id)
            named = {one.batch_number for one in said.claims}
            for one in said.batches:
                replies = Replies(self.file, self.now, last, self.placed)
                answer_batch(replies, self.zone, sender, one, said.stated_on, has_claims=bool(named))
                self.placed += len(one.statuses)
        for start in range(0, len(said.claims), BATCH):
            self.claims(transaction, said, said.claims[start : start + BATCH], last)

    def claims(
        self, transaction: Transaction, said: ReadAcknowledgement, claims: Sequence[ClaimStatus], last: int
    ) -> None:
        """The statuses of these claims in one commit, but for those that stand from an earlier reading."""
        with client_transaction([self.file.client_id]):
            client_id = self.file.client_id
            lock_posting(client_id)
            numbers = [(one.control_number[:38], one.payer_control_number[:50]) for one in claims]
            known = load_known(client_id, numbers, with_lines=any(_has_lines(one) for one in claims))
            load_refusals(known)
            batch = Batch(known, self.zone, self.now)
            replies = Replies(self.file, self.now, last, self.placed)
            stored = replies.stored(sum(len(one.statuses) for one in claims))
            for one in claims:
                amount = next((status.amount for status in one.statuses if status.amount is not None), None)
                claim = known.pick(one.control_number[:38], one.payer_control_number[:50], amount)
                before = stored.get(replies.placed + 1)
                reply = replies.of_claim(one, claim, said.stated_on, is_stored=before is not None)
                if before is not None:
                    self.count(before.is_known)
                    continue
                self.count(claim is not None)
                if claim is not None:
                    batch.reply(claim, reply)
                elif one.control_number in known.not_sent:
                    place = transaction.place(one.position - transaction.position, "HL", "2000D")
                    message = (
                        "It answers a claim that is not marked as sent: mark it, and the answer is matched."
                    )
                    self.problems.append(Problem("status.not_sent", place, message))
            insert_rows(Acknowledgement, replies.rows)
            batch.save()
            self.placed = replies.placed
            self.progress(self.entries)


def _has_lines(one: ClaimStatus) -> bool:
    return any(status.line_number for status in one.statuses)
