"""A query and its answer as a document of the chart: what a coder can cite.

The answers that were not chosen and the quoted indicators are left out on purpose: everything in a document
counts as documented, and an answer that nobody gave is not.  The whole query stays in its trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AnsweredQuery:
    """What the document says.  Times are in the client's own zone."""

    title: str
    question: str
    author: str
    asked_at: datetime
    provider: str
    option: str
    words: str
    answered_at: datetime
    by_word_of_mouth: bool = False


def query_text(query: AnsweredQuery) -> str:
    """The text of the document: the question, then the answer to the letter."""
    asked = "Asked by word of mouth" if query.by_word_of_mouth else "Asked"
    parts = [
        f"QUERY: {query.title}",
        f"{asked} on {query.asked_at:%m/%d/%Y} by {query.author} of {query.provider}",
        "",
        "QUESTION:",
        query.question.strip(),
        "",
        "ANSWER:",
    ]
    parts += [one.strip() for one in (query.option, query.words) if one.strip()]
    parts += ["", f"Answered by {query.provider} on {query.answered_at:%m/%d/%Y at %H:%M}"]
    return "\n".join(parts) + "\n"
