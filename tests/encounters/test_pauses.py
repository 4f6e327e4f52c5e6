"""A paused coder is handed no new chart, keeps the one in hand, and reads why above the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from encounters.actions.leases import take_chart, take_next
from encounters.actions.pauses import lift_pause, pause_coder
from encounters.models import WorkItem, WorkPause
from encounters.selectors.pauses import paused_now
from tests import cast

WHY = "Error rate above its limit for two weeks"


@pytest.mark.django_db
def test_a_paused_coder_is_handed_nothing_there_and_everything_elsewhere() -> None:
    here, there = cast.cypress(), cast.harbor()
    rosalind, marcus = cast.coder("Rosalind Ames", here, there), cast.coder("Marcus Bell", here)
    lead = cast.actor_for(cast.person("Marguerite Lowell", (here, Role.MANAGER)), Role.MANAGER)
    actor, both = cast.actor_for(rosalind, Role.CODER), [here.client.pk, there.client.pk]
    with cast.opened(here):
        cast.encounter(here, due_at=timezone.now() + timedelta(hours=1))
        pause = pause_coder(
            actor=lead, client_id=here.client.pk, coder_id=rosalind.pk, specialty_id=None, reason=WHY
        )
    assert take_next(actor=actor, client_ids=both) is None
    with cast.opened(here):
        with pytest.raises(Refused, match="paused for you"):
            take_chart(actor=actor, item=WorkItem.objects.get(), now=timezone.now())
        assert WorkItem.objects.get().state == "queued"
    with cast.opened(there):
        elsewhere = cast.encounter(there)
    taken = take_next(actor=actor, client_ids=both)
    assert taken is not None and taken.encounter_id == elsewhere.pk
    other = take_next(actor=cast.actor_for(marcus, Role.CODER), client_ids=[here.client.pk])
    assert other is not None and other.client_id == here.client.pk
    with cast.opened(here):
        lift_pause(actor=lead, pause=pause, reason="Ten charts in a row were clean")
        assert paused_now(here.client.pk, rosalind.pk) == []
        verbs = AuditEvent.objects.filter(subject_id=str(pause.pk)).values_list("verb", flat=True)
        assert list(verbs) == ["coder.paused", "coder.resumed"]


@pytest.mark.django_db
def test_a_pause_of_one_specialty_leaves_the_others() -> None:
    here = cast.cypress()
    rosalind = cast.certify(cast.person("Rosalind Ames", (here, Role.CODER)), specialties=("IM", "ORTHO"))
    now = timezone.now()
    with cast.opened(here):
        cast.encounter(here, due_at=now + timedelta(hours=1))
        knee = cast.encounter(here, specialty=cast.specialty("ORTHO"), due_at=now + timedelta(hours=9))
        pause_coder(
            actor=system_actor("tests"),
            client_id=here.client.pk,
            coder_id=rosalind.pk,
            specialty_id=cast.specialty("IM").pk,
            reason=WHY,
        )
    taken = take_next(actor=cast.actor_for(rosalind, Role.CODER), client_ids=[here.client.pk])
    assert taken is not None and taken.encounter_id == knee.pk


@pytest.mark.django_db
def test_the_chart_in_hand_stays_and_a_pause_ends_by_itself_after_its_last_day() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    actor = cast.actor_for(rosalind, Role.CODER)
    common: dict[str, Any] = {
        "actor": system_actor("tests"),
        "client_id": here.client.pk,
        "coder_id": rosalind.pk,
    }
    with cast.opened(here):
        cast.encounter(here)
        cast.encounter(here)
    first = take_next(actor=actor, client_ids=[here.client.pk])
    assert first is not None
    with cast.opened(here):
        pause = pause_coder(**common, specialty_id=None, reason=WHY, until=timezone.localdate())
    again = take_next(actor=actor, client_ids=[here.client.pk])
    assert again is not None and (again.encounter_id, again.was_held) == (first.encounter_id, True)
    with cast.opened(here):
        WorkItem.objects.filter(pk=first.item_id).update(
            state="done", holder=None, lease_expires_at=None, leased_at=None
        )
    assert take_next(actor=actor, client_ids=[here.client.pk]) is None
    with cast.opened(here):
        WorkPause.objects.filter(pk=pause.pk).update(until=timezone.localdate() - timedelta(days=1))
    assert take_next(actor=actor, client_ids=[here.client.pk]) is not None
    with cast.opened(here):
        # The one that ran out makes room for the next.
        pause_coder(**common, specialty_id=None, reason=WHY)
        assert WorkPause.objects.filter(lifted_at__isnull=True).count() == 1


@pytest.mark.django_db
def test_who_may_pause_whom_and_what_is_asked() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    lead_user = cast.person("Marguerite Lowell", (here, Role.MANAGER))
    reviewer = cast.person("Quentin Drake", (here, Role.QA_REVIEWER))
    lead = cast.actor_for(lead_user, Role.MANAGER)
    with cast.opened(here):
        asked: dict[str, Any] = {
            "client_id": here.client.pk,
            "coder_id": rosalind.pk,
            "specialty_id": None,
            "reason": WHY,
        }
        with pytest.raises(NotAllowed):
            pause_coder(**asked | {"actor": cast.actor_for(reviewer, Role.QA_REVIEWER)})
        with pytest.raises(Refused, match="few words"):
            pause_coder(**asked | {"actor": lead, "reason": " no "})
        with pytest.raises(InvalidInput, match="does not code"):
            pause_coder(**asked | {"actor": lead, "coder_id": reviewer.pk})
        with pytest.raises(InvalidInput, match="past"):
            pause_coder(**asked, actor=lead, until=timezone.localdate() - timedelta(days=1))
        assert not WorkPause.objects.exists()
        pause = pause_coder(**asked, actor=lead)
        with pytest.raises(Refused, match="already"):
            pause_coder(**asked, actor=lead)
        lift_pause(actor=lead, pause=pause, reason="Settled by training")
        with pytest.raises(Conflict):
            lift_pause(actor=lead, pause=pause, reason="Settled by training")


@pytest.mark.django_db(transaction=True)
def test_the_worklist_tells_a_paused_coder_in_neutral_words_and_nobody_else() -> None:
    here = cast.cypress()
    rosalind, marcus = cast.coder("Rosalind Ames", here), cast.coder("Marcus Bell", here)
    lead = cast.person("Marguerite Lowell", (here, Role.MANAGER))
    with cast.opened(here):
        cast.encounter(here, external_id="V-first")
        pause_coder(
            actor=cast.actor_for(lead, Role.MANAGER),
            client_id=here.client.pk,
            coder_id=rosalind.pk,
            specialty_id=cast.specialty("IM").pk,
            reason=WHY,
        )
    pages = {}
    for user in (rosalind, marcus):
        browser = Browser()
        browser.force_login(user)
        pages[user] = browser.get("/work/").content.decode()
    told = "New charts of Cypress Ridge Internal Medicine, Internal medicine are paused for you since"
    assert told in pages[rosalind] and "by Marguerite Lowell" in pages[rosalind]
    assert WHY not in pages[rosalind]
    assert "paused" not in pages[marcus]
    assert all("V-first" in page for page in pages.values())
