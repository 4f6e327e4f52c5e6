"""A query as FHIR R4: a Communication that holds the question, and a Task that asks for its answer.

Both are checked against the resources' definitions before they leave (fhir.resources R4B; the elements used
here are the same in R4).  Patient, visit and provider are named by identifier and never by an address of the
receiver's, which is not known here.  There is no narrative: nothing is marked up, so nothing can be injected.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.communication import Communication
from fhir.resources.R4B.task import Task

from cdi_queries.rules.outbound.message import OutboundQuery, message_lines

Resource = dict[str, Any]
NPI: Final = "http://hl7.org/fhir/sid/us-npi"
IDENTIFIERS: Final = "urn:ietf:rfc:3986"
KIND: Final = "Documentation question"
#: State of a query to Task.status (R4).
TASK_STATUS: Final[Mapping[str, str]] = {
    "draft": "draft",
    "sent": "requested",
    "answered": "completed",
    "closed": "completed",
    "cancelled": "cancelled",
    "expired": "failed",
}


def communication(message: OutboundQuery) -> Resource:
    """The question as it was asked: one payload, the same lines as in every other format."""
    found = {
        "resourceType": "Communication",
        "identifier": [_identifier(message.query_id)],
        "status": "completed" if message.status != "draft" else "preparation",
        "category": [{"text": KIND}],
        "subject": _patient(message),
        "encounter": _encounter(message),
        "sent": _instant(message.sent_at),
        "recipient": [_provider(message)],
        "sender": {"display": _plain(message.author)},
        "topic": {"text": _plain(message.content.title)},
        "payload": [{"contentString": "\n".join(_plain(line) for line in message_lines(message))}],
    }
    return checked(Communication, found)


def task(message: OutboundQuery, focus: str, answer: str = "") -> Resource:
    """What is asked of whom, until when; ``focus`` is the reference of the Communication, ``answer`` the
    answer's words once there are some."""
    found: Resource = {
        "resourceType": "Task",
        "identifier": [_identifier(message.query_id, "task")],
        "status": TASK_STATUS[message.status],
        "intent": "order",
        "code": {"text": KIND},
        "description": _plain(message.content.title),
        "focus": {"reference": focus},
        "for": _patient(message),
        "encounter": _encounter(message),
        "authoredOn": _instant(message.sent_at),
        "requester": {"display": _plain(message.author)},
        "owner": _provider(message),
        "input": list(_inputs(message)),
    }
    if message.due_at is not None:
        found["restriction"] = {"period": {"end": _instant(message.due_at)}}
    if not found["input"]:
        del found["input"]
    if answer.strip():
        found["output"] = [{"type": {"text": "Answer"}, "valueString": _text(answer)}]
    return checked(Task, found)


def transaction_bundle(message: OutboundQuery) -> Resource:
    """Both in one transaction; ``ifNoneExist`` makes a second try create nothing twice."""
    address = f"urn:uuid:{uuid.uuid5(uuid.UUID(message.query_id), message.control_id)}"
    other = f"urn:uuid:{uuid.uuid5(uuid.UUID(message.query_id), f'{message.control_id}-task')}"
    return _bundle(
        "transaction",
        [
            (address, communication(message), {"request": _create("Communication", message.query_id)}),
            (other, task(message, address), {"request": _create("Task", message.query_id, "task")}),
        ],
    )


def collection_bundle(message: OutboundQuery, answer: str = "") -> Resource:
    """Both as they stand, for a reader."""
    address, other = (
        f"urn:uuid:{message.query_id}",
        f"urn:uuid:{uuid.uuid5(uuid.UUID(message.query_id), 't')}",
    )
    return _bundle(
        "collection", [(address, communication(message), {}), (other, task(message, address, answer), {})]
    )


def refused_entries(answer: Mapping[str, Any]) -> int:
    """How many entries of a transaction's answer are no success; 1 when it is no such answer."""
    entries = answer.get("entry")
    if answer.get("resourceType") != "Bundle" or not isinstance(entries, list) or len(entries) != 2:
        return 1
    return sum(not _is_success(one) for one in entries)


def checked(definition: Any, resource: Resource) -> Resource:
    """The resource, once it is known to be one.  Raises ``ValueError`` where it is not: a fault of ours."""
    definition.model_validate(resource)
    return resource


def _bundle(kind: str, entries: list[tuple[str, Resource, Resource]]) -> Resource:
    found = {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [{"fullUrl": url, "resource": one, **more} for url, one, more in entries],
    }
    return checked(Bundle, found)


def _create(kind: str, query_id: str, part: str = "") -> Resource:
    one = _identifier(query_id, part)
    return {"method": "POST", "url": kind, "ifNoneExist": f"identifier={one['system']}|{one['value']}"}


def _inputs(message: OutboundQuery) -> Iterator[Resource]:
    for option in message.content.options:
        if option.text.strip():
            yield {"type": {"text": "Answer to choose from"}, "valueString": _plain(option.text)}
    if message.answer_url:
        yield {"type": {"text": "Answer here"}, "valueUrl": message.answer_url}


def _identifier(query_id: str, part: str = "") -> Resource:
    """A UUID as a URI; the task has its own, made from the query's."""
    value = str(uuid.uuid5(uuid.UUID(query_id), part)) if part else query_id
    return {"system": IDENTIFIERS, "value": f"urn:uuid:{value}"}


def _patient(message: OutboundQuery) -> Resource:
    authority = message.receiver.authority
    number: Resource = {"value": _plain(message.patient.mrn)}
    if ":" in authority:
        number["system"] = authority
    return {"type": "Patient", "identifier": number}


def _encounter(message: OutboundQuery) -> Resource:
    return {"type": "Encounter", "identifier": {"value": _plain(message.visit.number)}}


def _provider(message: OutboundQuery) -> Resource:
    one = message.provider
    found: Resource = {"type": "Practitioner", "display": _plain(one.name)}
    if one.npi:
        found["identifier"] = {"system": NPI, "value": one.npi}
    return found


def _is_success(entry: Any) -> bool:
    response = entry.get("response") if isinstance(entry, dict) else None
    status = response.get("status") if isinstance(response, dict) else None
    return isinstance(status, str) and status[:1] == "2"


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _plain(text: str) -> str:
    """One line without control characters, which no FHIR string may hold."""
    return "".join(" " if unicodedata.category(one)[0] == "C" else one for one in text)


def _text(text: str) -> str:
    return "\n".join(_plain(line) for line in text.strip().splitlines())
