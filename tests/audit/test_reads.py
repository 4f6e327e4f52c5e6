"""Every look at patient data leaves exactly one record, whoever looks and by whatever way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.audit.reads import collected_reads, note_read, write_reads
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.models import Role
from encounters.access import find_chart, open_chart
from tests import cast
from tests.tenancy.full import Full, fill
from tests.tenancy.matrix import MATRIX
from tests.tenancy.walker import browser_of, filled, values_of

pytestmark = pytest.mark.django_db
READS = (
    Verb.CHART_VIEWED,
    Verb.CHART_LISTED,
    Verb.RAW_FILE_VIEWED,
    Verb.QUERY_VIEWED,
    Verb.CLAIM_VIEWED,
    Verb.CLAIM_FILE_VIEWED,
    Verb.SUBMISSION_DOWNLOADED,
)


@pytest.fixture
def full() -> Full:
    cast.icd10cm()
    return fill(cast.cypress(), numbers=True)


def reads() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(verb__in=READS).order_by("seq"))


def gets(full: Full) -> Iterator[tuple[str, Role, str, Any]]:
    """Each page and each API address that is read, by each role that may."""
    for pattern, row in MATRIX.items():
        act = row.acts.get("GET")
        if act is None or row.public:
            continue
        for role in Role:
            if role in act.roles:
                yield pattern, role, filled(pattern, values_of(full, act)), act.send(full)


def test_each_page_that_shows_patient_data_leaves_one_record_and_the_others_none_too_many(full: Full) -> None:
    wrong, shown = [], 0
    browsers = {role: browser_of(full.people[role]) for role in Role}
    for pattern, role, url, query in gets(full):
        with transaction.atomic():
            answer = browsers[role].get(url, data=query)
            with cast.opened(full.place):
                made = [event for event in reads() if event.actor_id == full.people[role].pk]
            transaction.set_rollback(True)
        patient_data = any(marker.encode() in answer.content for marker in full.sealed)
        shown += patient_data
        if len(made) != 1 if patient_data else len(made) > 1:
            wrong.append(f"{role} {pattern}: shows patient data: {patient_data}, records: {len(made)}")
        for event in made:
            if event.request_id != answer["X-Request-ID"] or event.role != role:
                wrong.append(f"{role} {pattern}: the record names another request or role")
    assert wrong == []
    assert shown >= 10, "hardly a page shows patient data: that proves nothing"


def test_a_page_that_is_refused_leaves_no_record_of_a_read(full: Full) -> None:
    stranger = browser_of(cast.coder("Ines Calderon", full.place))
    assert stranger.get(f"/c/{full.slug}/encounters/{full.held.pk}/").status_code == 404
    with cast.opened(full.place):
        assert reads() == []


def test_opening_a_chart_without_a_page_is_recorded_at_once_and_finding_it_is_not(full: Full) -> None:
    actor = cast.actor_for(full.people[Role.MANAGER], Role.MANAGER)
    ids: dict[str, Any] = {"actor": actor, "client_id": full.client_id, "encounter_id": full.held.pk}
    with cast.opened(full.place):
        find_chart(**ids)
        assert reads() == []
        open_chart(**ids)
        (event,) = reads()
        assert (event.verb, event.subject_id, event.role) == ("chart.viewed", str(full.held.pk), "manager")
        assert (event.actor_id, event.credential, event.facts) == (actor.user_id, "CPC", {})
        with pytest.raises(NotFound):
            open_chart(
                **{**ids, "actor": cast.actor_for(cast.coder("Ines Calderon", full.place), Role.CODER)}
            )
        assert len(reads()) == 1


def test_the_same_read_twice_in_a_request_is_one_record_and_two_charts_are_two(full: Full) -> None:
    actor = cast.actor_for(full.people[Role.MANAGER], Role.MANAGER)

    def look(subject: object) -> None:
        note_read(
            actor=actor,
            verb=Verb.CHART_VIEWED,
            client_id=full.client_id,
            subject_type="encounter",
            subject_id=str(subject),
        )

    with cast.opened(full.place), collected_reads() as notes:
        for chart in (full.held, full.final, full.held):
            look(chart.pk)
        assert reads() == []
        write_reads(notes)
        write_reads(notes)
        assert sorted(event.subject_id for event in reads()) == sorted(
            [str(full.held.pk), str(full.final.pk)]
        )


def test_a_list_is_one_record_that_names_the_charts_it_showed(full: Full) -> None:
    actor = cast.actor_for(full.people[Role.CLIENT_VIEWER], Role.CLIENT_VIEWER)
    with cast.opened(full.place), collected_reads() as notes:
        for shown in (("b", "a"), ("c", "a")):
            note_read(
                actor=actor,
                verb=Verb.CHART_LISTED,
                client_id=full.client_id,
                subject_type="client",
                subject_id=str(full.client_id),
                encounter_ids=shown,
            )
        write_reads(notes)
        (event,) = reads()
        assert event.facts == {"encounters": ["a", "b", "c"]}


def test_reads_of_two_clients_are_recorded_in_each_ones_own_chain(full: Full) -> None:
    there = cast.harbor()
    actor = cast.actor_for(full.people[Role.MANAGER], Role.MANAGER)
    with collected_reads() as notes:
        for client_id in (there.client.pk, full.client_id):
            note_read(
                actor=actor,
                verb=Verb.CHART_LISTED,
                client_id=client_id,
                subject_type="client",
                subject_id="x",
            )
        write_reads(notes)  # no client is open: it opens both for the length of the writing
    for place in (there, full.place):
        with cast.opened(place):
            assert [event.client_id for event in reads()] == [place.client.pk]
