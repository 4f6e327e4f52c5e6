"""The states of an encounter and the only steps between them.

One table, :data:`TRANSITIONS`, feeds Python, the database's guard trigger (:func:`allowed_pairs`) and the
pages.  "Being coded" is not a state: it is a lease on the work item.

A pended encounter goes back to where it came from.  It came from ``reopened`` exactly when it has been final
before, so the number of its revisions decides (:func:`resume_verb`), not a remembered state.  The same
number, not the state, decides whether finalizing needs a reason: every version after the first is a revision.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from coding_ops.core.errors import Conflict


class EncounterStatus(StrEnum):
    """Where the encounter stands.  Values are those of the database column."""

    RECEIVED = "received"
    READY = "ready"
    PENDED = "pended"
    FINAL = "final"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """What may be done to an encounter's state."""

    MAKE_READY = "make_ready"
    PEND = "pend"
    RESUME = "resume"
    RESUME_REOPENED = "resume_reopened"
    FINALIZE = "finalize"
    REOPEN = "reopen"
    LATE_DOCUMENT = "late_document"
    CANCEL = "cancel"
    REINSTATE = "reinstate"


class ReopenReason(StrEnum):
    """Why a final code set is opened again; closed, so that revisions can be counted by cause."""

    APPEAL = "appeal"
    DENIAL = "denial"
    AUDIT = "audit"
    LATE_DOCUMENTATION = "late_documentation"
    QUERY_ANSWER = "query_answer"
    CLIENT_REQUEST = "client_request"
    CODER_CORRECTION = "coder_correction"


_S, _V = EncounterStatus, Verb

TRANSITIONS: Final[dict[tuple[EncounterStatus, Verb], EncounterStatus]] = {
    (_S.RECEIVED, _V.MAKE_READY): _S.READY,
    (_S.READY, _V.PEND): _S.PENDED,
    (_S.REOPENED, _V.PEND): _S.PENDED,
    (_S.PENDED, _V.RESUME): _S.READY,
    (_S.PENDED, _V.RESUME_REOPENED): _S.REOPENED,
    (_S.READY, _V.FINALIZE): _S.FINAL,
    (_S.REOPENED, _V.FINALIZE): _S.FINAL,
    (_S.FINAL, _V.REOPEN): _S.REOPENED,
    # A new document version on final codes puts them before a coder again, with its own reason.
    (_S.FINAL, _V.LATE_DOCUMENT): _S.REOPENED,
    # A final encounter is reopened before it is cancelled, so that billed codes never just vanish.
    (_S.RECEIVED, _V.CANCEL): _S.CANCELLED,
    (_S.READY, _V.CANCEL): _S.CANCELLED,
    (_S.PENDED, _V.CANCEL): _S.CANCELLED,
    (_S.REOPENED, _V.CANCEL): _S.CANCELLED,
    # The source system takes a cancellation back; readiness is then judged anew.
    (_S.CANCELLED, _V.REINSTATE): _S.RECEIVED,
}

CHOSEN_TO_REOPEN: Final = tuple(one for one in ReopenReason if one is not ReopenReason.DENIAL)
"""What a person chooses from; a rework for a denial is asked for at the denial, which keeps account of it."""

NEEDS_REASON: Final[frozenset[Verb]] = frozenset(
    {Verb.PEND, Verb.REOPEN, Verb.LATE_DOCUMENT, Verb.CANCEL, Verb.REINSTATE}
)

_WORDS: Final[dict[EncounterStatus, str]] = {
    _S.RECEIVED: "is waiting for documentation",
    _S.READY: "is ready to code",
    _S.PENDED: "is on hold",
    _S.FINAL: "is final",
    _S.REOPENED: "is reopened",
    _S.CANCELLED: "is cancelled",
}


def transition(status: EncounterStatus | str, verb: Verb | str) -> EncounterStatus:
    """The state after ``verb``; accepts the stored strings.

    Raises:
        Conflict: ``encounter.transition`` when the table has no such step; says what is possible instead.
        ValueError: a status or verb that does not exist (a programming error).
    """
    before, act = EncounterStatus(status), Verb(verb)
    after = TRANSITIONS.get((before, act))
    if after is None:
        possible = ", ".join(sorted(_plain(verb) for verb in verbs_from(before))) or "nothing"
        raise Conflict(
            f"The encounter {_WORDS[before]}; it cannot {_plain(act)}. Possible now: {possible}.",
            code="encounter.transition",
            details={"status": before.value, "verb": act.value},
        )
    return after


def verbs_from(status: EncounterStatus | str) -> frozenset[Verb]:
    """Every verb the table knows from ``status``."""
    before = EncounterStatus(status)
    return frozenset(verb for known, verb in TRANSITIONS if known is before)


def resume_verb(revision_count: int) -> Verb:
    """Which of the two ways back a pended encounter takes: final once, it is still a reopened one."""
    return Verb.RESUME_REOPENED if revision_count > 0 else Verb.RESUME


def needs_revision_reason(revision_count: int) -> bool:
    """Must this finalize carry a reason?  Every version of the codes after the first does."""
    return revision_count > 0


def allowed_pairs() -> tuple[tuple[EncounterStatus, EncounterStatus], ...]:
    """Distinct ``(before, after)`` in a fixed order, for the database's guard trigger."""
    return tuple(sorted({(before, after) for (before, _), after in TRANSITIONS.items()}))


def _plain(verb: Verb) -> str:
    return {
        Verb.RESUME_REOPENED: "resume",
        Verb.LATE_DOCUMENT: "reopen for a late document",
        Verb.MAKE_READY: "become ready",
        Verb.PEND: "be put on hold",
        Verb.FINALIZE: "be finalized",
        Verb.REOPEN: "be reopened",
        Verb.CANCEL: "be cancelled",
        Verb.REINSTATE: "be reinstated",
    }.get(verb, verb.value)
