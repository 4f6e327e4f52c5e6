"""``/work/code-sets/``: what is loaded, what is missing today, and what a release means for open charts.

Everybody of the vendor sees what is loaded; the impact is for who leads the work of a client, and of those
clients only. The list of charts shows visit numbers and no names, so it needs no read record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import BinaryIO, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from code_sets.actions.uploads import SentFile, send_release, systems_to_send
from code_sets.hcc_tables import model_years
from code_sets.models import ReleaseUpload, UploadStatus
from code_sets.release_status import (
    ReleaseLine,
    Standing,
    SystemStatus,
    loaded_releases,
    newest_uploads,
    statuses,
)
from code_sets.rules.entries import with_dot
from code_sets.rxhcc_commands import rx_releases
from code_sets.tasks import read_soon
from coding_ops.core.errors import InvalidInput, NotFound
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.models import CodeAssignment, Encounter
from encounters.selectors.paging import page_of
from encounters.selectors.release_impact import (
    ClientImpact,
    Group,
    charts_of,
    codes_of,
    groups_of,
    impact,
)
from encounters.views import words
from encounters.views.paging import at_of, turns
from encounters.views.release_dto import (
    AffectedPage,
    AffectedRow,
    FigureRow,
    ImpactRow,
    ReleaseRow,
    ReleasesPage,
    SystemRow,
    UploadRow,
)

LEADERS = (Role.MANAGER, Role.VENDOR_ADMIN)
CHARTS_HREF = "/work/code-sets/charts/"
NOT_VALID = "invalid"
DIGEST_SHOWN = 12
TONES: Mapping[Standing, str] = {
    Standing.IN_FORCE: "ok",
    Standing.PAST_END: "warn",
    Standing.MISSING: "bad",
    Standing.PACKAGED: "line",
    Standing.NOT_LOADED: "line",
}
UPLOADS_SHOWN = 5
UPLOAD_TONES: Mapping[UploadStatus, str] = {
    UploadStatus.WAITING: "line",
    UploadStatus.READING: "warn",
    UploadStatus.LOADED: "ok",
    UploadStatus.REFUSED: "bad",
}
FIELD_OF = {"release.system": "system"}
VERIFIED = {
    "verified": ("Verified", "ok"),
    "secondary": ("From a second source", "line"),
    "unverified": ("Unverified", "warn"),
}


@require_GET
def releases(request: HttpRequest) -> HttpResponse:
    """Every system and release; the impact on open charts for who leads a client."""
    return _page(request, {})


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """``system``, ``release`` (may be empty), ``file``, one or several: kept, and read in the background."""
    files = [
        SentFile(one.name or "", one.size or 0, cast("BinaryIO", one.file))
        for one in request.FILES.getlist("file")
    ]
    system, release = request.POST.get("system", ""), request.POST.get("release", "")
    try:
        send_release(actor=_administrator(request), system=system, release=release, files=files)
    except InvalidInput as error:
        return _page(request, {FIELD_OF.get(error.code, "file"): error.message}, status=422)
    read_soon()
    messages.success(request, "The file is kept and will be read in a moment.")
    return leave(request, "/work/code-sets/")


def _administrator(request: HttpRequest) -> Actor:
    """The person as administrator, where they are one of any client; who is not is refused by the action."""
    reach: Reach = request.reach  # type: ignore[attr-defined]
    actor = actor_of(request)
    return replace(actor, role=Role.VENDOR_ADMIN) if reach.in_role(Role.VENDOR_ADMIN) else actor


def _page(request: HttpRequest, errors: Mapping[str, str], status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    loaded = loaded_releases()
    systems = statuses(loaded, today)
    led = _led(request)
    found = _impact_rows(led, today)
    may_send = _administrator(request).role == Role.VENDOR_ADMIN
    page = ReleasesPage(
        heading="Code sets",
        summary=_summary(systems),
        systems=tuple(_system_row(one) for one in systems),
        releases=tuple(_release_row(one, today) for one in loaded),
        figures=_figures(),
        leads=bool(led),
        impact=found,
        impact_words="No open chart has a code that does not hold on its day, and none ends soon.",
        systems_to_send=_systems(request.POST.get("system", "")) if may_send else (),
        release_text=request.POST.get("release", ""),
        uploads=tuple(_upload_row(one) for one in newest_uploads(UPLOADS_SHOWN)) if may_send else (),
        errors=errors,
    )
    return render(request, "encounters/releases.html", {"page": page}, status=status)


def _systems(chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(one, one, one == chosen) for one in systems_to_send())


def _upload_row(one: ReleaseUpload) -> UploadRow:
    status = UploadStatus(one.status)
    return UploadRow(
        system=f"{one.system} {one.release}".strip(),
        file_name=one.file_name,
        sent=words.moment(one.sent_at, settings.TIME_ZONE),
        status=str(status.label),
        tone=UPLOAD_TONES[status],
        message=one.message,
        reading=status in (UploadStatus.WAITING, UploadStatus.READING),
        step=one.step or str(status.label),
        done=one.done_count,
        total=one.total_count,
    )


@require_GET
def affected(request: HttpRequest) -> HttpResponse:
    """``client`` and ``why`` (``invalid``, or the day codes end: 2026-09-30), ``after``, ``before``."""
    today = timezone.localdate()
    led = _led(request)
    client = next((one for one in led if one.slug == request.GET.get("client", "")), None)
    if client is None:
        raise NotFound
    groups = groups_of([client.id], today)
    why = request.GET.get("why", NOT_VALID)
    group = next((one for one in groups if _why(one) == why), None)
    if group is None and why != NOT_VALID and not _is_day(why):
        raise NotFound
    rows: tuple[AffectedRow, ...] = ()
    previous = following = ""
    if group is not None:
        charts = Encounter.objects.filter(client_id=client.id)
        found = page_of(
            charts_of(client.id, group), charts, at_of(request.GET), by="service_on", newest_first=True
        )
        rows = _affected_rows(client, found.rows, codes_of(client.id, found.rows, group))
        previous, following = turns(found, {"client": client.slug, "why": why})
    page = AffectedPage(
        heading=f"Open charts of {client.name}",
        summary=_what(group) if group is not None else "",
        filters=tuple(
            Choice(_why(one), _label(one), _why(one) == why, _charts_href(client, one)) for one in groups
        ),
        rows=rows,
        empty_words="No open chart of this client has such a code now.",
        previous_page_href=previous,
        next_page_href=following,
    )
    return render(request, "encounters/release_charts.html", {"page": page})


def _led(request: HttpRequest) -> tuple[ReachedClient, ...]:
    reach: Reach = request.reach  # type: ignore[attr-defined]
    return reach.in_role(*LEADERS)


def _summary(systems: Sequence[SystemStatus]) -> str:
    counts = {standing: sum(one.standing is standing for one in systems) for standing in Standing}
    told = [f"{counts[Standing.IN_FORCE]} in force"]
    if counts[Standing.PAST_END]:
        told.append(f"{counts[Standing.PAST_END]} past their published end")
    if counts[Standing.MISSING]:
        told.append(f"{counts[Standing.MISSING]} without a release for today")
    if counts[Standing.NOT_LOADED]:
        told.append(f"{counts[Standing.NOT_LOADED]} not loaded")
    return ", ".join(told)


def _system_row(one: SystemStatus) -> SystemRow:
    line = one.in_force
    return SystemRow(
        label=one.system.label,
        name=one.system.name,
        standing=one.standing.value.capitalize(),
        tone=TONES[one.standing],
        release=line.release if line else "",
        days=_days(line.effective_from, line.effective_to) if line else "",
        warning=_warning(one),
    )


def _warning(one: SystemStatus) -> str:
    system, newest = one.system, one.releases[0] if one.releases else None
    note = one.in_force.note if one.in_force is not None else ""
    if one.standing is Standing.PAST_END and one.in_force is not None:
        end = words.day(one.in_force.published_through)
        told = f"Published until {end}, no newer release is loaded. The next one is due: {system.every}."
        return f"{told} {note}".strip()
    if one.standing is Standing.MISSING and newest is not None:
        return f"The newest release begins {words.day(newest.effective_from)}. Not done: {system.serves}."
    if one.standing is Standing.NOT_LOADED:
        return f"Not done without it: {system.serves}."
    if one.standing is Standing.PACKAGED:
        return f"In use: {system.packaged}."
    return note


def _release_row(one: ReleaseLine, today: date) -> ReleaseRow:
    return ReleaseRow(
        system=one.system,
        release=one.release,
        days=_days(one.effective_from, one.effective_to),
        rows=f"{one.rows:,}",
        source=one.source,
        digest=one.sha256[:DIGEST_SHOWN],
        loaded=words.day(one.loaded_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()),
        note=one.note,
        answers_today=one.answers_on(today),
    )


def _days(first: date, last: date | None) -> str:
    return f"{words.day(first)} to {words.day(last)}" if last else f"from {words.day(first)}"


def _figures() -> tuple[FigureRow, ...]:
    rows = []
    for one in model_years():
        figures = ", ".join(
            f"{name} {value}"
            for name, value in (
                ("normalization", one.normalization),
                ("coding adjustment", one.coding_adjustment),
                ("share", one.share),
            )
            if value
        )
        standing, tone = VERIFIED[one.status]
        name = f"{one.model}, payment year {one.payment_year}"
        rows.append(FigureRow(name, figures or "no factors on record", standing, tone, one.source))
    for rx in rx_releases():
        standing, tone = VERIFIED[rx.status]
        figures = f"normalization {rx.normalization}" if rx.normalization else "no factors on record"
        name = f"RxHCC V08 {rx.calibration}, payment year {rx.payment_year}"
        rows.append(FigureRow(name, figures, standing, tone, rx.source))
    return tuple(rows)


def _impact_rows(led: Sequence[ReachedClient], today: date) -> tuple[ImpactRow, ...]:
    if not led:
        return ()
    clients = {one.id: one for one in led}
    found = impact(list(clients), groups_of(list(clients), today))
    ordered = sorted(found, key=lambda one: clients[one.client_id].name)
    return tuple(_impact_row(clients[one.client_id], one) for one in ordered)


def _impact_row(client: ReachedClient, one: ClientImpact) -> ImpactRow:
    noun = "chart" if one.charts == 1 else "charts"
    what = "uses" if one.charts == 1 else "use"
    told = f"open {noun} {what} {_label(one.group).lower()}"
    return ImpactRow(client.name, told, f"{one.charts:,}", _charts_href(client, one.group))


def _charts_href(client: ReachedClient, group: Group) -> str:
    return f"{CHARTS_HREF}?{urlencode({'client': client.slug, 'why': _why(group)})}"


def _why(group: Group) -> str:
    return NOT_VALID if group.ends_on is None else group.ends_on.isoformat()


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _label(group: Group) -> str:
    if group.ends_on is None:
        return "Codes that are not in force on their date"
    return f"Codes that end on {words.day(group.ends_on)}"


def _what(group: Group) -> str:
    if group.ends_on is None:
        return (
            "Their date of service or discharge lies outside the days of a code. Replace the code before the "
            "chart is final."
        )
    return (
        f"The codes are valid through {words.day(group.ends_on)}. Check that each chart's date of service or "
        "discharge is not later."
    )


def _affected_rows(
    client: ReachedClient, charts: Sequence[Encounter], codes: Sequence[CodeAssignment]
) -> tuple[AffectedRow, ...]:
    by_chart: dict[object, list[str]] = {}
    for one in codes:
        shown = with_dot(one.code) if one.system == "ICD-10-CM" else one.code
        by_chart.setdefault(one.encounter_id, []).append(shown)
    return tuple(
        AffectedRow(
            href=f"/c/{client.slug}/encounters/{chart.pk}/",
            visit_id=chart.external_id,
            coding_on=words.day(chart.coding_on),
            status=str(chart.get_status_display()),
            codes=", ".join(by_chart.get(chart.pk, [])),
        )
        for chart in charts
    )
