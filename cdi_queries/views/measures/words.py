"""How the measures of queries are written, and what each of them means."""

from __future__ import annotations

from decimal import Decimal

from cdi_queries.rules.measure_figures import Hours, PerHundred, Share
from cdi_queries.rules.measures import ANSWERED, ASKED, IN_TIME, LATE, NOTHING_ASKED
from cdi_queries.rules.outcome import Outcome
from cdi_queries.terms.measures import MeasureTerms

DASH = "—"
RATE, PER_HUNDRED, MEDIAN, NINETIETH = "rate", "per_hundred", "median", "ninetieth"
IN_TIME_RATE, AGREEMENT, WAITING = "in_time", "agreement", "waiting"
OUTCOMES = {
    Outcome.AGREED: "Agreed",
    Outcome.DISAGREED: "Disagreed",
    Outcome.OTHER: "Other",
    Outcome.UNDETERMINED: "Unable to determine",
}
NONE = {"provider": "No provider", "specialty": "No specialty", "template": "No template"}


def titles(terms: MeasureTerms) -> dict[str, str]:
    """Names of the measures, in the order of the page."""
    return {
        RATE: "Query rate",
        PER_HUNDRED: "Queries per 100 charts",
        MEDIAN: "Hours to the answer, median",
        NINETIETH: "Hours to the answer, 90th percentile",
        IN_TIME_RATE: f"Answered in {terms.answer_hours} hours",
        AGREEMENT: "Agreement",
        WAITING: "Waiting now",
    }


def meanings(terms: MeasureTerms) -> dict[str, str]:
    """What each of them counts, of what, and what it leaves out."""
    hours = terms.answer_hours
    return {
        RATE: (
            "Charts about which a query was sent, of charts reviewed: those marked as reviewed with nothing "
            "to ask, and those asked about. Charts that were coded without either are not among them. A "
            "cancelled query is left out; its chart stays reviewed."
        ),
        PER_HUNDRED: "Queries sent, per 100 charts reviewed. A chart with two queries counts two.",
        MEDIAN: (
            "Half of the queries answered in the period took no longer. The clock starts anew when a query "
            "is passed on to another provider. Queries asked by word of mouth are left out."
        ),
        NINETIETH: "Nine of ten queries answered in the period took no longer; counted as the median is.",
        IN_TIME_RATE: (
            f"Queries answered within {hours} hours, of those whose {hours} hours were over in the period. "
            "Cancelled ones and those asked by word of mouth are left out; one that ran out is late."
        ),
        AGREEMENT: (
            "Queries answered in the period by choosing a diagnosis or yes, of those that offered answers. "
            "Other and unable to determine are told apart. There is no target: a high share may mean leading "
            "questions, a low one weak ones."
        ),
        WAITING: "Queries that wait for their answer now, by the hours since their provider was asked.",
    }


def parts(measure: str, terms: MeasureTerms) -> dict[str, str]:
    """Names of the parts of a measure, by code."""
    if measure in (RATE, PER_HUNDRED):
        return {ASKED: "With a query", NOTHING_ASKED: "Nothing to ask"}
    if measure in (MEDIAN, NINETIETH):
        return {ANSWERED: "Answered"}
    if measure == IN_TIME_RATE:
        return {IN_TIME: f"In {terms.answer_hours} hours", LATE: "Later or not at all"}
    if measure == AGREEMENT:
        return {one.value: label for one, label in OUTCOMES.items()}
    ends = (0, *terms.waiting_bounds)
    named = {
        f"{low}-{high}": f"{low} to {high} hours"
        for low, high in zip(ends, terms.waiting_bounds, strict=False)
    }
    return {**named, f"{ends[-1]}+": f"Over {ends[-1]} hours"}


def percent(rate: Decimal) -> str:
    """``18.4%``."""
    return f"{100 * rate:.1f}%"


def share(of: Share, terms: MeasureTerms) -> tuple[str, str]:
    """``("18.4%", "15.1 to 22.2%, of 412")``; below the minimum n ``("3 of 4", "too few for a rate")``."""
    if of.found is None:
        return DASH, ""
    if of.n < terms.minimum_n:
        return f"{of.hits:,} of {of.n:,}", "too few for a rate"
    low, high = 100 * of.found.low, 100 * of.found.high
    return percent(of.found.rate), f"{low:.1f} to {high:.1f}%, of {of.n:,}"


def hundred(of: PerHundred, terms: MeasureTerms) -> tuple[str, str]:
    """``("21.4", "17.2 to 26.3, of 412")``."""
    if of.found is None:
        return DASH, ""
    if of.charts < terms.minimum_n:
        return f"{of.queries:,} on {of.charts:,}", "too few for a rate"
    return f"{of.found.rate:.1f}", f"{of.found.low:.1f} to {of.found.high:.1f}, of {of.charts:,}"


def hours(of: Hours, terms: MeasureTerms) -> tuple[str, str]:
    """``("20.0 h", "14.0 to 31.5 h, of 86")``, ``at least 14.0 h`` where the sample bounds one side."""
    if of.value is None:
        return DASH, ""
    text = f"{of.value:,.1f} h"
    if of.n < terms.minimum_n:
        return text, f"of {of.n:,}: too few to judge"
    return text, f"{_bounds(of)}of {of.n:,}"


def _bounds(of: Hours) -> str:
    if of.low is not None and of.high is not None:
        return f"{of.low:,.1f} to {of.high:,.1f} h, "
    if of.low is not None:
        return f"at least {of.low:,.1f} h, "
    return f"at most {of.high:,.1f} h, " if of.high is not None else ""


def count(number: int, noun: str) -> str:
    """``1,204 queries``, ``1 query``."""
    if number == 1:
        noun = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    return f"{number:,} {noun}"
