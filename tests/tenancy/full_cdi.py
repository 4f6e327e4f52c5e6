"""Rows of CDI queries for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from cdi_queries.actions.answers import Answer, answer_query
from cdi_queries.actions.drafts import start_draft
from cdi_queries.actions.ending import close_query, expire_queries
from cdi_queries.actions.sending import send_query
from cdi_queries.models import (
    AnsweredBy,
    AuditedQuery,
    CdiQuery,
    EducationLetter,
    ProviderContact,
    QueryLink,
    QueryPolicy,
    QueryTemplate,
    TemplateVersion,
    TriggerHit,
)
from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator
from cdi_queries.rules.query import Kind
from cdi_queries.rules.template import body_of
from cdi_queries.selectors.templates import library
from coding_ops.accounts.models import User
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import DocumentVersion, Encounter, Provider
from tests import cast
from tests.tenancy.full_education import fill_education
from tests.tenancy.full_outbox import fill_outbox
from tests.tenancy.full_query_audits import fill_query_audits
from tests.tenancy.full_triggers import fill_triggers


@dataclass(frozen=True, slots=True)
class Asked:
    """Queries in each state, written by the CDI specialist and asked of the client's provider.

    ``chart`` is on hold for ``sent``; ``draft`` is about it too.  ``answered`` and ``closed`` are about the
    final chart, ``expired`` about a chart in line, ``meanwhile`` about one that the coder holds.
    """

    chart: Encounter
    draft: CdiQuery
    sent: CdiQuery
    meanwhile: CdiQuery
    answered: CdiQuery
    closed: CdiQuery
    expired: CdiQuery
    provider: Provider
    other: Provider
    contact: ProviderContact
    link: QueryLink
    template: QueryTemplate
    gap: TriggerHit
    dismissed_gap: TriggerHit
    unaudited: AuditedQuery
    audited: AuditedQuery
    letter: EducationLetter


def question(chart: Encounter, body: str) -> QueryContent:
    """A compliant choice, its indicator quoted from the chart's note."""
    version = DocumentVersion.objects.filter(
        client_id=chart.client_id, document__encounter=chart, document__kind="progress_note"
    )[0]
    start = version.text.index("Hypertension")
    end = version.text.index("\n", start)
    place = ("i1", str(version.pk), start, end, version.text[start:end])
    return QueryContent(
        kind=Kind.MULTIPLE_CHOICE,
        title="Clarification: blood pressure",
        body=body,
        options=(
            AnswerOption("o1", "Hypertension", ("i1",)),
            AnswerOption("o2", "Hypertensive urgency", ("i1",)),
            AnswerOption("o3", "Other (please specify)"),
            AnswerOption("o4", "Unable to determine"),
        ),
        indicators=(QuotedIndicator(*place, "Progress note", date(2026, 9, 15), "L3"),),
    )


def fill_cdi(
    place: cast.Place,
    people: dict[Role, User],
    like: Encounter,
    final: Encounter,
    coded: Encounter,
    note: str,
) -> Asked:
    """``like``: whose patient and provider the new charts have; ``coded``: a chart in the coder's hands;
    ``note``: their text."""
    common = {"client_id": place.client.pk}
    cdi = cast.actor_for(people[Role.CDI_SPECIALIST], Role.CDI_SPECIALIST)
    provider = like.rendering_provider
    assert provider is not None
    other = Provider.objects.create(name=f"{provider.name}Second", npi="1000000491", **common)
    chart, second = (
        cast.encounter(
            place,
            note=note,
            patient=like.patient,
            coverage=like.coverage,
            facility=like.facility,
            rendering_provider=provider,
            external_id=f"{like.external_id}asked{number}",
        )
        for number in (1, 2)
    )
    now = timezone.now()
    sent = _sent(cdi, chart, "Please clarify the blood pressure finding of this visit.")
    draft = start_draft(
        actor=cdi,
        encounter=chart,
        provider=provider,
        content=question(chart, "Please describe how the blood pressure was managed."),
    )
    meanwhile = _sent(cdi, coded, "Please clarify the blood pressure finding of this visit.")
    expired = _sent(cdi, second, "Please clarify the blood pressure finding.", days_ago=15)
    expire_queries(client_id=place.client.pk, now=now)
    answered = _sent(cdi, final, "Please clarify the blood pressure finding of this visit.")
    closed = _sent(cdi, final, "Please describe how the finding was managed.")
    doctor = cast.actor_for(people[Role.PROVIDER], Role.PROVIDER, "")
    for query in (answered, closed):
        answer = Answer("o4", "", AnsweredBy.ACCOUNT, provider, provider.name)
        answer_query(actor=doctor, query=query, answer=answer)
    close_query(actor=cdi, query=closed)
    for query in (sent, expired, answered, closed):
        query.refresh_from_db()
    contact = ProviderContact.objects.create(provider=provider, email="provider@example.test", **common)
    link = QueryLink.objects.filter(query=sent, **common).first() or QueryLink.objects.create(
        query=sent, provider=provider, made_at=now, expires_at=now + timedelta(hours=96), **common
    )
    fill_outbox(sent)
    QueryPolicy.objects.create(advisor=people[Role.MANAGER], **common)
    key = f"finding-of-{place.client.slug}"
    template = QueryTemplate.objects.create(key=key, created_at=now, **common)
    _version(template, people[Role.CDI_SPECIALIST])
    gaps = fill_triggers(cdi, chart)
    manager = cast.actor_for(people[Role.MANAGER], Role.MANAGER, "")
    audits = fill_query_audits(cdi, manager, second)
    return Asked(
        chart,
        draft,
        sent,
        meanwhile,
        answered,
        closed,
        expired,
        provider,
        other,
        contact,
        link,
        template,
        *gaps,
        *audits,
        fill_education(place, provider),
    )


def _sent(cdi: Actor, chart: Encounter, body: str, *, days_ago: int = 0) -> CdiQuery:
    provider = chart.rendering_provider
    content = question(chart, body)
    query = start_draft(actor=cdi, encounter=chart, provider=provider, content=content)
    return send_query(actor=cdi, query=query, reasons={}, now=timezone.now() - timedelta(days=days_ago))


def _version(template: QueryTemplate, by: User) -> TemplateVersion:
    name = f"Findings at {template.client.name}"
    made: TemplateVersion = TemplateVersion.objects.create(
        client_id=template.client_id,
        template=template,
        number=1,
        name=name,
        content={**body_of(library()["abnormal-finding"][-1]), "name": name},
        saved_by=by,
        saved_at=timezone.now(),
    )
    return made
