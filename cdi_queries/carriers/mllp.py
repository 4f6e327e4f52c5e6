"""HL7 v2 over MLLP: one message, one acknowledgement."""

from __future__ import annotations

import socket

from cdi_queries.carriers.sockets import Unreached, connected
from cdi_queries.rules.outbound.hl7v2 import framed, read_ack, unframed
from cdi_queries.rules.outbound.outbox_states import Result
from cdi_queries.rules.outbound.ways import Way
from cdi_queries.terms.outbox import Limits

_CHUNK = 4096


def exchange(way: Way, body: bytes, *, control_id: str, limits: Limits) -> Result:
    """Sends the message and waits for its acknowledgement.

    AA and CA are acceptance, AR and CR rejection for good; AE and CE, silence, and an acknowledgement of
    another message are tried again.
    """
    try:
        with connected(way, limits) as line:
            line.sendall(framed(body))
            raw = _answer(line, limits.longest_answer)
    except Unreached as error:
        return Result(False, error.code, error.is_final)
    except OSError:
        return Result(False, "no_answer")
    if raw is None:
        return Result(False, "no_answer")
    found = read_ack(raw)
    if found is None or found.control_id != control_id:
        return Result(False, "other_answer")
    if found.is_accepted:
        return Result(True, found.code)
    return Result(False, found.code if found.code in _KNOWN else "other_answer", found.is_rejected)


_KNOWN = frozenset({"AE", "AR", "CE", "CR"})


def _answer(line: socket.socket, longest: int) -> bytes | None:
    """The framed answer; None when the receiver hangs up before its end, or talks too long."""
    received = b""
    while len(received) <= longest:
        chunk = line.recv(_CHUNK)
        if not chunk:
            return None
        received += chunk
        found = unframed(received)
        if found is not None:
            return found
    return None
