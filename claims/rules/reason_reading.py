"""How one contract reads a payer's reason: its own dated rows first, then the built-in map of the day.

The most exact row wins: with a remark before without, with a payer before without, with a group before
without, and of equals the newest first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from claims.rules.classify import UNMAPPED, Edition, classify, edition_on

CONTRACT: Final = "contract"
NO_EDITION: Final = "none"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One dated reading of a contract.  An empty group or remark, or no payer: whichever it is."""

    id: UUID
    payer_id: UUID | None
    group: str
    carc: str
    rarc: str
    category: str
    starts_on: date
    ends_on: date | None

    def fits(self, *, payer_id: UUID | None, group: str, carc: str, rarcs: Sequence[str], on: date) -> bool:
        """Whether the row reads this adjustment on this day."""
        return (
            self.carc == carc
            and self.payer_id in (None, payer_id)
            and self.group in ("", group)
            and (not self.rarc or self.rarc in rarcs)
            and self.starts_on <= on
            and (self.ends_on is None or on <= self.ends_on)
        )

    @property
    def exactness(self) -> tuple[bool, bool, bool, date, str]:
        """Larger is more exact; the id makes the order whole."""
        return (bool(self.rarc), self.payer_id is not None, bool(self.group), self.starts_on, str(self.id))


@dataclass(frozen=True, slots=True)
class Decision:
    """How an adjustment was read.

    Attributes:
        decided_by: the reason or remark that decided.  ``why``: that in words.
        status: ``contract``, or how well the built-in map knows it (own, secondary, unverified).
        edition: id of the map, or ``contract-`` and the row's id without hyphens; 40 characters at most.
    """

    category: str
    decided_by: str
    why: str
    status: str
    edition: str


def plain_code(code: str) -> str:
    """A reason or remark as the maps hold it: upper case, without leading zeros (some payers write 045)."""
    return code.strip().upper().lstrip("0") or "0"


def read_reason(
    rows: Sequence[ContractRow],
    editions: Sequence[Edition],
    *,
    payer_id: UUID | None,
    group: str,
    carc: str,
    rarcs: Sequence[str],
    on: date,
    amount: Decimal,
) -> Decision:
    """The category of one adjustment; a reason that nothing knows is ``unmapped``, never an error."""
    reason, remarks = plain_code(carc), tuple(dict.fromkeys(plain_code(one) for one in rarcs))
    fitting = [
        row
        for row in rows
        if row.fits(payer_id=payer_id, group=group.upper(), carc=reason, rarcs=remarks, on=on)
    ]
    if fitting:
        row = max(fitting, key=lambda one: one.exactness)
        decided_by = row.rarc or reason
        return Decision(
            row.category, decided_by, "the contract's own reading", CONTRACT, f"contract-{row.id.hex[:31]}"
        )
    edition = edition_on(editions, on)
    if edition is None:
        return Decision(UNMAPPED, reason, f"no map reaches back to {on:%m/%d/%Y}", "own", NO_EDITION)
    found = classify(edition, on, reason, remarks, is_negative=amount < 0)
    return Decision(found.category, found.decided_by, found.why, found.status, edition.id)
