"""``/c/<client>/claims/<id>/``: one claim with its whole story, and the way to it from its chart."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from claims.access.claims import claims_in_reach, find_claim, open_claim
from claims.access.roles import LEADERS, READERS, SETTERS
from claims.actions.making import recheck
from claims.actions.setup import require_setter
from claims.models import Claim, ClaimStatus
from claims.rules.claim_states import ClaimState
from claims.rules.claim_turn import Turn, turn_of
from claims.rules.content import ClaimContent, Person, from_json
from claims.rules.correcting import CORRECTABLE
from claims.rules.denial_states import DenialState
from claims.selectors.claim_story import Story, story_of
from claims.selectors.due import billed_by_claim
from claims.selectors.setup import profile_of
from claims.views.claims import words
from claims.views.claims.dto import ClaimPage, Link, ProblemLine
from claims.views.claims.lines import diagnosis_rows, line_rows, procedure_rows, reasons
from claims.views.claims.story import step_rows, tables
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.access import charts_in_reach
from encounters.models import Encounter, EncounterStatus
from encounters.selectors.release import hold_of
from encounters.views.chart_page import banner_of, chart_href
from encounters.views.dto import Banner

MENDED_IN_SETUP = {
    "profile": ("Fill in the profile", "setup/#profile"),
    "payer": ("Open the payers", "setup/#payers"),
    "charges": ("Open the charges", "setup/charges/"),
}
MENDED_BY_SENDER = {"patient", "provider", "visit", "coverage"}


@require_GET
@for_client
def claim(request: HttpRequest, claim_id: uuid.UUID) -> HttpResponse:
    """What was billed, what the payer made of it, what we did; the read is noted."""
    actor, client = actor_of(request), client_of(request)
    found = open_claim(actor=actor, client_id=client.id, claim_id=claim_id)
    page = _page(story_of(found, actor), client, actor)
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "claims")}
    return render(request, "claims/claim.html", context)


@require_POST
@for_client
def check(request: HttpRequest, claim_id: uuid.UUID) -> HttpResponse:
    """A blocked claim is made anew from what is known by now."""
    actor, client = actor_of(request), client_of(request)
    found = find_claim(actor=actor, client_id=client.id, claim_id=claim_id)
    require_setter(actor)
    after = recheck(actor=actor, claim=found)
    if after.state == ClaimStatus.BLOCKED:
        count = len(after.problems)
        messages.info(request, f"Still {count} thing{'' if count == 1 else 's'} missing.")
    else:
        messages.success(request, "Nothing is missing any more: the claim is ready to send.")
    return leave(request, words.claim_href(client.slug, after.pk))


@require_GET
@for_client
def of_chart(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """From a chart to its newest claim; a page that says why there is none."""
    actor, client = actor_of(request), client_of(request)
    if actor.role not in READERS:
        raise NotFound
    chart = charts_in_reach(actor, client.id).filter(pk=encounter_id).first()
    if chart is None:
        raise NotFound
    claims = claims_in_reach(actor, client.id).filter(encounter_id=chart.pk)
    newest = claims.order_by("-version", "-made_at").values_list("pk", flat=True).first()
    if newest is not None:
        return HttpResponseRedirect(words.claim_href(client.slug, newest))
    context = {
        "words": _why_none(chart, inside=actor.is_vendor),
        "chart_href": chart_href(client.slug, chart.pk),
        "tabs": claim_tabs(actor.role, client.slug, "claims"),
    }
    return render(request, "claims/no_claim.html", context)


def _why_none(chart: Encounter, *, inside: bool) -> str:
    if Claim.objects.filter(client_id=chart.client_id, encounter_id=chart.pk).exists():
        return "Its claim is with the coder whose codes were billed, and with the managers."
    if chart.status != EncounterStatus.FINAL or (not inside and hold_of(chart) is not None):
        return "A claim is made when the codes are final and released."
    if hold_of(chart) is not None:
        return "The codes are held from release. The claim is made when nobody holds them any more."
    profile = profile_of(chart.client_id)
    if profile is None:
        return "This client’s billing is not set up yet, so no claim can be made."
    if profile.is_self_billed:
        return "The client sends its claims itself. This one has not come back in a file yet."
    first = profile.bills_from_on
    if first is not None and chart.service_on < first:
        return f"Visits before {words.day(first)} were billed elsewhere. That is a day of the set-up."
    charts = Encounter.objects.filter(client_id=chart.client_id, pk=chart.pk)
    if not billed_by_claim(chart.client_id, charts).exists():
        return "The patient pays for this visit, so no payer gets a claim."
    return "The claim is being made. Load the page again in a few minutes."


def _page(story: Story, client: ReachedClient, actor: Actor) -> ClaimPage:
    claim, base = story.claim, claims_href(client.slug)
    state = ClaimStatus(claim.state)
    content = from_json(claim.content) if claim.content else None
    opened = chart_href(client.slug, claim.encounter_id) if claim.encounter_id and story.opens_chart else ""
    turn = _turn(story)
    may_check = state == ClaimStatus.BLOCKED and actor.role in SETTERS and not claim.is_billed_by_client
    return ClaimPage(
        href=words.claim_href(client.slug, claim.pk),
        heading=f"Claim of visit {claim.encounter.external_id}" if claim.encounter else "Claim",
        state=str(state.label),
        tone=words.TONES[state],
        lead=_lead(claim),
        turn_party=words.PARTIES[turn.party.value] if turn.party else "Nobody",
        turn_words=turn.words if turn.party else turn.words.removeprefix("Nothing").strip(".: ").capitalize(),
        who=_who(claim, content),
        facts=_facts(claim, content, client, actor),
        insured=_insured(content),
        money=_money(claim),
        problems=tuple(_problem(one, base, opened, actor) for one in claim.problems)
        if state == ClaimStatus.BLOCKED
        else (),
        check_action=f"{words.claim_href(client.slug, claim.pk)}check/" if may_check else "",
        lines=line_rows(story, opened),
        whole=reasons(story.nets.get(None, ())),
        whole_remarks=" ".join(story.remarks.get(None, ())),
        diagnoses=diagnosis_rows(story, opened),
        procedures=procedure_rows(content),
        steps=step_rows(story, client, actor),
        tables=tables(story, client, actor),
        chart_href=opened,
        list_href=base,
        drift=_drift(claim, base, actor),
        days_href=_days_href(claim, base, actor),
        correct_href=_correct_href(claim, client, actor),
    )


def _lead(claim: Claim) -> str:
    kind = words.FREQUENCIES.get(claim.frequency_code, "")
    parts = [
        words.form(claim.form, claim.bill_type_code),
        f"version {claim.version}" if claim.version > 1 or claim.frequency_code != "1" else "",
        kind.lower() if claim.frequency_code != "1" else "",
        "sent by the client itself" if claim.is_billed_by_client else "",
    ]
    return ", ".join(part for part in parts if part)


def _turn(story: Story) -> Turn:
    return turn_of(
        ClaimState(story.claim.state),
        wheres=[str(one.get("where", "")) for one in story.claim.problems],
        denials=[DenialState(one.state) for one in story.denials],
        is_billed_by_client=story.claim.is_billed_by_client,
    )


def _who(claim: Claim, content: ClaimContent | None) -> Banner:
    """Who was treated: of our chart, else as the client's own claim says."""
    if claim.encounter is not None:
        return banner_of(claim.encounter)
    if content is None:
        return Banner("Name not known", "", ())
    person = content.patient or content.subscriber
    facts = [person.sex, f"DOB {words.day(person.birth_on)}" if person.birth_on else ""]
    visit = f"Service {words.days(claim.service_from_on, claim.service_through_on)}"
    return Banner(_name(person), " · ".join(one for one in facts if one), (visit,))


def _name(person: Person) -> str:
    given = " ".join(part for part in (person.given_name, person.middle_name) if part)
    return ", ".join(part for part in (person.family_name, given) if part)


def _facts(
    claim: Claim, content: ClaimContent | None, client: ReachedClient, actor: Actor
) -> tuple[tuple[str, str], ...]:
    def at(value: object) -> str:
        return moment(value, client.timezone) if value else ""  # type: ignore[arg-type]

    found = [
        ("Control number", claim.control_number),
        ("Payer’s number", claim.payer_control_number),
        ("Payer", claim.payer.name if claim.payer else "Not in the set-up"),
        ("Service", words.days(claim.service_from_on, claim.service_through_on)),
        ("MS-DRG", claim.drg_code),
        ("Admitted", words.day(content.admitted_on) if content else ""),
        ("Discharge status", content.discharge_status_code if content else ""),
        ("Billed by", content.billing.name if content else ""),
        ("Rendered by", _name(content.rendering) if content and content.rendering else ""),
        ("Attending", _name(content.attending) if content and content.attending else ""),
        ("Specialty", claim.specialty.name if claim.specialty else ""),
        ("Coder", claim.coder.full_name if claim.coder and actor.is_vendor else ""),
        ("Codes", f"Version {claim.revision_number}" if claim.revision_number else ""),
        ("Made", at(claim.made_at)),
        ("Sent", at(claim.submitted_at)),
        ("Accepted", at(claim.accepted_at)),
        ("First answer", _first(claim, at(claim.first_response_at))),
        ("First decided", at(claim.adjudicated_at)),
    ]
    return tuple((name, value) for name, value in found if value)


def _first(claim: Claim, at: str) -> str:
    return f"{claim.get_first_response_display()}, {at}" if claim.first_response else ""


def _insured(content: ClaimContent | None) -> tuple[tuple[str, str], ...]:
    if content is None:
        return ()
    own = content.relationship == "18"
    found = [
        ("Plan’s member", _name(content.subscriber)),
        ("Member id", content.subscriber.identifier),
        ("Patient is", "The member" if own else words.RELATIONS.get(content.relationship, "Somebody else")),
        ("Group", content.group_number),
        ("Filed as", content.filing_code),
        ("Prior authorization", content.prior_authorization),
    ]
    return tuple((name, value) for name, value in found if value)


def _money(claim: Claim) -> tuple[tuple[str, str], ...]:
    charged = (("Charged", words.dollars(claim.total_charge_amount)),)
    if claim.adjudicated_at is None:
        return charged
    return (
        *charged,
        ("Allowed", words.dollars(claim.allowed_amount)),
        ("Paid", words.dollars(claim.paid_amount)),
        ("Patient’s share", words.dollars(claim.patient_amount)),
    )


def _problem(one: dict[str, str], base: str, opened: str, actor: Actor) -> ProblemLine:
    where = one.get("where", "")
    mend = Link("")
    if where in MENDED_IN_SETUP:
        label, path = MENDED_IN_SETUP[where]
        mend = Link(label, f"{base}{path}") if actor.role in SETTERS else Link("In the set-up of claims")
    elif where in MENDED_BY_SENDER:
        mend = Link("At registration: send the visit again with it")
    elif where == "chart":
        mend = (
            Link("Open the chart", opened)
            if opened and actor.is_vendor
            else Link("In the chart, by its coder")
        )
    return ProblemLine(one.get("place") or where.capitalize(), one.get("message", ""), mend)


def _drift(claim: Claim, base: str, actor: Actor) -> Link | None:
    if not claim.drift_count:
        return None
    count = claim.drift_count
    said = f"{count} difference{'' if count == 1 else 's'} from our final codes"
    room = words.room_href(base, "drift", actor)
    return Link(said, f"{room}{claim.pk}/" if room else "")


def _days_href(claim: Claim, base: str, actor: Actor) -> str:
    """Where each day of the visit's account is told, for who reads accounts."""
    room = words.room_href(base, "accounts", actor)
    return f"{room}{claim.encounter_id}/" if room and claim.encounter_id else ""


def _correct_href(claim: Claim, client: ReachedClient, actor: Actor) -> str:
    """Where a corrected claim or a void is asked for, while this one can be corrected."""
    is_ours = claim.encounter_id is not None and not claim.is_billed_by_client
    may = actor.role in LEADERS and is_ours and claim.state in CORRECTABLE
    return f"{words.claim_href(client.slug, claim.pk)}correct/" if may else ""
