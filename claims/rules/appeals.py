"""Appeals: their steps, their days, and the letter that is composed for a person to mend.

The letter is put together from paragraphs (data) and named parts: facts of the claim and the denial, words
that the chart cites, and notes on the guidelines.  A paragraph that names a part with nothing in it is left
out, so that no letter says "supported by" and then nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from coding_ops.core.errors import Conflict, InvalidInput
from coding_ops.core.steps import take_step


class AppealStep(StrEnum):
    """Where an appeal stands; the values are those of the database column."""

    DRAFT = "draft"
    SENT = "sent"
    WON = "won"
    PART = "part"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


class AppealVerb(StrEnum):
    """What moves it."""

    SAVE = "save"
    SEND = "send"
    WIN = "win"
    WIN_PART = "win_part"
    LOSE = "lose"
    WITHDRAW = "withdraw"


_S, _V = AppealStep, AppealVerb
STEPS: Final[dict[tuple[AppealStep, AppealVerb], AppealStep]] = {
    (_S.DRAFT, _V.SAVE): _S.DRAFT,
    (_S.DRAFT, _V.SEND): _S.SENT,
    (_S.DRAFT, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.SENT, _V.WIN): _S.WON,
    (_S.SENT, _V.WIN_PART): _S.PART,
    (_S.SENT, _V.LOSE): _S.LOST,
    (_S.SENT, _V.WITHDRAW): _S.WITHDRAWN,
}
WORDS: Final = {
    _S.DRAFT: "Draft",
    _S.SENT: "Sent",
    _S.WON: "Won",
    _S.PART: "Won in part",
    _S.LOST: "Lost",
    _S.WITHDRAWN: "Withdrawn",
}
MOST_LEVELS: Final = 5
LONGEST_LETTER: Final = 20_000
_PART: Final = re.compile(r"\{([a-z_]+)\}")
_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of appeal of one kind of payer.  ``days``, ``decision_days`` None: not on record."""

    number: int
    name: str
    to_whom: str
    days: int | None
    decision_days: int | None
    counted_from: str
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class LevelEdition:
    """The levels of a kind of payer from one day on; the kind ``*`` is every other."""

    kind: str
    first: date
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """The middle of a letter; ``categories`` of denials it is meant for, ``*`` for any."""

    key: str
    name: str
    categories: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LetterBook:
    """All that letters are made of: opening, templates, closing."""

    opening: tuple[str, ...]
    templates: tuple[LetterTemplate, ...]
    closing: tuple[str, ...]

    def template(self, key: str) -> LetterTemplate:
        """The template of a key.

        Raises:
            InvalidInput: ``appeal.template``: there is none.
        """
        for one in self.templates:
            if one.key == key:
                return one
        raise InvalidInput(
            "Choose one of the letters offered.", code="appeal.template", details={"path": "template"}
        )


def step(state: AppealStep | str, verb: AppealVerb) -> AppealStep:
    """The state after a verb.

    Raises:
        Conflict: ``appeal.step``: it does not stand where this can be done; says where it stands.
    """
    return take_step(STEPS, WORDS, "appeal", AppealStep(state), verb)


def verb_of_decision(requested: Decimal, awarded: Decimal) -> AppealVerb:
    """Won, won in part or lost, by the amounts in dollars.

    Raises:
        InvalidInput: ``appeal.awarded``: below zero.
    """
    if awarded < 0:
        raise InvalidInput(
            "The amount awarded is zero or more.", code="appeal.awarded", details={"path": "awarded_amount"}
        )
    if awarded == 0:
        return AppealVerb.LOSE
    return AppealVerb.WIN if awarded >= requested else AppealVerb.WIN_PART


def levels_of(editions: Sequence[LevelEdition], kind: str, on: date) -> tuple[Level, ...]:
    """The levels of a kind of payer on a day; those of any payer where it has none of its own."""
    for wanted in (kind, _ANY):
        fitting = [one for one in editions if one.kind == wanted and one.first <= on]
        if fitting:
            return max(fitting, key=lambda one: one.first).levels
    return ()


def level_at(levels: Sequence[Level], number: int) -> Level:
    """A level, also one beyond those on record, with nothing known of it but its number.

    Raises:
        Conflict: ``appeal.levels``: no payer has so many.
    """
    if number > MOST_LEVELS:
        raise Conflict(f"All {MOST_LEVELS} levels of appeal are used up.", code="appeal.levels")
    for one in levels:
        if one.number == number:
            return one
    return Level(number, f"Appeal, level {number}", "the payer", None, None, "", "", "unverified")


def due_on(level: Level, *, since: date, payer_days: int | None) -> date | None:
    """The last day to send an appeal; None where no days are on record.

    Args:
        since: the first level: when the denial was received; a later one: when the level before was decided.
        payer_days: the payer's own days from its contract, which go before ours for the first level.
    """
    days = payer_days if level.number == 1 and payer_days is not None else level.days
    return None if days is None else since + timedelta(days=days)


def decision_due_on(level: Level, sent_on: date) -> date | None:
    """By when the payer should have decided; None where that is not on record."""
    return None if level.decision_days is None else sent_on + timedelta(days=level.decision_days)


def templates_for(book: LetterBook, category: str) -> tuple[LetterTemplate, ...]:
    """The templates, those made for the category first and the general one before all others."""

    def rank(one: LetterTemplate) -> int:
        return 0 if category in one.categories else 1 if _ANY in one.categories else 2

    return tuple(sorted(book.templates, key=rank))


def compose(book: LetterBook, template: LetterTemplate, parts: Mapping[str, str]) -> str:
    """The letter as plain text, paragraphs apart by an empty line.

    Raises:
        KeyError: a paragraph names a part that nobody gives: the data are wrong.
    """
    paragraphs = (*book.opening, *template.paragraphs, *book.closing)
    said = (
        _PART.sub(lambda found: parts[found[1]], one)
        for one in paragraphs
        if all(parts[name] for name in _PART.findall(one) if name not in OPTIONAL)
    )
    return "\n\n".join(one.strip() for one in said) + "\n"


OPTIONAL: Final = frozenset({"payer_number", "contact", "signer", "member"})
"""Parts that may be empty inside a sentence that still stands."""


def named_parts(book: LetterBook) -> frozenset[str]:
    """Every part that the letters name: what a composer must give."""
    texts = (*book.opening, *book.closing, *(text for one in book.templates for text in one.paragraphs))
    return frozenset(name for text in texts for name in _PART.findall(text))


def checked_letter(text: str) -> str:
    """A letter as a person left it, line ends made plain.

    Raises:
        InvalidInput: ``appeal.letter``: empty, or too long.
    """
    letter = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not letter or len(letter) > LONGEST_LETTER:
        raise InvalidInput(
            f"The letter has text, and at most {LONGEST_LETTER:,} characters.",
            code="appeal.letter",
            details={"path": "letter"},
        )
    return f"{letter}\n"


def unfilled(letter: str) -> tuple[str, ...]:
    """Places a template leaves to a person, as ``(add it here)``: none may be left when it goes out."""
    return tuple(dict.fromkeys(re.findall(r"\([a-z]+ it here\)", letter)))
