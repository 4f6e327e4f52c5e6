"""Queries through the client's inbox: real servers take them, refuse them, or say nothing."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from cdi_queries.actions.carrying import send_message, send_waiting
from cdi_queries.actions.delivery import deliver, deliver_waiting
from cdi_queries.actions.ending import cancel_query
from cdi_queries.actions.outbox import send_out, try_way
from cdi_queries.carriers.mllp import exchange
from cdi_queries.models import (
    CancelReason,
    CdiQuery,
    DeliveryRoute,
    OutboundMessage,
    OutboxState,
    QueryLink,
    QueryStep,
    StepKind,
)
from cdi_queries.rules.outbound.outbox_states import Result
from cdi_queries.rules.outbound.ways import Carrier, Way
from cdi_queries.terms.outbox import Limits, outbox_terms
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import NotAllowed, Refused
from coding_ops.tenancy.models import Role
from encounters.rules.intake.er7 import split_message
from tests import cast
from tests.cdi_queries import inboxes, scene

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Room:
    """The scene, and a query that waits."""

    of: scene.Desk
    query: CdiQuery

    @property
    def client_id(self) -> int:
        return self.of.place.client.pk

    def route(self, kind: str, address: str, **more: Any) -> DeliveryRoute:
        with cast.opened(self.of.place):
            made: DeliveryRoute = DeliveryRoute.objects.create(
                client_id=self.client_id,
                kind=kind,
                address=address,
                receiving_application="INBOX",
                is_on=more.pop("is_on", True),
                **more,
            )
            return made

    def out(self) -> bool:
        with cast.opened(self.of.place):
            return send_out(query=CdiQuery.objects.get(client_id=self.client_id, pk=self.query.pk))

    def message(self) -> OutboundMessage:
        with cast.opened(self.of.place):
            return OutboundMessage.objects.select_related("query").get(client_id=self.client_id)

    def send(self, *, minutes: int = 0) -> Result | None:
        return send_message(
            client_id=self.client_id,
            message_id=self.message().pk,
            now=timezone.now() + timedelta(minutes=minutes),
        )

    def delivered(self) -> list[dict[str, Any]]:
        with cast.opened(self.of.place):
            found = QueryStep.objects.filter(query=self.query, kind=StepKind.DELIVERED)
            return [one.facts for one in found.filter(client_id=self.client_id)]


@pytest.fixture
def room(settings: Any) -> Iterator[Room]:
    settings.OUTBOX_NETWORKS = ["127.0.0.0/8"]
    place = cast.cypress()
    of = scene.desk(place)
    with cast.opened(place):
        query = scene.sent(of, scene.chart(of))
    yield Room(of, query)


@pytest.mark.parametrize("kind", ["hl7_oru", "hl7_mdm"])
def test_an_accepted_message_is_in_the_trail_and_its_words_are_gone(room: Room, kind: str) -> None:
    with inboxes.mllp_inbox(inboxes.acknowledgement("AA")) as inbox:
        room.route(kind, f"mllp://127.0.0.1:{inbox.port}")
        assert room.out()
        queued = room.message()
        assert (queued.state, queued.byte_count > 500) == (OutboxState.QUEUED, True)
        assert room.send() == Result(True, "AA")
    message = room.message()
    assert (message.state, message.result, message.tries) == ("accepted", "AA", 1)
    assert message.body is None
    assert room.delivered() == [{"route": kind, "message": message.control_id, "answer": "AA"}]
    (frame,) = inbox.received
    read = split_message(frame.strip(b"\x0b\x1c\r").decode())
    assert read is not None
    words = "\n".join(one.text(5) for one in read.all("OBX"))
    assert "Please clarify the type and acuity" in words and "ejection fraction 30%" in words
    assert "( ) Acute systolic heart failure" in words and "/q/" in words


def test_the_link_in_the_message_is_the_one_that_stands(room: Room) -> None:
    with inboxes.mllp_inbox(inboxes.acknowledgement("AA")) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        assert room.out() and room.out() and room.send()
        assert room.out(), "it has arrived: no mail"
    with cast.opened(room.of.place):
        assert QueryLink.objects.filter(query=room.query, revoked_at__isnull=True).count() == 1
        assert OutboundMessage.objects.filter(client_id=room.client_id).count() == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (inboxes.acknowledgement("AE"), "AE"),
        (inboxes.silent, "no_answer"),
        (inboxes.acknowledgement("AA", of="OTHER"), "other_answer"),
        (lambda _: b"\x0bHTTP/1.1 400 Bad\x1c\r", "other_answer"),
        (lambda _: b"x" * 80_000, "no_answer"),
    ],
)
def test_what_is_no_acceptance_is_tried_again_and_then_goes_by_mail(
    room: Room, answer: inboxes.Answer, code: str
) -> None:
    with inboxes.mllp_inbox(answer) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        assert room.out()
        assert room.send() == Result(False, code)
        waiting = room.message()
        assert (waiting.state, waiting.result, room.delivered()) == ("queued", code, [])
        assert room.send() is None, "its time has not come"
        for _ in outbox_terms().waits:
            assert room.out(), "while it is tried there is no mail"
            assert room.send(minutes=60) == Result(False, code)
    message = room.message()
    assert (message.state, message.tries) == ("failed", len(outbox_terms().waits) + 1)
    assert message.body is None
    assert (room.delivered(), room.out()) == ([], False)
    with cast.opened(room.of.place):
        told = AuditEvent.objects.get(client_id=room.client_id, verb=Verb.QUERY_UNDELIVERED)
    assert (told.subject_id, told.facts["answer"]) == (str(room.query.pk), code)


def test_a_query_takes_the_inbox_and_goes_by_mail_only_after_that_failed(room: Room, mailoutbox: Any) -> None:
    query_id = str(room.query.pk)
    with inboxes.mllp_inbox(inboxes.acknowledgement("AR")) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        with cast.opened(room.of.place):
            assert not deliver(client_id=room.client_id, query_id=query_id)
            assert deliver_waiting(client_id=room.client_id) == 0
        assert mailoutbox == []
        assert room.send()
    with cast.opened(room.of.place):
        assert deliver(client_id=room.client_id, query_id=query_id)
        assert deliver_waiting(client_id=room.client_id) == 0
    assert len(mailoutbox) == 1
    assert [one["route"] for one in room.delivered()] == ["mail"]


def test_a_rejection_is_final_at_once(room: Room) -> None:
    with inboxes.mllp_inbox(inboxes.acknowledgement("AR")) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        assert room.out()
        assert room.send() == Result(False, "AR", is_final=True)
    assert (room.message().state, room.out()) == ("failed", False)


def test_nobody_there_and_nobody_allowed_there(room: Room, settings: Any) -> None:
    with inboxes.mllp_inbox(inboxes.acknowledgement("AA")) as inbox:
        room.route("hl7_oru", f"mllp://localhost:{inbox.port}")
        settings.OUTBOX_NETWORKS = []
        assert room.out()
        assert room.send() == Result(False, "not_allowed", is_final=True)
        assert inbox.received == []
    assert (room.message().state, room.message().result) == ("failed", "not_allowed")


def test_a_receiver_that_never_ends_its_answer_is_cut_off(room: Room) -> None:
    def drip(_control_id: str) -> bytes | None:
        time.sleep(2)
        return None

    with inboxes.mllp_inbox(drip) as inbox:
        way = Way(Carrier.MLLP, "127.0.0.1", inbox.port)
        begun = time.monotonic()
        found = exchange(way, b"MSH|a|b|c|d|e|f|g|h|ID|\r", control_id="ID", limits=Limits(1, 0.3, 1000))
    assert found == Result(False, "no_answer")
    assert time.monotonic() - begun < 1.5


def test_tls_needs_a_certificate_we_trust(room: Room, settings: Any, tmp_path: Path) -> None:
    papers = inboxes.papers(tmp_path)
    with inboxes.mllp_inbox(inboxes.acknowledgement("CA"), context=papers.context) as inbox:
        room.route("hl7_mdm", f"mllps://localhost:{inbox.port}")
        assert room.out()
        assert room.send() == Result(False, "certificate", is_final=True)
        assert inbox.received == []
        settings.OUTBOX_CA_FILE = str(papers.file)
        with cast.opened(room.of.place):
            made = try_way(
                actor=cast.actor_for(room.of.manager, Role.VENDOR_ADMIN), client=room.of.place.client
            )
        result = send_message(client_id=room.client_id, message_id=made.pk, now=timezone.now())
        assert result == Result(True, "CA")
    read = split_message(inbox.received[0].strip(b"\x0b\x1c\r").decode())
    assert read is not None and (header := read.first("MSH")) and header.value(11) == "T"
    assert b"Okafor" not in inbox.received[0]


def test_fhir_is_posted_with_its_token_and_read_back(room: Room, settings: Any, tmp_path: Path) -> None:
    papers = inboxes.papers(tmp_path)
    settings.OUTBOX_CA_FILE = str(papers.file)
    with inboxes.fhir_inbox(inboxes.FhirAnswers(), papers.context) as inbox:
        room.route("fhir", f"https://localhost:{inbox.port}/r4", token="abc.DEF-1")
        assert room.out() and room.send() == Result(True, "http_200")
    (bundle,) = (json.loads(one) for one in inbox.received)
    assert [one["resource"]["resourceType"] for one in bundle["entry"]] == ["Communication", "Task"]
    assert inbox.headers[0]["Authorization"] == "Bearer abc.DEF-1"
    assert (inbox.headers[0][":path"], inbox.headers[0]["Host"]) == ("/r4", f"localhost:{inbox.port}")
    assert room.delivered()[0]["route"] == "fhir"


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        (
            inboxes.FhirAnswers(302, location="http://169.254.169.254/latest/meta-data"),
            Result(False, "http_302", True),
        ),
        (inboxes.FhirAnswers(401), Result(False, "http_401", True)),
        (inboxes.FhirAnswers(503), Result(False, "http_503")),
        (inboxes.FhirAnswers(429), Result(False, "http_429")),
        (inboxes.FhirAnswers(entries=("201", "422")), Result(False, "fhir_refused", True)),
        (inboxes.FhirAnswers(raw=b"<html>"), Result(False, "fhir_refused", True)),
        (inboxes.FhirAnswers(raw=b"[" * 70_000), Result(False, "other_answer", True)),
    ],
)
def test_fhir_answers_that_are_no_success(
    room: Room, settings: Any, tmp_path: Path, answers: inboxes.FhirAnswers, result: Result
) -> None:
    papers = inboxes.papers(tmp_path)
    settings.OUTBOX_CA_FILE = str(papers.file)
    with inboxes.fhir_inbox(answers, papers.context) as inbox:
        room.route("fhir", f"https://localhost:{inbox.port}/r4")
        assert room.out() and room.send() == result
        assert len(inbox.received) == 1, "no redirect is followed"


def test_the_drop_folder_gets_one_whole_file(room: Room, settings: Any, tmp_path: Path) -> None:
    settings.OUTBOX_DROP_DIR = str(tmp_path)
    room.route("hl7_oru", "drop:")
    assert room.out() and room.send() == Result(True, "written")
    (file,) = (tmp_path / room.of.place.client.slug).iterdir()
    assert file.name == f"{room.message().control_id}.hl7"
    assert file.read_bytes().startswith(b"MSH|") and oct(file.stat().st_mode)[-3:] == "600"


def test_a_question_that_waits_no_more_is_not_sent(room: Room) -> None:
    with inboxes.mllp_inbox(inboxes.acknowledgement("AA")) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        assert room.out()
        with cast.opened(room.of.place):
            cancel_query(actor=room.of.actor(room.of.cdi), query=room.query, reason=CancelReason.DOCUMENTED)
        assert room.send() is None
        assert inbox.received == []
    assert (room.message().state, room.message().result) == ("failed", "withdrawn")


def test_a_worker_that_died_is_followed_by_another(room: Room) -> None:
    with inboxes.mllp_inbox(inboxes.acknowledgement("AA")) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        assert room.out()
        with cast.opened(room.of.place):
            message = OutboundMessage.objects.get(client_id=room.client_id)
            message.state, message.sent_at, message.tries = "sent", timezone.now(), 1
            message.next_try_at = None
            message.save(update_fields=["state", "sent_at", "tries", "next_try_at"])
        assert send_waiting(client_id=room.client_id, now=timezone.now()) == 0
        later = timezone.now() + outbox_terms().silent + timedelta(seconds=1)
        assert send_waiting(client_id=room.client_id, now=later) == 1
    assert (room.message().state, room.message().tries) == ("accepted", 2)


def test_without_a_way_or_with_one_switched_off_there_is_no_message(room: Room) -> None:
    assert not room.out()
    room.route("hl7_oru", "mllp://127.0.0.1:2575", is_on=False)
    assert not room.out()
    with cast.opened(room.of.place):
        assert OutboundMessage.objects.filter(client_id=room.client_id).count() == 0


def test_only_vendor_administrators_try_the_way(room: Room) -> None:
    client = room.of.place.client
    with cast.opened(room.of.place):
        admin = cast.actor_for(room.of.manager, Role.VENDOR_ADMIN)
        with pytest.raises(Refused, match="by mail"):
            try_way(actor=admin, client=client)
        for role in (Role.MANAGER, Role.CDI_SPECIALIST):
            with pytest.raises(NotAllowed):
                try_way(actor=cast.actor_for(room.of.manager, role), client=client)
    room.route("hl7_oru", "mllp://127.0.0.1:2575", is_on=False)
    with cast.opened(room.of.place):
        try_way(actor=admin, client=client)
        with pytest.raises(Refused, match="just now"):
            try_way(actor=admin, client=client)
        assert OutboundMessage.objects.filter(client_id=room.client_id).count() == 1


def test_the_database_lets_no_arrived_message_leave_again(room: Room) -> None:
    with inboxes.mllp_inbox(inboxes.acknowledgement("AA")) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        assert room.out() and room.send()
    with cast.opened(room.of.place):
        found = OutboundMessage.objects.filter(client_id=room.client_id)
        with pytest.raises(DatabaseError), transaction.atomic():
            found.update(state="queued", ended_at=None)
        assert found.get().state == "accepted"


def test_no_line_of_the_log_names_the_patient_or_the_link(room: Room, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    with inboxes.mllp_inbox(inboxes.acknowledgement("AE")) as inbox:
        room.route("hl7_oru", f"mllp://127.0.0.1:{inbox.port}")
        assert room.out() and room.send()
    with cast.opened(room.of.place):
        patient = room.query.encounter.patient
        hidden = [patient.mrn, patient.family_name, "/q/", "said by the receiver", "ejection fraction"]
    lines = [f"{one.getMessage()} {one.__dict__}" for one in caplog.records if "django.db" not in one.name]
    assert [word for word in hidden if any(word in line for line in lines)] == []
