"""What the provider's pages show: prepared strings, nothing of the vendor's inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdi_queries.views.provider.question import QuestionView
from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One question of the provider's list; ``answer`` holds the words given, line by line."""

    href: str
    title: str
    patient: str
    visit: str
    when: str
    state: str
    tone: str
    answer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedPage:
    """What waits, then what was."""

    waiting: tuple[AskedRow, ...]
    more_waiting: str
    ended: tuple[AskedRow, ...]
    is_first: bool
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """The question with its answers; every address below ``href``."""

    href: str
    answer_href: str
    question: QuestionView
    pass_href: str
    complete_href: str
    where: str = ""
    list_href: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """An answer as it is kept, to the letter."""

    title: str
    option: str
    words: str
    facts: tuple[tuple[str, str], ...]
    note: str
    query_id: str
    list_href: str = ""
    export_href: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class PassPage:
    """Handing the question to somebody else."""

    href: str
    back_href: str
    title: str
    providers: tuple[Choice, ...]
    reason: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndedPage:
    """A question or a link that opens nothing: what happened, and what to do."""

    heading: str
    words: str
    next_words: str
    renew_href: str = ""
    list_href: str = ""
    sign_in_href: str = ""


@dataclass(frozen=True, slots=True)
class CodePage:
    """Asking for the one-time code."""

    send_href: str
    open_href: str
    sent: str
    may_send: bool
    send_label: str
    sign_in_href: str
    digits: int
    errors: Mapping[str, str] = field(default_factory=dict)
