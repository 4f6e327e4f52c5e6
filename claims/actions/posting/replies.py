"""Receipts and acknowledgements as the rows that are stored, and as the reply their claims take from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from claims.actions.posting.applying import Refusal, Reply
from claims.actions.posting.known import KnownClaim
from claims.models import Acknowledgement, AcknowledgementKind, DenialSource, PayerFile
from claims.rules.remit_lines import number_of
from claims.rules.remit_outcome import codes_text
from claims.rules.x12.status_277ca import ClaimStatus, Outcome, Status
from claims.selectors.reason_maps import status_category
from coding_ops.core.ids import uuid7


@dataclass(frozen=True, slots=True)
class Stored:
    """A row that an earlier reading of the file left."""

    is_known: bool


@dataclass(slots=True)
class Replies:
    """Rows of one commit.

    Attributes:
        last: how many segments the file has: rows of single claims that no segment names are numbered on
            from there, so that a second reading gives each row its number again.
        placed: statuses of the file before the next one.
    """

    file: PayerFile
    now: datetime
    last: int
    placed: int = 0
    rows: list[dict[str, object]] = field(default_factory=list)

    def stored(self, count: int) -> dict[int, Stored]:
        """What stands already of the next ``count`` statuses, by position."""
        rows = Acknowledgement.objects.filter(
            client_id=self.file.client_id,
            file_id=self.file.pk,
            position__gt=self.placed,
            position__lte=self.placed + count,
        )
        return {
            position: Stored(claim is not None) for position, claim in rows.values_list("position", "claim")
        }

    def is_stored(self, position: int) -> bool:
        """Whether this position of the file was posted before."""
        rows = Acknowledgement.objects.filter(client_id=self.file.client_id, file_id=self.file.pk)
        return rows.filter(position=position).exists()

    def of_claim(
        self, said: ClaimStatus, claim: KnownClaim | None, stated_on: date | None, *, is_stored: bool
    ) -> Reply:
        """The rows of a claim's statuses (none where they stand), and the reply of all of them together."""
        refusals = []
        for one in said.statuses:
            self.placed += 1
            if is_stored:
                continue
            row_id = self.add_status(
                one,
                self.placed,
                control_number=said.control_number,
                payer_control_number=said.payer_control_number,
                claim_id=claim.id if claim else None,
                stated_on=stated_on,
            )
            if one.outcome is Outcome.REJECTED:
                refusals.append(self.refusal(row_id, one, claim))
        on = next((one.stated_on for one in said.statuses if one.stated_on), stated_on)
        return Reply(
            source=DenialSource.REJECTION,
            outcome=said.outcome,
            payer_control_number=said.payer_control_number[:50],
            answered_on=on,
            posted_at=self.now,
            refusals=tuple(refusals),
        )

    def refusal(self, row_id: UUID, one: Status, claim: KnownClaim | None) -> Refusal:
        """A rejecting status with its category and, where it names one, its line of the claim."""
        category = status_category(one.category, one.code, one.entity)
        return Refusal(
            row_id, line_id(claim, one.line_number), codes_text((one.category, one.code)), category
        )

    def add_status(
        self,
        one: Status,
        position: int,
        *,
        control_number: str = "",
        payer_control_number: str = "",
        claim_id: UUID | None = None,
        submission_id: UUID | None = None,
        stated_on: date | None = None,
    ) -> UUID:
        """One row of a 277CA; its id."""
        return self.add(
            AcknowledgementKind.STATUS,
            position,
            one.outcome,
            (one.category, one.code, one.entity),
            claim_id=claim_id,
            submission_id=submission_id,
            control_number=control_number[:38],
            payer_control_number=payer_control_number[:50],
            line_number=number_of(one.line_number),
            charge_amount=one.amount,
            answered_on=one.stated_on or stated_on,
        )

    def add(
        self,
        kind: AcknowledgementKind,
        position: int,
        outcome: Outcome,
        codes: Sequence[str],
        **columns: object,
    ) -> UUID:
        """One row; its id."""
        row_id = uuid7()
        category, status, entity = codes
        self.rows.append(
            {
                "id": row_id,
                "client_id": self.file.client_id,
                "file_id": self.file.pk,
                "kind": kind.value,
                "position": position,
                "claim_id": None,
                "submission_id": None,
                "control_number": "",
                "line_number": None,
                "outcome": outcome.value,
                "category_code": category[:3],
                "status_code": status[:4],
                "entity_code": entity[:3],
                "payer_control_number": "",
                "charge_amount": None,
                "answered_on": None,
                "posted_at": self.now,
                **columns,
            }
        )
        return row_id


def line_id(claim: KnownClaim | None, text: str) -> UUID | None:
    """The row of the claim's line of this number."""
    number = number_of(text)
    if claim is None or number is None:
        return None
    return next((pk for pk, line in claim.lines if line.number == number), None)
