"""From the text of a client's own 837 to rows: its claims, tied to our charts, held against our final codes.

A claim that came before is known again, from the same file as posted, from another as a duplicate.  One that
bears the number of an earlier claim but says something else takes its place.  A claim for which no chart of
ours is found is kept as well: payers answer it all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from claims.actions.matching import match_waiting
from claims.actions.posting.client_claims import Tied, lines_of, misfit, row_of, tie, tied_columns
from claims.actions.posting.known import lock_posting
from claims.actions.posting.payers import Payers, load_payers, zone_of
from claims.actions.posting.posted import Posted
from claims.actions.steps import NewStep, add_steps
from claims.models import BillingProfile, Claim, ClaimLine, ClaimStatus, ClaimStep, ClaimStepKind, PayerFile
from claims.rules.claim_states import STEPS, ClaimState, ClaimVerb
from claims.rules.content import ClaimContent, Frequency, to_json
from claims.rules.drift import days_of
from claims.rules.x12.claims_837 import UNREADABLE, ReadClaim, read_claims
from claims.rules.x12.parts import Problem
from claims.rules.x12.reader import Interchange, Transaction, read_file
from claims.selectors.billed_charts import ClaimKey, key_of
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.scope import client_transaction

BATCH = 500
"""Claims of one commit."""
ACTOR = "claim files"
MISFIT = "claim.misfit"


def post_837(*, file: PayerFile, text: str, progress: Callable[[int], None], now: datetime) -> Posted:
    """Posts every claim of a file; see the package's text.

    ``unmatched_count``: claims for which no chart of ours was found.
    """
    with client_transaction([file.client_id]):
        if not BillingProfile.objects.filter(client_id=file.client_id, is_self_billed=True).exists():
            return Posted(file.entry_count, problems=(_NOT_SELF_BILLED,))
        posting = _Posting(file, now, progress, zone_of(file.client_id), load_payers(file.client_id))
    for interchange in read_file(text).interchanges:
        posting.interchange(interchange)
    if posting.entries:
        match_waiting(file.client_id, now=now)
    return posting.posted()


_NOT_SELF_BILLED = Problem(
    "claims.not_self_billed",
    "whole file",
    "The set-up says that we write this client's claims, so its own claims are not expected. "
    "If the client bills for itself, say so in the billing profile and read the file again.",
)


@dataclass(slots=True)
class _Posting:
    """One file being posted, and what became of it so far."""

    file: PayerFile
    now: datetime
    progress: Callable[[int], None]
    zone: ZoneInfo
    payers: Payers
    entries: int = 0
    made: int = 0
    matched: int = 0
    unmatched: int = 0
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)

    def posted(self) -> Posted:
        return Posted(self.entries, self.matched, self.unmatched, self.duplicates, tuple(self.problems))

    def interchange(self, interchange: Interchange) -> None:
        sent_at = sent_at_of(interchange.created, self.zone, self.now)
        for group in interchange.groups:
            for transaction in group.transactions:
                for claims in self.batches(transaction):
                    self.batch(transaction, claims, sent_at)

    def batches(self, transaction: Transaction) -> Iterator[list[ReadClaim]]:
        """Readable claims, so many as go into one commit; the unreadable are counted as they are told."""
        batch: list[ReadClaim] = []
        told = len(self.problems)
        for read in read_claims(transaction, self.problems):
            why = misfit(read.content)
            if why:
                self.refuse(transaction, read, why)
                continue
            batch.append(read)
            if len(batch) == BATCH:
                yield batch
                batch = []
        self.entries += sum(one.code in UNREADABLE or one.code == MISFIT for one in self.problems[told:])
        if batch:
            yield batch

    def refuse(self, transaction: Transaction, read: ReadClaim, why: str) -> None:
        place = transaction.place(read.position - transaction.position, "CLM", "2300")
        number = read.content.control_number[:38]
        self.problems.append(Problem(MISFIT, place, f"Claim {number} cannot be kept as a claim. {why}"))

    def batch(self, transaction: Transaction, claims: Sequence[ReadClaim], sent_at: datetime) -> None:
        """These claims in one commit."""
        client_id = self.file.client_id
        with client_transaction([client_id]):
            lock_posting(client_id)
            contents = [one.content for one in claims]
            writing = _Writing(self, tie(client_id, contents), sent_at, _before(client_id, contents))
            for read in claims:
                writing.take(read)
            writing.save()
            self.entries += len(claims)
            self.progress(self.entries)


@dataclass(slots=True)
class _Before:
    """Claims of the client that stand already, by either number, oldest first, and what file each is of."""

    by_number: dict[str, list[Claim]]
    by_payer_number: dict[str, list[Claim]]
    files: dict[UUID, str]


def _before(client_id: int, contents: Sequence[ClaimContent]) -> _Before:
    """Locked, one query, and one more for their files."""
    numbers = {one.control_number for one in contents}
    payers_numbers = {one.payer_control_number for one in contents if one.payer_control_number}
    rows = list(
        Claim.objects.select_for_update(of=("self",))
        .filter(
            Q(control_number__in=numbers) | Q(payer_control_number__in=payers_numbers),
            client_id=client_id,
            is_billed_by_client=True,
        )
        .order_by("version", "made_at", "pk")
    )
    found = _Before(defaultdict(list), defaultdict(list), {})
    for row in rows:
        found.by_number[row.control_number].append(row)
        if row.payer_control_number:
            found.by_payer_number[row.payer_control_number].append(row)
    steps = ClaimStep.objects.filter(client_id=client_id, claim__in=rows, kind=ClaimStepKind.READ)
    found.files = {one: facts.get("file", "") for one, facts in steps.values_list("claim_id", "facts")}
    return found


@dataclass(slots=True)
class _Writing:
    """The rows of one batch."""

    posting: _Posting
    tied: dict[ClaimKey, Tied]
    sent_at: datetime
    before: _Before
    claims: list[Claim] = field(default_factory=list)
    lines: list[ClaimLine] = field(default_factory=list)
    steps: list[NewStep] = field(default_factory=list)
    moved: dict[UUID, Claim] = field(default_factory=dict)

    def take(self, read: ReadClaim) -> None:
        content, posting = read.content, self.posting
        tied = self.tied.get(key_of(content), Tied())
        stored = to_json(content)
        earlier = self.before.by_number.get(content.control_number, [])
        same = next((one for one in earlier if one.content == stored), None)
        if same is not None:
            self.known(same, content, tied)
            return
        payer_id = posting.payers.find(content.payer.identifier, content.payer.name)
        replaces = self.replaced(content, payer_id, earlier)
        row = row_of(
            posting.file.client_id,
            content,
            tied,
            stored=stored,
            payer_id=payer_id,
            replaces=replaces,
            sent_at=self.sent_at,
            now=posting.now,
        )
        self.claims.append(row)
        self.lines += lines_of(row, content, tied)
        file = str(posting.file.pk)
        self.steps.append(
            NewStep(row.pk, ClaimStepKind.READ, posting.now, {"file": file, "position": read.position})
        )
        self.before.by_number[content.control_number].append(row)
        self.before.files[row.pk] = file
        posting.made += 1
        self.count(tied)

    def count(self, tied: Tied) -> None:
        self.posting.matched += tied.chart is not None
        self.posting.unmatched += tied.chart is None

    def known(self, row: Claim, content: ClaimContent, tied: Tied) -> None:
        """A claim that stands already; its chart may have come meanwhile."""
        if self.before.files.get(row.pk) != str(self.posting.file.pk):
            self.posting.duplicates += 1
            return
        if row.encounter_id is None and tied.chart is not None:
            columns = tied_columns(content, tied)
            for name, value in columns.items():
                setattr(row, name, value)
            row.save(update_fields=list(columns))
        self.count(tied)

    def replaced(
        self, content: ClaimContent, payer_id: UUID | None, earlier: Sequence[Claim]
    ) -> Claim | None:
        """The claim that this one takes the place of: named by the payer's number, else by ours.

        An original under a number that was used before is one sent again after a rejection when it is for
        the same day and payer; for another day the number was only used twice, and what goes to a second
        payer leaves the first one's claim as it stands.
        """
        candidates = list(self.before.by_payer_number.get(content.payer_control_number, ())) or list(earlier)
        if not candidates:
            return None
        newest = candidates[-1]
        is_original = content.frequency is Frequency.ORIGINAL
        is_same = newest.service_from_on == days_of(content)[0] and newest.payer_id == payer_id
        if is_original and not is_same:
            return None
        verb = ClaimVerb.VOID if content.frequency is Frequency.VOID else ClaimVerb.REPLACE
        after = STEPS.get((ClaimState(newest.state), verb))
        if after is None:
            return newest
        newest.state = ClaimStatus(after.value)
        self.moved[newest.pk] = newest
        kind = ClaimStepKind.VOIDED if verb is ClaimVerb.VOID else ClaimStepKind.REPLACED
        self.steps.append(NewStep(newest.pk, kind, self.posting.now, {"file": str(self.posting.file.pk)}))
        return newest

    def save(self) -> None:
        client_id = self.posting.file.client_id
        Claim.objects.bulk_create(self.claims, batch_size=BATCH)
        ClaimLine.objects.bulk_create(self.lines, batch_size=2_000)
        new = {one.pk for one in self.claims}
        moved = [one for one in self.moved.values() if one.pk not in new]
        if moved:
            Claim.objects.bulk_update(moved, ["state"], batch_size=BATCH)
        add_steps(actor=system_actor(ACTOR), client_id=client_id, steps=self.steps)


def sent_at_of(created: str, zone: ZoneInfo, now: datetime) -> datetime:
    """When an interchange was made (ISA09 and ISA10, ``YYMMDDHHMM``), by the client's clock.

    ``now`` where the file does not say it or says a time to come: a claim was not sent after we read it.
    """
    try:
        made = datetime.strptime(created[:10], "%y%m%d%H%M").replace(tzinfo=zone)
    except ValueError:
        return now
    return min(made, now)
