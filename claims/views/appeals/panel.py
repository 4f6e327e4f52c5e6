"""What was done about a denial and what can be done next, for the denial's page."""

from __future__ import annotations

from claims.access.roles import LEADERS, WORKERS
from claims.models import (
    Appeal,
    AppealState,
    Claim,
    ClaimStatus,
    CreditProposal,
    CreditState,
    Denial,
    DenialSource,
    Rework,
)
from claims.rules.appeals import templates_for
from claims.rules.correcting import CORRECTABLE
from claims.rules.denial_states import TO_WORK
from claims.selectors.appeal_levels import next_due_on, next_level
from claims.terms.appeals import letter_book
from claims.views.appeals import words
from claims.views.appeals.dto import AnswersPanel, Said
from claims.views.tabs import claims_href
from coding_ops.core.errors import Conflict
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import moment

CREDIT_TONES = {CreditState.PROPOSED: "warn", CreditState.APPROVED: "ok", CreditState.DECLINED: "line"}


def answers_panel(actor: Actor, denial: Denial, client: ReachedClient) -> AnswersPanel:
    """The panel of ``claims/_answers.html``; nothing sealed is in it.

    ``denial`` comes with its claim and payer.  Five queries.
    """
    appeals = _appeals(actor, denial)
    base = f"{words.denial_href(client.slug, denial.pk)}"
    is_worker, is_leader = actor.role in WORKERS, actor.role in LEADERS
    claim, is_open = denial.claim, denial.state in TO_WORK
    level, due, why_not = _next(denial, appeals)
    may_draft = is_worker and is_open and not why_not
    is_ours = claim.encounter_id is not None and not claim.is_billed_by_client
    return AnswersPanel(
        done=(
            *_corrections(denial, client),
            *_reworks(denial, client),
            *(_appeal(one, client) for one in appeals),
            *_credits(actor, denial, client),
        ),
        level=level,
        due=due,
        draft_action=f"{base}appeal/" if may_draft else "",
        templates=tuple(Choice(one.key, one.name) for one in templates_for(letter_book(), denial.category))
        if may_draft
        else (),
        why_not=why_not if is_worker and is_open else "",
        rework_href=f"{base}rework/" if is_worker and is_open and _is_final(denial) else "",
        correct_href=(
            f"{words.claim_href(client.slug, claim.pk)}correct/"
            if is_leader and is_ours and claim.state in CORRECTABLE
            else ""
        ),
        credit_href=(
            f"{base}credit/" if is_leader and denial.is_vendor_error and not denial.credits.exists() else ""
        ),
    )


def _appeals(actor: Actor, denial: Denial) -> list[Appeal]:
    rows = Appeal.objects.filter(client_id=denial.client_id, denial=denial).defer("letter", "decision_note")
    if not actor.is_vendor:
        rows = rows.filter(sent_at__isnull=False)
    return list(rows.order_by("made_at", "pk"))


def _next(denial: Denial, appeals: list[Appeal]) -> tuple[str, str, str]:
    """The next level, its last day, and why there is none."""
    why_not = _why_not(denial, appeals)
    if why_not:
        return "", "", why_not
    try:
        found = next_level(denial)
    except Conflict as error:
        return "", "", error.message
    return f"Level {found.number}, {found.name}", words.day(next_due_on(denial, found)), ""


def _why_not(denial: Denial, appeals: list[Appeal]) -> str:
    if denial.source != DenialSource.REMITTANCE:
        return "The payer never decided this claim: correct it and send it again."
    if any(one.state == AppealState.DRAFT for one in appeals):
        return "A draft of the next appeal exists already: open it."
    return ""


def _is_final(denial: Denial) -> bool:
    chart = denial.claim.encounter
    return chart is not None and chart.status == "final"


def _corrections(denial: Denial, client: ReachedClient) -> list[Said]:
    claim = denial.claim
    if claim.encounter_id is None:
        return []
    rows = Claim.objects.filter(
        client_id=denial.client_id, encounter_id=claim.encounter_id, replaces=claim
    ).exclude(state=ClaimStatus.WITHDRAWN)
    kinds = {"1": "New claim in its place", "7": "Corrected claim", "8": "Void"}
    return [
        Said(
            kinds.get(one.frequency_code, "Corrected claim"),
            str(one.get_state_display()),
            "info",
            f"version {one.version}, made {moment(one.made_at, client.timezone)}",
            words.claim_href(client.slug, one.pk),
        )
        for one in rows.defer("content").order_by("version")
    ]


def _reworks(denial: Denial, client: ReachedClient) -> list[Said]:
    rows = Rework.objects.filter(client_id=denial.client_id, denial=denial).defer("reason")
    return [
        Said(
            "Coded again at no cost",
            "Done" if one.done_at else "Open",
            "ok" if one.done_at else "warn",
            f"asked {moment(one.asked_at, client.timezone)}"
            + (f", codes of version {one.after_revision}" if one.after_revision else ""),
        )
        for one in rows.order_by("asked_at")
    ]


def _appeal(one: Appeal, client: ReachedClient) -> Said:
    awarded = f", {words.dollars(one.awarded_amount)} awarded" if one.awarded_amount is not None else ""
    sent = f", sent {moment(one.sent_at, client.timezone)}" if one.sent_at else ""
    return Said(
        f"Appeal, level {one.level}",
        str(one.get_state_display()),
        words.TONES[AppealState(one.state)],
        f"{words.dollars(one.requested_amount)} asked for{sent}{awarded}",
        words.appeal_href(client.slug, one.pk),
    )


def _credits(actor: Actor, denial: Denial, client: ReachedClient) -> list[Said]:
    if actor.role not in LEADERS and actor.is_vendor:
        return []
    rows = CreditProposal.objects.filter(client_id=denial.client_id, denial=denial)
    if not actor.is_vendor:
        rows = rows.filter(state=CreditState.APPROVED)
    return [
        Said(
            "Credit",
            str(one.get_state_display()),
            CREDIT_TONES[CreditState(one.state)],
            words.dollars(one.amount) + (", systemic" if one.is_systemic else ""),
            f"{claims_href(client.slug)}credits/{one.pk}/" if actor.is_vendor else "",
        )
        for one in rows
    ]
