"""What the DRG tool and the list of differences are given: prepared strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class SeverityRow:
    """A CC or MCC: ``why_not`` says what keeps it from counting."""

    key: str
    code: str
    level: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class DriverRow:
    """A code the group rests on.  ``cited``: ``"1 quote in 1 document"``; ``thin``: one quote or none."""

    key: str
    code: str
    level: str
    without: str
    weight: str
    cited: str
    thin: bool


@dataclass(frozen=True, slots=True)
class WorkingRow:
    """What one party expects, and, when the codes are final, how that compares."""

    working_id: str
    party: str
    drg: str
    who: str
    reason: str = ""
    outcome: str = ""
    outcome_tone: str = ""
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class DrgPanel:
    """The inside of the DRG tool.

    Attributes:
        problem: why there is no group; the rest of the group is empty then.
        weight: shown to those who review, never to the coder.
        status_words: how the stay ended, in words; ``assumed`` when nobody has said so.
        can_record: this person records a working group; ``needs_reason`` because it is not their first.
        may_explain: this person may say why groups differ.
        list_href: all differences of the client that wait for a reason; for those who review.
    """

    href: str
    problem: str = ""
    version: str = ""
    drg: str = ""
    title: str = ""
    facts: tuple[str, ...] = ()
    weight: str = ""
    statuses: tuple[Choice, ...] = ()
    status_words: str = ""
    assumed: bool = False
    severity: tuple[SeverityRow, ...] = ()
    drivers: tuple[DriverRow, ...] = ()
    edits: tuple[str, ...] = ()
    working: tuple[WorkingRow, ...] = ()
    final: str = ""
    reasons: tuple[Choice, ...] = ()
    can_set_status: bool = False
    can_record: bool = False
    needs_reason: bool = False
    may_explain: bool = False
    list_href: str = ""
    fence: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)
    posted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A final stay whose group was expected otherwise."""

    href: str
    visit_id: str
    discharge_on: str
    final_at: str
    expected: str
    party: str
    final: str


@dataclass(frozen=True, slots=True)
class PendingPage:
    """``/c/<client>/drg-differences/``"""

    summary: str
    rows: tuple[PendingRow, ...]
