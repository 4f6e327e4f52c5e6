"""The parts of a query's page, each made of what is stored, for who reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cdi_queries.models import (
    AnsweredBy,
    CancelReason,
    CdiQuery,
    Channel,
    Impact,
    QueryAnswer,
    QueryOutcome,
    QueryStatus,
    QueryStep,
    StepKind,
)
from cdi_queries.rules.content import from_json
from cdi_queries.rules.escalation import Level
from cdi_queries.terms.lint import wording
from cdi_queries.views.life import words
from cdi_queries.views.life.trail_dto import AskedOption, AsSent, GivenAnswer, LintRow, StepRow
from cdi_queries.views.provider.question import question_view
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.models import CLIENT_ROLES
from coding_ops.web.client_pages import moment
from encounters.views import words as chart_words

CODERS, SYSTEM = "The coding team", "The system"
ROUTES = {"mail": "by mail"}


def lead_of(query: CdiQuery, now: datetime, zone: str) -> str:
    """Where it stands, in one sentence."""
    provider = query.provider.name if query.provider else "nobody yet"
    if query.state == QueryStatus.SENT and query.asked_at and query.expires_at:
        due, tone = words.waits(query, now)
        late = (
            f"the answer is {due.removesuffix(' over')} late"
            if tone == "bad"
            else f"its answer is due in {due}"
        )
        return (
            f"Asked of {provider} {moment(query.asked_at, zone)}; {late}."
            f" It runs out {moment(query.expires_at, zone)}."
        )
    if query.state == QueryStatus.ANSWERED and query.answered_at:
        return (
            f"Answered by {provider} {moment(query.answered_at, zone)}. It closes when the codes are final."
        )
    if query.state == QueryStatus.CLOSED and query.ended_at:
        return f"Closed {moment(query.ended_at, zone)}."
    if query.state == QueryStatus.CANCELLED and query.ended_at:
        reason = CancelReason(query.cancel_reason).label
        return f"Cancelled {moment(query.ended_at, zone)}: {str(reason).lower()}."
    if query.state == QueryStatus.EXPIRED and query.ended_at:
        return f"Ran out {moment(query.ended_at, zone)} without an answer."
    return f"Not sent. It is meant for {provider}."


def facts_of(query: CdiQuery, about: str, zone: str, *, inside: bool) -> tuple[tuple[str, str], ...]:
    """Who, whom, when and about what; what is not known is left out.  Outside, the author is the team."""
    author = query.author.full_name if inside else CODERS
    if query.author_credential:
        author = f"{author}, {query.author_credential}"
    version = f", version {query.template_version}" if query.template_version else ""
    verbal = from_json(query.content).verbal
    found = (
        ("Provider", query.provider.name if query.provider else ""),
        ("Author", author),
        ("Template", f"{about}{version}" if query.template_key else "None"),
        ("Specialty", query.specialty.name if query.specialty else ""),
        ("Asked", str(Channel(query.channel).label) if query.sent_at else ""),
        ("Asked of", verbal.asked_of if verbal else ""),
        ("Asked by", (verbal.asked_by if inside else CODERS) if verbal else ""),
        ("Asked on", chart_words.day(verbal.asked_on) if verbal else ""),
        ("Sent", moment(query.sent_at, zone) if query.sent_at else ""),
        ("Codes when sent", "Final" if query.is_retrospective else "Not final" if query.sent_at else ""),
        ("Chart on hold", _hold(query, zone)),
    )
    return tuple((name, value) for name, value in found if value)


def _hold(query: CdiQuery, zone: str) -> str:
    """``From … to …``; the coder's clock stands still in between."""
    if query.pend is None:
        return "No" if query.sent_at and not query.is_retrospective else ""
    begun = chart_words.moment(query.pend.opened_at, zone)
    if query.pend.closed_at is None:
        return f"Since {begun}"
    return f"From {begun} to {chart_words.moment(query.pend.closed_at, zone)}"


def question_of(query: CdiQuery, answer: QueryAnswer | None) -> AsSent:
    """The words as they were frozen, the chosen answer marked."""
    content = from_json(query.content)
    view = question_view(content, wording())
    chosen = answer.option_id if answer else ""
    return AsSent(
        title=view.title or "No title yet",
        paragraphs=view.paragraphs,
        indicators=view.indicators,
        options=tuple(AskedOption(one.text, bool(chosen) and one.id == chosen) for one in view.options),
        digest=bytes(query.content_sha256).hex() if query.content_sha256 else "",
    )


def answer_of(query: CdiQuery, answer: QueryAnswer | None, chart_href: str, zone: str) -> GivenAnswer | None:
    """The answer to the letter; ``chart_href`` is empty for who may not open the chart."""
    if answer is None:
        return None
    document = query.answer_document_id
    return GivenAnswer(
        outcome=words.outcome(query),
        option=answer.option_text or "",
        words=answer.words or "",
        who=answer.by_name,
        how=str(AnsweredBy(answer.answered_by).label),
        at=moment(answer.at, zone),
        digest=bytes(answer.sha256).hex(),
        document_href=f"{chart_href}?version={document}" if chart_href and document else "",
    )


def steps_of(
    query: CdiQuery, steps: Sequence[QueryStep], client: ReachedClient, *, inside: bool
) -> tuple[StepRow, ...]:
    """Every step in order.  Outside, the vendor's people are one team, and their notes stay inside."""
    return tuple(_step(query, one, client, inside) for one in steps)


def _step(query: CdiQuery, one: QueryStep, client: ReachedClient, inside: bool) -> StepRow:
    theirs = one.role in CLIENT_ROLES
    kind = StepKind(one.kind)
    return StepRow(
        at=moment(one.at, client.timezone),
        iso=one.at.isoformat(),
        icon=words.PICTURES[kind],
        who=one.by_name if inside or theirs else (CODERS if one.by_id else SYSTEM),
        what=str(kind.label),
        details=tuple(part for part in _details(query, one, inside) if part),
        note=one.note or "" if inside or theirs else "",
    )


def _details(query: CdiQuery, one: QueryStep, inside: bool) -> tuple[str, ...]:
    facts: dict[str, Any] = one.facts
    if one.kind == StepKind.ESCALATED:
        return (_escalated(query, facts, inside),)
    if one.kind == StepKind.ANSWERED:
        return (
            str(QueryOutcome(facts["outcome"]).label) if facts.get("outcome") else "",
            str(AnsweredBy(facts["by"]).label) if facts.get("by") else "",
        )
    if one.kind == StepKind.CANCELLED:
        return (str(CancelReason(facts["reason"]).label) if facts.get("reason") else "",)
    if one.kind == StepKind.DELIVERED:
        return (ROUTES.get(facts.get("route", ""), "through the client's inbox"),)
    if one.kind in (StepKind.SENT, StepKind.REDIRECTED, StepKind.RENEWED, StepKind.REMINDED):
        return (f"to {one.provider.name}" if one.provider else "",)
    return ()


def _escalated(query: CdiQuery, facts: dict[str, Any], inside: bool) -> str:
    """The advisor may be one of the vendor's people, so their name stays inside."""
    advisor = query.advisor.full_name if query.advisor and inside else "the advisor"
    if "told" in facts:
        return f"mailed to {advisor}"
    if facts.get("level") == Level.ADVISOR:
        return f"to {advisor}" if facts.get("advisor") else "no advisor is named"
    return "the provider is reminded"


def lint_of(query: CdiQuery) -> tuple[LintRow, ...]:
    """What the lint said when it was sent, with the reasons for what was let stand."""
    if not query.lint:
        return ()
    kept = json.loads(query.lint)
    reasons: dict[str, str] = kept.get("reasons", {})
    return tuple(
        LintRow(
            rule=one["rule"],
            message=one["message"],
            words=(one.get("span") or {}).get("text", ""),
            reason=reasons.get(one["rule"], ""),
        )
        for one in kept["findings"]
    )


def impacts_of(query: CdiQuery) -> str:
    """``DRG, Severity level``; for the vendor's people alone."""
    return ", ".join(str(Impact(one).label) for one in query.impacts)
