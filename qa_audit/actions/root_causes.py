"""Looking for the cause behind errors that keep being made: opened, worked on, closed with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from django.db import IntegrityError, transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from qa_audit.actions.remediation import today_at
from qa_audit.models import RootCause
from qa_audit.selectors.root_causes import Systemic, systemic_topics
from qa_audit.selectors.training import colleagues_of
from qa_audit.topic_tables import topic_map
from qa_audit.training_access import TRAINERS

LEAST_WORDS, LEAST_EVIDENCE = 5, 10
MOST_WHY, MOST_WORDS = 300, 500
WHYS = 5


@dataclass(frozen=True, slots=True)
class CauseWords:
    """What is wrong, why (up to five times), what is done, by whom and by when."""

    problem: str
    whys: Sequence[str]
    remedy: str
    owner_id: int
    due_on: date


@dataclass(frozen=True, slots=True)
class _Read:
    problem: str
    whys: list[str]
    remedy: str


@transaction.atomic
def open_root_cause(*, actor: Actor, client: Client, topic: str, words: CauseWords) -> RootCause:
    """An analysis of a topic whose findings are many enough to be no accident.

    Raises:
        Refused: too few findings, or its cause is being looked for already.
        InvalidInput: a field that is wrong, its name in ``details``.
        NotAllowed: another role.
    """
    _require_trainer(actor)
    read = _read(client, words, due_from=today_at(client))
    if RootCause.objects.filter(client_id=client.pk, topic=topic, closed_at__isnull=True).exists():
        raise _already_open()
    systemic = systemic_topics(client, today_at(client)).get(topic)
    if systemic is None:
        numbers = topic_map().numbers
        raise Refused(
            f"A root cause is looked for from {numbers.systemic_findings} settled findings of one topic"
            f" within {numbers.window_days} days on.",
            code="root_cause.too_few",
        )
    cause = _create(actor, client, systemic, words, read)
    record_event(
        actor=actor,
        verb=Verb.ROOT_CAUSE_OPENED,
        subject=cause,
        facts={"topic": topic, "findings": cause.finding_count, "coders": cause.coder_count},
    )
    return cause


def _already_open() -> Refused:
    return Refused("The cause behind this topic is being looked for already.", code="root_cause.open")


def _create(actor: Actor, client: Client, systemic: Systemic, words: CauseWords, read: _Read) -> RootCause:
    """The analysis; the constraint decides between two people who open it at once."""
    try:
        with transaction.atomic():
            made: RootCause = RootCause.objects.create(
                client_id=client.pk,
                topic=systemic.topic,
                window_from=systemic.window_from,
                window_through=systemic.window_through,
                finding_count=systemic.found.findings,
                coder_count=systemic.found.coders,
                problem=read.problem,
                whys=read.whys,
                remedy=read.remedy,
                owner_id=words.owner_id,
                due_on=words.due_on,
                opened_by_id=actor.person_id,
                opened_at=timezone.now(),
            )
    except IntegrityError as error:
        if "one_open_root_cause_per_topic" not in str(error):
            raise
        raise _already_open() from error
    return made


@transaction.atomic
def change_root_cause(
    *, actor: Actor, client: Client, cause: RootCause, seen_version: int, words: CauseWords
) -> RootCause:
    """What has been found out since.

    Raises:
        Conflict: it is closed, or somebody changed it since ``seen_version``.
        InvalidInput, NotAllowed: as ``open_root_cause``.
    """
    _require_trainer(actor)
    locked = _locked(cause, seen_version)
    read = _read(client, words, due_from=min(locked.due_on, today_at(client)))
    locked.problem, locked.whys, locked.remedy = read.problem, read.whys, read.remedy
    locked.owner_id, locked.due_on = words.owner_id, words.due_on
    locked.version += 1
    locked.save(update_fields=["problem", "whys", "remedy", "owner", "due_on", "version"])
    record_event(actor=actor, verb=Verb.ROOT_CAUSE_CHANGED, subject=locked, facts={"version": locked.version})
    return locked


@transaction.atomic
def close_root_cause(*, actor: Actor, cause: RootCause, seen_version: int, evidence: str) -> RootCause:
    """Ends the analysis with what shows that the error has ended.

    Raises:
        Refused: it says no why or no action yet, or there is no evidence.
        Conflict: it is closed, or somebody changed it since ``seen_version``.
        NotAllowed: another role.
    """
    _require_trainer(actor)
    locked = _locked(cause, seen_version)
    if not locked.whys or not locked.remedy:
        raise Refused("Say first why it happens and what was done about it.", code="root_cause.bare")
    if not LEAST_EVIDENCE <= len(evidence.strip()) <= MOST_WORDS:
        raise Refused(
            f"Say what shows that it ended, in at most {MOST_WORDS} characters.",
            code="root_cause.evidence",
            details={"path": "evidence"},
        )
    locked.evidence = evidence.strip()
    locked.closed_by_id, locked.closed_at = actor.person_id, timezone.now()
    locked.version += 1
    locked.save(update_fields=["evidence", "closed_by", "closed_at", "version"])
    record_event(actor=actor, verb=Verb.ROOT_CAUSE_CLOSED, subject=locked, facts={"topic": locked.topic})
    return locked


def _require_trainer(actor: Actor) -> None:
    if actor.role not in TRAINERS:
        raise NotAllowed("Only reviewers and managers look for root causes.", code="root_cause.role")


def _locked(cause: RootCause, seen_version: int) -> RootCause:
    locked: RootCause = RootCause.objects.select_for_update(of=("self",)).get(
        client_id=cause.client_id, pk=cause.pk
    )
    if locked.closed_at is not None:
        raise Conflict("This root cause is closed.", code="root_cause.closed")
    if locked.version != seen_version:
        raise Conflict(
            "Somebody changed this root cause while you wrote. Open it again, and put your words in.",
            code="root_cause.stale",
        )
    return locked


def _read(client: Client, words: CauseWords, *, due_from: date) -> _Read:
    problem, remedy = words.problem.strip(), words.remedy.strip()
    whys = [one.strip() for one in words.whys if one.strip()]
    if not LEAST_WORDS <= len(problem) <= MOST_WORDS:
        _wrong("problem", f"Say what goes wrong, in at most {MOST_WORDS} characters.")
    if len(whys) > WHYS or any(len(one) > MOST_WHY for one in whys):
        _wrong("why1", f"Give at most {WHYS} answers of at most {MOST_WHY} characters.")
    if len(remedy) > MOST_WORDS:
        _wrong("remedy", f"Keep it to {MOST_WORDS} characters.")
    if words.owner_id not in colleagues_of(client.pk):
        _wrong("owner", "Choose somebody who works for this client.")
    if words.due_on < due_from:
        _wrong("due_on", "Give a day from today on.")
    return _Read(problem, whys, remedy)


def _wrong(path: str, problem: str) -> NoReturn:
    raise InvalidInput(problem, code=f"root_cause.{path}", details={"path": path})
