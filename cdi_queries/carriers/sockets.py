"""A connection to a judged address, which ends when its time is over."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from cdi_queries.rules.outbound.ways import Carrier, Way, may_call, networks
from cdi_queries.terms.outbox import Limits

Target = tuple[socket.AddressFamily, str, int]


class Unreached(Exception):
    """No connection; ``code`` is our own name of why, ``is_final`` whether it would stay so."""

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final


@contextmanager
def connected(way: Way, limits: Limits) -> Iterator[socket.socket]:
    """A socket to the receiver, inside TLS unless the way is plain MLLP; shut when its time is over.

    Raises:
        Unreached: the name is unknown, an address is not to be called, or nobody answers there.
    """
    plain = _dialled(_judged(way), limits)
    # TLS takes the socket over before its handshake: a second handle stays ours until the end.
    handle = plain.dup()
    alarm = threading.Timer(limits.answer_seconds, _shut, [handle])
    alarm.daemon = True
    alarm.start()
    try:
        with _wrapped(plain, way) as found:
            yield found
    finally:
        alarm.cancel()
        handle.close()
        plain.close()


def _judged(way: Way) -> list[Target]:
    """Every address of the name; one that may not be called refuses them all."""
    try:
        infos = socket.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreached("unknown_host") from None
    found = list(dict.fromkeys((info[0], str(info[4][0])) for info in infos))
    ours = networks(settings.OUTBOX_NETWORKS)
    if not found or not all(may_call(way.carrier, address, ours) for _, address in found):
        raise Unreached("not_allowed", is_final=True)
    return [(family, address, way.port) for family, address in found]


def _dialled(targets: list[Target], limits: Limits) -> socket.socket:
    for family, address, port in targets:
        found = socket.socket(family, socket.SOCK_STREAM)
        found.settimeout(limits.connect_seconds)
        try:
            found.connect((address, port))
        except OSError:
            found.close()
            continue
        found.settimeout(limits.answer_seconds)
        return found
    raise Unreached("unreachable")


def _wrapped(plain: socket.socket, way: Way) -> socket.socket:
    if way.carrier is Carrier.MLLP:
        return plain
    context = ssl.create_default_context()
    if settings.OUTBOX_CA_FILE:
        context.load_verify_locations(settings.OUTBOX_CA_FILE)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        return context.wrap_socket(plain, server_hostname=way.host)
    except ssl.SSLCertVerificationError:
        raise Unreached("certificate", is_final=True) from None
    except OSError:
        raise Unreached("no_tls") from None


def _shut(one: socket.socket) -> None:
    """Ends every wait on the socket: a receiver that sends a byte now and then must not hold a worker."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
