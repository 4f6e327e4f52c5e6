"""How the measures of claims are written, and what each of them means."""

from __future__ import annotations

from claims.rules.category_words import CATEGORY_WORDS
from claims.rules.classify import CODING
from claims.rules.cohorts import Share
from claims.rules.measures import (
    ACCEPTED,
    CLEAN,
    DENIED,
    OTHER,
    PAID,
    PASSED,
    REFUSED,
    REJECTED,
    UNMAPPED,
    UNPAID,
)
from claims.selectors.cohorts import ANSWERED, DECIDED, SENT, WAITING

DASH = "—"
PARTS = {
    SENT: "Sent",
    WAITING: "No answer yet",
    ANSWERED: "Answered",
    PASSED: "Nothing refused",
    OTHER: "Refused, not for coding",
    UNMAPPED: "Refused, reason in no map",
    CODING: "Refused for coding",
    CLEAN: "Nothing refused at all",
    REFUSED: "Rejected or denied",
    ACCEPTED: "Accepted for adjudication",
    REJECTED: "Rejected",
    DECIDED: "Decided by a remittance",
    PAID: "Paid without a denial",
    DENIED: "Denied in whole or part",
    UNPAID: "Nothing paid, no denial given",
    **{f"category-{one}": f"Refused: {words.lower()}" for one, words in CATEGORY_WORDS.items()},
}
CHIPS = (SENT, WAITING, PASSED, OTHER, UNMAPPED, CODING, REJECTED, DENIED)
"""Parts offered above a list of claims; together with the others they come from the page's numbers."""
FIRST_PASS, RAW, ACCEPTANCE, RESOLUTION = (
    "First pass, coding",
    "First pass, raw",
    "Accepted at first submission",
    "Resolved by the first remittance",
)
MEANINGS = {
    FIRST_PASS: (
        "Claims whose first answer names no reason of the category coding, of claims answered. The first "
        "answer is a rejection (999, 277CA) or a remittance (835); being received or accepted is none yet. A "
        "claim refused for coding and for something else fails."
    ),
    RAW: "Claims whose first answer refused nothing, of claims answered, whatever the cause.",
    ACCEPTANCE: (
        "Claims accepted for adjudication (277CA A2) without a rejection, of those accepted or rejected. A "
        "claim that was decided without an acknowledgement is in neither."
    ),
    RESOLUTION: (
        "Claims paid, or the patient's to pay, without any denial, of those whose first answer was a "
        "remittance."
    ),
    "No answer yet": "Sent and neither rejected nor decided. They are in no rate, and counted here.",
    "In no map": (
        "The payer's reason is in neither the built-in map nor the contract's. It does not fail the coding "
        "rate; “at worst” is what the rate were if all of them were coding."
    ),
    "Mature": (
        "Fast answers come first and are mostly good ones. A month is mature when so many days as the "
        "contract names have passed since its last claim went out."
    ),
}


def percent(of: Share, minimum_n: int) -> tuple[str, str]:
    """``("93.1%", "91.0 to 94.8%, of 412")``; below the minimum n ``("3 of 4", "too few for a rate")``."""
    if of.found is None:
        return DASH, ""
    if of.n < minimum_n:
        return f"{of.hits:,} of {of.n:,}", "too few for a rate"
    low, high = 100 * of.found.low, 100 * of.found.high
    return f"{100 * of.found.rate:.1f}%", f"{low:.1f} to {high:.1f}%, of {of.n:,}"


def claims(count: int) -> str:
    """``1 claim``, ``412 claims``."""
    return f"{count:,} claim{'' if count == 1 else 's'}"
