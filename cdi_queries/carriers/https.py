"""FHIR over HTTPS: one transaction bundle, no redirects."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any

from cdi_queries.carriers.sockets import Unreached, connected
from cdi_queries.rules.outbound.fhir import refused_entries
from cdi_queries.rules.outbound.outbox_states import Result
from cdi_queries.rules.outbound.ways import Way
from cdi_queries.terms.outbox import Limits

MEDIA_TYPE = "application/fhir+json"
#: The receiver's own trouble: the same bundle may be taken later.
_LATER = frozenset({408, 425, 429})


def post(way: Way, body: bytes, *, token: str, limits: Limits) -> Result:
    """Posts the bundle to the base address; a redirect is a refusal, because it was judged by nobody."""
    headers = {
        "Host": way.authority,
        "Content-Type": MEDIA_TYPE,
        "Accept": MEDIA_TYPE,
        "Accept-Encoding": "identity",
        "Prefer": "return=minimal",
        "User-Agent": "coding-ops",
        "Connection": "close",
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        with connected(way, limits) as line:
            caller = http.client.HTTPConnection(way.host, way.port)
            caller.sock = line
            caller.request("POST", way.path or "/", body=body, headers=headers)
            response = caller.getresponse()
            status, answer = response.status, response.read(limits.longest_answer + 1)
    except Unreached as error:
        return Result(False, error.code, error.is_final)
    except (OSError, http.client.HTTPException):
        return Result(False, "no_answer")
    return _judged(status, answer, limits.longest_answer)


def _judged(status: int, answer: bytes, longest: int) -> Result:
    code = f"http_{status}"
    if not 200 <= status < 300:
        return Result(False, code, is_final=status < 500 and status not in _LATER)
    if len(answer) > longest:
        return Result(False, "other_answer", is_final=True)
    found = _read(answer)
    if found is None or refused_entries(found):
        return Result(False, "fhir_refused", is_final=True)
    return Result(True, code)


def _read(answer: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(answer.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
