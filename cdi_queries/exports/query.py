"""One query on paper: the words as sent, the answer, the trail.

There are two copies.  The provider's copy is made of what the provider may see and nothing else, whoever asks
for it; the inside copy adds the lint, the impact and the codes, and only the vendor's people get one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdi_queries.access.queries import is_inside, queries_in_reach
from cdi_queries.models import CdiQuery, QueryAnswer, QueryStep, StepKind
from cdi_queries.views.life import shift_parts
from cdi_queries.views.life import trail_parts as parts
from cdi_queries.views.life.trail_dto import AsSent, CodeShift, GivenAnswer, LintRow, StepRow
from cdi_queries.views.provider.question import visit_facts
from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.exports import pdf
from coding_ops.exports.kinds import Asked, ExportKind, Job, Produced
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.web.client_pages import moment

PROVIDER, INSIDE = "provider", "inside"
COPIES = (PROVIDER, INSIDE)
TOLD_OUTSIDE = frozenset(
    {
        StepKind.SENT,
        StepKind.DELIVERED,
        StepKind.REMINDED,
        StepKind.OPENED,
        StepKind.REDIRECTED,
        StepKind.ANSWERED,
        StepKind.CANCELLED,
        StepKind.EXPIRED,
        StepKind.RENEWED,
    }
)
"""Steps of the provider's copy: what happened between us and them, not how the vendor works."""
FACTS_OUTSIDE = frozenset({"Provider", "Author", "Asked", "Sent"})


@dataclass(frozen=True, slots=True)
class InsidePart:
    """What only the vendor's people are given."""

    edition: str
    lint: tuple[LintRow, ...]
    impacts: str
    note: str
    effect: str
    codes: CodeShift | None


@dataclass(frozen=True, slots=True)
class QuerySheet:
    """One query, ready to be drawn; ``inside`` is None in the provider's copy."""

    encounter_id: str
    client: str
    zone: str
    state: str
    visit: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    question: AsSent
    answer: GivenAnswer | None
    steps: tuple[StepRow, ...]
    inside: InsidePart | None


def ask(actor: Actor, client_id: int, given: Mapping[str, str]) -> Asked:
    """``query``, an id, and ``copy``: ``provider`` (unless said otherwise) or ``inside``.

    Raises:
        InvalidInput: another copy.
        NotFound: absent, not theirs to see, or the inside copy for who is outside.
        Refused: a draft, whose words may still change.
    """
    copy = given.get("copy", PROVIDER)
    if copy not in COPIES:
        raise InvalidInput("The form is incomplete: reload the page.", code="export.form")
    if copy == INSIDE and not is_inside(actor):
        raise NotFound
    query = (
        queries_in_reach(actor, client_id)
        .filter(pk=_id(given.get("query", "")))
        .select_related("encounter")
        .first()
    )
    if query is None:
        raise NotFound
    if query.sent_at is None:
        raise Refused("A draft has no paper: its words can still change.", code="export.unfinished")
    which = " (inside copy)" if copy == INSIDE else ""
    return Asked(
        f"Query about visit {query.encounter.external_id}{which}, PDF",
        {"query": str(query.pk), "copy": copy},
    )


def parts_of(job: Job) -> Sequence[str]:
    """One part: a query is short."""
    return [job.params["query"]]


def read(job: Job, part: str) -> QuerySheet:
    """The query as plain values."""
    query = CdiQuery.objects.select_related(
        "encounter__patient", "encounter__facility", "provider", "author", "specialty", "pend", "advisor"
    ).get(client_id=job.client_id, pk=part)
    client = Client.objects.get(pk=job.client_id)
    inside = job.params["copy"] == INSIDE
    answer = QueryAnswer.objects.filter(client_id=job.client_id, query=query).first()
    facts = parts.facts_of(query, query.template_key, client.timezone, inside=inside)
    return QuerySheet(
        encounter_id=str(query.encounter_id),
        client=client.name,
        zone=client.timezone,
        state=str(query.get_state_display()),
        visit=visit_facts(query.encounter),
        facts=tuple((name, value) for name, value in facts if inside or name in FACTS_OUTSIDE),
        question=parts.question_of(query, answer),
        answer=parts.answer_of(query, answer, "", client.timezone),
        steps=_steps(query, client, inside=inside),
        inside=_inside(query) if inside else None,
    )


def write(job: Job, read_parts: Sequence[Any]) -> Produced:
    """The file; what it is called names neither patient nor visit."""
    sheet: QuerySheet = read_parts[0]
    context = {"sheet": sheet, "made_at": moment(job.asked_at, sheet.zone)}
    which = "-inside" if sheet.inside else ""
    return Produced(
        content=pdf.pdf("cdi_queries/query_paper.html", context),
        file_name=f"query-{job.params['query']}{which}.pdf",
        media_type=pdf.MEDIA_TYPE,
        encounter_ids=(sheet.encounter_id,),
    )


def _steps(query: CdiQuery, client: Client, *, inside: bool) -> tuple[StepRow, ...]:
    found = QueryStep.objects.filter(client_id=client.pk, query=query).select_related("provider")
    if not inside:
        found = found.filter(kind__in=TOLD_OUTSIDE)
    role = Role.VENDOR_ADMIN if inside else Role.CLIENT_VIEWER
    reached = ReachedClient(client.pk, client.slug, client.name, client.timezone, role)
    return parts.steps_of(query, list(found), reached, inside=inside)


def _inside(query: CdiQuery) -> InsidePart:
    return InsidePart(
        edition=query.lint_edition,
        lint=parts.lint_of(query),
        impacts=parts.impacts_of(query),
        note=query.internal_note or "",
        effect=shift_parts.effect_of(query),
        codes=shift_parts.codes_inside(query, ()),
    )


def _id(text: str) -> uuid.UUID:
    if not re.fullmatch(r"[0-9a-f-]{36}", text):
        raise NotFound
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


KIND = ExportKind(ask=ask, parts=parts_of, read=read, write=write)
