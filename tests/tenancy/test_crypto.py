"""Patient data at rest: what a copy of the database, a moved value or a wrong key gives away: nothing."""

from __future__ import annotations

import random
import uuid
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connection, transaction

from coding_ops.tenancy import crypto
from coding_ops.tenancy.crypto import CannotDecrypt, blind_index, create_client_key, decrypt, encrypt
from coding_ops.tenancy.fields import Ciphertext
from coding_ops.tenancy.models import ClientKey
from encounters.models import EvidenceLink, Patient
from tests import cast
from tests.tenancy import checks
from tests.tenancy.full import Full, fill
from tests.tenancy.owner import as_owner

COLUMN = "encounters_patient.family_name"
ROW = uuid.UUID("0199d3c0-0000-7000-8000-000000000001")
OTHER_ROW = uuid.UUID("0199d3c0-0000-7000-8000-000000000002")
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("plain", [b"", b"Theriot", "Łuczak 🩺".encode(), bytes(100_000)])
def test_what_was_sealed_opens_and_twice_the_same_never_looks_the_same(plain: bytes) -> None:
    here = cast.cypress()
    with cast.opened(here):
        one, two = (encrypt(here.client.pk, COLUMN, ROW, plain) for _ in range(2))
        assert one != two and len(one) == len(plain) + 31
        assert decrypt(here.client.pk, COLUMN, ROW, one) == decrypt(here.client.pk, COLUMN, ROW, two) == plain


def test_a_value_moved_elsewhere_does_not_open() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here, there):
        create_client_key(here.client.pk, version=2, index_key=b"i" * 32)
        sealed = encrypt(here.client.pk, COLUMN, ROW, b"Theriot")
        moved: dict[str, Callable[[], bytes]] = {
            "row": lambda: decrypt(here.client.pk, COLUMN, OTHER_ROW, sealed),
            "column": lambda: decrypt(here.client.pk, "encounters_patient.given_name", ROW, sealed),
            "table": lambda: decrypt(here.client.pk, "encounters_coverage.family_name", ROW, sealed),
            "client": lambda: decrypt(there.client.pk, COLUMN, ROW, sealed),
            "key": lambda: decrypt(here.client.pk, COLUMN, ROW, sealed[:1] + b"\x00\x01" + sealed[3:]),
            "no key": lambda: decrypt(here.client.pk, COLUMN, ROW, sealed[:1] + b"\x00\x09" + sealed[3:]),
            "format": lambda: decrypt(here.client.pk, COLUMN, ROW, b"\x02" + sealed[1:]),
            "cut": lambda: decrypt(here.client.pk, COLUMN, ROW, sealed[:-1]),
            "cut short": lambda: decrypt(here.client.pk, COLUMN, ROW, sealed[:9]),
            "nothing": lambda: decrypt(here.client.pk, COLUMN, ROW, b""),
        }
        for what, attempt in moved.items():
            with pytest.raises(CannotDecrypt) as caught:
                attempt()
            assert "Theriot" not in str(caught.value), what
        assert decrypt(here.client.pk, COLUMN, ROW, sealed) == b"Theriot"


def test_a_thousand_flipped_bits_are_all_refused() -> None:
    here = cast.cypress()
    chance = random.Random(20261123)  # noqa: S311 - a repeatable test, not a secret
    with cast.opened(here):
        sealed = encrypt(here.client.pk, COLUMN, ROW, b"Theriot, Marguerite")
        for _ in range(1000):
            altered = bytearray(sealed)
            altered[chance.randrange(len(altered))] ^= 1 << chance.randrange(8)
            with pytest.raises(CannotDecrypt):
                decrypt(here.client.pk, COLUMN, ROW, bytes(altered))


def test_a_row_copied_over_another_by_raw_sql_does_not_open() -> None:
    here = cast.cypress()
    with cast.opened(here):
        one, two = cast.patient(here, family="Theriot"), cast.patient(here, family="Boudreaux")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE encounters_patient SET family_name = (SELECT family_name FROM encounters_patient"
                " WHERE id = %s) WHERE id = %s",
                [one.pk, two.pk],
            )
        assert Patient.objects.get(pk=one.pk).family_name == "Theriot"
        with pytest.raises(CannotDecrypt):
            _ = Patient.objects.get(pk=two.pk).family_name


# --- the blind index ---------------------------------------------------------------------------------


def test_the_index_finds_a_number_however_it_is_typed_and_tells_clients_nothing() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here, there):
        mine, theirs = here.client.pk, there.client.pk
        index = blind_index(mine, "mrn", "AB-00123")
        for typed in ("ab-00123", "  AB-00123 ", "ＡＢ－００１２３", "aB-00123\n"):
            assert blind_index(mine, "mrn", typed) == index
        assert len(index) == 16
        assert blind_index(theirs, "mrn", "AB-00123") != index
        assert blind_index(mine, "member", "AB-00123") != index
        assert blind_index(mine, "mrn", "AB-00124") != index
        assert b"00123" not in index


def test_a_record_number_is_unique_in_a_client_and_free_in_another() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here, there):
        cast.patient(here, mrn="AB-00123")
        cast.patient(there, mrn="AB-00123")
        with pytest.raises(IntegrityError), transaction.atomic():
            cast.patient(here, mrn=" ab-00123")
        assert Patient.objects.filter(client=here.client).count() == 1


# --- the ORM -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Patient.objects.filter(family_name="Theriot").exists(),
        lambda: Patient.objects.filter(family_name__in=["Theriot"]).exists(),
        lambda: Patient.objects.exclude(family_name="Theriot").exists(),
        lambda: Patient.objects.update(family_name="Theriot"),
        lambda: Patient.objects.get_or_create(family_name="Theriot"),
    ],
)
def test_a_plain_value_neither_filters_nor_updates_a_sealed_column(ask: Callable[[], object]) -> None:
    here = cast.cypress()
    with cast.opened(here):
        made = cast.patient(here, family="Boudreaux")
        with pytest.raises(TypeError, match="encrypted") as caught, transaction.atomic():
            ask()
        assert "Theriot" not in str(caught.value)
        assert Patient.objects.get(pk=made.pk).family_name == "Boudreaux"


def test_a_bulk_update_of_a_plain_value_is_refused_too() -> None:
    here = cast.cypress()
    with cast.opened(here):
        made = cast.patient(here, family="Boudreaux")
        made.family_name = "Theriot"
        with pytest.raises(TypeError), transaction.atomic():
            Patient.objects.bulk_update([made], ["family_name"])
        made.save()
        assert Patient.objects.get(pk=made.pk).family_name == "Theriot"


def test_what_was_read_and_saved_again_without_looking_still_opens() -> None:
    here = cast.cypress()
    with cast.opened(here):
        made = cast.patient(here, family="Theriot")
        again = Patient.objects.get(pk=made.pk)
        again.sex = "U"
        again.save()
        assert Patient.objects.get(pk=made.pk).family_name == "Theriot"
        assert isinstance(Patient.objects.values_list("family_name", flat=True)[0], Ciphertext)


# --- keys --------------------------------------------------------------------------------------------


def test_a_wrong_master_key_opens_nothing_and_the_right_one_opens_again(settings: Any) -> None:
    here = cast.cypress()
    with cast.opened(here):
        made = cast.patient(here)
        right = settings.MASTER_KEY
        settings.MASTER_KEY = b64encode(bytes(32)).decode()
        crypto.forget_keys()
        with pytest.raises(CannotDecrypt, match="MASTER_KEY"):
            _ = Patient.objects.get(pk=made.pk).family_name
        for broken in ("", "not base64!", b64encode(b"short").decode()):
            settings.MASTER_KEY = broken
            crypto.forget_keys()
            with pytest.raises(ImproperlyConfigured):
                _ = Patient.objects.get(pk=made.pk).family_name
        settings.MASTER_KEY = right
        crypto.forget_keys()
        assert Patient.objects.get(pk=made.pk).family_name == "Theriot"


def test_a_wrapped_key_moved_to_another_client_does_not_open() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here, there):
        theirs = ClientKey.objects.get(client=there.client)
        ClientKey.objects.create(
            client=here.client,
            version=2,
            wrapped_data_key=theirs.wrapped_data_key,
            wrapped_index_key=theirs.wrapped_index_key,
        )
        crypto.forget_keys()
        with pytest.raises(CannotDecrypt):
            encrypt(here.client.pk, COLUMN, ROW, b"Theriot")


def rotate(client_id: int) -> None:
    create_client_key(client_id, version=2, index_key=crypto._ring(client_id).index_key)


def test_after_a_rotation_the_new_key_seals_the_old_one_opens_and_numbers_are_still_found() -> None:
    here = cast.cypress()
    with cast.opened(here):
        old = encrypt(here.client.pk, COLUMN, ROW, b"old")
        index = blind_index(here.client.pk, "mrn", "AB-00123")
        rotate(here.client.pk)
        new = encrypt(here.client.pk, COLUMN, ROW, b"new")
        assert (old[1:3], new[1:3]) == (b"\x00\x01", b"\x00\x02")
        assert decrypt(here.client.pk, COLUMN, ROW, old) == b"old"
        assert decrypt(here.client.pk, COLUMN, ROW, new) == b"new"
        assert blind_index(here.client.pk, "mrn", "AB-00123") == index


def test_a_process_that_knows_only_the_old_key_opens_what_another_sealed_with_the_new() -> None:
    here = cast.cypress()
    with cast.opened(here):
        decrypt(here.client.pk, COLUMN, ROW, encrypt(here.client.pk, COLUMN, ROW, b"old"))
        before = dict(crypto._rings)
        rotate(here.client.pk)
        sealed = encrypt(here.client.pk, COLUMN, ROW, b"new")
        crypto._rings.clear()
        crypto._rings.update(before)
        assert decrypt(here.client.pk, COLUMN, ROW, sealed) == b"new"


def test_the_application_can_neither_change_nor_delete_a_data_key() -> None:
    here = cast.cypress()
    with cast.opened(here):
        for statement in ("UPDATE tenancy_clientkey SET version = 7", "DELETE FROM tenancy_clientkey"):
            with (
                pytest.raises(DatabaseError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
        assert ClientKey.objects.get().version == 1


# --- the whole database ------------------------------------------------------------------------------


@pytest.fixture
def two(transactional_db: None) -> tuple[Full, Full]:
    cast.icd10cm()
    return fill(cast.cypress()), fill(cast.harbor())


def test_no_column_of_any_table_holds_patient_data_in_the_clear(two: tuple[Full, Full]) -> None:
    here, there = two
    sealed = [*here.sealed, *there.sealed]
    with as_owner(here.client_id, there.client_id) as cursor:
        assert checks.plain_in_database(cursor, sealed) == []
        assert checks.plain_in_database(cursor, here.names) != [], (
            "the search finds what does lie in the clear"
        )
        cursor.execute("SELECT count(*) FROM encounters_evidencelinkevent")
        assert cursor.fetchone()[0] > 0
        # planted: what a column that was forgotten would look like, as text and as bytes
        cursor.execute("UPDATE encounters_document SET title = %s", [here.sealed[0]])
        cursor.execute("UPDATE encounters_patient SET contact = %s", [here.sealed[1].encode()])
        found = [line.split(" ")[0] for line in checks.plain_in_database(cursor, sealed)]
        assert found == ["encounters_document", "encounters_patient"]


def test_history_keeps_the_sealed_words_and_they_can_be_read_again(two: tuple[Full, Full]) -> None:
    here, _ = two
    with cast.opened(here.place):
        link: Any = EvidenceLink.objects.get(pk=here.evidence.pk)
        kept = link.history.order_by("pgh_id").first()
        assert kept.quote == link.quote and here.sealed[5] in kept.quote
