"""What happened to a claim: its steps, and in tables its versions, files, answers and denials."""

from __future__ import annotations

from claims.access.answers import MONEY_READERS
from claims.models import (
    AcknowledgementOutcome,
    AppealState,
    ClaimStatus,
    ClaimStep,
    ClaimStepKind,
    CreditState,
    DenialStatus,
)
from claims.rules.category_words import CATEGORY_WORDS
from claims.selectors.claim_story import Story
from claims.views.claims import words
from claims.views.claims.dto import Entry, Link, StepRow, Table
from claims.views.claims.words import room_href
from claims.views.tabs import claims_href
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import VENDOR_ROLES
from coding_ops.web.client_pages import moment

ANSWER_TONES = {"4": "bad", "22": "warn", "23": "line", "25": "line"}


def step_rows(story: Story, client: ReachedClient, actor: Actor) -> tuple[StepRow, ...]:
    """The steps, newest first; outside the vendor without notes and without its people's names."""
    return tuple(
        StepRow(
            at=moment(one.at, client.timezone),
            iso=one.at.isoformat(),
            what=str(ClaimStepKind(one.kind).label),
            who=_who(one, actor),
            icon=words.STEP_ICONS[ClaimStepKind(one.kind)],
            facts=words.step_facts(one.facts),
            note=one.note or "" if actor.is_vendor else "",
        )
        for one in reversed(story.steps)
    )


def tables(story: Story, client: ReachedClient, actor: Actor) -> tuple[Table, ...]:
    """The smaller tables that have rows."""
    base = claims_href(client.slug)
    found = (
        _versions(story, client),
        _denials(story, base, actor),
        _appeals(story, base, client),
        _remittances(story, room_href(base, "files", actor)),
        _acknowledgements(story, room_href(base, "files", actor), client),
        _files(story, room_href(base, "submissions", actor)),
        _reworks(story, client),
        *((_credits(story, client), _notices(story)) if actor.role in MONEY_READERS else ()),
    )
    return tuple(one for one in found if one.rows)


def _who(step: ClaimStep, actor: Actor) -> str:
    if step.by_id is None:
        return "The application"
    if not actor.is_vendor and step.role in VENDOR_ROLES:
        return "The coding team"
    return step.by_name


def _versions(story: Story, client: ReachedClient) -> Table:
    rows = []
    for one in story.versions if len(story.versions) > 1 else ():
        name = f"Version {one.version}, {words.FREQUENCIES.get(one.frequency_code, 'other').lower()}"
        here = one.pk == story.claim.pk
        cells = (
            moment(one.made_at, client.timezone),
            moment(one.submitted_at, client.timezone) if one.submitted_at else "Not sent",
            words.dollars(one.total_charge_amount),
            words.dollars(one.paid_amount),
        )
        state = ClaimStatus(one.state)
        head = Link(
            f"{name}, this one" if here else name, "" if here else words.claim_href(client.slug, one.pk)
        )
        rows.append(Entry(head, str(state.label), words.TONES[state], cells))
    columns = ("Version", "Made", "Sent", "Charged", "Paid")
    return Table("versions", "Versions of this claim", columns, (False, False, True, True), tuple(rows))


def _denials(story: Story, base: str, actor: Actor) -> Table:
    rows = []
    for one in story.denials:
        state = DenialStatus(one.state)
        code = f"{one.group_code} {one.carc} {' '.join(one.remarks)}".strip() or one.status_codes
        line = f"Line {one.claim_line.number}" if one.claim_line else "Whole claim"
        cells = [code, line, words.dollars(one.denied_amount), words.dollars(one.recovered_amount)]
        cells.append(words.day(one.deadline_on) or words.DASH)
        if actor.is_vendor:
            cells.append(one.owner.full_name if one.owner else "Nobody")
        head = Link(CATEGORY_WORDS[one.category], f"{base}denials/{one.pk}/")
        rows.append(Entry(head, str(state.label), words.DENIAL_TONES[state], tuple(cells)))
    columns = ["Denial", "Reason", "Where", "Refused", "Recovered", "Last day"]
    columns += ["With"] if actor.is_vendor else []
    numeric = (False, False, True, True, True, False)[: len(columns) - 1]
    return Table("denials", "Denials", tuple(columns), numeric, tuple(rows))


def _appeals(story: Story, base: str, client: ReachedClient) -> Table:
    rows = []
    for one in story.appeals:
        state = AppealState(one.state)
        cells = (
            words.dollars(one.requested_amount),
            words.dollars(one.awarded_amount),
            words.day(one.due_on) or words.DASH,
            moment(one.sent_at, client.timezone) if one.sent_at else words.DASH,
        )
        head = Link(f"Level {one.level}", f"{base}appeals/{one.pk}/")
        rows.append(Entry(head, str(state.label), words.APPEAL_TONES[state], cells))
    columns = ("Appeal", "Asked for", "Awarded", "Send by", "Sent")
    return Table("appeals", "Appeals", columns, (True, True, True, False), tuple(rows))


def _remittances(story: Story, files: str) -> Table:
    rows = []
    for one in story.remitted:
        remittance = one.remittance
        payer = remittance.payer.name if remittance.payer else remittance.payer_name
        cells = (
            payer,
            words.day(one.decided_on or remittance.paid_on) or words.DASH,
            words.dollars(one.charge_amount),
            words.dollars(one.paid_amount),
            words.dollars(one.patient_amount),
            one.payer_control_number or words.DASH,
        )
        said = words.ANSWERS.get(one.status_code, f"Status {one.status_code}")
        head = Link(f"Payment {remittance.trace_number}", f"{files}{remittance.file_id}/" if files else "")
        rows.append(Entry(head, said, ANSWER_TONES.get(one.status_code, "ok"), cells))
    columns = ("Remittance", "Payer", "Decided", "Charged", "Paid", "Patient’s share", "Payer’s number")
    return Table("remittances", "Remittances", columns, (False, True, True, True, True, False), tuple(rows))


def _acknowledgements(story: Story, files: str, client: ReachedClient) -> Table:
    rows = []
    for one in story.acknowledgements:
        outcome = AcknowledgementOutcome(one.outcome)
        codes = " ".join(part for part in (one.category_code, one.status_code, one.entity_code) if part)
        cells = (
            codes or words.DASH,
            f"Line {one.line_number}" if one.line_number else "Whole claim",
            words.day(one.answered_on) or words.DASH,
            moment(one.posted_at, client.timezone),
        )
        head = Link(str(one.get_kind_display()), f"{files}{one.file_id}/" if files else "")
        rows.append(Entry(head, str(outcome.label), words.OUTCOME_TONES[outcome], cells))
    columns = ("Acknowledgement", "Status", "Where", "Dated", "Read")
    return Table("acknowledgements", "Acknowledgements", columns, (False, False, True, False), tuple(rows))


def _files(story: Story, base: str) -> Table:
    rows = []
    for one in story.submitted:
        file = one.submission
        cells = (file.receiver_name, one.transaction_number, f"{one.position:,} of {file.written_count:,}")
        head = Link(f"File {file.interchange_number}", f"{base}{file.pk}/" if base else "")
        rows.append(Entry(head, str(file.get_state_display()), "line", cells))
    columns = ("File", "Goes to", "Transaction", "Place")
    return Table("files", "Files it went out in", columns, (False, False, True), tuple(rows))


def _reworks(story: Story, client: ReachedClient) -> Table:
    rows = []
    for one in story.reworks:
        after = f" to {one.after_revision}" if one.after_revision else ""
        cells = (moment(one.asked_at, client.timezone), f"{one.before_revision}{after}")
        done = one.done_at is not None
        rows.append(
            Entry(Link("At no cost"), "Done" if done else "Being coded", "ok" if done else "info", cells)
        )
    return Table(
        "reworks", "Coded again", ("Rework", "Asked", "Versions of the codes"), (False, False), tuple(rows)
    )


def _credits(story: Story, client: ReachedClient) -> Table:
    rows = []
    for one in story.credits:
        state = CreditState(one.state)
        cells = (one.basis, moment(one.decided_at, client.timezone) if one.decided_at else words.DASH)
        rows.append(
            Entry(Link(words.dollars(one.amount)), str(state.label), words.CREDIT_TONES[state], cells)
        )
    return Table(
        "credits", "Credits", ("Credit", "How it came about", "Decided"), (False, False), tuple(rows)
    )


def _notices(story: Story) -> Table:
    rows = []
    for one in story.notices:
        back = words.day(one.returned_on)
        badge, tone = ("Given back", "ok") if back else ("To give back", "warn")
        cells = (words.dollars(one.amount), words.day(one.identified_on), back or words.DASH)
        rows.append(Entry(Link("Paid too much"), badge, tone, cells))
    columns = ("Overpayment", "Dollars", "Known since", "Given back")
    return Table("overpayments", "Overpayment", columns, (True, True, True), tuple(rows))
