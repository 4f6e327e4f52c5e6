"""Who reaches which client, until when, and which charts inside it."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.db import IntegrityError, close_old_connections, connections, transaction
from django.http import HttpRequest
from django.utils import timezone
from guardian.shortcuts import get_perms

from coding_ops.accounts.models import CoderCredential, User
from coding_ops.administration.clients import (
    CLIENT_PERMISSIONS,
    grant_membership,
    revoke_membership,
    role_group,
)
from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import InvalidInput, NotFound
from coding_ops.tenancy.access import reach_of
from coding_ops.tenancy.models import VENDOR_ROLES, Client, Membership, Role
from encounters.access import charts_in_reach, find_chart, open_chart
from encounters.models import Encounter
from tests import cast
from tests.tenancy.full import fill
from tests.tenancy.walker import browser_of

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def slugs(user: User) -> list[str]:
    return [client.slug for client in reach_of(fresh(user)).clients]


def test_a_person_reaches_their_clients_in_their_role_there_and_no_other() -> None:
    here, there, third = cast.cypress(), cast.harbor(), cast.place("third-clinic", "Third Clinic")
    marcus = cast.person("Marcus Bell", (here, Role.CODER), (there, Role.QA_REVIEWER))
    reach = reach_of(fresh(marcus))
    assert {client.slug: client.role for client in reach.clients} == {
        "cypress-ridge": Role.CODER,
        "harbor-light": Role.QA_REVIEWER,
    }
    assert reach.client("cypress-ridge").id == here.client.pk
    assert [client.slug for client in reach.in_role(Role.CODER)] == ["cypress-ridge"]
    for slug in (third.client.slug, "nowhere-clinic", "", "CYPRESS-RIDGE"):
        with pytest.raises(NotFound):
            reach.client(slug)


@pytest.mark.parametrize("role", list(Role))
def test_only_the_vendors_roles_count_as_the_vendors(role: Role) -> None:
    here = cast.cypress()
    reach = reach_of(fresh(cast.person("Somebody", (here, role))))
    assert bool(reach.vendor_clients) == (role in VENDOR_ROLES)
    assert reach.actor(role, "").is_vendor == (role in VENDOR_ROLES)


@pytest.mark.parametrize(("days", "reaches"), [(1, True), (0, True), (-1, False)])
def test_an_auditors_grant_counts_to_its_last_day(days: int, reaches: bool) -> None:
    here = cast.cypress()
    ellis = cast.person("Ellis Grant", (here, Role.EXTERNAL_AUDITOR))
    Membership.objects.filter(user=ellis).update(ends_on=timezone.localdate() + timedelta(days=days))
    assert slugs(ellis) == (["cypress-ridge"] if reaches else [])
    status = browser_of(ellis).get("/api/v1/clients/cypress-ridge/encounters/").status_code
    assert status == (200 if reaches else 404)


def test_an_auditors_grant_without_an_end_is_refused_by_the_act_and_by_the_database() -> None:
    here = cast.cypress()
    ellis = cast.person("Ellis Grant")
    with cast.opened(here):
        with pytest.raises(InvalidInput):
            grant_membership(actor=cast.SYSTEM, client=here.client, user=ellis, role=Role.EXTERNAL_AUDITOR)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(client=here.client, user=ellis, role=Role.EXTERNAL_AUDITOR)
        assert not Membership.objects.filter(user=ellis).exists()
        assert not ellis.groups.exists()


def test_a_revoked_role_is_gone_at_the_next_request_of_a_session_that_goes_on() -> None:
    here = cast.cypress()
    nora = cast.person("Nora Vance", (here, Role.CLIENT_VIEWER))
    browser = browser_of(nora)
    assert browser.get("/api/v1/clients/cypress-ridge/encounters/").status_code == 200
    with cast.opened(here):
        revoke_membership(actor=cast.SYSTEM, client=here.client, user=nora, reason="She left.")
        event = AuditEvent.objects.get(verb="membership.revoked")
        assert event.reason == "She left." and event.facts == {"user": nora.pk, "role": "client_viewer"}
    assert browser.get("/api/v1/clients/cypress-ridge/encounters/").status_code == 404
    assert not nora.groups.exists()
    with cast.opened(here):
        revoke_membership(actor=cast.SYSTEM, client=here.client, user=nora, reason="Twice.")
        assert AuditEvent.objects.filter(verb="membership.revoked").count() == 1


def test_a_changed_role_counts_at_the_next_request_and_the_old_one_is_kept_as_ended() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    browser = browser_of(rosalind)
    assert browser.get("/c/cypress-ridge/dashboard/").status_code == 404
    with cast.opened(here):
        grant_membership(actor=cast.SYSTEM, client=here.client, user=rosalind, role=Role.MANAGER)
    assert browser.get("/c/cypress-ridge/dashboard/").status_code == 200
    assert [group.name for group in rosalind.groups.all()] == [f"client:{here.client.pk}:manager"]
    roles = {row.role: row.revoked_at is None for row in Membership.objects.filter(user=rosalind)}
    assert roles == {"coder": False, "manager": True}


def test_a_client_that_is_closed_is_reached_by_nobody() -> None:
    here = cast.cypress()
    adaeze = cast.person("Adaeze Obi", (here, Role.VENDOR_ADMIN))
    Client.objects.filter(pk=here.client.pk).update(is_active=False)
    assert slugs(adaeze) == []
    assert browser_of(adaeze).get("/c/cypress-ridge/dashboard/").status_code == 404


def test_an_account_that_is_switched_off_is_nobody_at_the_next_request() -> None:
    here = cast.cypress()
    adaeze = cast.person("Adaeze Obi", (here, Role.VENDOR_ADMIN))
    browser = browser_of(adaeze)
    User.objects.filter(pk=adaeze.pk).update(is_active=False)
    assert browser.get("/c/cypress-ridge/dashboard/").status_code == 302
    request = HttpRequest()
    request.session = browser.session
    assert not get_user(request).is_authenticated


VENDOR_AND_CLIENT = [
    (Role.CODER, Role.CLIENT_VIEWER),
    (Role.CLIENT_ADMIN, Role.MANAGER),
    (Role.PROVIDER, Role.CODER),
]


@pytest.mark.parametrize(("first", "second"), VENDOR_AND_CLIENT)
def test_one_account_is_never_the_vendors_and_a_clients(first: Role, second: Role) -> None:
    here, there = cast.cypress(), cast.harbor()
    both = cast.person("Both Sides", (here, first))
    with cast.opened(there):
        with pytest.raises(InvalidInput) as caught:
            grant_membership(actor=cast.SYSTEM, client=there.client, user=both, role=second)
        assert caught.value.code == "membership.mixed"
        assert not AuditEvent.objects.filter(verb="membership.granted").exists()
    assert slugs(both) == ["cypress-ridge"]
    assert [group.name for group in both.groups.all()] == [f"client:{here.client.pk}:{first}"]


def test_a_person_has_one_standing_role_at_a_client() -> None:
    here = cast.cypress()
    nora = cast.person("Nora Vance", (here, Role.CLIENT_VIEWER))
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(client=here.client, user=nora, role=Role.CLIENT_ADMIN)
    assert Membership.objects.get(user=nora).role == Role.CLIENT_VIEWER


@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_cannot_make_an_account_both() -> None:
    here, there = cast.cypress(), cast.harbor()
    person = cast.person("Both Sides")
    start, outcomes = threading.Barrier(2), []

    def grant(where: cast.Place, role: Role) -> None:
        try:
            close_old_connections()
            start.wait()
            with cast.opened(where):
                grant_membership(actor=cast.SYSTEM, client=where.client, user=person, role=role)
            outcomes.append("granted")
        except InvalidInput:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=grant, args=pair) for pair in ((here, Role.CODER), (there, Role.CLIENT_ADMIN))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["granted", "refused"]
    assert Membership.objects.filter(user=person).count() == 1


# --- credentials -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issued", "expires", "counts"),
    [(-9, 9, True), (-9, 0, True), (0, 9, True), (-9, -1, False), (1, 9, False)],
)
def test_a_credential_counts_from_its_first_to_its_last_day(issued: int, expires: int, counts: bool) -> None:
    today = timezone.localdate()
    user = cast.person("Rosalind Ames", (cast.cypress(), Role.CODER))
    CoderCredential.objects.create(
        user=user,
        body="AAPC",
        name="CPC",
        number="1",
        issued_on=today + timedelta(days=issued),
        expires_on=today + timedelta(days=expires),
    )
    assert reach_of(fresh(user)).credential == ("CPC" if counts else "")


# --- grants on objects -------------------------------------------------------------------------------


def test_each_roles_group_holds_its_grants_on_its_own_client_and_none_on_another() -> None:
    here, there = cast.cypress(), cast.harbor()
    for role, expected in CLIENT_PERMISSIONS.items():
        group = role_group(here.client, role)
        assert set(get_perms(group, here.client)) == set(expected), role
        assert get_perms(group, there.client) == []
    with cast.opened(here, there):
        assert get_perms(role_group(here.client, Role.CODER), here.queue) == ["take_charts"]
        assert get_perms(role_group(here.client, Role.CODER), there.queue) == []
        assert get_perms(role_group(here.client, Role.MANAGER), here.queue) == []


def test_a_persons_grants_come_and_go_with_the_role() -> None:
    here, there = cast.cypress(), cast.harbor()
    rosalind = cast.coder("Rosalind Ames", here)
    assert fresh(rosalind).has_perm("tenancy.code_encounters", here.client)
    assert not fresh(rosalind).has_perm("tenancy.code_encounters", there.client)
    assert not fresh(rosalind).has_perm("tenancy.manage_work", here.client)
    with cast.opened(here):
        revoke_membership(actor=cast.SYSTEM, client=here.client, user=rosalind, reason="Moved on.")
    assert not fresh(rosalind).has_perm("tenancy.code_encounters", here.client)


# --- need to code ------------------------------------------------------------------------------------


def opens(user: User, role: Role, chart: Encounter, client_id: int) -> bool:
    actor = cast.actor_for(user, role)
    answers = []
    for door in (open_chart, find_chart):
        try:
            door(actor=actor, client_id=client_id, encounter_id=chart.pk)
            answers.append(True)
        except NotFound:
            answers.append(False)
    assert len(set(answers)) == 1
    assert charts_in_reach(actor, client_id).filter(pk=chart.pk).exists() == answers[0]
    return answers[0]


def test_a_coder_opens_the_charts_they_hold_have_on_hold_or_made_final_and_no_other() -> None:
    cast.icd10cm()
    full = fill(cast.cypress())
    colleague = cast.coder("Ines Calderon", full.place)
    coder = full.people[Role.CODER]
    with cast.opened(full.place):
        for chart, theirs in (
            (full.held, True),
            (full.pended, True),
            (full.final, True),
            (full.waiting, False),
        ):
            assert opens(coder, Role.CODER, chart, full.client_id) is theirs
            assert opens(colleague, Role.CODER, chart, full.client_id) is False


def test_each_role_opens_what_it_is_there_for() -> None:
    cast.icd10cm()
    full = fill(cast.cypress())
    everything = {*VENDOR_ROLES, Role.CLIENT_VIEWER, Role.CLIENT_ADMIN, Role.PROVIDER} - {Role.CODER}
    with cast.opened(full.place):
        for role in sorted({*everything, Role.EXTERNAL_AUDITOR}):
            user = full.people[role]
            assert opens(user, role, full.final, full.client_id) is True
            assert opens(user, role, full.held, full.client_id) is (role in everything)
            assert opens(user, role, Encounter(pk=uuid.uuid4()), full.client_id) is False


def test_a_provider_opens_only_visits_they_rendered_and_a_role_nobody_knows_opens_nothing() -> None:
    cast.icd10cm()
    full = fill(cast.cypress())
    other = cast.person("Dr. Lindqvist", (full.place, Role.PROVIDER))
    with cast.opened(full.place):
        assert opens(other, Role.PROVIDER, full.held, full.client_id) is False
        unknown: Any = "janitor"
        assert opens(other, unknown, full.held, full.client_id) is False
