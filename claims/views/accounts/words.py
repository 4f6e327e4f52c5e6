"""How accounts are written, inside and for the client's own people."""

from __future__ import annotations

from decimal import Decimal

from claims.rules.account_board import Sum
from claims.rules.billing_days import WORDS, Cause, Held
from encounters.rules.deadlines import Party

DASH = "—"
PARTIES = {
    Party.VENDOR: "Coding vendor",
    Party.CLIENT: "Client",
    Party.PROVIDER: "Provider",
    Party.PAYER: "Payer",
}
WITH_CODERS = "With the coders"
IN_PREPARATION = "Claim being prepared"
_OURS = (Cause.CODING, Cause.HOLD, Cause.REVIEW, Cause.QUERY, Cause.DOCUMENTS)


def cause(held: Held, *, inside: bool) -> str:
    """What the account waits for; outside, how the vendor's own time is spent is one word."""
    if inside or held.party is not Party.VENDOR:
        return WORDS[held.cause]
    return WITH_CODERS if held.cause in _OURS else IN_PREPARATION


def money(amount: Decimal | None) -> str:
    """``$1,234.50``; a dash where nobody has named a charge."""
    return DASH if amount is None else f"${amount:,.2f}"


def dollars(of: Sum) -> tuple[str, str]:
    """``("$1,234.50", "3 of 12 without a charge")``."""
    if of.count and of.unpriced == of.count:
        return DASH, "No charge is known"
    missing = f"{of.unpriced:,} of {of.count:,} without a charge" if of.unpriced else "all with a charge"
    return money(of.dollars), missing if of.count else "nothing waits"


def accounts(count: int) -> str:
    """``1 account``, ``412 accounts``."""
    return f"{count:,} account{'' if count == 1 else 's'}"


def days(count: int) -> str:
    """``1 day``, ``412 days``."""
    return f"{count:,} day{'' if count == 1 else 's'}"


def shares(found: dict[Party, int]) -> str:
    """``Coding vendor 3, Client 5``, in the order of the parties."""
    told = [f"{PARTIES[party]} {found[party]:,}" for party in Party if found.get(party)]
    return ", ".join(told) or "Less than a day"


def bucket(code: str) -> str:
    """``4 to 7 days``, ``over 60 days``."""
    if code.endswith("+"):
        return f"Over {int(code[:-1]) - 1} days"
    low, high = code.split("-")
    return f"Up to {high} days" if low == "0" else f"{low} to {high} days"
