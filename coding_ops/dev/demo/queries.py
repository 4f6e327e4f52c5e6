"""Queries of the demo: asked by its CDI specialist, answered by its providers, and seen in the codes.

Each goes through the same actions as a real one, at its moment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cdi_queries.actions.answers import Answer, answer_query, provider_actor
from cdi_queries.actions.drafts import save_draft, start_draft
from cdi_queries.actions.ending import expire_queries
from cdi_queries.actions.reviews import mark_reviewed
from cdi_queries.actions.sending import send_query
from cdi_queries.models import AnsweredBy, CdiQuery, ProviderContact, QueryPolicy
from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator
from cdi_queries.rules.query import Kind
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.notes import DemoCode
from coding_ops.dev.demo.plan import Fate, Visit
from coding_ops.dev.demo.setup import Place
from coding_ops.dev.demo.sitting import Day, Sitting, attributes_of, encounter_of, take
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.coding import Words, assign_code, remove_code
from encounters.actions.finalize import finalize
from encounters.models import CodeAssignment, DocumentVersion, Encounter, Provider

DATA = Path(__file__).with_name("queries.toml")
#: How long providers take, by the turn of their question; one runs late.
ANSWERED_AFTER = tuple(timedelta(hours=hours) for hours in (5, 21, 30, 9, 52, 16, 76))
UNDETERMINED_EVERY, OTHER_EVERY = 5, 4
#: What is true now: asked so long ago, in hours.  The last two: answered and not coded yet, run out.
WAITING_HOURS = (4, 50)
ANSWERED_HOURS, RAN_OUT_HOURS = 30, 15 * 24
EFFECT = ("severity",)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the data, which its file describes."""

    note: str
    template: str
    title: str
    body: str
    lines: tuple[str, ...]
    options: tuple[str, ...]
    answer: str
    other: str
    before: str
    after: str


@cache
def questions() -> tuple[Question, ...]:
    """All questions of the file."""
    raw: Sequence[dict[str, Any]] = tomllib.loads(DATA.read_text("utf-8"))["question"]
    for one in raw:
        one["lines"], one["options"] = tuple(one["lines"]), tuple(one["options"])
    return tuple(Question(**one) for one in raw)


def question_for(note: str, text: str) -> Question | None:
    """The first question that fits a note of a template: all its words stand there."""
    return next((one for one in questions() if one.note == note and all(w in text for w in one.lines)), None)


def name_contacts(day: Day) -> None:
    """Where queries go to at each client: an address for each provider, and who is told of late answers."""
    for slug, place in day.places.items():
        with client_transaction([place.client.pk]):
            manager = day.someone(Role.MANAGER, slug)
            QueryPolicy.objects.create(client_id=place.client.pk, advisor_id=manager.person_id)
            for provider in Provider.objects.filter(client_id=place.client.pk):
                mailbox = provider.name.lower().replace(" ", ".")
                ProviderContact.objects.create(
                    client_id=place.client.pk,
                    provider=provider,
                    email=f"{mailbox}@{place.client.slug}.example",
                )


def mark_reviewed_charts(day: Day, visits: Sequence[Visit], now: datetime) -> None:
    """The CDI specialist reads most of what was coded, a day later, and finds nothing to ask."""
    for visit in visits:
        read_at = visit.coded_at + timedelta(days=1)
        if visit.fate is not Fate.FINAL or read_at > now:
            continue
        with client_transaction([day.places[visit.client.slug].client.pk]), at(read_at):
            mark_reviewed(
                actor=day.someone(Role.CDI_SPECIALIST, visit.client.slug),
                encounter=encounter_of(day, visit),
                day=read_at.astimezone(ZoneInfo(visit.client.zone)).date(),
                now=read_at,
            )


def ask_then_finish(day: Day, visit: Visit) -> None:
    """The coder enters what the note supports, the CDI specialist asks, the answer changes the code."""
    turn = day.turn("asked")
    moment, query = _ask(day, visit)
    moment += ANSWERED_AFTER[turn % len(ANSWERED_AFTER)]
    with at(moment):
        query = _answer(day, visit, query, turn)
    moment += timedelta(hours=3)
    with at(moment):
        again = take(day, visit, moment)
        _recode(again, visit, query)
        again.beat()
        finalize(actor=again.actor, encounter=again.encounter, fence=again.fence)


def ask_today(day: Day, visits: Sequence[Visit], now: datetime) -> None:
    """What waits at this moment: unanswered, late, answered and not coded yet, run out, and a draft."""
    for slug, place in day.places.items():
        asked = [one for one in visits if one.client.slug == slug and one.fate is Fate.ASKED]
        waits = [*WAITING_HOURS, ANSWERED_HOURS, RAN_OUT_HOURS]
        with client_transaction([place.client.pk]):
            for turn, (visit, hours) in enumerate(zip(asked, waits, strict=False)):
                sent_at = now - timedelta(hours=hours)
                _, query = _ask(day, visit, sent_at)
                if hours == ANSWERED_HOURS:
                    with at(now - timedelta(hours=2)):
                        _answer(day, visit, query, turn)
            expire_queries(client_id=place.client.pk, now=now)
            for visit in asked[len(waits) :]:
                _draft(day, visit, template="")


def _ask(day: Day, visit: Visit, sent_at: datetime | None = None) -> tuple[datetime, CdiQuery]:
    """The coder's part of it, and the question an hour later, when the chart is back in line."""
    moment = sent_at - timedelta(hours=1) if sent_at else day.begin(visit)
    with at(moment):
        sitting = take(day, visit, moment)
    for code in visit.note.codes:
        moment += timedelta(seconds=day.chance.randint(40, 70))
        with at(moment):
            sitting.beat()
            sitting.assign(code)
    with at(moment):
        sitting.give_back()
    day.free_at[visit.coder.name] = moment + timedelta(minutes=1)
    moment = sent_at or moment + timedelta(hours=1)
    with at(moment):
        query = _draft(day, visit, _question(visit).template)
        query = send_query(
            actor=day.someone(Role.CDI_SPECIALIST, visit.client.slug), query=query, reasons={}, now=moment
        )
    return moment, query


def _draft(day: Day, visit: Visit, template: str) -> CdiQuery:
    specialist = day.someone(Role.CDI_SPECIALIST, visit.client.slug)
    encounter, version = _chart(day.places[visit.client.slug], visit)
    content = _content(_question(visit), version)
    query = start_draft(
        actor=specialist,
        encounter=encounter,
        provider=encounter.rendering_provider,
        content=content,
        template_key=template,
        template_version=1 if template else None,
    )
    return save_draft(
        actor=specialist,
        query=query,
        content=content,
        provider=encounter.rendering_provider,
        impacts=EFFECT,
        internal_note="Found at the review of the chart.",
    )


def _content(question: Question, version: DocumentVersion) -> QueryContent:
    indicators = tuple(_quoted(n, words, version) for n, words in enumerate(question.lines, start=1))
    ids = tuple(one.id for one in indicators)
    offered = [AnswerOption(f"o{n}", text, ids) for n, text in enumerate(sorted(question.options), start=1)]
    open_ones = ("Other (please specify)", "Unable to determine") if offered else ()
    rest = [AnswerOption(f"o{len(offered) + n}", text) for n, text in enumerate(open_ones, start=1)]
    return QueryContent(
        kind=Kind.MULTIPLE_CHOICE if offered else Kind.OPEN,
        title=question.title,
        body=question.body,
        options=(*offered, *rest),
        indicators=indicators,
    )


def _quoted(number: int, words: str, version: DocumentVersion) -> QuotedIndicator:
    """The whole line that holds the words."""
    found = version.text.index(words)
    start = version.text.rfind("\n", 0, found) + 1
    end = version.text.find("\n", found)
    written = version.authored_at or version.received_at
    return QuotedIndicator(
        id=f"i{number}",
        version_id=str(version.pk),
        start=start,
        end=end,
        quote=version.text[start:end],
        document_title=version.document.title,
        document_on=written.date(),
        lines=f"L{version.text.count(chr(10), 0, start) + 1}",
    )


def _answer(day: Day, visit: Visit, query: CdiQuery, turn: int) -> CdiQuery:
    question, provider = _question(visit), query.provider
    assert provider is not None
    options = {"": "", **{text: f"o{n}" for n, text in enumerate(sorted(question.options), start=1)}}
    chosen, words = options[question.answer], "" if question.answer else question.other
    if question.options and turn % UNDETERMINED_EVERY == UNDETERMINED_EVERY - 1:
        chosen, words = f"o{len(question.options) + 2}", ""
    elif question.options and turn % OTHER_EVERY == OTHER_EVERY - 1:
        chosen, words = f"o{len(question.options) + 1}", question.other
    account = provider.user is not None
    actor: Actor = day.actor(provider.name, visit.client.slug) if account else provider_actor(provider)
    by = AnsweredBy.ACCOUNT if account else AnsweredBy.CODE
    answer_query(actor=actor, query=query, answer=Answer(chosen, words, by, provider, provider.name))
    query.refresh_from_db()
    return query


def _recode(sitting: Sitting, visit: Visit, query: CdiQuery) -> None:
    """The code that the answer supports takes the place of the one before, citing the answer."""
    question = _question(visit)
    if query.outcome != "agreed" or not question.after or query.answer_document is None:
        return
    rows = CodeAssignment.objects.filter(client_id=query.client_id, encounter=sitting.encounter)
    old = rows.get(code=question.before)
    poa = old.present_on_admission
    remove_code(
        actor=sitting.actor,
        encounter=sitting.encounter,
        fence=sitting.fence,
        assignment_id=old.pk,
        reason="The provider's answer is more exact.",
    )
    version = query.answer_document
    start = version.text.index(question.answer)
    coded = DemoCode("ICD-10-CM", question.after, (question.answer,), poa=poa)
    assign_code(
        actor=sitting.actor,
        encounter=sitting.encounter,
        fence=sitting.fence,
        system=coded.system,
        code=coded.code,
        evidence=[Words(version.pk, start, start + len(question.answer))],
        attributes=attributes_of(coded),
    )


def _question(visit: Visit) -> Question:
    found = question_for(visit.template.name, visit.note.text)
    assert found is not None, f"no question fits a note of {visit.template.name}"
    return found


def _chart(place: Place, visit: Visit) -> tuple[Encounter, DocumentVersion]:
    encounter = Encounter.objects.select_related("client", "rendering_provider").get(
        client_id=place.client.pk, external_id=visit.number
    )
    version = (
        DocumentVersion.objects.filter(client_id=place.client.pk, document__encounter=encounter)
        .exclude(document__kind="query")
        .select_related("document")
        .latest("number")
    )
    return encounter, version
