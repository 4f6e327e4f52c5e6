"""The text of a DocumentReference: inline, plain or simple HTML, or the reason why not."""

from __future__ import annotations

import base64
import binascii
from datetime import tzinfo
from typing import Any

from encounters.rules.intake.fhir_json import Resource
from encounters.rules.intake.fhir_people import display_name
from encounters.rules.intake.fhir_resources import Found, Pool, codings, identifiers, items, string
from encounters.rules.intake.html_text import simple_html_text
from encounters.rules.intake.incoming import DocumentKind, DocumentRelation, IncomingDocument
from encounters.rules.intake.problems import Problem, part
from encounters.rules.intake.values import plain_time

# LOINC document codes a coder meets most; the rest are told apart by their title.
_KINDS = {
    "11506-3": DocumentKind.PROGRESS_NOTE,
    "34117-2": DocumentKind.HISTORY_PHYSICAL,
    "11488-4": DocumentKind.CONSULT,
    "11504-8": DocumentKind.OPERATIVE,
    "28570-0": DocumentKind.OPERATIVE,
    "18842-5": DocumentKind.DISCHARGE_SUMMARY,
    "34111-5": DocumentKind.EMERGENCY,
    "18748-4": DocumentKind.IMAGING,
    "11502-2": DocumentKind.LAB,
    "11526-1": DocumentKind.LAB,
}
_RELATIONS = {
    "replaces": DocumentRelation.REPLACEMENT,
    "transforms": DocumentRelation.REPLACEMENT,
    "appends": DocumentRelation.ADDENDUM,
}
_CODECS = {"": "utf-8", "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii"}
_LATIN = ("iso-8859-1", "latin1", "windows-1252", "cp1252")


def document_of(found: Found, pool: Pool, zone: tzinfo, problems: list[Problem]) -> IncomingDocument | None:
    """The document, or None with the reason added to `problems`. The resource must have been validated."""
    resource = found.resource
    if string(resource, "status") in ("superseded", "entered-in-error"):
        problems.append(part("document_withdrawn", f"{found.place}.status", "document"))
        return None
    text, mime = _text(found, problems)
    if text is None:
        return None
    codes = [code for _, code, _ in codings(resource.get("type"))]
    kind = next((_KINDS[code] for code in codes if code in _KINDS), DocumentKind.OTHER)
    relation, parent = _relation(resource, pool)
    return IncomingDocument(
        external_id=_external_id(resource),
        kind=kind,
        title=_title(resource, kind),
        text=text,
        authored_at=plain_time(string(resource, "date"), zone),
        author=_author(resource, pool),
        mime=mime,
        relation=relation,
        parent_external_id=parent,
    )


def _external_id(resource: Resource) -> str:
    """masterIdentifier names one version and is passed over: the version is what changes, not the note."""
    named = [value for _, value in identifiers(resource)]
    return string(resource, "id") or next(iter(named), "") or string(resource, "masterIdentifier", "value")


def _title(resource: Resource, kind: DocumentKind) -> str:
    displays = [display for _, _, display in codings(resource.get("type")) if display]
    written = string(resource, "type", "text") or next(iter(displays), "")
    return written or kind.value.replace("_", " ").capitalize()


def _relation(resource: Resource, pool: Pool) -> tuple[DocumentRelation, str]:
    for one in items(resource, "relatesTo"):
        relation = _RELATIONS.get(string(one, "code"))
        if relation is None:
            continue
        target = pool.resolve(one.get("target"), resource)
        written = string(one, "target", "reference").rsplit("/", 1)[-1]
        return relation, _external_id(target.resource) if target else written
    return DocumentRelation.ORIGINAL, ""


def _author(resource: Resource, pool: Pool) -> str:
    for reference in items(resource, "author"):
        target = pool.resolve(reference, resource)
        name = display_name(target.resource) if target and target.trouble() is None else ""
        if name or string(reference, "display"):
            return name or string(reference, "display")
    return ""


def _text(found: Found, problems: list[Problem]) -> tuple[str | None, str]:
    """The text of the first readable attachment: plain text before HTML, whatever their order."""
    attachments = [(index, one) for index, one in enumerate(_attachments(found.resource))]
    attachments.sort(key=lambda pair: 0 if _mime(pair[1])[0] == "text/plain" else 1)
    failures: list[Problem] = []
    for index, attachment in attachments:
        place = f"{found.place}.content[{index}].attachment"
        mime, charset = _mime(attachment)
        text, code = _read(attachment, mime, charset)
        if text is not None:
            return text, mime
        failures.append(part(code, place, "document"))
    problems += failures or [part("document_empty", f"{found.place}.content", "document")]
    return None, ""


def _attachments(resource: Resource) -> list[dict[str, Any]]:
    return [
        one["attachment"] for one in items(resource, "content") if isinstance(one.get("attachment"), dict)
    ]


def _mime(attachment: dict[str, Any]) -> tuple[str, str]:
    """(type, charset) of an attachment, lower case; text/plain when it is not declared but has data."""
    declared, _, parameters = string(attachment, "contentType").lower().partition(";")
    charset = parameters.partition("charset=")[2].split(";")[0].strip(" \"'")
    return declared.strip() or "text/plain", charset


def _read(attachment: dict[str, Any], mime: str, charset: str) -> tuple[str | None, str]:
    """(text, "") or (None, problem code)."""
    if mime not in ("text/plain", "text/html", "application/xhtml+xml"):
        return None, "document_not_text"
    data = attachment.get("data")
    if not isinstance(data, str) or not data.strip():
        return None, "document_not_inline" if string(attachment, "url") else "document_empty"
    codec = "cp1252" if charset in _LATIN else _CODECS.get(charset)
    if codec is None:
        return None, "document_encoding"
    try:
        text = base64.b64decode("".join(data.split()), validate=True).decode(codec).removeprefix("\ufeff")
    except (binascii.Error, ValueError):
        return None, "document_encoding"
    if mime == "text/plain":
        return text, ""
    plain = simple_html_text(text)
    return (plain, "") if plain is not None else (None, "document_html")
