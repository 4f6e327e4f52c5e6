"""The editions of the audit's questions, as ``data/audit_questions.toml`` tells them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from cdi_queries.rules.query_audit import Question, QuestionEdition, edition_for
from cdi_queries.terms import DATA
from coding_ops.core.errors import InvalidInput

QUESTIONS = DATA / "audit_questions.toml"


@cache
def editions() -> tuple[QuestionEdition, ...]:
    """All editions, oldest first; read once a process."""
    given = tomllib.loads(QUESTIONS.read_text("utf-8"))["editions"]
    return tuple(sorted((_edition(one) for one in given), key=lambda one: one.effective_from))


def edition_on(day: date) -> QuestionEdition:
    """The edition in force on a day."""
    return edition_for(editions(), day)


def edition_named(name: str) -> QuestionEdition:
    """The edition of a name.

    Raises:
        InvalidInput: there is none.
    """
    for one in editions():
        if one.name == name:
            return one
    raise InvalidInput(f"There is no edition {name!r} of the audit's questions.", code="query_audit.edition")


def _edition(given: Mapping[str, Any]) -> QuestionEdition:
    questions = tuple(
        Question(one["key"], one["title"], one["words"], tuple(one["lint"])) for one in given["questions"]
    )
    return QuestionEdition(given["edition"], given["effective_from"], given["source"], questions)
