"""Addresses of ways out, which machines may be called, and the states of a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cdi_queries.rules.outbound.outbox_states import STEPS, MessageState, Result, after_try
from cdi_queries.rules.outbound.ways import Carrier, Format, Way, may_call, networks, parse_way
from coding_ops.core.errors import InvalidInput

GOOD = [
    (Format.HL7_ORU, "mllp://10.20.30.40:2575", Way(Carrier.MLLP, "10.20.30.40", 2575)),
    (Format.HL7_MDM, " MLLPS://Inbox.Example.org:6661/ ", Way(Carrier.MLLP_TLS, "inbox.example.org", 6661)),
    (Format.HL7_ORU, "mllps://[2001:db8::5]:6661", Way(Carrier.MLLP_TLS, "2001:db8::5", 6661)),
    (Format.FHIR, "https://fhir.example.org/r4/", Way(Carrier.HTTPS, "fhir.example.org", 443, "/r4")),
    (Format.FHIR, "https://fhir.example.org:8443", Way(Carrier.HTTPS, "fhir.example.org", 8443)),
    (Format.FHIR, "drop:", Way(Carrier.FOLDER)),
    (Format.MAIL, "", None),
]
BAD = [
    (Format.MAIL, "x@example.org"),
    (Format.FHIR, "http://fhir.example.org/r4"),
    (Format.FHIR, "mllp://10.0.0.1:2575"),
    (Format.HL7_ORU, "https://fhir.example.org/r4"),
    (Format.HL7_ORU, "mllp://10.0.0.1"),
    (Format.HL7_ORU, "mllp://10.0.0.1:25"),
    (Format.HL7_ORU, "mllp://10.0.0.1:99999"),
    (Format.HL7_ORU, "mllp://10.0.0.1:2575/path"),
    (Format.HL7_ORU, "mllp://10.0.0.1:2575\r\nMSH|"),
    (Format.HL7_ORU, "drop:/etc/cron.d"),
    (Format.HL7_ORU, "drop:../other-client"),
    (Format.FHIR, "file:///etc/passwd"),
    (Format.FHIR, "gopher://10.0.0.1:6379/_x"),
    (Format.FHIR, "https://user:secret@fhir.example.org/"),
    (Format.FHIR, "https://fhir.example.org@169.254.169.254/"),
    (Format.FHIR, "https://fhir.example.org/r4?x=1"),
    (Format.FHIR, "https://fhir.example.org/r4#x"),
    (Format.FHIR, "https://fhir.example.org/../admin"),
    (Format.FHIR, "https://fhir.example.org/r4%0d%0aX:1"),
    (Format.FHIR, "https://fhir.example.org:22/"),
    (Format.FHIR, "https:///r4"),
    (Format.FHIR, "https://exa mple.org/"),
    (Format.FHIR, "https://fhir.example.org\\@evil.example/"),
    (Format.FHIR, "https://[::1/"),
    (Format.FHIR, ""),
]


@pytest.mark.parametrize(("form", "text", "way"), GOOD)
def test_addresses_that_are_understood(form: Format, text: str, way: Way | None) -> None:
    assert parse_way(form, text) == way


@pytest.mark.parametrize(("form", "text"), BAD)
def test_addresses_that_are_refused(form: Format, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_way(form, text)
    assert caught.value.code == "way.address"


NEVER = [
    "127.0.0.1", "127.9.9.9", "0.0.0.1", "169.254.169.254", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.0.8", "198.18.0.1", "::1", "::",
    "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1", "2001::1", "2001:db8::1", "localhost", "",
]  # fmt: skip


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("carrier", [Carrier.MLLP, Carrier.MLLP_TLS, Carrier.HTTPS])
def test_nothing_inside_a_house_is_called(address: str, carrier: Carrier) -> None:
    assert not may_call(carrier, address, ())


def test_what_the_operator_opened_is_called_and_nothing_beside_it() -> None:
    ours = networks(["10.20.0.0/16", "fd12::/16"])
    assert may_call(Carrier.MLLP, "10.20.30.40", ours)
    assert may_call(Carrier.HTTPS, "::ffff:10.20.30.40", ours)
    assert may_call(Carrier.MLLP_TLS, "fd12::7", ours)
    assert not may_call(Carrier.MLLP, "10.21.0.1", ours)
    assert not may_call(Carrier.HTTPS, "169.254.169.254", ours)
    assert not may_call(Carrier.MLLP, "224.0.0.1", networks(["0.0.0.0/0"]))


def test_the_open_net_is_called_only_in_cipher() -> None:
    assert may_call(Carrier.HTTPS, "93.184.216.34", ())
    assert may_call(Carrier.MLLP_TLS, "2606:2800:220:1::1", ())
    assert not may_call(Carrier.MLLP, "93.184.216.34", ())


def test_a_message_is_tried_again_until_its_waits_are_used_up() -> None:
    now, waits = datetime(2026, 11, 23, tzinfo=UTC), (timedelta(minutes=1), timedelta(minutes=5))
    failed = Result(False, "timeout")
    assert after_try(failed, tries=1, waits=waits, now=now) == (MessageState.QUEUED, now + waits[0])
    assert after_try(failed, tries=2, waits=waits, now=now) == (MessageState.QUEUED, now + waits[1])
    assert after_try(failed, tries=3, waits=waits, now=now) == (MessageState.FAILED, None)
    assert after_try(Result(False, "AR", True), tries=1, waits=waits, now=now) == (MessageState.FAILED, None)
    assert after_try(Result(True, "AA"), tries=3, waits=waits, now=now) == (MessageState.ACCEPTED, None)


def test_what_has_arrived_or_failed_stays_so() -> None:
    assert not [pair for pair in STEPS if pair[0] in (MessageState.ACCEPTED, MessageState.FAILED)]
