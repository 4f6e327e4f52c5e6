"""What a request for the programme's figures asks, and what its person may see of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.models import Role
from qa_audit.access import VENDOR_REVIEWERS
from qa_audit.models import ReviewOrigin
from qa_audit.rules.facts import SCORES
from qa_audit.selectors.programme import Group, Months, settings
from qa_audit.views.programme.dto import Choice

WINDOW_WORDS = {1: "This month", 3: "3 months", 6: "6 months", 12: "12 months"}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a role sees: the vendor's reviewers and leaders everything, a client's administrator and an
    auditor closed reviews and no names of coders; a client's own reviews as they stand are its own."""

    names_coders: bool
    sees_provisional: bool
    is_client: bool = False

    def shows(self, is_client_run: bool, is_provisional: bool) -> bool:
        """Whether audits of this kind may be counted for the person."""
        return not is_provisional or self.sees_provisional or (self.is_client and is_client_run)


def sight_of(role: Role | str) -> Sight:
    """What the role sees.

    Raises:
        NotFound: the programme is no business of theirs.
    """
    if role in VENDOR_REVIEWERS:
        return Sight(names_coders=True, sees_provisional=True)
    if role == Role.CLIENT_ADMIN:
        return Sight(names_coders=False, sees_provisional=False, is_client=True)
    if role == Role.EXTERNAL_AUDITOR:
        return Sight(names_coders=False, sees_provisional=False)
    raise NotFound


@dataclass(frozen=True, slots=True)
class Asked:
    """A window and a score; empty score: the one the contract counts."""

    count: int
    months: Months
    score: str


def asked_of(query: Mapping[str, str], today: date) -> Asked:
    """``?months=`` and ``?score=``, the first window and the contract's score for anything unknown."""
    windows = settings().windows
    text = query.get("months", "")
    count = int(text) if text.isdecimal() and int(text) in windows else windows[0]
    score = query.get("score", "")
    return Asked(count, Months.through(today, count), score if score in SCORES else "")


def window_chips(asked: Asked) -> tuple[Choice, ...]:
    """The windows, shortest first."""
    kept = {"score": asked.score}
    return tuple(
        Choice(WINDOW_WORDS[count], turned({**kept, "months": str(count)}), count == asked.count)
        for count in sorted(settings().windows)
    )


def turned(query: Mapping[str, str]) -> str:
    """``?a=b`` of what is not empty."""
    return f"?{urlencode({name: value for name, value in query.items() if value})}"


def rows_href(base: str, months: Months, **wanted: str | int | bool | None) -> str:
    """Address of the charts behind a number; ``base`` ends in ``rows/``."""
    query = {"from": f"{months.first:%Y-%m}", "through": f"{months.last:%Y-%m}"}
    for name, value in wanted.items():
        if value is True or value is False:
            query[name] = "1" if value else "0"
        elif value not in (None, ""):
            query[name] = str(value)
    return base + turned(query)


def is_random(group: Group) -> bool:
    """Whether the audit may stand for charts that were not audited."""
    return group.origin == ReviewOrigin.SAMPLE.value
