"""The words of mails to providers: plain text, and nothing of a patient.

A mail may be read by a mail server, an assistant and a lock screen.  So it says that a question waits and
where, never about whom or what: no name, visit number, diagnosis or title goes in, and there is no parameter
through which one could.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SUBJECT = "You have a question about your documentation"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: subject and plain text."""

    subject: str
    body: str


def question_mail(*, place: str, link: str, until: datetime, sign_in: str, again: bool) -> Mail:
    """A question waits.

    ``place``: the client's name; ``until``: in the client's zone; ``sign_in``: address of the provider's
    list, empty for who has no account; ``again``: a reminder.
    """
    opening = (
        f"A question about your documentation at {place} still waits for your answer."
        if again
        else f"There is a question about your documentation at {place}."
    )
    how = "The page asks for a code, which it mails to this address. The answer takes about a minute."
    parts = [
        opening,
        f"Read it and answer it here:\n{link}",
        f"{how} The link works until {_moment(until)}.",
    ]
    if sign_in:
        parts.append(f"You can also sign in and answer it there:\n{sign_in}")
    parts.append("This mail holds nothing of a patient. Please do not reply to it with patient information.")
    subject = f"Reminder: {SUBJECT[0].lower()}{SUBJECT[1:]}" if again else SUBJECT
    return Mail(subject, "\n\n".join(parts) + "\n")


def code_mail(*, code: str, minutes: int) -> Mail:
    """The one-time code.  It stands in the text alone: subjects show on lock screens."""
    return Mail(
        "Your code for the question about your documentation",
        f"Your code is {code}\n\nIt counts for {minutes} minutes. If you did not ask for it, do nothing:"
        " without the code nobody reads the question.\n",
    )


def advisor_mail(*, place: str, link: str, count: int) -> Mail:
    """To the advisor a client has named: questions wait too long."""
    noun = "question waits" if count == 1 else "questions wait"
    return Mail(
        "Questions to providers wait for your help",
        f"At {place}, {count:,} {noun} for a provider's answer longer than agreed. You are named as the"
        f" advisor.\n\nSee them here:\n{link}\n",
    )


def _moment(at: datetime) -> str:
    """``11/27/2026 4:42 PM CST``"""
    return f"{at:%m/%d/%Y} {at:%I:%M %p} {at:%Z}".replace(" 0", " ")
