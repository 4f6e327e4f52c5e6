"""Drawing an audit of queries, judging a drawn query, and opening a finished one again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from cdi_queries.access.audits import require_auditor, require_drawer
from cdi_queries.models import AuditAnswer, AuditedQuery, QueryAudit
from cdi_queries.rules.audit_sample import ALGORITHM, draw, frame_hash, frame_of, pack_frame
from cdi_queries.rules.query_audit import Judgement, counted, problems
from cdi_queries.selectors.audits import auditable_queries
from cdi_queries.terms.audits import edition_named, edition_on
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor

MOST_DRAWN: Final = 200
MOST_SEED: Final = 2**53
"""Seeds are typed and read by people and by scripts: no larger than every program keeps exactly."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn: queries sent on these days, one author's or everybody's, so many, by this seed."""

    first: date
    last: date
    count: int
    seed: int
    author_id: int | None = None


@transaction.atomic
def draw_audit(
    *, actor: Actor, client_id: int, zone: str, drawing: Drawing, today: date, now: datetime
) -> QueryAudit:
    """Draws a sample of sent queries, cancelled ones left out; ``zone`` and ``today`` are the client's.

    Raises:
        InvalidInput: days in the wrong order or ahead, a count or a seed out of range.
        Refused: nothing was sent in the period, or the same draw exists.
        NotAllowed: the role draws nothing.
    """
    require_drawer(actor)
    _check(drawing, today)
    authors = _authors(client_id, zone, drawing)
    frame = frame_of(str(key) for key in authors)
    digest = frame_hash(frame)
    _refuse_again(client_id, drawing, digest, len(frame))
    drawn = draw(frame, drawing.count, drawing.seed)
    audit: QueryAudit = QueryAudit.objects.create(
        client_id=client_id,
        period_from=drawing.first,
        period_through=drawing.last,
        author_id=drawing.author_id,
        edition=edition_on(today).name,
        algorithm=ALGORITHM,
        seed=drawing.seed,
        frame=pack_frame(frame),
        frame_sha256=digest,
        frame_count=len(frame),
        sample_count=len(drawn),
        drawn_by_id=actor.person_id,
        drawn_at=now,
    )
    for position, one in enumerate(drawn, start=1):
        _draw_one(audit, uuid.UUID(one), authors[uuid.UUID(one)], position)
    facts = {"frame": len(frame), "sample": len(drawn), "frame_sha256": digest}
    record_event(actor=actor, verb=Verb.QUERY_AUDIT_DRAWN, subject=audit, facts=facts)
    return audit


@transaction.atomic
def save_audited(
    *,
    actor: Actor,
    audited: AuditedQuery,
    given: Mapping[str, Judgement],
    summary: str,
    finish: bool,
    now: datetime,
) -> AuditedQuery:
    """Keeps what was judged so far, or finishes it.  Who saves first is the auditor.

    Raises:
        NotAllowed: one's own query.
        Conflict: somebody else audits it, or it is finished.
        InvalidInput: an answer is missing or a note too long; ``details`` names the fields.
    """
    require_auditor(actor)
    locked = _locked(audited)
    _require_turn(actor, locked)
    edition = edition_named(locked.audit.edition)
    wrong = problems(edition, given, finishing=finish)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), code="query_audit.answers", details={"fields": wrong})
    answers = {key: given[key] for key in edition.keys if key in given}
    _keep(locked, answers)
    locked.auditor_id = actor.person_id
    locked.summary = summary.strip() or None
    locked.met_count, locked.training_count = counted(answers.values())
    locked.finished_at = now if finish else None
    locked.save(update_fields=["auditor", "summary", "met_count", "training_count", "finished_at"])
    record_event(
        actor=actor,
        verb=Verb.QUERY_AUDITED if finish else Verb.QUERY_AUDIT_SAVED,
        subject=locked,
        facts={"query": str(locked.query_id), "met": locked.met_count, "training": locked.training_count},
    )
    return locked


@transaction.atomic
def reopen_audited(*, actor: Actor, audited: AuditedQuery) -> AuditedQuery:
    """Opens a finished audit of a query again; its answers stay until they are changed.

    Raises:
        NotAllowed: not its auditor.
        Conflict: it is not finished.
    """
    require_auditor(actor)
    locked = _locked(audited)
    if locked.finished_at is None:
        raise Conflict("This audit is not finished.", code="query_audit.open")
    if locked.auditor_id != actor.user_id:
        raise NotAllowed("Only its auditor opens it again.", code="query_audit.not_yours")
    locked.finished_at = None
    locked.save(update_fields=["finished_at"])
    record_event(
        actor=actor,
        verb=Verb.QUERY_AUDIT_REOPENED,
        subject=locked,
        facts={"query": str(locked.query_id)},
    )
    return locked


def _authors(client_id: int, zone: str, drawing: Drawing) -> dict[uuid.UUID, int]:
    """The queries that may be drawn, and who wrote each.

    Raises:
        Refused: there are none.
    """
    ids = auditable_queries(client_id, zone, drawing.first, drawing.last, drawing.author_id)
    found = dict(ids.values_list("pk", "author_id"))
    if not found:
        raise Refused("No query was sent on these days.", code="query_audit.empty")
    return found


def _refuse_again(client_id: int, drawing: Drawing, digest: str, frame_count: int) -> None:
    """The button pressed twice draws once."""
    same = QueryAudit.objects.filter(
        client_id=client_id,
        seed=drawing.seed,
        frame_sha256=digest,
        sample_count=min(drawing.count, frame_count),
    )
    if same.exists():
        raise Refused(
            "This sample was drawn already: the same queries by the same seed.", code="query_audit.again"
        )


def _draw_one(audit: QueryAudit, query_id: uuid.UUID, author_id: int, position: int) -> None:
    AuditedQuery.objects.create(
        client_id=audit.client_id, audit=audit, query_id=query_id, author_id=author_id, position=position
    )


def _require_turn(actor: Actor, audited: AuditedQuery) -> None:
    """Whether this person may judge it now.

    Raises:
        NotAllowed: one's own query.
        Conflict: somebody else audits it, or it is finished.
    """
    if audited.author_id == actor.user_id:
        raise NotAllowed("You wrote this query: somebody else audits it.", code="query_audit.own")
    if audited.finished_at is not None:
        raise Conflict("This audit is finished. Open it again to change it.", code="query_audit.finished")
    if audited.auditor is not None and audited.auditor_id != actor.user_id:
        raise Conflict(f"{audited.auditor.full_name} audits this query.", code="query_audit.taken")


def _check(drawing: Drawing, today: date) -> None:
    if drawing.last < drawing.first:
        raise _wrong("through", "The last day must not lie before the first.")
    if drawing.last > today:
        raise _wrong("through", "The last day must not lie ahead.")
    if not 1 <= drawing.count <= MOST_DRAWN:
        raise _wrong("count", f"Draw 1 to {MOST_DRAWN} queries.")
    if not 0 <= drawing.seed < MOST_SEED:
        raise _wrong("seed", f"A seed is a whole number from 0 to {MOST_SEED - 1}.")


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, code="query_audit.terms", details={"path": field})


def _locked(audited: AuditedQuery) -> AuditedQuery:
    locked: AuditedQuery = (
        AuditedQuery.objects.select_for_update(of=("self",))
        .select_related("audit", "auditor")
        .get(client_id=audited.client_id, pk=audited.pk)
    )
    return locked


def _keep(audited: AuditedQuery, given: Mapping[str, Judgement]) -> None:
    """The answers as they are now: new ones added, changed ones changed, open ones taken away."""
    kept = {
        one.question: one for one in AuditAnswer.objects.filter(client_id=audited.client_id, audited=audited)
    }
    for key, one in given.items():
        row = kept.pop(key, None)
        if one.verdict is None:
            if row is not None:
                row.delete()
            continue
        note = one.note.strip() or None
        if row is None:
            AuditAnswer.objects.create(
                client_id=audited.client_id, audited=audited, question=key, verdict=one.verdict, note=note
            )
        elif (row.verdict, row.note) != (one.verdict, note):
            row.verdict, row.note = one.verdict, note
            row.save(update_fields=["verdict", "note"])
