"""A query template: words that stay as they are, fields to fill in, fields taken from the chart.

A template names no diagnosis that the record may lack: the terms it builds on are listed in ``documented``
and are looked for when it is chosen.  What may not be shown to the provider (name, gap, hints, the internal
note) is never part of what ``fill`` makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from cdi_queries.rules.query import Kind
from cdi_queries.rules.wording import Wording
from code_sets.rule_input import Fields

#: Where a template belongs, in the order of the list.
AREAS: Final[Mapping[str, str]] = {
    "heart": "Heart and circulation",
    "lungs": "Lungs and breathing",
    "kidney": "Kidneys and electrolytes",
    "endocrine": "Diabetes and nutrition",
    "mind": "Brain and mental health",
    "infection": "Infection",
    "blood": "Blood",
    "skin": "Skin and wounds",
    "injury": "Injury, bones and joints",
    "procedure": "Procedures",
    "social": "Social circumstances",
    "general": "Any condition",
}
#: What the record leaves open.
GAPS: Final[Mapping[str, str]] = {
    "acuity": "Acuity or type",
    "stage": "Stage, class or severity",
    "cause": "Cause or link",
    "significance": "Finding without a diagnosis",
    "laterality": "Side or site",
    "poa": "Present on admission",
    "status": "Current status or support",
    "conflict": "Conflicting documents",
    "validity": "Clinical support of a diagnosis",
    "procedure": "Detail of a procedure",
    "social": "Social factor",
}
PURPOSES: Final[Mapping[str, str]] = {
    "present_on_admission": "Present on admission",
    "cause_and_effect": "Cause and effect",
    "substantiation": "Support of a documented diagnosis",
    "conflicting_documentation": "Conflicting documents",
}
#: What the chart can fill in, and what it looks like in a sample.
ACCOUNT_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "patient_age": ("Patient’s age on the day of service", "67-year-old"),
    "patient_sex": ("Patient’s sex", "female"),
    "service_date": ("Day of service", "11/01/2026"),
    "admission_date": ("Day of admission", "11/01/2026"),
    "provider": ("Provider who is asked", "Dr. Adaeze Okafor"),
    "visit_number": ("Visit number", "V-1042"),
    "facility": ("Facility", "Cypress Main Hospital"),
}
MOST_SECTIONS: Final = 24
MOST_VALUE: Final = 200
_NUMBER: Final = re.compile(r"[<>≤≥]?\s?-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[<>≤≥]?\s?-?\d+(?:\.\d+)?")
_SHOWN_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CLOSING: Final = (".", ",", ";", ":", "?", ")", "-")


class SectionKind(StrEnum):
    """What a section puts into the question."""

    WORDS = "words"
    FIELD = "field"
    ACCOUNT = "account"


class FieldType(StrEnum):
    """What may be entered into a field."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Section:
    """One piece of the question, in order.

    ``text`` of a section of words; ``name`` of a field or of an account field; ``before`` and ``after`` are
    said only when the field has a value.  ``paragraph`` begins a new line.
    """

    kind: SectionKind
    text: str = ""
    name: str = ""
    label: str = ""
    type: FieldType = FieldType.TEXT
    required: bool = True
    choices: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    sample: str = ""
    paragraph: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template.

    ``documented``: terms the record must hold, else the template may not be used.  ``search_words``: what to
    look for in the documents.  ``sample_indicators``: words a record might hold, for preview and lint.
    ``version`` and ``is_own`` say which one it is, ``triggers`` the rules that point at it by its key; they
    are no part of its content.
    """

    key: str
    name: str
    area: str
    kind: Kind
    gap: str
    title: str
    sections: tuple[Section, ...]
    options: tuple[str, ...] = ()
    purpose: str = ""
    documented: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    search_words: tuple[str, ...] = ()
    sample_indicators: tuple[str, ...] = ()
    internal_note: str = ""
    version: int = 1
    is_own: bool = False

    @property
    def fields(self) -> tuple[Section, ...]:
        """What has to be entered, in order."""
        return tuple(one for one in self.sections if one.kind is SectionKind.FIELD)

    def samples(self) -> dict[str, str]:
        """A value for each field, as the library's author or its type gives it."""
        return {one.name: sample_of(one) for one in self.fields}


def template_from(raw: Mapping[str, Any]) -> Template:
    """A template from its JSON or TOML form, as ``body_of`` writes it.

    Raises:
        InvalidInput: a field has another shape; ``details["path"]`` says which.
    """
    fields = Fields(raw)
    return Template(
        key=fields.text("key"),
        name=fields.text("name"),
        area=fields.choice("area", AREAS),
        kind=Kind(fields.choice("kind", [one.value for one in Kind])),
        gap=fields.choice("gap", GAPS),
        title=fields.verbatim("title").strip(),
        sections=tuple(_section(one) for one in fields.objects("sections")),
        options=tuple(fields.texts("options")),
        purpose=fields.choice("purpose", ("", *PURPOSES), default=""),
        documented=tuple(fields.texts("documented")),
        search_words=tuple(fields.texts("search_words")),
        sample_indicators=tuple(fields.texts("sample_indicators")),
        internal_note=fields.verbatim("internal_note").strip(),
        version=1 if raw.get("version") is None else fields.whole("version", 1, 9999),
    )


def body_of(template: Template) -> dict[str, Any]:
    """The content of a template as JSON; ``template_from`` reads it back."""
    plain = ("key", "name", "area", "gap", "title", "purpose", "internal_note")
    lists = ("options", "documented", "search_words", "sample_indicators")
    return {
        **{name: getattr(template, name) for name in plain},
        **{name: list(getattr(template, name)) for name in lists},
        "kind": template.kind.value,
        "sections": [_section_body(one) for one in template.sections],
    }


def fill(template: Template, values: Mapping[str, str], account: Mapping[str, str]) -> tuple[str, str]:
    """Title and body.  ``values`` by field name; ``account`` by the names of ``ACCOUNT_FIELDS``.

    A required field without a value stands as its label in brackets, so that nobody overlooks it; what is
    optional, or not known of the chart, is left out with the words around it.
    """
    body, starts_line = "", False
    for section in template.sections:
        piece = _piece(section, values, account)
        starts_line = starts_line or section.paragraph
        if not piece:
            continue
        if body and starts_line:
            body += "\n"
        elif body and not piece.startswith(_CLOSING) and not body.endswith(("(", "-")):
            body += " "
        body, starts_line = body + piece, False
    return template.title, body


def field_problems(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """What is missing or wrong in the fields, by name; empty when the question may be sent."""
    found = {}
    for field in template.fields:
        value = values.get(field.name, "").strip()
        if not value:
            if field.required:
                found[field.name] = f"Fill in “{field.label}”."
        elif problem := _value_problem(field, value):
            found[field.name] = problem
    return found


def sample_of(field: Section) -> str:
    """A value that may stand in a field."""
    if field.sample:
        return field.sample
    if field.type is FieldType.CHOICE:
        return field.choices[0] if field.choices else ""
    return {FieldType.NUMBER: "1", FieldType.DATE: "11/01/2026"}.get(field.type, "sample words")


def ordered_options(options: Iterable[str], kind: Kind, wording: Wording) -> tuple[str, ...]:
    """Answers as they are offered: by the alphabet, then what turns down, then other and undetermined.

    The answers of a yes/no question keep their order.
    """
    written = [one.strip() for one in options if one.strip()]
    if kind is not Kind.MULTIPLE_CHOICE:
        return tuple(written)

    def place(text: str) -> tuple[int, str]:
        if wording.is_other(text):
            return 2, ""
        if wording.is_undetermined(text):
            return 3, ""
        return (0, text.casefold()) if wording.is_diagnostic(text) else (1, "")

    return tuple(sorted(written, key=place))


def key_of(name: str) -> str:
    """``Heart failure: type`` → ``heart-failure-type``; at most 60 characters."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60].strip("-")


def named(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Sections whose fields have a name each once: their own, else one made of the label."""
    taken: set[str] = set()
    kept = []
    for section in sections:
        if section.kind is SectionKind.FIELD:
            own = section.name if re.fullmatch(r"[a-z0-9_]{1,44}", section.name) else ""
            base = own or key_of(section.label).replace("-", "_")[:40] or "field"
            name = next(one for one in (base, *(f"{base}_{n}" for n in range(2, 99))) if one not in taken)
            taken.add(name)
            section = replace(section, name=name)
        kept.append(section)
    return tuple(kept)


def _section(raw: Fields) -> Section:
    paragraph = raw.flag("paragraph")
    if raw.values.get("field") is not None:
        return Section(
            SectionKind.FIELD,
            name=raw.text("field"),
            label=raw.text("label"),
            type=FieldType(raw.choice("type", [one.value for one in FieldType], default="text")),
            required=raw.values.get("required") is None or raw.flag("required"),
            choices=tuple(raw.texts("choices")),
            before=raw.verbatim("before"),
            after=raw.verbatim("after"),
            sample=raw.verbatim("sample").strip(),
            paragraph=paragraph,
        )
    if raw.values.get("account") is not None:
        return Section(
            SectionKind.ACCOUNT,
            name=raw.choice("account", ACCOUNT_FIELDS),
            before=raw.verbatim("before"),
            after=raw.verbatim("after"),
            paragraph=paragraph,
        )
    return Section(SectionKind.WORDS, text=raw.text("text"), paragraph=paragraph)


def _section_body(section: Section) -> dict[str, Any]:
    body: dict[str, Any] = {"paragraph": True} if section.paragraph else {}
    if section.kind is SectionKind.WORDS:
        return body | {"text": section.text}
    body |= {"before": section.before, "after": section.after}
    if section.kind is SectionKind.ACCOUNT:
        return body | {"account": section.name}
    return body | {
        "field": section.name,
        "label": section.label,
        "type": section.type.value,
        "required": section.required,
        "choices": list(section.choices),
        "sample": section.sample,
    }


def _piece(section: Section, values: Mapping[str, str], account: Mapping[str, str]) -> str:
    if section.kind is SectionKind.WORDS:
        return section.text.strip()
    given = (account if section.kind is SectionKind.ACCOUNT else values).get(section.name, "")
    value = " ".join(given.split())
    if not value:
        is_needed = section.kind is SectionKind.FIELD and section.required
        return f"{section.before}[{section.label}]{section.after}".strip() if is_needed else ""
    if section.type is FieldType.DATE and section.kind is SectionKind.FIELD:
        day = _day(value)
        value = f"{day:%m/%d/%Y}" if day else value
    return f"{section.before}{value}{section.after}".strip()


def _value_problem(field: Section, value: str) -> str:
    if len(value) > MOST_VALUE:
        return f"“{field.label}” takes up to {MOST_VALUE} characters."
    if field.type is FieldType.NUMBER and not _NUMBER.fullmatch(value):
        return f"“{field.label}” takes a number such as 3.4 or 1,840."
    if field.type is FieldType.DATE and _day(value) is None:
        return f"“{field.label}” takes a date such as 11/01/2026."
    if field.type is FieldType.CHOICE and value not in field.choices:
        return f"“{field.label}”: choose one of the list."
    return ""


def _day(value: str) -> date | None:
    shown = _SHOWN_DAY.fullmatch(value)
    try:
        if shown:
            return date(int(shown[3]), int(shown[1]), int(shown[2]))
        return date.fromisoformat(value)
    except ValueError:
        return None
