"""How a client's payers' reasons are read: the rows of its contracts over the built-in maps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from claims.classify_command import editions
from claims.models import ReasonRule
from claims.rules.classify import UNMAPPED, Edition
from claims.rules.reason_reading import ContractRow, Decision, plain_code, read_reason
from claims.terms.denials import status_map

_Asked = tuple[UUID | None, str, str, tuple[str, ...], date, bool]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Reads reasons without a query; each distinct question is worked out once."""

    rows: Mapping[str, Sequence[ContractRow]]
    editions: Sequence[Edition]
    _known: dict[_Asked, Decision] = field(default_factory=dict, repr=False, compare=False)

    def category(
        self,
        *,
        payer_id: UUID | None,
        group: str,
        carc: str,
        rarcs: Sequence[str],
        on: date,
        amount: Decimal,
    ) -> Decision:
        """The category of one adjustment of ``amount`` dollars on a day; ``unmapped`` where none is known."""
        asked = (payer_id, group, carc, tuple(rarcs), on, amount < 0)
        found = self._known.get(asked)
        if found is None:
            found = read_reason(
                self.rows.get(plain_code(carc), ()),
                self.editions,
                payer_id=payer_id,
                group=group,
                carc=carc,
                rarcs=rarcs,
                on=on,
                amount=amount,
            )
            self._known[asked] = found
        return found


def classifier(client_id: int) -> Classifier:
    """The client's reading of reasons as it stands now: one query."""
    by_reason: dict[str, list[ContractRow]] = defaultdict(list)
    for row in ReasonRule.objects.filter(client_id=client_id):
        by_reason[row.carc].append(row_of(row))
    return Classifier(dict(by_reason), editions())


def row_of(row: ReasonRule) -> ContractRow:
    """A stored reading as the rule takes it."""
    return ContractRow(
        id=row.pk,
        payer_id=row.payer_id,
        group=row.group_code,
        carc=row.carc,
        rarc=row.rarc,
        category=row.category,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def status_category(category_code: str, status_code: str = "", entity_code: str = "") -> str:
    """The kind of denial of one rejecting status: of a 277CA (STC01), or of a 999 (``category_code`` 999).

    ``entity_code`` decides nothing yet: no status of the map means two things by its entity.
    """
    found = status_map()
    if category_code == "999":
        return found.receipt
    return found.codes.get(plain_code(status_code)) or found.categories.get(category_code, UNMAPPED)
