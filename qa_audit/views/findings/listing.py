"""Lists of findings: a client's by who is awaited, and a coder's own across clients."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from qa_audit.access import DECIDERS, LEADERS, VENDOR_REVIEWERS, reviews_in_reach
from qa_audit.exchange_terms import exchange_terms
from qa_audit.models import AuditLine, Review
from qa_audit.models.reviews import HIDDEN_ORIGINS, Cause
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.exchange import Turn, turn_of, verdict
from qa_audit.rules.exchange import Verdict as Judged
from qa_audit.rules.lines import shown
from qa_audit.rules.review_states import LineState, ReviewState
from qa_audit.rules.verdict_words import verdict_words
from qa_audit.selectors.findings import PAGE_ROWS, Asked, ReviewerRow, findings_in, is_late, reviewers_of
from qa_audit.views.findings import words
from qa_audit.views.findings.dto import Chip, FindingList, FindingRow, OverturnPage, OverturnRow
from qa_audit.views.tabs import own_tabs, quality_tabs

READERS = VENDOR_REVIEWERS | {Role.CODER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR}
SOON = timedelta(days=2)
PEOPLE = ("coder", "reviewer")
OWN_TURNS = ((Turn.CODER.value, "Waits for me"), ("", "All"))
TURNS = (
    ("", "All"),
    (Turn.CODER.value, "Waits for the coder"),
    (Turn.REVIEWER.value, "Waits for the reviewer"),
    (Turn.THIRD.value, "Waits for a third person"),
)
NOTHING = {
    "": "No finding fits this filter.",
    Turn.CODER.value: "No finding waits for its coder.",
    Turn.REVIEWER.value: "No rebuttal waits for its reviewer.",
    Turn.THIRD.value: "No finding waits for a third person.",
}


@require_GET
@for_client
def findings(request: HttpRequest) -> HttpResponse:
    """``turn`` (coder, reviewer, third), ``state``, ``verdict``, ``cause``, people by id, ``page``."""
    actor, client = actor_of(request), client_of(request)
    if actor.role not in READERS:
        raise NotFound
    asked, kept = _asked(request)
    reviews = reviews_in_reach(actor, client.id)
    found, number, more = _turned(findings_in(reviews, [client.id], asked), request)
    today = today_of(request)
    base = f"/c/{client.slug}/quality/findings/"
    rows = tuple(_row(line, client.slug, today) for line in found)
    page = FindingList(
        heading="Findings",
        lead="What reviewers found, what coders answered, and what waits for whom.",
        summary=_summary(rows, more),
        href=base,
        turns=tuple(
            Chip(label, _query({**kept, "turn": value, "state": ""}), value == asked.turn)
            for value, label in TURNS
        ),
        rows=rows,
        empty_words=NOTHING[asked.turn],
        turn=asked.turn,
        states=_choices(words.STATES.items(), asked.state, skip=LineState.DRAFT),
        verdicts=_choices(
            ((one, f"{one.value} {verdict_words(one)}") for one in Verdict if one is not Verdict.AGREE),
            asked.verdict,
        ),
        causes=_choices(Cause.choices, asked.cause),
        kept=tuple((name, kept[name]) for name in PEOPLE if kept[name]),
        shows_coder=actor.is_vendor and actor.role != Role.CODER,
        shows_reviewer=actor.is_vendor,
        reviewers_href=f"{base}reviewers/" if actor.role in DECIDERS else "",
        previous_page_href=_query({**kept, "page": str(number - 1)}) if number > 1 else "",
        next_page_href=_query({**kept, "page": str(number + 1)}) if more else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "findings")}
    return render(request, "qa_audit/findings.html", context)


@require_GET
def own_findings(request: HttpRequest) -> HttpResponse:
    """``/work/findings/``: a coder's own findings across clients, those that are due first."""
    reach: Reach = request.reach  # type: ignore[attr-defined]
    coding = reach.in_role(Role.CODER)
    if not coding:
        raise NotAllowed("Only coders have findings of their own.", code="findings.not_a_coder")
    turn = Turn.CODER.value if request.GET.get("show") != "all" else ""
    clients = {client.id: client for client in coding}
    actor = reach.actor(Role.CODER, request.request_id)  # type: ignore[attr-defined]
    reviews = Review.objects.none()
    for client_id in clients:
        reviews = reviews | reviews_in_reach(actor, client_id)
    asked = Asked(turn=turn)
    found, number, more = _turned(findings_in(reviews, list(clients), asked), request)
    rows = tuple(_row(line, *_place(clients[line.client_id])) for line in found)
    show = "" if turn else "all"
    page = FindingList(
        heading="My findings",
        lead="What reviewers found on charts you coded. Accept a finding, or rebut it with a citation.",
        summary=_summary(rows, more),
        href="/work/findings/",
        turns=tuple(
            Chip(label, "?show=" if value else "?show=all", value == turn) for value, label in OWN_TURNS
        ),
        rows=rows,
        empty_words="No finding waits for you." if turn else "No review of your charts has found anything.",
        turn=turn,
        show_client=len(clients) > 1,
        previous_page_href=_query({"show": show, "page": str(number - 1)}) if number > 1 else "",
        next_page_href=_query({"show": show, "page": str(number + 1)}) if more else "",
    )
    return render(request, "qa_audit/findings.html", {"page": page, "tabs": own_tabs("findings")})


@require_GET
@for_client
def reviewers(request: HttpRequest) -> HttpResponse:
    """How often each reviewer's findings fell; ``days`` is one of the spans of ``data/exchange.toml``."""
    actor, client = actor_of(request), client_of(request)
    if actor.role not in DECIDERS:
        raise NotFound
    terms = exchange_terms()
    asked = request.GET.get("days", str(terms.spans[0]))
    days = next((span for span in terms.spans if str(span) == asked), None)
    if days is None:
        raise NotFound
    reviews = reviews_in_reach(actor, client.id)
    if actor.role in LEADERS:
        # Nobody answers the findings of gold and calibration reviews: they lapse, and would flatter the rate.
        # A reviewer's own stay in what they see themselves, which must not tell these from others.
        reviews = reviews.exclude(origin__in=HIDDEN_ORIGINS)
    found = reviewers_of(
        reviews,
        client.id,
        since=timezone.now() - timedelta(days=days),
        confidence=terms.confidence,
    )
    at_most = f"{terms.overturned_at_most * 100:.0f}%"
    page = OverturnPage(
        heading="Reviewers",
        lead="How many of a reviewer's findings a third person or a manager overturned.",
        spans=tuple(Chip(f"{span} days", f"?days={span}", span == days) for span in terms.spans),
        rows=tuple(_overturns(row, client.slug) for row in found),
        footnote=(
            f"Overturned, of findings settled on reviews closed in the last {days} days; the target is at "
            f"most {at_most}. Intervals are {terms.confidence * 100:.0f}%, Wilson. Met and missed are said "
            f"only when the whole interval lies on one side; below {terms.minimum_findings} findings nothing "
            "is judged. "
            "A withdrawn finding is shown apart and counts as settled. By name: this is no ranking."
        ),
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "findings")}
    return render(request, "qa_audit/overturns.html", context)


# --- parts ---------------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> tuple[Asked, dict[str, str]]:
    """The filters; a value that no list has is an address that does not exist."""
    names = ("turn", "state", "verdict", "cause", *PEOPLE)
    kept = {name: request.GET.get(name, "").strip() for name in names}
    lists: dict[str, Iterable[str]] = {
        "turn": [value for value, _ in TURNS],
        "state": [state.value for state in LineState],
        "verdict": [one.value for one in Verdict],
        "cause": Cause.values,
    }
    if any(kept[name] and kept[name] not in allowed for name, allowed in lists.items()):
        raise NotFound
    people = {name: int(kept[name]) if kept[name].isdecimal() else None for name in PEOPLE}
    if any(kept[name] and (people[name] is None or len(kept[name]) > 12) for name in PEOPLE):
        raise NotFound
    asked = Asked(kept["turn"], kept["state"], kept["verdict"], kept["cause"], **people)
    return asked, kept


def _turned(lines: QuerySet[AuditLine], request: HttpRequest) -> tuple[list[AuditLine], int, bool]:
    """One page of rows, its number, and whether there are more."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and 0 < int(text) < 10_000 else 1
    start = (number - 1) * PAGE_ROWS
    # Ids first: the order is found on narrow rows, and only one page of them is joined with the rest.
    ids = list(lines.values_list("pk", flat=True)[start : start + PAGE_ROWS + 1])
    return list(lines.filter(pk__in=ids[:PAGE_ROWS])), number, len(ids) > PAGE_ROWS


def _query(values: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _choices(pairs: Iterable[tuple[str, str]], chosen: str, skip: str = "") -> tuple[Choice, ...]:
    return tuple(
        Choice(str(value), str(label), str(value) == chosen) for value, label in pairs if str(value) != skip
    )


def _summary(rows: tuple[FindingRow, ...], more: bool) -> str:
    if not rows:
        return ""
    late = sum(row.due_tone == "bad" for row in rows)
    shown_here = f"{len(rows)} {'finding' if len(rows) == 1 else 'findings'}"
    return shown_here + ("; more on the next page" if more else "") + (f", {late} past due" if late else "")


def _place(client: ReachedClient) -> tuple[str, date, str]:
    return client.slug, timezone.localdate(timezone=ZoneInfo(client.timezone)), client.name


def _row(line: AuditLine, slug: str, today: date, client: str = "") -> FindingRow:
    review, state = line.review, LineState(line.state)
    is_open = review.state == ReviewState.ANSWERING and turn_of(state) is Turn.CODER
    day: date | None = line.due if is_open else None  # type: ignore[attr-defined]
    tone = "bad" if is_open and is_late(line, today) else "warn" if day and day - today <= SOON else ""
    ours, theirs = shown(line.coder_line), shown(line.reviewer_line)
    return FindingRow(
        href=f"/c/{slug}/quality/reviews/{review.pk}/#f{line.number}",
        visit=review.encounter.external_id,
        client=client,
        verdict=words.verdict(line.verdict),
        codes=ours if ours == theirs else f"{ours or 'no code'} → {theirs or 'no code'}",
        cause=str(Cause(line.cause).label) if line.cause else "",
        state=words.STATES[state],
        tone=words.TONES.get(state, ""),
        due=f"{day:%m/%d/%Y}" if day else "",
        due_tone=tone,
        coder=review.coder.full_name,
        reviewer=review.reviewer.full_name if review.reviewer else "",
    )


def _overturns(row: ReviewerRow, slug: str) -> OverturnRow:
    terms, found = exchange_terms(), row.fallen
    judged = verdict(found, at_most=terms.overturned_at_most, minimum_n=terms.minimum_findings)
    rate = found.rate
    return OverturnRow(
        name=row.name,
        href=f"/c/{slug}/quality/findings/?reviewer={row.user_id}&state={LineState.OVERTURNED.value}",
        settled=f"{found.settled:,}",
        overturned=f"{found.overturned:,}",
        withdrawn=f"{found.withdrawn:,}",
        rate=f"{rate.rate * 100:.1f}%" if rate else "",
        interval=f"{rate.low * 100:.1f} to {rate.high * 100:.1f}%" if rate else "",
        verdict=judged.value.capitalize(),
        tone={Judged.MET: "ok", Judged.MISSED: "bad"}.get(judged, ""),
    )
