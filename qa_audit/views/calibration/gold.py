"""``…/calibration/gold/``: keys written ahead of the coder, settled charts for reviewers, comparisons."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.core.statistics import interval
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.actions.gold import decide_difference
from qa_audit.actions.gold_keys import begin_key, save_key, void_gold
from qa_audit.calibration_access import open_check, open_gold, require_gold
from qa_audit.models import GoldChart, GoldCheck
from qa_audit.models.calibration import CheckState, GoldSide, GoldSource, GoldState
from qa_audit.rules.gold import CONFIDENCE, Decision, needs_decision
from qa_audit.rules.key_text import typed_key
from qa_audit.rules.lines import shown
from qa_audit.rules.verdict_words import verdict_tone, verdict_words
from qa_audit.selectors.calibration import texts_of
from qa_audit.views.calibration import words
from qa_audit.views.calibration.dto import (
    CheckList,
    CheckPage,
    CheckRow,
    DifferenceRow,
    GoldList,
    GoldRow,
    KeyLine,
    KeyPage,
)
from qa_audit.views.tabs import quality_tabs

DECISIONS = {
    Decision.OPEN: "",
    Decision.STANDS: "The key is right",
    Decision.KEY_WRONG: "The key was wrong",
}
KEY_NOTES = {
    GoldState.DRAFT: "Nobody is measured before the key is finished.",
    GoldState.READY: "The chart waits in line like any other. Its first final version will be compared.",
    GoldState.CHECKED: "",
    GoldState.HANDED: "The codes that the review settled on.",
    GoldState.VOID: "",
}


@require_http_methods(["GET", "POST"])
@for_client
def charts(request: HttpRequest) -> HttpResponse:
    """``?state=``, ``page``; a POST begins a key for ``visit``."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = begin_key(actor=actor, client_id=client.id, visit=request.POST.get("visit", ""))
        except (InvalidInput, Refused) as error:
            errors = {"visit": error.message}
        else:
            return leave(request, f"{words.base_href(client.slug)}gold/{made.pk}/")
    context = {
        "page": _gold_list(request, client),
        "errors": errors,
        "tabs": quality_tabs(actor.role, client.slug, "calibration"),
    }
    return render(request, "qa_audit/gold.html", context, status=422 if errors else 200)


def _gold_list(request: HttpRequest, client: ReachedClient) -> GoldList:
    base = words.base_href(client.slug)
    state = request.GET.get("state", "")
    number = words.page_number(request.GET.get("page", ""))
    found = GoldChart.objects.filter(client_id=client.id)
    if state in GoldState.values:
        found = found.filter(state=state)
    start = (number - 1) * words.PAGE_ROWS
    rows = list(
        found.select_related("encounter", "made_by")
        .annotate(check_count=Count("checks"))
        .order_by("-made_at", "-pk")[start : start + words.PAGE_ROWS + 1]
    )
    kept = {"state": state} if state else {}
    return GoldList(
        base=base,
        href=f"{base}gold/",
        states=(
            Choice("", "All", state == "", f"{base}gold/"),
            *(
                Choice(value, str(label), value == state, f"{base}gold/?state={value}")
                for value, label in GoldState.choices
            ),
        ),
        rows=tuple(
            GoldRow(
                href=f"{base}gold/{one.pk}/",
                visit=one.encounter.external_id,
                source=words.SOURCES[one.source],
                state=str(one.get_state_display()),
                tone=words.GOLD_TONES[GoldState(one.state)],
                codes=str(len(one.key)),
                made=f"{moment(one.made_at, client.timezone)} by {one.made_by.full_name}",
                checks=str(one.check_count),
            )
            for one in rows[: words.PAGE_ROWS]
        ),
        visit=request.POST.get("visit", ""),
        empty_words="No gold chart of this kind.",
        next_page_href=_turned(kept, number + 1) if len(rows) > words.PAGE_ROWS else "",
        previous_page_href=_turned(kept, number - 1) if number > 1 else "",
    )


def _turned(kept: Mapping[str, str], number: int) -> str:
    return f"?{urlencode({**kept, 'page': number})}"


# --- one key -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@for_client
def key(request: HttpRequest, gold_id: uuid.UUID) -> HttpResponse:
    """The key beside the note; a POST saves it, ``do=ready`` finishes it."""
    actor, client = actor_of(request), client_of(request)
    gold = open_gold(actor=actor, client_id=client.id, gold_id=gold_id)
    errors: dict[str, str] = {}
    problems: Sequence[tuple[int, str]] = ()
    if request.method == "POST":
        is_ready = request.POST.get("do") == "ready"
        try:
            save_key(actor=actor, gold=gold, typed=request.POST.get("key", ""), is_ready=is_ready)
        except InvalidInput as error:
            errors, problems = {"key": error.message}, error.details.get("lines", ())
        except Refused as error:
            errors = {"": error.message}
        else:
            messages.success(request, "The key is finished." if is_ready else "The key is saved.")
            return leave(request, f"{words.base_href(client.slug)}gold/{gold.pk}/")
    context = {
        "page": _key_page(request, client, gold),
        "errors": errors,
        "problems": problems,
        "tabs": quality_tabs(actor.role, client.slug, "calibration"),
    }
    return render(request, "qa_audit/gold_key.html", context, status=422 if errors else 200)


def _key_page(request: HttpRequest, client: ReachedClient, gold: GoldChart) -> KeyPage:
    base = words.base_href(client.slug)
    may_write = gold.state == GoldState.DRAFT
    places = words.Places(gold.encounter)
    cited = [spot for line in gold.key for spot in line["evidence"]] if gold.source == GoldSource.KEY else []
    sent = request.POST if request.method == "POST" else None
    made = f"{moment(gold.made_at, client.timezone)} by {gold.made_by.full_name}"
    return KeyPage(
        base=base,
        href=f"{base}gold/{gold.pk}/",
        visit=gold.encounter.external_id,
        summary=f"{words.SOURCES[gold.source]}, begun {made}",
        state=str(gold.get_state_display()),
        tone=words.GOLD_TONES[GoldState(gold.state)],
        note=gold.void_reason or KEY_NOTES[GoldState(gold.state)],
        may_write=may_write,
        may_void=gold.state in (GoldState.DRAFT, GoldState.READY),
        typed=sent.get("key", "")
        if sent
        else (typed_key(gold.key, texts_of(gold.encounter)) if may_write else ""),
        lines=()
        if may_write
        else tuple(
            KeyLine(
                shown(line),
                line.get("title", ""),
                places.words(line["evidence"]) if isinstance(line["evidence"], list) else (),
            )
            for line in gold.key
        ),
        documents=words.texts_shown(gold.encounter, cited),
        checks=_check_rows(client, base, _checks(client.id).filter(gold=gold)),
    )


@require_POST
@for_client
def void(request: HttpRequest, gold_id: uuid.UUID) -> HttpResponse:
    """Takes a key out of use: ``reason``."""
    actor, client = actor_of(request), client_of(request)
    gold = open_gold(actor=actor, client_id=client.id, gold_id=gold_id)
    void_gold(actor=actor, gold=gold, reason=request.POST.get("reason", "")[:300])
    messages.success(request, "The key is not used any more.")
    return leave(request, f"{words.base_href(client.slug)}gold/")


# --- comparisons ---------------------------------------------------------------------------------------


def _checks(client_id: int) -> Any:
    return (
        GoldCheck.objects.filter(client_id=client_id)
        .select_related("gold__encounter", "person")
        .order_by("-made_at", "-pk")
    )


def _check_rows(client: ReachedClient, base: str, checks: Sequence[GoldCheck]) -> tuple[CheckRow, ...]:
    return tuple(
        CheckRow(
            href=f"{base}gold/checks/{one.pk}/",
            visit=one.gold.encounter.external_id,
            person=one.person.full_name,
            side=words.SIDES[one.side],
            score=f"{one.numerator} of {words.count(one.denominator, 'line')}"
            if one.denominator
            else words.DASH,
            state=str(one.get_state_display()),
            tone=words.CHECK_TONES[CheckState(one.state)],
            compared=moment(one.compared_at, client.timezone) if one.compared_at else words.DASH,
        )
        for one in checks
    )


@require_GET
@for_client
def checks(request: HttpRequest) -> HttpResponse:
    """``?side=``, ``person=``, ``state=``, ``page``: the rows behind a gold score."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    base = words.base_href(client.slug)
    kept = {name: request.GET[name] for name in ("side", "person", "state") if request.GET.get(name)}
    found = _checks(client.id)
    if kept.get("side") in GoldSide.values:
        found = found.filter(side=kept["side"])
    if kept.get("state") in CheckState.values:
        found = found.filter(state=kept["state"])
    person = kept.get("person", "")
    if person.isdecimal() and len(person) < 10:
        found = found.filter(person_id=int(person))
    number = words.page_number(request.GET.get("page", ""))
    start = (number - 1) * words.PAGE_ROWS
    rows = list(found[start : start + words.PAGE_ROWS + 1])
    others = {name: value for name, value in kept.items() if name != "state"}
    page = CheckList(
        base=base,
        heading=f"Gold charts of {rows[0].person.full_name}" if person and rows else "Compared with a key",
        states=tuple(
            Choice(value, label, value == kept.get("state", ""), f"?{urlencode({**others, 'state': value})}")
            for value, label in (("", "All"), *((v, str(label)) for v, label in CheckState.choices))
        ),
        rows=_check_rows(client, base, rows[: words.PAGE_ROWS]),
        empty_words="Nobody was compared with a key here.",
        next_page_href=_turned(kept, number + 1) if len(rows) > words.PAGE_ROWS else "",
        previous_page_href=_turned(kept, number - 1) if number > 1 else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "calibration")}
    return render(request, "qa_audit/gold_checks.html", context)


@require_http_methods(["GET", "POST"])
@for_client
def check(request: HttpRequest, gold_check_id: uuid.UUID) -> HttpResponse:
    """One person's codes beside the key; a POST decides line ``number``: ``decision``, ``why``."""
    actor, client = actor_of(request), client_of(request)
    found = open_check(actor=actor, client_id=client.id, check_id=gold_check_id)
    error: tuple[int, str] | None = None
    if request.method == "POST":
        number = request.POST.get("number", "")
        if not number.isdecimal() or len(number) > 4:
            raise NotFound
        try:
            decide_difference(
                actor=actor,
                check=found,
                number=int(number),
                decision=_decision(request.POST.get("decision", "")),
                why=request.POST.get("why", "")[:300],
            )
        except (InvalidInput, Refused) as refused:
            error = (int(number), refused.message)
        else:
            return leave(request, f"{words.base_href(client.slug)}gold/checks/{found.pk}/")
    context = {
        "page": _check_page(client, found),
        "error": error,
        "tabs": quality_tabs(actor.role, client.slug, "calibration"),
    }
    return render(request, "qa_audit/gold_check.html", context, status=422 if error else 200)


def _decision(text: str) -> Decision:
    return Decision(text) if text in (Decision.STANDS, Decision.KEY_WRONG) else Decision.OPEN


def _check_page(client: ReachedClient, found: GoldCheck) -> CheckPage:
    base, encounter = words.base_href(client.slug), found.gold.encounter
    score = interval(found.numerator, found.denominator, confidence=CONFIDENCE) if found.denominator else None
    open_lines = sum(needs_decision(line) for line in found.lines)
    return CheckPage(
        base=base,
        href=f"{base}gold/checks/{found.pk}/",
        heading=f"{found.person.full_name}, visit {encounter.external_id}",
        visit=encounter.external_id,
        chart_href=f"/c/{client.slug}/encounters/{encounter.pk}/",
        gold_href=f"{base}gold/{found.gold_id}/",
        review_href=f"/c/{client.slug}/quality/reviews/{found.review_id}/" if found.review_id else "",
        side=words.SIDES[found.side],
        score=f"{found.numerator} of {words.count(found.denominator, 'line')}, "
        f"{words.percent(score.rate if score else None)}"
        if found.denominator
        else "Not compared yet",
        interval=f"95% interval {words.between(score)}" if score else "",
        state=str(found.get_state_display()),
        tone=words.CHECK_TONES[CheckState(found.state)],
        summary=f"{words.count(open_lines, 'difference')} to decide. The score counts once all are."
        if open_lines
        else "",
        lines=_differences(found),
    )


def _differences(found: GoldCheck) -> tuple[DifferenceRow, ...]:
    places = words.Places(found.gold.encounter)
    given = {}
    if found.side == GoldSide.CODER and found.revision is not None:
        given = {(row["kind"], row["position"]): row for row in found.revision.codes}
    rows = []
    for line in found.lines:
        ours, right = line["given"], line["key"]
        stored = given.get((ours["kind"], ours["position"])) if ours else None
        rows.append(
            DifferenceRow(
                number=line["number"],
                verdict=verdict_words(line["verdict"]),
                tone=verdict_tone(line["verdict"]),
                given=words.line_name(ours),
                given_words=places.words(_spots(stored)),
                key=words.line_name(right),
                key_words=places.words(right["evidence"])
                if right and isinstance(right["evidence"], list)
                else (),
                decision=DECISIONS[Decision(line["decision"])] + (f": {line['why']}" if line["why"] else ""),
                may_decide=needs_decision(line),
            )
        )
    return tuple(rows)


def _spots(row: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Evidence of a stored code as a key's: it lies in the version it names, found or lost later."""
    links = row["evidence"] if row else ()
    return [
        {"version": link["document_version"], "start": link["start"], "end": link["end"]} for link in links
    ]
