"""``/c/<client>/claims/reasons/``: the contract's own reading of reasons over the built-in map."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from claims.access.roles import LEADERS
from claims.actions.reasons import Reading, add_reading, checked, end_reading
from claims.classify_command import editions
from claims.models import ReasonRule
from claims.rules.category_words import CATEGORY_WORDS
from claims.rules.classify import GROUPS, UNMAPPED, edition_on
from claims.rules.reason_reading import ContractRow
from claims.selectors.claim_list import payers
from claims.selectors.reason_effect import LOOK_BACK_DAYS, Effect, effect_of, unmapped_reasons
from claims.terms.denials import status_map
from claims.views.claims.words import dollars
from claims.views.denials.words import GROUP_WORDS, denials_href
from claims.views.reasons.dto import EffectRow, ReadingRow, ReasonsPage, Typed, UnmappedRow
from claims.views.tabs import ROOMS, claim_tabs, claims_href
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField

NAMES: Final = ("payer", "group_code", "carc", "rarc", "category", "starts_on", "ends_on", "reason")
READERS: Final = next(room.roles for room in ROOMS if room.key == "reasons")
MOST_UNMAPPED: Final = 20
MOST_ROWS: Final = 500


@require_http_methods(["GET", "POST"])
@for_client
def reasons(request: HttpRequest) -> HttpResponse:
    """GET: the readings; ``carc`` and ``group_code`` fill the form.  POST ``preview``: what the typed reading
    would change; without it the reading is saved."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    if actor.role not in READERS:
        raise NotFound
    if request.method == "GET":
        given = {name: request.GET.get(name, "")[:8] for name in ("carc", "group_code")}
        return _page(request, given | {"starts_on": f"{today:%m/%d/%Y}"}, {})
    if actor.role not in LEADERS:
        raise NotAllowed("A leader sets how a contract reads reasons.", code="reason.leader")
    values = {name: request.POST.get(name, "").strip() for name in NAMES}
    try:
        wanted = _typed(values, today)
        if request.POST.get("preview"):
            whole = checked(client.id, wanted)
            return _page(request, values, {}, effect_of(client.id, _as_row(whole, today), today))
        row = add_reading(actor=actor, client_id=client.id, wanted=wanted, now=timezone.now())
    except InvalidInput as error:
        return _page(request, values, error.details["fields"])
    except Conflict as error:
        return _page(request, values, {"starts_on": error.message})
    messages.success(request, f"CARC {row.carc} is read as “{CATEGORY_WORDS[row.category]}” from now on.")
    return leave(request, reasons_href(client.slug))


@require_POST
@for_client
def end(request: HttpRequest, reason_id: uuid.UUID) -> HttpResponse:
    """``ends_on``: the last day of a reading."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    if actor.role not in READERS:
        raise NotFound
    name = f"ends_on-{reason_id}"
    try:
        ends_on = _day(request.POST.get("ends_on", ""), today, "ends_on")
        row = end_reading(actor=actor, client_id=client.id, reason_id=reason_id, ends_on=ends_on)
    except InvalidInput as error:
        return _page(request, {}, {name: error.details["fields"]["ends_on"]})
    messages.success(request, f"The reading of CARC {row.carc} ends on {row.ends_on:%m/%d/%Y}.")
    return leave(request, reasons_href(client.slug))


def reasons_href(slug: str) -> str:
    """``/c/<client>/claims/reasons/``"""
    return f"{claims_href(slug)}reasons/"


def _typed(values: Mapping[str, str], today: date) -> Reading:
    try:
        payer = uuid.UUID(values["payer"]) if values["payer"] else None
    except ValueError as error:
        raise NotFound from error
    return Reading(
        payer_id=payer,
        group_code=values["group_code"],
        carc=values["carc"],
        rarc=values["rarc"],
        category=values["category"],
        starts_on=_day(values["starts_on"], today, "starts_on"),
        ends_on=_day(values["ends_on"], today, "ends_on"),
        reason=values["reason"],
    )


def _day(text: str, today: date, name: str) -> date | None:
    try:
        found: date | None = DayField(today, required=False).clean(text)
    except forms.ValidationError as error:
        words = str(error.messages[0])
        raise InvalidInput(words, code="reason.invalid", details={"fields": {name: words}}) from error
    return found


def _as_row(wanted: Reading, today: date) -> ContractRow:
    return ContractRow(
        uuid7(), wanted.payer_id, wanted.group_code, wanted.carc, wanted.rarc, wanted.category,
        wanted.starts_on or today, wanted.ends_on,
    )  # fmt: skip


def _page(
    request: HttpRequest, values: Mapping[str, str], errors: Mapping[str, str], effect: Effect | None = None
) -> HttpResponse:
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    base = reasons_href(client.slug)
    page = ReasonsPage(
        action=base,
        map_words=_map_words(today),
        rows=_rows(client.id, base, today, actor),
        unmapped=tuple(
            UnmappedRow(
                f"{group} {carc}".strip(),
                f"{count:,}",
                dollars(amount),
                f"?carc={carc}&group_code={group}#add" if actor.role in LEADERS else "",
                f"{denials_href(client.slug)}?group=all&category={UNMAPPED}&carc={carc}",
            )
            for group, carc, count, amount in unmapped_reasons(client.id, today, MOST_UNMAPPED)
        ),
        typed=_form(client.id, values),
        may_edit=actor.role in LEADERS,
        effect_words=_effect_words(effect),
        effect=_effect_rows(effect),
    )
    context = {"page": page, "errors": errors, "tabs": claim_tabs(actor.role, client.slug, "reasons")}
    return render(request, "claims/reasons.html", context, status=422 if errors else 200)


def _map_words(today: date) -> str:
    edition = edition_on(editions(), today)
    told = f"Built-in map {edition.id}: {edition.source}." if edition else "No built-in map holds today."
    stated = status_map()
    return f"{told} Rejections (277CA): {stated.source} ({stated.status})."


def _rows(client_id: int, base: str, today: date, actor: Actor) -> tuple[ReadingRow, ...]:
    rows = (
        ReasonRule.objects.filter(client_id=client_id)
        .select_related("payer", "made_by")
        .order_by("carc", "rarc", "group_code", "-starts_on")[:MOST_ROWS]
    )
    return tuple(_row(one, base, today, actor) for one in rows)


def _row(one: ReasonRule, base: str, today: date, actor: Actor) -> ReadingRow:
    is_over = one.ends_on is not None and one.ends_on < today
    standing, tone = ("Ended", "line") if is_over else ("In force", "ok")
    if one.starts_on > today:
        standing, tone = "Later", "info"
    remark = f", remark {one.rarc}" if one.rarc else ""
    edition = edition_on(editions(), today)
    ends = f"{one.ends_on:%m/%d/%Y}" if one.ends_on else "further notice"
    return ReadingRow(
        key=str(one.pk),
        reason=f"{one.group_code} {one.carc}{remark}".strip(),
        payer=one.payer.name if one.payer else "Every payer",
        kind=CATEGORY_WORDS[one.category],
        before=CATEGORY_WORDS[edition.carc.get(one.carc, UNMAPPED)] if edition else CATEGORY_WORDS[UNMAPPED],
        days=f"{one.starts_on:%m/%d/%Y} to {ends}",
        standing=standing,
        tone=tone,
        clause=one.reason,
        by=one.made_by.full_name,
        end_action=f"{base}{one.pk}/end/" if actor.role in LEADERS and not is_over else "",
        ends_on=f"{max(today, one.starts_on):%m/%d/%Y}",
    )


def _form(client_id: int, values: Mapping[str, str]) -> Typed:
    def choices(name: str, first: str, pairs: list[tuple[str, str]]) -> tuple[Choice, ...]:
        chosen = values.get(name, "")
        return (
            Choice("", first, not chosen),
            *(Choice(value, label, value == chosen) for value, label in pairs),
        )

    return Typed(
        payers=choices("payer", "Every payer", [(str(one.pk), one.name) for one in payers(client_id)]),
        groups=choices("group_code", "Every group", [(one, f"{one}, {GROUP_WORDS[one]}") for one in GROUPS]),
        kinds=choices("category", "Choose", list(CATEGORY_WORDS.items())),
        carc=values.get("carc", ""),
        rarc=values.get("rarc", ""),
        starts_on=values.get("starts_on", ""),
        ends_on=values.get("ends_on", ""),
        reason=values.get("reason", ""),
    )


def _effect_words(effect: Effect | None) -> str:
    if effect is None:
        return ""
    cut = "" if effect.is_whole else " Only the first 5,000 kinds of them were looked at."
    if not effect.matched_count:
        return f"No denial received in the last {LOOK_BACK_DAYS} days would be read by it.{cut}"
    moved = sum(one.count for one in effect.changes)
    return (
        f"Of the denials of the last {LOOK_BACK_DAYS} days it would read {effect.matched_count:,};"
        f" {moved:,} of them would be of another kind. What is posted keeps its kind: this holds for files"
        f" read from now on.{cut}"
    )


def _effect_rows(effect: Effect | None) -> tuple[EffectRow, ...]:
    if effect is None:
        return ()
    return tuple(
        EffectRow(
            f"{CATEGORY_WORDS[one.before]} → {CATEGORY_WORDS[one.after]}",
            f"{one.count:,}",
            dollars(one.amount),
        )
        for one in effect.changes
    )
