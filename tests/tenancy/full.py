"""A client with rows in every tenant table, its patient data made of markers that are easy to look for."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.reads import collected_reads
from coding_ops.tenancy import crypto
from coding_ops.tenancy.models import Facility, Role
from edit_rules.actions.outcomes import NewOutcome, record_outcomes
from edit_rules.actions.rules import create_rule
from edit_rules.models import EditRule, EditRuleVersion, Outcome
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.content import Content
from encounters.actions.coding import Attributes, Words, assign_code, remove_code
from encounters.actions.em_level import set_element
from encounters.actions.finalize import finalize
from encounters.actions.hcc_facts import confirm_fact
from encounters.actions.leases import skip_chart, take_chart
from encounters.actions.overrides import Statement, override_finding
from encounters.actions.pends import Hold, pend_encounter
from encounters.models import (
    CodeAssignment,
    Coverage,
    DocumentVersion,
    EditOverride,
    Encounter,
    EvidenceLink,
    IntakeMessage,
    OwnerParty,
    Patient,
    Pend,
    PendReason,
    Provider,
    QuarantineItem,
    RawChunk,
    RawFile,
    SkipReason,
    SourceFormat,
    VisitLevelElement,
    WorkItem,
)
from encounters.rules.em_visit import Cited
from encounters.rules.intake.incoming import IncomingAddress, IncomingSubscriber
from encounters.rules.intake.registration import address_text, subscriber_text
from encounters.selectors.readiness import judged
from reporting.actions.snapshots import refresh_snapshots
from reporting.models import KpiSnapshot, KpiTarget, Span
from tests import cast
from tests.tenancy.full_calibration import Calibrated, fill_calibration
from tests.tenancy.full_cdi import Asked, fill_cdi
from tests.tenancy.full_claims import Billed, fill_claims
from tests.tenancy.full_drift import Drifted, fill_drift
from tests.tenancy.full_qa import Quality, fill_qa, reviewed_chart
from tests.tenancy.full_rehearsal import Rehearsed, fill_rehearsal
from tests.tenancy.full_training import Trainings, fill_training
from tests.tenancy.stays import Stays, keep, make_stays


def canary(slug: str, what: str) -> str:
    """A word that stands nowhere else: which client's, and which column's."""
    return f"Zq{slug.split('-')[0].title()}{what.title()}Canary"


SEALED = ("Mrn", "Family", "Given", "Contact", "Member", "Note", "Filename", "Raw")


@dataclass(frozen=True, slots=True)
class Disputed:
    """A reopened chart with two findings of a client's rule: one asks, one was let stand."""

    encounter: Encounter
    fence: int
    key: str
    override: EditOverride


@dataclass(frozen=True, slots=True)
class Full:
    """The client's people by role, and its charts: one held, one final, one on hold, one waiting."""

    place: cast.Place
    people: dict[Role, User]
    held: Encounter
    final: Encounter
    pended: Encounter
    waiting: Encounter
    assignment: CodeAssignment
    service: CodeAssignment
    evidence: EvidenceLink
    version: DocumentVersion
    pend: Pend
    raw_file: RawFile
    quarantined: QuarantineItem
    element: VisitLevelElement
    rule: EditRule
    stays: Stays
    fence: int
    disputed: Disputed
    quality: Quality
    training: Trainings
    rehearsed: Rehearsed
    calibrated: Calibrated
    drifted: Drifted
    asked: Asked
    billed: Billed

    @property
    def client_id(self) -> int:
        return self.place.client.pk

    @property
    def slug(self) -> str:
        return self.place.client.slug

    def upload(self) -> SimpleUploadedFile:
        """A file of the client's, one that has not been sent before."""
        content = f"MSH|{canary(self.slug, 'raw')}|{uuid.uuid4()}".encode()
        return SimpleUploadedFile(f"{canary(self.slug, 'filename')}.csv", content, content_type="text/csv")

    @property
    def sealed(self) -> list[str]:
        """The markers of everything that is sealed at rest."""
        return [canary(self.slug, what) for what in SEALED]

    @property
    def names(self) -> list[str]:
        """Markers that lie in the clear in the database, and yet are this client's alone."""
        return [canary(self.slug, what) for what in ("facility", "provider", "payer", "visit")]


def note_of(slug: str) -> str:
    marker = canary(slug, "note")
    return f"Assessment and plan:\n1. Type 2 diabetes, {marker}.\n2. Hypertension, {marker} above goal.\n"


def people_of(place: cast.Place) -> dict[Role, User]:
    """One person of each role at this client and at no other; the coder is certified."""
    surname = place.client.slug.split("-")[0].title()
    people = {role: cast.person(f"{role.label.split()[0]} {surname}", (place, role)) for role in Role}
    cast.certify(people[Role.CODER])
    return people


def fill(place: cast.Place, *, numbers: bool = False) -> Full:
    """Rows in every table; the client's scope must not be open yet.  ``numbers``: all KPIs, not just one."""
    people = people_of(place)
    actor = cast.actor_for(people[Role.CODER], Role.CODER)
    now = timezone.now()
    # What filling reads is nobody's look at patient data: it is collected and dropped.
    with cast.opened(place), collected_reads():
        charts = _charts(place, people, now)
        held, final, pended, waiting = charts
        marks = canary(place.client.slug, "visit"), note_of(place.client.slug)
        stays = make_stays(place, people, held, *marks)
        reviewed = reviewed_chart(place, people, held, *marks)
        disputed = _disputed(place, people, held)
        for chart in (final, pended, waiting, held):
            item = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now())
            if chart is final:
                _code(chart, actor, item.fence)
                finalize(actor=actor, encounter=chart, fence=item.fence)
            elif chart is pended:
                hold = Hold(
                    PendReason.MISSING_NOTE, OwnerParty.CLIENT, timezone.localdate() + timedelta(days=3)
                )
                pend = pend_encounter(actor=actor, encounter=chart, fence=item.fence, hold=hold)
            elif chart is waiting:
                skip_chart(
                    actor=actor,
                    encounter=chart,
                    fence=item.fence,
                    reason=SkipReason.TOO_LONG,
                    note="",
                    now=now,
                )
        # A coder holds one chart at a time; this one is in their hands too, so that both can be asked about.
        soon = timezone.now() + timedelta(minutes=15)
        WorkItem.objects.filter(encounter=disputed.encounter).update(lease_expires_at=soon)
        keep(stays)
        service = _code(held, actor, item.fence)
        extra = assign_code(actor=actor, encounter=held, fence=item.fence, system="ICD-10-CM", code="Z794")
        remove_code(actor=actor, encounter=held, fence=item.fence, assignment_id=extra.pk)
        element = _leveled(held, actor, item.fence)
        raw_file, quarantined = _received(place, people[Role.CLIENT_ADMIN], held, now)
        rule = _rule(place, people[Role.MANAGER], final)
        quality = fill_qa(place, people, final, reviewed)
        training = fill_training(place, people, quality)
        rehearsed = fill_rehearsal(place, people, final)
        drifted = fill_drift(place, people)
        calibrated = fill_calibration(place, people, final, stays.final, (waiting, pended))
        asked = fill_cdi(place, people, held, final, disputed.encounter, note_of(place.client.slug))
        slug = place.client.slug
        billed = fill_claims(
            place, people, final, canary(slug, "payer"), {one: canary(slug, one) for one in SEALED}
        )
        _numbers(place, numbers)
        assignment = CodeAssignment.objects.filter(encounter=held).order_by("kind", "position")[0]
        return Full(
            place=place,
            people=people,
            held=held,
            final=final,
            pended=pended,
            waiting=waiting,
            assignment=assignment,
            service=service,
            evidence=EvidenceLink.objects.filter(assignment=assignment)[0],
            version=DocumentVersion.objects.get(document__encounter=held),
            pend=pend,
            raw_file=raw_file,
            quarantined=quarantined,
            element=element,
            rule=rule,
            stays=stays,
            fence=item.fence,
            disputed=disputed,
            quality=quality,
            training=training,
            rehearsed=rehearsed,
            calibrated=calibrated,
            drifted=drifted,
            asked=asked,
            billed=billed,
        )


def _disputed(place: cast.Place, people: dict[Role, User], like: Encounter) -> Disputed:
    coder = cast.actor_for(people[Role.CODER], Role.CODER)
    create_rule(
        actor=cast.actor_for(people[Role.MANAGER], Role.MANAGER),
        client_id=place.client.pk,
        builtin="",
        payer_name="",
        content=Content(
            name="Home visits",
            level=Level.ERROR,
            conditions=parse_conditions(
                {
                    "groups": [
                        {
                            "about": "any_line",
                            "conditions": [{"fact": "code", "op": "is", "values": ["99348", "99349"]}],
                        }
                    ]
                }
            ),
            effective_from=date(2026, 1, 1),
            per_line=True,
            message="{code} is not billed for this client.",
            satisfy="Choose the client's own code.",
            citation="Coding policy 8",
            citation_on=date(2025, 12, 1),
        ),
        reason="The client asks for it.",
    )
    chart = cast.encounter(
        place,
        note=note_of(place.client.slug),
        patient=like.patient,
        coverage=like.coverage,
        facility=like.facility,
        rendering_provider=like.rendering_provider,
        external_id=f"{canary(place.client.slug, 'visit')}disputed",
    )
    item = take_chart(actor=coder, item=cast.item_of(chart), now=timezone.now())
    text = DocumentVersion.objects.get(document__encounter=chart)
    for code in ("99348", "99349"):
        assign_code(actor=coder, encounter=chart, fence=item.fence, system="CPT", code=code)
    first, second = [one for one in judged(chart).edits.findings if one.rule.startswith("client.")]
    override = override_finding(
        actor=coder,
        encounter=chart,
        fence=item.fence,
        key=second.key,
        statement=Statement(
            "client_confirmed", "Confirmed by the client's coding lead.", Words(text.pk, 0, 10)
        ),
    )
    pins = {"tables": {}, "rules_known_at": timezone.now().isoformat()}
    Encounter.objects.filter(pk=chart.pk).update(pinned_releases=pins)
    WorkItem.objects.filter(encounter=chart).update(lease_expires_at=timezone.now())
    return Disputed(chart, item.fence, first.key, override)


def _charts(place: cast.Place, people: dict[Role, User], now: datetime) -> list[Encounter]:
    slug, client = place.client.slug, place.client
    facility = Facility.objects.create(client=client, name=canary(slug, "facility"))
    provider = Provider.objects.create(
        client=client, npi="1999999984", name=canary(slug, "provider"), user=people[Role.PROVIDER]
    )
    charts = []
    for number in range(4):
        mrn = f"{canary(slug, 'mrn')}{number}"
        patient = Patient.objects.create(
            client=client,
            mrn_index=crypto.blind_index(client.pk, "mrn", mrn),
            mrn=mrn,
            family_name=canary(slug, "family"),
            given_name=canary(slug, "given"),
            birth_on="1959-03-14",
            contact=canary(slug, "contact"),
            address=address_text(IncomingAddress(canary(slug, "contact"), "Thibodaux", "LA", "70301")),
            sex="F",
        )
        member = canary(slug, "member")
        coverage = Coverage.objects.create(
            client=client,
            patient=patient,
            payer_name=canary(slug, "payer"),
            member_id=member,
            member_index=crypto.blind_index(client.pk, "member", member),
            relationship="19",
            subscriber=subscriber_text(IncomingSubscriber(canary(slug, "family"), canary(slug, "given"))),
        )
        chart = cast.encounter(
            place,
            note=note_of(slug),
            patient=patient,
            coverage=coverage,
            facility=facility,
            rendering_provider=provider,
            external_id=f"{canary(slug, 'visit')}{number}",
            charge_amount=100,
            now=now,
        )
        charts.append(chart)
    return charts


def _code(chart: Encounter, actor: Any, fence: int) -> CodeAssignment:
    """Two diagnoses and a visit, each with its words; gives the last one."""
    version = DocumentVersion.objects.get(document__encounter=chart)
    text = version.text

    def words(quote: str) -> list[Words]:
        start = text.index(quote)
        return [Words(version.pk, start, start + len(quote))]

    made: CodeAssignment | None = None
    for system, code, quote in (
        ("ICD-10-CM", "E119", f"Type 2 diabetes, {canary(chart.client.slug, 'note')}"),
        ("ICD-10-CM", "I10", "Hypertension"),
        ("CPT", "99213", "Assessment and plan"),
    ):
        made = assign_code(
            actor=actor,
            encounter=chart,
            fence=fence,
            system=system,
            code=code,
            evidence=words(quote),
            attributes=Attributes(),
        )
    assert made is not None
    return made


def _leveled(chart: Encounter, actor: Any, fence: int) -> VisitLevelElement:
    """An element of the visit's level and a fact of risk adjustment, each with its words."""
    version = DocumentVersion.objects.get(document__encounter=chart)
    start = version.text.index("Hypertension")
    words = Words(version.pk, start, start + len("Hypertension"))
    level = set_element(
        actor=actor,
        encounter=chart,
        fence=fence,
        category="office_established",
        element=Cited("problems", "stable_chronic"),
        words=words,
    )
    confirm_fact(actor=actor, encounter=chart, fence=fence, fact="signature", value="yes", words=words)
    return VisitLevelElement.objects.get(level=level)


def _received(place: cast.Place, by: User, chart: Encounter, now: datetime) -> tuple[RawFile, QuarantineItem]:
    slug, client = place.client.slug, place.client
    content = f"MSH|{canary(slug, 'raw')}".encode()
    raw_file = RawFile.objects.create(
        client=client,
        connection=place.connection,
        filename=f"{canary(slug, 'filename')}.csv",
        sha256=hashlib.sha256(content).digest(),
        byte_count=len(content),
        source_format=SourceFormat.CSV,
        status=RawFile.Status.DONE,
        message_count=2,
        quarantined_count=1,
        received_by=by,
        received_at=now,
    )
    RawChunk.objects.create(client=client, raw_file=raw_file, number=1, content=content)
    IntakeMessage.objects.create(
        client=client,
        connection=place.connection,
        raw_file=raw_file,
        control_id=f"{slug}-1",
        content_sha256=hashlib.sha256(content).digest(),
        encounter=chart,
        received_at=now,
    )
    quarantined = QuarantineItem.objects.create(
        client=client,
        raw_file=raw_file,
        place="row 2",
        code="mrn.missing",
        message="The record number is missing.",
    )
    return raw_file, quarantined


def _rule(place: cast.Place, by: User, chart: Encounter) -> EditRule:
    """A rule of the client's, and one finding of it on the final chart."""
    slug, client = place.client.slug, place.client
    conditions = parse_conditions(
        {"groups": [{"about": "any_line", "conditions": [{"fact": "code", "op": "is", "values": ["99213"]}]}]}
    )
    content = Content(
        name=f"Visits of {canary(slug, 'payer')}",
        level=Level.WARNING,
        conditions=conditions,
        effective_from=date(2026, 1, 1),
        message="Check the level of the visit.",
        satisfy="Compare the level with the note.",
        citation="Coding policy 7",
        citation_on=date(2025, 12, 1),
    )
    actor = cast.actor_for(by, Role.MANAGER)
    rule = create_rule(
        actor=actor,
        client_id=client.pk,
        builtin="",
        payer_name=canary(slug, "payer"),
        content=content,
        reason="The payer asks for it.",
    )
    version = EditRuleVersion.objects.get(client_id=client.pk, rule=rule)
    outcome = NewOutcome(rule="client.1", level="warning", outcome=Outcome.FIRED, version_id=str(version.pk))
    record_outcomes(
        actor=actor,
        client_id=client.pk,
        encounter_id=chart.pk,
        revision_number=1,
        outcomes=[outcome],
    )
    return rule


def _numbers(place: cast.Place, all_of_them: bool) -> None:
    now = timezone.now()
    if all_of_them:
        refresh_snapshots(actor=cast.SYSTEM, client=place.client, through=timezone.localdate(), now=now)
    else:
        KpiSnapshot.objects.create(
            client=place.client,
            name="backlog.open",
            version=1,
            span=Span.ONE,
            window_start=now - timedelta(days=7),
            window_end=now,
            as_of=now,
            numerator=1,
            denominator=1,
            n=1,
            value=1,
            computed_at=now,
        )
    KpiTarget.objects.create(
        client=place.client,
        name="turnaround",
        low="0.95",
        starts_on=date(2026, 1, 1),
        source="Agreement, exhibit B",
    )
