"""What a claim needs of registration is kept with patient and plan, sealed, and follows later words."""

from __future__ import annotations

import pytest
from django.db import connection

from encounters.models import Coverage, Patient
from encounters.rules.intake.registration import read_address, read_subscriber
from tests import cast
from tests.encounters.test_intake import counts, receive
from tests.rules.encounters.intake_samples import csv_file

pytestmark = pytest.mark.django_db

SAID = {
    "address_line": "12 Alder Way",
    "city": "Dunmore",
    "state": "MA",
    "postal_code": "02134",
    "payer_name": "Harbor Mutual",
    "member_id": "HM-1",
    "payer_identifier": "77",
    "group_number": "G-7",
    "relationship": "child",
    "subscriber_family_name": "Quillfeather",
    "subscriber_given_name": "Perpetua",
    "subscriber_birth_on": "1939-02-01",
}


def test_it_is_kept_sealed_and_only_what_is_said_again_changes_it() -> None:
    here = cast.cypress()
    assert counts(receive(here, csv_file(SAID), "a.csv")) == (1, 0, 0, 0)
    with cast.opened(here):
        address = read_address(Patient.objects.get().address)
        plan = Coverage.objects.get()
        holder = read_subscriber(plan.subscriber)
        with connection.cursor() as cursor:
            cursor.execute("SELECT p.address, c.subscriber FROM encounters_patient p, encounters_coverage c")
            stored = [bytes(one) for one in cursor.fetchone()]
    assert address is not None and (address.line, address.postal_code) == ("12 Alder Way", "02134")
    assert (plan.relationship, plan.group_number, plan.payer_identifier) == ("19", "G-7", "77")
    assert holder is not None and holder.given_name == "Perpetua"
    assert not any(word in one for one in stored for word in (b"Alder", b"Perpetua"))

    silent = {"payer_name": "Harbor Mutual", "member_id": "HM-1", "city": "Elsewhere"}
    receive(here, csv_file(silent | {"service_on": "2026-11-03"}), "b.csv")
    with cast.opened(here):
        assert read_address(Patient.objects.get().address) == address
        assert read_subscriber(Coverage.objects.get().subscriber) == holder

    own = SAID | {"address_line": "9 Elm St", "relationship": "self", "group_number": "G-8"}
    receive(here, csv_file(own | {"service_on": "2026-11-04"}), "c.csv")
    with cast.opened(here):
        moved, plan = read_address(Patient.objects.get().address), Coverage.objects.get()
    assert moved is not None and moved.line == "9 Elm St"
    assert (plan.relationship, plan.group_number) == ("18", "G-8")
    assert plan.subscriber is None
