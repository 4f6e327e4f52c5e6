"""FHIR R4 into encounters: bundles of any type, single resources, and NDJSON of either.

Each Encounter becomes one unit with its patient, providers, coverage and documents. A document that names
no encounter of the file is refused by itself, so that it is seen and not lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import tzinfo
from typing import BinaryIO

from encounters.rules.intake.checking import finish, message_key
from encounters.rules.intake.fhir_document import document_of
from encounters.rules.intake.fhir_facts import build, places_of
from encounters.rules.intake.fhir_json import BadJsonError, Resource, iter_documents, parse
from encounters.rules.intake.fhir_resources import Found, Pool, entries, items, string
from encounters.rules.intake.incoming import IncomingDocument, IncomingUnit, Limits, SourceFormat
from encounters.rules.intake.problems import Problem, part, reject


def read_fhir(stream: BinaryIO, *, zone: tzinfo, limits: Limits | None = None) -> Iterator[IncomingUnit]:
    """One unit for each Encounter of the file, in order, and one for each thing that can't be read.

    NDJSON is read line by line when its lines are bundles; lines that are bare resources belong together
    and are held until the end (at most `limits.json_bytes` of them). `zone` is the client's time zone, which
    dates moments written in UTC. Never raises for content.
    """
    limits = limits or Limits()
    loose, loose_bytes = Pool(), 0
    seen_loose = False
    for line, content in iter_documents(stream, limits.json_bytes):
        prefix = f"line {line}, " if line else ""
        place = f"line {line}" if line else "file"
        try:
            resource = parse(_within(content))
        except BadJsonError as error:
            yield _refused(place, reject(error.code, place))
            continue
        if resource["resourceType"] == "Bundle":
            yield from _read_bundle(resource, prefix, place, zone)
            continue
        loose_bytes += len(content or b"")
        if loose_bytes > limits.json_bytes:
            yield _refused(place, reject("too_large", place))
            return
        seen_loose = True
        for one, where, url in entries(resource, prefix):
            loose.add(one, where, url)
    if seen_loose:
        yield from _read_pool(loose, "", "file", zone)


def _within(content: bytes | None) -> bytes:
    if content is None:
        raise BadJsonError("too_large")
    if not content.strip().removeprefix(b"\xef\xbb\xbf"):
        raise BadJsonError("empty_file")
    return content


def _refused(place: str, *problems: Problem, digest: str = "") -> IncomingUnit:
    return finish(
        source_format=SourceFormat.FHIR,
        place=place,
        message_key=message_key("content", digest) if digest else "",
        digest=digest or hashlib.sha256(place.encode()).hexdigest(),
        encounter=None,
        problems=problems,
        places={},
    )


def _read_bundle(bundle: Resource, prefix: str, place: str, zone: tzinfo) -> Iterator[IncomingUnit]:
    pool = Pool()
    for resource, where, url in entries(bundle, prefix):
        pool.add(resource, where, url)
    # Bundle.identifier is FHIR's persistent identity of a message; Bundle.id changes with every search.
    yield from _read_pool(pool, string(bundle, "identifier", "value"), place, zone)


def _read_pool(pool: Pool, control: str, place: str, zone: tzinfo) -> Iterator[IncomingUnit]:
    encounters = pool.by_kind.get("Encounter", [])
    documents, orphans = _documents_by_encounter(pool, encounters)
    for index, found in enumerate(encounters):
        yield _read_encounter(pool, found, documents.get(index, []), control, zone)
    for orphan in orphans:
        problem = reject("document_without_encounter", f"{orphan.place}.context.encounter", "encounter_id")
        yield _refused(orphan.place, problem, digest=_digest([orphan]))
    if not encounters and not orphans:
        yield _refused(place, reject("no_encounter", place))


def _documents_by_encounter(
    pool: Pool, encounters: list[Found]
) -> tuple[dict[int, list[Found]], list[Found]]:
    """Documents by the position of their encounter, and those that belong to none of the file.

    A document without a context belongs to the only encounter of its file, if there is only one.
    """
    position = {id(found.resource): index for index, found in enumerate(encounters)}
    linked: dict[int, list[Found]] = {}
    orphans: list[Found] = []
    for document in pool.by_kind.get("DocumentReference", []):
        context = document.resource.get("context")
        references = items(context, "encounter") if isinstance(context, dict) else []
        targets = [pool.resolve(reference, document.resource) for reference in references]
        found = [position.get(id(one.resource)) for one in targets if one is not None]
        index = next((one for one in found if one is not None), None)
        if index is None and not references and len(encounters) == 1:
            index = 0
        if index is None:
            orphans.append(document)
        else:
            linked.setdefault(index, []).append(document)
    return linked, orphans


def _read_encounter(
    pool: Pool, found: Found, documents: list[Found], control: str, zone: tzinfo
) -> IncomingUnit:
    patient = pool.resolve(found.resource.get("subject"), found.resource)
    problems: list[Problem] = []
    used = [found, *documents]
    if (broken := found.trouble()) is not None:
        problems.append(reject("invalid_resource", broken))
    if patient is None or patient.kind != "Patient":
        problems.append(reject("patient_missing", f"{found.place}.subject", "mrn"))
        encounter = None
    else:
        used.append(patient)
        if (broken := patient.trouble()) is not None:
            problems.append(reject("invalid_resource", broken))
        notes = _documents(documents, pool, zone, problems)
        encounter, more, also = build(pool, found, patient, notes, zone)
        problems += more
        used += also
    digest = _digest(used)
    key = (control, f"Encounter/{string(found.resource, 'id')}") if control else ("content", digest)
    return finish(
        source_format=SourceFormat.FHIR,
        place=found.place,
        message_key=message_key(*key),
        digest=digest,
        encounter=encounter,
        problems=problems,
        places=places_of(found.place, patient.place if patient else found.place),
    )


def _documents(
    documents: list[Found], pool: Pool, zone: tzinfo, problems: list[Problem]
) -> tuple[IncomingDocument, ...]:
    kept: list[IncomingDocument] = []
    for found in documents:
        if (broken := found.trouble()) is not None:
            problems.append(part("invalid_resource", broken, "document"))
            continue
        document = document_of(found, pool, zone, problems)
        if document is not None:
            kept.append(document)
    return tuple(kept)


def _digest(used: list[Found]) -> str:
    """SHA-256 of the resources behind one encounter, whatever order and spacing they came in."""
    texts = sorted(json.dumps(one.resource, sort_keys=True, separators=(",", ":")) for one in used)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
