"""``…/setup/charges/``: what the client charges, by code and day; rows one by one or by file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from claims.actions.setup import SavedCharges, end_charge, save_charges
from claims.models import Charge
from claims.rules.charges import ChargeRow, RowProblem
from claims.rules.charges_csv import COLUMNS, dollars_of, read_charges, write_charges
from claims.selectors.setup import charges_page, every_charge
from claims.terms.setup import setup_terms
from claims.views.setup import words
from claims.views.setup.dto import BadRow, ChargeLine, ChargesPage, Field
from claims.views.setup.profile import require_setter_page
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import InvalidInput
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField
from encounters.views.paging import at_of, turn, turns

NOW = "now"
STANDINGS = (("", "All"), (NOW, "Hold today"))
ADD = {
    "code": ("Code", "", 5),
    "modifier": ("Modifier", "", 2),
    "amount": ("Dollars", "", 12),
    "revenue_code": ("Revenue code", "", 4),
    "starts_on": ("First day", "", 10),
    "ends_on": ("Last day", "", 10),
}


@require_GET
@for_client
def charges(request: HttpRequest) -> HttpResponse:
    """``code`` (how it begins), ``standing=now``, ``after``, ``before``."""
    return _page(request, {})


@require_POST
@for_client
def add(request: HttpRequest) -> HttpResponse:
    """One charge; one with a stored first day corrects that one."""
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    row, errors = _typed(request.POST, today_of(request))
    if row is None:
        return _page(request, errors)
    try:
        saved = save_charges(actor=actor, client_id=client.id, rows=[row])
    except InvalidInput as error:
        return _page(request, error.details["fields"])
    messages.success(request, _said(saved))
    return leave(request, f"{words.setup_href(client.slug)}charges/?code={row.code.strip().upper()}")


@require_POST
@for_client
def upload(request: HttpRequest) -> HttpResponse:
    """A file of charges: all of its rows, or none and what is wrong with each."""
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    try:
        text = _sent(request)
    except InvalidInput as error:
        return _page(request, {"file": error.message})
    found = read_charges(text, most_rows=setup_terms().most_rows)
    problems = list(found.problems)
    if not problems:
        try:
            saved = save_charges(actor=actor, client_id=client.id, rows=found.rows)
        except InvalidInput as error:
            problems = [replace(one, row=found.lines[one.row]) for one in error.details["rows"]]
        else:
            messages.success(request, _said(saved))
            return leave(request, f"{words.setup_href(client.slug)}charges/")
    lines = len({one.row for one in problems})
    said = f"No charge was saved: {lines:,} line{'' if lines == 1 else 's'} cannot stand. See below the form."
    return _page(request, {"file": said}, problems)


@require_POST
@for_client
def end(request: HttpRequest, charge_key: uuid.UUID) -> HttpResponse:
    """``last_on``: the last day on which a charge holds."""
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    try:
        last = DayField(today_of(request)).clean(request.POST.get("last_on", ""))
        charge = end_charge(actor=actor, client_id=client.id, charge_id=charge_key, last_on=last)
    except forms.ValidationError as error:
        return _page(request, {f"last-{charge_key}": str(error.messages[0])})
    except InvalidInput as error:
        return _page(request, {f"last-{charge_key}": next(iter(error.details["fields"].values()))})
    messages.success(request, f"{charge.code} ends on {words.day(charge.ends_on)}.")
    return leave(request, f"{words.setup_href(client.slug)}charges/?code={charge.code}")


@require_GET
@for_client
def download(request: HttpRequest) -> HttpResponse:
    """Every charge as the file that ``upload`` takes.  It holds no patient data."""
    client = client_of(request)
    require_setter_page(actor_of(request))
    rows = [
        ChargeRow(one.code, one.amount, one.starts_on, one.ends_on, one.modifier, one.revenue_code)
        for one in every_charge(client.id)
    ]
    answer = HttpResponse("".join(write_charges(rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="charges-{client.slug}.csv"'
    return answer


def _typed(post: Mapping[str, str], today: date) -> tuple[ChargeRow | None, dict[str, str]]:
    errors: dict[str, str] = {}
    amount = dollars_of(post.get("amount", ""))
    if amount is None:
        errors["amount"] = "Write dollars, as 135.00."
    days: dict[str, date | None] = {}
    for name in ("starts_on", "ends_on"):
        field = DayField(
            today, required=name == "starts_on", error_messages={"required": "Write the first day."}
        )
        try:
            days[name] = field.clean(post.get(name, ""))
        except forms.ValidationError as error:
            errors[name] = str(error.messages[0])
    first = days.get("starts_on")
    if errors or amount is None or first is None:
        return None, errors
    texts = {name: post.get(name, "") for name in ("code", "modifier", "revenue_code")}
    return ChargeRow(amount=amount, starts_on=first, ends_on=days["ends_on"], **texts), {}


def _sent(request: HttpRequest) -> str:
    """The text of the file.

    Raises:
        InvalidInput: none was chosen, it is too large, or it is no text.
    """
    sent, terms = request.FILES.get("file"), setup_terms()
    if not isinstance(sent, UploadedFile):
        raise InvalidInput("Choose a file first.", code="charges.no_file")
    if (sent.size or 0) > terms.most_bytes:
        raise InvalidInput(
            f"The file is larger than {terms.most_bytes // 1_000_000} MB.", code="charges.large"
        )
    try:
        return bytes(sent.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "The file is not text in UTF-8. Save it as CSV UTF-8.", code="charges.text"
        ) from error


def _page(
    request: HttpRequest, errors: Mapping[str, str], problems: Sequence[RowProblem] = ()
) -> HttpResponse:
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    require_setter_page(actor)
    base = f"{words.setup_href(client.slug)}charges/"
    kept = {"code": "", "standing": ""}
    if request.method == "GET":
        kept = {name: request.GET.get(name, "").strip() for name in kept}
    code = kept["code"].upper()[:5]
    found = charges_page(
        client.id, at_of(request.GET), code=code, on=today if kept["standing"] == NOW else None
    )
    previous, following = turns(found, kept)
    most = setup_terms().most_problems
    typed = request.POST if errors and "amount" in request.POST else {}
    page = ChargesPage(
        href=base,
        setup_href=words.setup_href(client.slug),
        download_href=f"{base}download/",
        add_action=f"{base}add/",
        upload_action=f"{base}upload/",
        columns=", ".join(COLUMNS),
        add=tuple(
            Field(name, label, str(typed.get(name, "")), help_, most_, css="day")
            for name, (label, help_, most_) in ADD.items()
        ),
        code=code,
        standings=_standings(kept),
        kept_standing=kept["standing"],
        rows=tuple(_line(one, base, today) for one in found.rows),
        empty_words="No charge fits this filter." if any(kept.values()) else "No charge yet.",
        summary=_summary(len(found.rows), found.has_next),
        bad_rows=_bad_rows(problems[:most]),
        bad_words=f"The first {most} of {len(problems):,} problems." if len(problems) > most else "",
        previous_page_href=previous,
        next_page_href=following,
    )
    context = {"page": page, "errors": errors, "tabs": claim_tabs(actor.role, client.slug, "setup")}
    return render(request, "claims/charges.html", context, status=422 if errors else 200)


def _standings(kept: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, label, value == kept["standing"], turn({**kept, "standing": value}) or "?")
        for value, label in STANDINGS
    )


def _bad_rows(problems: Sequence[RowProblem]) -> tuple[BadRow, ...]:
    return tuple(BadRow(str(one.row), one.field.replace("_", " "), one.message) for one in problems)


def _line(charge: Charge, base: str, today: date) -> ChargeLine:
    over = charge.ends_on is not None and charge.ends_on < today
    begins = charge.starts_on > today
    return ChargeLine(
        code=charge.code,
        modifier=charge.modifier,
        amount=words.dollars(charge.amount),
        revenue_code=charge.revenue_code,
        first=words.day(charge.starts_on),
        last=words.day(charge.ends_on),
        standing="Over" if over else "To come" if begins else "Holds",
        tone="" if over else "info" if begins else "ok",
        end_action="" if over else f"{base}{charge.pk}/end/",
        key=str(charge.pk),
    )


def _summary(count: int, more: bool) -> str:
    if not count:
        return ""
    tail = "; more on the next page" if more else ""
    return f"{count} charge{'' if count == 1 else 's'} by code{tail}"


def _said(saved: SavedCharges) -> str:
    parts = [
        f"{count:,} {word}"
        for count, word in (
            (saved.added, "added"),
            (saved.changed, "changed"),
            (saved.ended, "ended the day before the next begins"),
            (saved.same, "stood so already"),
        )
        if count
    ]
    return f"Charges: {', '.join(parts)}."
