"""A chart with a gap in its note, the people of a query, and a query in any state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from cdi_queries.actions.answers import Answer, answer_query
from cdi_queries.actions.drafts import start_draft
from cdi_queries.actions.sending import send_query
from cdi_queries.models import AnsweredBy, CdiQuery, QueryAnswer
from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator
from cdi_queries.rules.query import Kind
from coding_ops.accounts.models import User
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import DocumentVersion, Encounter, Provider
from tests import cast

NOTE = """Chief complaint: shortness of breath and swelling of both legs.

Hospital course:
BNP 1,840 on arrival. Echocardiogram: ejection fraction 30%.
Furosemide 40 mg intravenous twice daily, net negative 3.2 liters.

Assessment and plan:
1. Heart failure. Continue carvedilol and furosemide by mouth.
2. Hypertension, at goal.

Electronically signed: N. Okafor, MD, 11/19/2026 4:42 PM
"""
TEMPLATE = "heart-failure-type-acuity"
QUOTES = ("BNP 1,840 on arrival", "ejection fraction 30%", "Furosemide 40 mg intravenous twice daily")


@dataclass(frozen=True, slots=True)
class Desk:
    """A client with its coder, CDI specialist, manager, and the provider who has an account."""

    place: cast.Place
    coder: User
    cdi: User
    manager: User
    doctor: User

    def actor(self, user: User) -> Actor:
        roles = {
            self.coder: Role.CODER,
            self.cdi: Role.CDI_SPECIALIST,
            self.manager: Role.MANAGER,
            self.doctor: Role.PROVIDER,
        }
        credential = "CPC" if user == self.coder else "CCDS" if user == self.cdi else ""
        return cast.actor_for(user, roles[user], credential)


def desk(place: cast.Place) -> Desk:
    cast.icd10cm()
    return Desk(
        place,
        cast.coder("Rosalind Ames", place),
        cast.person("Sunita Rao", (place, Role.CDI_SPECIALIST)),
        cast.person("Marguerite Lowell", (place, Role.MANAGER)),
        cast.person("Ngozi Okafor", (place, Role.PROVIDER)),
    )


def chart(of: Desk, **attributes: Any) -> Encounter:
    """A chart whose note leaves the type and acuity of heart failure open; its provider has an account."""
    made = cast.encounter(of.place, note=attributes.pop("note", NOTE), **attributes)
    provider_of(made, of.doctor)
    return made


def provider_of(made: Encounter, user: User | None = None) -> Provider:
    assert made.rendering_provider_id is not None
    provider: Provider = Provider.objects.get(client_id=made.client_id, pk=made.rendering_provider_id)
    if user is not None and provider.user_id != user.pk:
        provider.user = user
        provider.save(update_fields=["user"])
    return provider


def indicator(made: Encounter, quote: str, number: int = 1) -> QuotedIndicator:
    version = (
        DocumentVersion.objects.filter(client_id=made.client_id, document__encounter=made)
        .exclude(document__kind="query")
        .order_by("-number")[0]
    )
    start = version.text.index(quote)
    return QuotedIndicator(
        id=f"i{number}",
        version_id=str(version.pk),
        start=start,
        end=start + len(quote),
        quote=quote,
        document_title="Progress note",
        document_on=date(2026, 9, 15),
        lines=f"L{version.text[:start].count(chr(10)) + 1}",
    )


def content(made: Encounter, **changes: Any) -> QueryContent:
    """A compliant multiple choice about the type of heart failure."""
    ids = tuple(f"i{n}" for n in range(1, len(QUOTES) + 1))
    whole = QueryContent(
        kind=Kind.MULTIPLE_CHOICE,
        title="Clarification: heart failure",
        body="Please clarify the type and acuity of the heart failure treated during this stay.",
        options=(
            AnswerOption("o1", "Acute diastolic heart failure", ids),
            AnswerOption("o2", "Acute systolic heart failure", ids),
            AnswerOption("o3", "Chronic systolic heart failure", ids),
            AnswerOption("o4", "Other (please specify)"),
            AnswerOption("o5", "Unable to determine"),
        ),
        indicators=tuple(indicator(made, quote, n) for n, quote in enumerate(QUOTES, start=1)),
    )
    return replace(whole, **changes)


def draft(of: Desk, made: Encounter, *, by: User | None = None, **changes: Any) -> CdiQuery:
    return start_draft(
        actor=of.actor(by or of.cdi),
        encounter=made,
        provider=provider_of(made),
        content=content(made, **changes),
        template_key=TEMPLATE,
        template_version=1,
    )


def sent(
    of: Desk,
    made: Encounter,
    *,
    by: User | None = None,
    now: datetime | None = None,
    hold: bool = True,
    fence: int | None = None,
    **changes: Any,
) -> CdiQuery:
    query = draft(of, made, by=by, **changes)
    return send_query(actor=of.actor(by or of.cdi), query=query, reasons={}, hold=hold, fence=fence, now=now)


def answered(of: Desk, query: CdiQuery, option_id: str = "o2", words: str = "", **extra: Any) -> QueryAnswer:
    made = answer_query(
        actor=of.actor(of.doctor),
        query=query,
        answer=Answer(option_id, words, AnsweredBy.ACCOUNT, provider_of(query.encounter), "N. Okafor"),
        now=extra.pop("now", None) or timezone.now(),
    )
    query.refresh_from_db()
    return made
