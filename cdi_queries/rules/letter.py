"""The monthly letter to a provider: prepared words, frozen when it is written.

What goes in are counts, titles of codes and phrases that were masked (``rules.masking``); what comes out
names no patient, no peer and no day of care, and says nothing of payment.  The words are kept as JSON and
shown from there alone, so that the page, the PDF and what was acknowledged are the same for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cdi_queries.rules.education import (
    Axis,
    Charts,
    Compared,
    EducationTerms,
    Span,
    Standing,
    compare,
    rate_of,
)
from cdi_queries.rules.mails import Mail
from cdi_queries.rules.wording import Wording
from code_sets.rules.entries import with_dot

CLOSING = (
    "Document what you judge to be so. No question and no line of this letter asks for a certain diagnosis,"
    " and “unable to determine” is a full answer."
)
MADE_OF = (
    "Made of final charts by day of service. Examples are shortened and masked: words that could tell who a"
    " patient is are left out. Nobody is ranked, and there is no number to reach."
)

NOTHING_OPEN = "No diagnosis was left unspecified."
NO_CHART = "No final chart of these days is counted."
SHORT = {Standing.MORE: "More", Standing.LESS: "Fewer", Standing.ALIKE: "Not told apart"}


@dataclass(frozen=True, slots=True)
class CodeCount:
    """A diagnosis that was left open: on how many charts, and what the code set tells apart there."""

    code: str
    title: str
    charts: int
    axes: tuple[Axis, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """Questions sent in the period, and what became of them; ``outcomes`` by the label of the outcome."""

    sent: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()

    @property
    def answered(self) -> int:
        """How many have an answer."""
        return sum(count for _, count in self.outcomes)


@dataclass(frozen=True, slots=True)
class Example:
    """``phrase``: masked words of a note.  ``coded``: the title that was coded from them.  ``says``: what the
    code set tells apart there, or what was coded after the answer."""

    about: str
    phrase: str
    coded: str
    says: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """All that a letter is made of."""

    provider: str
    client: str
    specialty: str
    month: date
    span: Span
    own: Charts
    peers: Charts
    peer_count: int
    codes: tuple[CodeCount, ...] = ()
    causes: tuple[tuple[str, int], ...] = ()
    answers: Answers = Answers()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate: what it is of, ``22.6%``, ``14 of 62 charts``, ``95% interval 13.9 to 34.4%``."""

    label: str
    rate: str
    counted: str
    interval: str


@dataclass(frozen=True, slots=True)
class LetterCode:
    """One line of the table of diagnoses left open."""

    code: str
    title: str
    charts: str
    asks: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is shown and kept."""

    title: str
    to: str
    client: str
    period: str
    figures: tuple[Figure, ...]
    says: str
    codes: tuple[LetterCode, ...]
    no_codes: str
    questions: tuple[str, ...]
    causes: tuple[tuple[str, str], ...]
    examples: tuple[Example, ...]
    closing: str
    made_of: str

    def texts(self) -> Iterator[str]:
        """Every text of the letter."""
        yield from _texts(asdict(self))


def letter_of(pattern: Pattern, terms: EducationTerms) -> Letter:
    """The words of a letter."""
    others = f"Other providers of {pattern.specialty} at {pattern.client}, together"
    figures = [_figure("Your charts with a diagnosis left unspecified", pattern.own, terms)]
    compared = compare(pattern.own, pattern.peers, pattern.peer_count, terms)
    if compared.standing in (Standing.MORE, Standing.LESS, Standing.ALIKE):
        figures.append(_figure(f"{others} ({pattern.peer_count} providers)", pattern.peers, terms))
    return Letter(
        title=f"Your documentation, letter of {pattern.month:%B %Y}",
        to=pattern.provider,
        client=pattern.client,
        period=f"{pattern.span.first:%m/%d/%Y} to {pattern.span.last:%m/%d/%Y}",
        figures=tuple(figures),
        says=standing_words(pattern.own, pattern.peers, pattern.peer_count, terms),
        codes=tuple(
            LetterCode(with_dot(one.code), one.title, charts(one.charts), axes_words(one.axes))
            for one in pattern.codes
        ),
        no_codes="" if pattern.codes else NOTHING_OPEN if pattern.own.of else NO_CHART,
        questions=answer_words(pattern.answers),
        causes=tuple((words, str(count)) for words, count in pattern.causes),
        examples=pattern.examples,
        closing=CLOSING,
        made_of=MADE_OF,
    )


def standing_words(own: Charts, peers: Charts, peer_count: int, terms: EducationTerms) -> str:
    """One sentence on a provider beside the others of the specialty."""
    compared = compare(own, peers, peer_count, terms)
    if compared.standing is Standing.TOO_FEW:
        return f"{charts(own.of)}: fewer than {terms.minimum_charts}, too few to judge."
    if compared.standing is Standing.NO_PEERS:
        return (
            f"No comparison: it takes {terms.minimum_peers} other providers of the specialty with"
            f" {terms.minimum_peer_charts} charts together."
        )
    assert compared.difference is not None and compared.low is not None and compared.high is not None
    between = f"{_points(compared.low, '')} to {_points(compared.high)}"
    by = f"{_points(compared.difference)} ({interval_words(terms)} {between})"
    if compared.standing is Standing.ALIKE:
        return f"Not told apart from the others: the difference is {by}."
    word = "More" if compared.standing is Standing.MORE else "Fewer"
    return f"{word} than among the others: the difference is {by}."


def standing_short(compared: Compared) -> str:
    """The same in a cell: ``More: +19.7 (+5.3 to +35.8 points)``; empty where nothing is compared."""
    if compared.difference is None or compared.low is None or compared.high is None:
        return ""
    between = f"{_points(compared.low, '')} to {_points(compared.high)}"
    return f"{SHORT[compared.standing]}: {_points(compared.difference, '')} ({between})"


def payment_free(texts: Iterable[str], wording: Wording) -> bool:
    """Whether no text speaks of payment or quality scores."""
    return not any(wording.payment_places(text) for text in texts)


def axes_words(axes: Iterable[Axis]) -> str:
    """``acuity (acute, chronic); side (right, left)``; empty without an axis."""
    return "; ".join(f"{one.name} ({', '.join(one.words)})" for one in axes)


def letter_mail(*, place: str, link: str) -> Mail:
    """A letter lies in the provider's list; the mail says nothing of what stands in it."""
    return Mail(
        "You have a letter about your documentation",
        f"Your monthly letter about your documentation at {place} is there.\n\nRead it here after you sign"
        f" in:\n{link}\n\nThis mail holds nothing of a patient.\n",
    )


def answer_words(answers: Answers) -> tuple[str, ...]:
    """What became of the questions: a sentence each."""
    if not answers.sent:
        return ("No question was sent in this time.",)
    sent = f"{answers.sent} question{'s' if answers.sent != 1 else ''} sent, {answers.answered} answered."
    if not answers.answered:
        return (sent,)
    parts = ", ".join(f"{label} {count}" for label, count in answers.outcomes if count)
    return sent, f"Answers: {parts}."


def charts(count: int) -> str:
    """``1 chart``, ``1,204 charts``."""
    return f"{count:,} chart{'' if count == 1 else 's'}"


def percent(share: Decimal) -> str:
    """``22.6%``"""
    return f"{100 * share:.1f}%"


def to_json(letter: Letter) -> str:
    """The text that is kept; the same letter always gives the same text."""
    return json.dumps(asdict(letter), sort_keys=True, ensure_ascii=False)


def from_json(text: str) -> Letter:
    """The letter of a text that ``to_json`` wrote."""
    raw = json.loads(text)
    return Letter(
        **{
            **raw,
            "figures": tuple(Figure(**one) for one in raw["figures"]),
            "codes": tuple(LetterCode(**one) for one in raw["codes"]),
            "questions": tuple(raw["questions"]),
            "causes": tuple((words, count) for words, count in raw["causes"]),
            "examples": tuple(Example(**one) for one in raw["examples"]),
        }
    )


def interval_words(terms: EducationTerms) -> str:
    """``95% interval``"""
    return f"{100 * terms.confidence:.0f}% interval"


def _figure(label: str, counted: Charts, terms: EducationTerms) -> Figure:
    rate = rate_of(counted, terms)
    if rate is None:
        return Figure(label, "—", "no chart", "")
    said = f"{counted.hits:,} of {charts(counted.of)}"
    if counted.of < terms.minimum_charts:
        return Figure(label, "—", said, "too few for a rate")
    between = f"{interval_words(terms)} {100 * rate.low:.1f} to {100 * rate.high:.1f}%"
    return Figure(label, percent(rate.rate), said, between)


def _points(share: Decimal, unit: str = " points") -> str:
    return f"{100 * share:+.1f}{unit}".replace("-", "−")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
