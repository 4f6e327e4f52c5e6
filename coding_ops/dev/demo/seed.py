"""Filling a database with the demo, all of it or nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from cdi_queries.actions.documentation import count_documentation
from cdi_queries.actions.letters import letters_due, write_letter
from cdi_queries.actions.trigger_sweep import sweep
from code_sets.selectors import release_in_force
from coding_ops.accounts.models import User
from coding_ops.core.errors import Refused
from coding_ops.dev.demo import (
    arrivals,
    billing,
    claims,
    clock,
    denials,
    edits,
    own_claims,
    pcs,
    quality,
    queries,
    query_audits,
    rules,
    setup,
    sitting,
    work,
)
from coding_ops.dev.demo.people import CLIENTS, PEOPLE
from coding_ops.dev.demo.plan import Fate, plan
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.scope import client_transaction
from reporting.actions.snapshots import refresh_snapshots

LOCK = 7391
DEMO_SLUGS = frozenset(client.slug for client in CLIENTS)
WEEKS_OF_NUMBERS = 5
RULES_BEFORE = timedelta(days=120)
Say = Callable[[str], None]


class NotADemoDatabase(Refused):
    """The database holds clients of its own: invented patients do not belong beside theirs."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A line of the table that is printed."""

    email: str
    role: str
    clients: str


def is_filled() -> bool:
    """Whether the demo is here already."""
    return Client.objects.filter(slug__in=DEMO_SLUGS).exists()


def fill(*, now: datetime, seed: int, password: str, force: bool, say: Say) -> bool:
    """Fills in the demo; False when it is here already.

    Raises:
        NotADemoDatabase: there are clients that are not the demo's, and no ``force``.
        Refused: no ICD-10-CM release covers the demo's days.
    """
    if is_filled():
        return False
    _refuse_strangers(force=force)
    # Committed first: what the coders of the demo do is checked against these tables' files.
    edits.load_edits()
    pcs.load_procedures()
    if not _fill(now=now, seed=seed, password=password, force=force, say=say):
        return False
    say("rules look for gaps")
    for client in Client.objects.filter(slug__in=DEMO_SLUGS):
        _look_for_gaps(client.pk, now)
    return True


def _look_for_gaps(client_id: int, now: datetime) -> None:
    """As the schedule does, a bounded number of charts at once."""
    done = False
    while not done:
        done = sweep(client_id=client_id, now=now).is_done


def _refuse_strangers(*, force: bool) -> None:
    strangers = Client.objects.exclude(slug__in=DEMO_SLUGS).count()
    if strangers and not force:
        raise NotADemoDatabase(
            f"This database holds {strangers} client{'s' if strangers > 1 else ''} of its own; no demo data"
            " was added. Give --force to add it beside them.",
            code="demo.not_empty",
        )


@transaction.atomic
def _fill(*, now: datetime, seed: int, password: str, force: bool, say: Say) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if is_filled():
        return False
    _refuse_strangers(force=force)
    visits = plan(now, seed)
    for visit in visits:
        release_in_force("ICD-10-CM", visit.discharge_on or visit.service_on)
    places = setup.make_places()
    users: dict[str, User] = setup.make_people(places, password)
    say(f"{len(visits)} visits come in")
    arrivals.bring_in(places, visits)
    for place in places.values():
        like = next(v for v in visits if v.client.slug == place.demo.slug and v.fate is Fate.WAITING)
        arrivals.bring_in_what_cannot_be_read(place, now - timedelta(hours=5), like)
    say("coders work through them")
    chance = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    day = sitting.Day(places, users, chance)
    for slug, place in places.items():
        with clock.at(now - RULES_BEFORE), client_transaction([place.client.pk]):
            rules.agree_rules(day.someone(Role.MANAGER, slug), place.client.pk, slug)
        with clock.at(now - RULES_BEFORE):
            billing.set_up_billing(place)
    queries.name_contacts(day)
    work.code_past_charts(day, visits, {Fate.QUERIED: queries.ask_then_finish})
    say("reviewers look at samples")
    quality.review_past_charts(day, visits, now)
    queries.mark_reviewed_charts(day, visits, now)
    queries.ask_today(day, visits, now)
    query_audits.audit_queries(day, now)
    say("claims go out and are answered")
    own_claims.bring_own_claims(day, now)
    claims.bill_and_answer(day, now)
    denials.work_denials(day, now)
    work.do_todays_acts(day, visits, now)
    say("numbers are computed")
    for place in places.values():
        _refresh_numbers(place.client, now)
    return True


def _refresh_numbers(client: Client, now: datetime) -> None:
    """The windows of today and of the weeks before, as the schedule would have kept them.

    The newest census is taken after today's acts, whose time in the ledger is the true one: taken at ``now``,
    it would still count the visits that were just cancelled.
    """
    taken_at = max(now, timezone.now())
    with client_transaction([client.pk]):
        for week in range(WEEKS_OF_NUMBERS, -1, -1):
            moment = now - timedelta(weeks=week)
            refresh_snapshots(actor=setup.SYSTEM, client=client, through=moment.date(), now=taken_at)
        _write_letters(client, now)


def _write_letters(client: Client, now: datetime) -> None:
    """What is counted of documentation, and the letters that are due, as the schedule would make them."""
    today = now.astimezone(ZoneInfo(client.timezone)).date()
    count_documentation(client_id=client.pk, today=today)
    month, due = letters_due(client=client, today=today)
    for one in due:
        write_letter(actor=setup.SYSTEM, client=client, of=one, month=month)


def sign_ins() -> list[SignIn]:
    """Everybody of the demo, for the table."""
    names = {client.slug: client.name for client in CLIENTS}
    return [
        SignIn(
            person.email,
            str(person.roles[0][1].label),
            "all clients"
            if len(person.roles) == len(CLIENTS)
            else ", ".join(names[slug] for slug, _ in person.roles),
        )
        for person in PEOPLE
    ]
