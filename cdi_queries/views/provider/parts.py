"""What the signed-in page and the page behind a link share: reading an answer, and what is shown of it."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict

from cdi_queries.actions.answers import LONGEST_WORDS, Answer
from cdi_queries.models import AnsweredBy, CdiQuery, QueryAnswer, QueryOutcome, QueryStatus
from cdi_queries.rules.content import from_json
from cdi_queries.rules.links import Standing
from cdi_queries.selectors.contacts import askable, day_at
from cdi_queries.terms.lint import wording
from cdi_queries.views.provider.dto import EndedPage, KeptPage, PassPage, QuestionPage
from cdi_queries.views.provider.question import question_view, visit_facts
from coding_ops.core.errors import DomainError, InvalidInput
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import moment
from encounters.models import EncounterStatus, Provider
from encounters.views import words as told
from encounters.views.doors import uuid_of

COMPLETE = "The record already answers this: "
OPTION_CODES = frozenset({"answer.option", "answer.missing"})

ENDED: dict[Standing, tuple[str, str, str]] = {
    Standing.ANSWERED_HERE: (
        "You have answered this question",
        "Your answer is kept to the letter and lies with the record. This link was for one answer.",
        "There is nothing left to do.",
    ),
    Standing.ANSWERED: (
        "This question has been answered",
        "An answer was given meanwhile, and it stands. A second one is not taken.",
        "There is nothing left to do. To correct an answer, write an addendum to your note.",
    ),
    Standing.PASSED_ON: (
        "This question was passed on",
        "Another provider is asked now, so this link opens nothing more.",
        "There is nothing left to do.",
    ),
    Standing.LEFT: (
        "This question is no longer asked of you",
        "You are listed as no longer with the organization whose record it is about.",
        "If that is wrong, tell the organization. There is nothing else to do.",
    ),
    Standing.CANCELLED: (
        "This question was taken back",
        "Who asked it no longer needs an answer.",
        "There is nothing left to do.",
    ),
    Standing.RAN_OUT: (
        "The time for this question is over",
        "It waited for an answer and has ended without one.",
        "If it is still needed, it is asked again and you get a new mail.",
    ),
    Standing.REPLACED: (
        "A newer link was mailed to you",
        "Only the newest link opens the question.",
        "Look for the latest mail about it, and use the link in there.",
    ),
    Standing.EXPIRED: (
        "This link has expired",
        "The question still waits for your answer, but the link is too old.",
        "Have a new one mailed to you. It goes to the address that this one went to.",
    ),
}


def ended_page(standing: Standing, **more: str) -> EndedPage:
    """The page of a question or link that opens nothing."""
    return EndedPage(*ENDED[standing], **more)


def asked_words(query: CdiQuery, zone: str) -> str:
    """``Asked 11/19/2026 4:42 PM CST by a CCDS. An answer is expected by 11/22/2026.``

    Who asks is told by credential: names of the vendor's people are not the client's to read.
    """
    by = f" by a {query.author_credential}" if query.author_credential else ""
    parts = [f"Asked {moment(query.asked_at, zone)}{by}." if query.asked_at else ""]
    if query.due_at:
        parts.append(f"An answer is expected by {told.day(day_at(zone, query.due_at))}.")
    return " ".join(part for part in parts if part)


def final_notice(query: CdiQuery) -> str:
    """What an answer does when the chart is finished: it is taken, and the chart is looked at again."""
    if query.encounter.status != EncounterStatus.FINAL:
        return ""
    return "The coding of this visit is finished. Your answer is taken all the same, and may open it again."


def question_page(
    query: CdiQuery,
    zone: str,
    *,
    href: str,
    answer_href: str = "",
    list_href: str = "",
    sent: QueryDict | None = None,
    errors: dict[str, str] | None = None,
) -> QuestionPage:
    """The page of a waiting question; ``sent`` and ``errors`` of a form that was not taken.

    ``href`` is its address, ``answer_href`` where the answer is sent when that is another one.
    """
    given = sent or QueryDict()
    return QuestionPage(
        href=href,
        answer_href=answer_href or href,
        question=question_view(
            from_json(query.content),
            wording(),
            visit=visit_facts(query.encounter),
            asked=asked_words(query, zone),
            chosen=given.get("option", ""),
            written=given.get("words", ""),
            errors=errors,
        ),
        pass_href=f"{href}pass/",
        complete_href=f"{href}complete/",
        where=given.get("where", ""),
        list_href=list_href,
        errors=errors or {},
        notice=final_notice(query),
    )


def answer_of(sent: QueryDict, query: CdiQuery, by: AnsweredBy, name: str) -> Answer:
    """The answer of the form: an option, words, or both."""
    provider = _provider(query)
    return Answer(sent.get("option", "")[:8], sent.get("words", ""), by, provider, name)


def complete_of(sent: QueryDict, query: CdiQuery, by: AnsweredBy, name: str) -> Answer:
    """The answer that nothing need be added; the provider says where it stands.

    Raises:
        InvalidInput: they do not say where, or too much.
    """
    where = sent.get("where", "").strip()
    if not where or len(where) > LONGEST_WORDS - len(COMPLETE):
        raise InvalidInput(
            "Say where in the record it stands, for example the note and its day.",
            code="answer.where",
            details={"path": "where"},
        )
    return Answer("", COMPLETE + where, by, _provider(query), name)


def field_of(error: DomainError) -> str:
    """The field of the form that a refused answer is about."""
    if error.code in OPTION_CODES:
        return "option"
    return str(error.details.get("path", "words"))


def errors_of(error: DomainError, query: CdiQuery) -> dict[str, str]:
    """The refusal beside its field; an open question has no list to point at."""
    name = field_of(error)
    has_options = bool(from_json(query.content).options)
    return {name if has_options or name != "option" else "words": error.message}


def kept_page(query: CdiQuery, zone: str, *, room: str = "", is_new: bool = False) -> KeptPage:
    """The answer of a query to the letter, with whose and when; ``room``: ``/c/<client>/`` when signed in."""
    answer = QueryAnswer.objects.get(client_id=query.client_id, query=query)
    content = from_json(query.content)
    facts = (
        *visit_facts(query.encounter),
        ("Question", content.body),
        ("Answered by", answer.by_name),
        ("Answered", moment(answer.at, zone)),
    )
    return KeptPage(
        title=content.title,
        option=answer.option_text or "",
        words=answer.words or "",
        facts=tuple(facts),
        note=_after(query),
        query_id=str(query.pk),
        list_href=f"{room}asked/" if room else "",
        export_href=f"{room}exports/" if room else "",
        is_new=is_new,
    )


def answer_lines(answer: QueryAnswer | None) -> tuple[str, ...]:
    """The words of an answer: the option, then the provider's own."""
    if answer is None:
        return ()
    return tuple(part for part in (answer.option_text or "", answer.words or "") if part)


def pass_page(
    query: CdiQuery, zone: str, now: datetime, *, href: str, sent: QueryDict, errors: dict[str, str]
) -> PassPage:
    """Who else may be asked: the client's providers who are there today."""
    others = askable(query.client_id, day_at(zone, now)).exclude(pk=_provider(query).pk)
    chosen = sent.get("provider", "")
    listed = (Choice(str(one.pk), _with_credential(one), str(one.pk) == chosen) for one in others)
    return PassPage(
        href=f"{href}pass/",
        back_href=href,
        title=from_json(query.content).title,
        providers=(Choice("", "Choose a provider", not chosen), *listed),
        reason=sent.get("reason", ""),
        errors=errors,
    )


def passed_to(query: CdiQuery, zone: str, now: datetime, sent: QueryDict) -> Provider:
    """The provider who was chosen.

    Raises:
        InvalidInput: none was, or one who cannot be asked.
    """
    chosen = sent.get("provider", "")
    who = None
    if chosen:
        who = askable(query.client_id, day_at(zone, now)).filter(pk=uuid_of(chosen)).first()
    if who is None:
        raise InvalidInput(
            "Choose the provider who can answer.", code="redirect.provider", details={"path": "provider"}
        )
    return who


def state_words(query: CdiQuery) -> tuple[str, str]:
    """How a query stands for its provider, and the tone: the outcome's name is not theirs to be judged by."""
    if query.state == QueryStatus.SENT:
        return "Waiting for you", "query"
    if query.state in (QueryStatus.ANSWERED, QueryStatus.CLOSED):
        undetermined = query.outcome == QueryOutcome.UNDETERMINED
        return ("Answered, unable to determine" if undetermined else "Answered"), "ok"
    return ("Taken back" if query.state == QueryStatus.CANCELLED else "Time is over"), ""


def _after(query: CdiQuery) -> str:
    if query.encounter.status == EncounterStatus.REOPENED:
        return "The visit was finished and is opened again, so that its codes follow your answer."
    return "It was added to the visit as the document “Query and answer”."


def _provider(query: CdiQuery) -> Provider:
    """Who is asked; the database holds that a sent query has somebody."""
    provider: Provider = query.provider
    return provider


def _with_credential(provider: Provider) -> str:
    return f"{provider.name}, {provider.professional_credential}".rstrip(", ")
