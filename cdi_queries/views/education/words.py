"""How figures of documentation and letters are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from cdi_queries.rules.education import Charts, Effect, Span, Verdict, month_before, rate_of
from cdi_queries.rules.letter import charts, interval_words, percent
from cdi_queries.selectors.letters import LetterRead
from cdi_queries.terms.education import education_terms
from cdi_queries.views.education.dto import Counted, LetterRow
from cdi_queries.views.tabs import queries_href
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import moment

MONTHS_BACK = 12
DASH = "\N{EM DASH}"
VERDICTS = {
    Verdict.FELL: "Fewer than before",
    Verdict.ROSE: "More than before",
    Verdict.UNCHANGED: "No change shown",
}
NUMBERS = ("minimum_peers", "minimum_peer_charts", "minimum_charts", "edition")
NOTES = (
    (
        "A chart counts as left unspecified when one of its final ICD-10-CM diagnoses says unspecified where "
        "the code set tells more. Signs, external causes, factors, and codes whose open wording is usual do "
        "not count. A held chart is counted when it is released."
    ),
    (
        "Peers are the other providers of the specialty at this client, together: at least {minimum_peers} "
        "of them with {minimum_peer_charts} charts. Below {minimum_charts} charts nothing is judged. Rows "
        "stand by name: this is no ranking, and no number here is a quota."
    ),
    "Intervals are {confidence}: Wilson for rates, Newcombe for differences. Edition {edition}.",
)


def base_href(slug: str) -> str:
    """``/c/<client>/queries/education/``"""
    return f"{queries_href(slug)}education/"


def provider_href(slug: str, provider_id: object, month: date) -> str:
    """One provider's page over the period that ends with a month."""
    return f"{base_href(slug)}providers/{provider_id}/?{urlencode({'month': f'{month:%Y-%m}'})}"


def page_number(text: str) -> int:
    """The page asked for, from 1."""
    return int(text) if text.isdecimal() and 0 < int(text) < 10_000 else 1


def month_asked(text: str, today: date) -> date:
    """The month asked for (``2026-10``), or the last whole one."""
    known = {f"{one:%Y-%m}": one for one in months(today)}
    return known.get(text, month_before(today))


def months(today: date) -> tuple[date, ...]:
    """The first days of the last twelve whole months, the newest first."""
    found = [month_before(today)]
    while len(found) < MONTHS_BACK:
        found.append(month_before(found[-1]))
    return tuple(found)


def month_choices(today: date, chosen: date) -> tuple[Choice, ...]:
    """The months to choose from; a period ends with its month."""
    return tuple(Choice(f"{one:%Y-%m}", f"{one:%B %Y}", one == chosen) for one in months(today))


def days(span: Span) -> str:
    """``08/01/2026 to 10/31/2026``"""
    return f"{span.first:%m/%d/%Y} to {span.last:%m/%d/%Y}"


def counted(of: Charts) -> Counted:
    """A rate with n and interval; below the minimum the count alone."""
    terms = education_terms()
    rate = rate_of(of, terms)
    if rate is None:
        return Counted(DASH, "no chart")
    said = f"{of.hits:,} of {charts(of.of)}"
    if of.of < terms.minimum_charts:
        return Counted(DASH, said)
    return Counted(percent(rate.rate), said, f"{100 * rate.low:.1f} to {100 * rate.high:.1f}%")


def effect_words(found: Effect | None) -> str:
    """``Fewer than before: 30.0% of 40 charts, then 3.2% of 62 charts; difference …``; empty without one."""
    if found is None:
        return ""
    before, after = _share(found.before), _share(found.after)
    if found.verdict is Verdict.TOO_EARLY:
        return f"Judged from {found.judged_on:%m/%d/%Y}. Before: {before}; so far: {after}."
    if found.verdict is Verdict.TOO_FEW or found.difference is None:
        fewest = education_terms().minimum_charts
        return f"Too few charts to judge (fewer than {fewest} on a side). Before: {before}; after: {after}."
    between = f"{100 * (found.low or 0):+.1f} to {100 * (found.high or 0):+.1f}"
    said = f"{100 * found.difference:+.1f} points ({interval_words(education_terms())} {between})"
    return f"{VERDICTS[found.verdict]}: {before}, then {after}; difference {said}.".replace(
        " -", " −"
    ).replace("(-", "(−")


def letter_row(
    read: LetterRead, slug: str, zone: str, *, effect: Effect | None = None, is_own: bool = False
) -> LetterRow:
    """One letter of a list."""
    letter, href = read.letter, f"/c/{slug}/letters/{read.letter.pk}/"
    state, tone = letter_state(read, zone)
    return LetterRow(
        href=href,
        month=f"{letter.month:%B %Y}",
        period=days(Span(letter.period_from, letter.period_through)),
        state=state,
        tone=tone,
        effect=effect_words(effect),
        acknowledge_href=f"{href}acknowledge/" if is_own and read.acknowledged is None else "",
    )


def letter_state(read: LetterRead, zone: str) -> tuple[str, str]:
    """What became of a letter, and its tone."""
    if read.acknowledged is not None:
        return f"Acknowledged {moment(read.acknowledged.at, zone)}", "ok"
    if read.letter.provider.user_id is None:
        return "No account: hand over the PDF", "warn"
    if read.told is not None:
        return f"Mail sent {moment(read.told.at, zone)}, not acknowledged", "warn"
    return "Not acknowledged", "warn"


def turns(number: int, query: Mapping[str, str], more: Iterable[object]) -> tuple[str, str]:
    """Addresses of the page before and after; empty where there is none."""
    kept = {name: value for name, value in query.items() if value}

    def at(page: int) -> str:
        return "?" + urlencode({**kept, "page": str(page)})

    return (at(number - 1) if number > 1 else ""), (at(number + 1) if list(more) else "")


def notes() -> tuple[str, ...]:
    """What the figures mean, and what they are not."""
    terms = education_terms()
    known = {name: getattr(terms, name) for name in NUMBERS}
    return tuple(one.format(confidence=f"{100 * terms.confidence:.0f}%", **known) for one in NOTES)


def _share(of: Charts) -> str:
    return (
        f"{percent(rate.rate)} of {charts(of.of)}" if (rate := rate_of(of, education_terms())) else "no chart"
    )


def month_words(month: date, written: int, acknowledged: int) -> str:
    """``Letters of October 2026: 4 written, 1 acknowledged.``"""
    if not written:
        return f"No letter of {month:%B %Y}."
    return f"Letters of {month:%B %Y}: {written:,} written, {acknowledged:,} acknowledged."


def next_letters(today: date) -> str:
    """When the letters of the last month are written."""
    terms = education_terms()
    due = today.replace(day=terms.letter_day)
    if today >= due:
        due = (due.replace(day=1) + timedelta(days=31)).replace(day=terms.letter_day)
    enough = f"{terms.minimum_charts} charts or {terms.minimum_questions} questions"
    return f"The next letters are written on {due:%m/%d/%Y}, to every provider with {enough}."
