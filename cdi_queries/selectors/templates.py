"""The templates a client's authors choose from: the library, and the client's own in its place.

A client's own versions are numbered on from the library's newest, so that a key and a number name one text
for good, whichever of the two it came from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from cdi_queries.models import QueryTemplate, TemplateVersion
from cdi_queries.rules.template import AREAS, Template, template_from
from cdi_queries.terms import DATA
from cdi_queries.terms.triggers import trigger_book
from coding_ops.core.errors import NotFound
from encounters.models import Encounter, EncounterKind, Provider

#: Kinds of visits that one is admitted to.
STAYS = frozenset({EncounterKind.INPATIENT, EncounterKind.OBSERVATION})


@dataclass(frozen=True, slots=True)
class Kept:
    """One key as it stands at a client: its newest text, and whether it is offered."""

    template: Template
    is_active: bool
    own_id: str = ""


@cache
def library() -> Mapping[str, tuple[Template, ...]]:
    """Every version of the built-in templates by key, newest last; read once a process."""
    found: dict[str, dict[int, Template]] = {}
    for path in sorted((DATA / "templates").glob("*.toml")):
        for raw in tomllib.loads(path.read_text("utf-8"))["template"]:
            template = pointed_at(template_from(raw))
            versions = found.setdefault(template.key, {})
            if template.version in versions:
                raise ValueError(f"{path.name}: {template.key} version {template.version} is there twice")
            versions[template.version] = template
    return {key: tuple(versions[n] for n in sorted(versions)) for key, versions in found.items()}


def templates_for(client_id: int) -> tuple[Template, ...]:
    """What may be chosen now, by area and name; the scope must be open."""
    return tuple(one.template for one in kept_templates(client_id) if one.is_active)


def kept_templates(client_id: int) -> tuple[Kept, ...]:
    """Every key of the library and of the client, newest version each, by area and name."""
    newest = (
        TemplateVersion.objects.filter(client_id=client_id)
        .order_by("template_id", "-number")
        .distinct("template_id")
    )
    versions = {one.template_id: one for one in newest}
    found = {key: Kept(texts[-1], is_active=True) for key, texts in library().items()}
    for row in QueryTemplate.objects.filter(client_id=client_id):
        version = versions.get(row.pk)
        if version is not None:
            found[row.key] = Kept(own_text(row.key, version), row.is_active, str(row.pk))
        elif row.key in found:  # the library's text, switched off or on again here
            found[row.key] = replace(found[row.key], is_active=row.is_active, own_id=str(row.pk))
    areas = list(AREAS)
    return tuple(
        sorted(found.values(), key=lambda one: (areas.index(one.template.area), one.template.name.casefold()))
    )


def template_of(client_id: int, key: str, version: int | None = None) -> Template:
    """One template; without a version the one that is used now, switched off or not.

    Raises:
        NotFound: no such key or version at this client.
    """
    own = TemplateVersion.objects.filter(client_id=client_id, template__key=key)
    if version is not None:
        own = own.filter(number=version)
    found = own.order_by("-number").first()
    if found is not None:
        return own_text(key, found)
    built_in = library().get(key, ())
    fitting = [one for one in built_in if version in (None, one.version)]
    if not fitting:
        raise NotFound
    return fitting[-1]


def own_text(key: str, version: TemplateVersion) -> Template:
    """A stored version as a template."""
    text = template_from({**version.content, "key": key, "version": None})
    return pointed_at(replace(text, version=version.number, is_own=True))


def pointed_at(template: Template) -> Template:
    """The same with the trigger rules that name its key."""
    rules = (one.key for one in trigger_book().rules if one.template == template.key)
    return replace(template, triggers=tuple(rules))


def account_values(encounter: Encounter, provider: Provider | None) -> dict[str, str]:
    """What the chart fills into a template, by the names of ``ACCOUNT_FIELDS``; what is unknown is absent.

    Reads the patient's birth date: the chart must have been opened with its read noted.
    """
    patient, service = encounter.patient, f"{encounter.service_on:%m/%d/%Y}"
    born = date.fromisoformat(patient.birth_on) if patient.birth_on else None
    values = {
        "patient_age": age_words(born, encounter.service_on) if born else "",
        "patient_sex": {"F": "female", "M": "male"}.get(patient.sex, ""),
        "service_date": service,
        "admission_date": service if encounter.kind in STAYS else "",
        "provider": provider.name if provider else "",
        "visit_number": encounter.external_id,
        "facility": encounter.facility.name if encounter.facility else "",
    }
    return {name: value for name, value in values.items() if value}


def age_words(born: date, on: date) -> str:
    """``67-year-old``; below two years months, below two months days; over 89 as it is: it is the chart's."""
    if born > on:
        return ""
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if years >= 2:
        return f"{years}-year-old"
    return f"{months}-month-old" if months >= 2 else f"{(on - born).days}-day-old"
