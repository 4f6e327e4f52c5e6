"""An audit of queries: its questions, what a finished one needs, and its score.

Score: criteria met, of criteria met and training opportunities; what does not apply counts on neither side.
The criteria of one query are judged by one person about one text, so its interval is taken between queries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cdi_queries.rules.measure_figures import Share, share
from coding_ops.core.statistics import Clusters, clustered_interval

LONGEST_NOTE: Final = 1000
SHORTEST_NOTE: Final = 5


class Judged(StrEnum):
    """What is said to one question about one query; the values are those of the database column."""

    MET = "met"
    TRAINING = "training"
    NOT_APPLICABLE = "na"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``lint`` names the rules that look at the same thing by machine."""

    key: str
    title: str
    words: str
    lint: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionEdition:
    """The questions in force from a day on, in the order of the form."""

    name: str
    effective_from: date
    source: str
    questions: tuple[Question, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in the order of the form."""
        return tuple(question.key for question in self.questions)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer of the auditor; the verdict is None while it is open."""

    verdict: Judged | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """How one question was answered over several queries."""

    question: Question
    met: int
    training: int
    not_applicable: int
    share: Share


def problems(edition: QuestionEdition, given: Mapping[str, Judgement], *, finishing: bool) -> dict[str, str]:
    """What is wrong with the answers, by the name of the field; nothing where they can be kept.

    To finish, each question needs an answer, and a training opportunity a note that says what to learn.
    """
    found: dict[str, str] = {}
    for number, question in enumerate(edition.questions, start=1):
        one = given.get(question.key, Judgement(None))
        if len(one.note) > LONGEST_NOTE:
            found[f"note-{question.key}"] = f"Question {number}: the note is over {LONGEST_NOTE} characters."
        elif finishing and one.verdict is None:
            found[question.key] = f"Question {number} is not answered."
        elif finishing and one.verdict is Judged.TRAINING and len(one.note.strip()) < SHORTEST_NOTE:
            found[f"note-{question.key}"] = f"Question {number}: say what is to be learned."
    return found


def counted(given: Iterable[Judgement]) -> tuple[int, int]:
    """How many criteria are met, and how many are training opportunities."""
    count = Counter(one.verdict for one in given)
    return count[Judged.MET], count[Judged.TRAINING]


def score(criteria: Clusters, confidence: Decimal) -> Share:
    """Criteria met over those that applied; ``criteria``: a cluster a query.  Of none there is no score."""
    if not criteria.trials:
        return Share(0, 0, None)
    return Share(criteria.hits, criteria.trials, clustered_interval(criteria, confidence=confidence))


def by_question(
    edition: QuestionEdition, counts: Mapping[tuple[str, str], int], confidence: Decimal
) -> tuple[QuestionResult, ...]:
    """The results of each question; ``counts``: (key, verdict) to how many queries."""
    return tuple(_result(question, counts, confidence) for question in edition.questions)


def _result(question: Question, counts: Mapping[tuple[str, str], int], confidence: Decimal) -> QuestionResult:
    met, training, apart = (counts.get((question.key, verdict.value), 0) for verdict in Judged)
    return QuestionResult(question, met, training, apart, share(met, met + training, confidence))


def edition_for(editions: Sequence[QuestionEdition], day: date) -> QuestionEdition:
    """The edition in force on a day; the first one for a day before all of them."""
    known = sorted(editions, key=lambda one: one.effective_from)
    return next((one for one in reversed(known) if one.effective_from <= day), known[0])
