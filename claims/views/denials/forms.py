"""What may be done on a denial's page, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from claims.access.roles import LEADERS, WORKERS
from claims.actions.denials.proposing import LOOK_BACK_DAYS, RULE_CAUSES, least_repeats, rule_of
from claims.actions.denials.working import workers
from claims.models import Denial, RootCause
from claims.rules.denial_states import STEPS, TO_WORK, DenialState, DenialVerb
from claims.selectors.denial_list import repeats_of
from claims.views.denials import words
from claims.views.denials.dto import Forms
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice

VERDICTS: Final = (("", "Not decided"), ("yes", "Ours: an error of the coding team"), ("no", "Not ours"))
VERDICT_OF: Final = {"yes": True, "no": False, "": None}


def forms_of(
    denial: Denial, actor: Actor, client: ReachedClient, today: date, values: Mapping[str, str]
) -> Forms:
    """The forms this person may use as the denial stands; none for who may only read."""
    if actor.role not in WORKERS:
        return Forms()
    base, is_leader = words.denial_href(client.slug, denial.pk), actor.role in LEADERS
    state = DenialState(denial.state)
    is_theirs = is_leader or denial.owner_id in (None, actor.user_id)
    cause = values.get("root_cause", denial.root_cause)
    verdict = next(key for key, value in VERDICT_OF.items() if value is denial.is_vendor_error)
    rule_action, rule_href, rule_words = _rule(denial, base, client, today, is_leader)
    return Forms(
        assign_action=f"{base}assign/" if state in TO_WORK and is_theirs else "",
        owners=_owners(denial, actor, today, is_leader),
        cause_action=f"{base}cause/",
        causes=(
            Choice("", "Choose", not cause),
            *(Choice(one, str(label), one == cause) for one, label in RootCause.choices),
        ),
        verdicts=tuple(Choice(one, label, one == verdict) for one, label in VERDICTS) if is_leader else (),
        note=values.get("note", denial.cause_note or ""),
        write_off_action=f"{base}write-off/" if is_leader and (state, DenialVerb.WRITE_OFF) in STEPS else "",
        reopen_action=f"{base}reopen/" if is_leader and (state, DenialVerb.REOPEN) in STEPS else "",
        rule_action=rule_action,
        rule_href=rule_href,
        rule_words=rule_words,
        values=values,
    )


def _owners(denial: Denial, actor: Actor, today: date, is_leader: bool) -> tuple[Choice, ...]:
    """Nobody, then who works denials, by name; a coder may take it or lay it down."""
    grants = workers(denial.client_id, today).select_related("user").order_by("user__full_name")
    people = [(one.user_id, one.user.full_name) for one in grants]
    if not is_leader:
        people = [(key, name) for key, name in people if key == actor.user_id]
    chosen = denial.owner_id if denial.owner_id is not None or is_leader else actor.user_id
    return (
        Choice("", "Nobody", chosen is None),
        *(Choice(str(key), name, key == chosen) for key, name in people),
    )


def _rule(
    denial: Denial, base: str, client: ReachedClient, today: date, is_leader: bool
) -> tuple[str, str, str]:
    """Address of the form, address of the rule, and what is said of repeats."""
    if not denial.service_code or denial.root_cause not in RULE_CAUSES:
        return "", "", ""
    count, _ = repeats_of(denial, today - timedelta(days=LOOK_BACK_DAYS))
    least = least_repeats(client.id)
    said = (
        f"{count} denial{'' if count == 1 else 's'} of this payer, reason, code and cause in the last"
        f" {LOOK_BACK_DAYS} days; a rule is proposed from {least} on."
    )
    rule = rule_of(denial)
    if rule is not None:
        return "", f"/c/{client.slug}/edit-rules/{rule.pk}/", f"{said} Rule {rule.number} was proposed."
    return f"{base}rule/" if is_leader and count >= least else "", "", said
