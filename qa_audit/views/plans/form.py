"""The form of a plan: what was typed, what it says as terms, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from coding_ops.core.errors import InvalidInput
from coding_ops.web.choices import Choice
from encounters.models import EncounterKind
from qa_audit.rules.plan_terms import PlanTerms, parse_terms
from qa_audit.views.plans import words
from qa_audit.views.plans.dto import PlanForm

MANY = ("kinds", "specialties", "coders", "strata", "certainty")
PERCENTS = ("target", "precision", "confidence")
NUMBERS = ("floor_per_stratum", "new_coder_charts", "rebuttal_days")
ONE = ("method", "value", "mode", "gate", "schedule", "counted_score", *NUMBERS, *PERCENTS)
LABELS = {
    "kinds": "Kinds of visit",
    "specialties": "Specialties",
    "coders": "Coders",
    "strata": "Strata",
    "certainty": "Always reviewed",
    "value": "How many",
    "floor_per_stratum": "At least from each stratum",
    "new_coder_charts": "A coder is new below",
    "rebuttal_days": "Days to answer a finding",
    "target": "Target",
    "precision": "Precision",
    "confidence": "Confidence",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form."""

    one: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""
    reason: str = ""
    seen_version: int = 0


def draft_from(post: QueryDict) -> Draft:
    """What was sent."""
    seen = post.get("seen_version", "0")
    return Draft(
        one={name: post.get(name, "").strip() for name in ONE},
        many={name: tuple(post.getlist(name)) for name in MANY},
        name=post.get("name", "").strip(),
        reason=post.get("reason", "").strip(),
        seen_version=int(seen) if seen.isdecimal() and len(seen) < 6 else 0,
    )


def draft_of(terms: PlanTerms, *, seen_version: int = 0) -> Draft:
    """A plan's terms as they are typed."""
    return Draft(
        one={
            name: words.percent(getattr(terms, name))
            if name in PERCENTS
            else f"{terms.value.normalize():f}"
            if name == "value"
            else str(getattr(terms, name))
            for name in ONE
        },
        many={name: tuple(str(one) for one in getattr(terms, name)) for name in MANY},
        seen_version=seen_version,
    )


def read_terms(draft: Draft) -> tuple[PlanTerms | None, dict[str, str]]:
    """The terms, or what is wrong by field."""
    given: dict[str, Any] = {name: list(values) for name, values in draft.many.items()}
    given |= draft.one
    errors: dict[str, str] = {}
    for name in NUMBERS:
        text = draft.one.get(name, "")
        if text.isdecimal() and len(text) < 9:
            given[name] = int(text)
        else:
            errors[name] = f"{LABELS[name]}: give a whole number."
    for name in PERCENTS:
        rate = _rate(draft.one.get(name, ""))
        if rate is None:
            errors[name] = f"{LABELS[name]}: give a percentage above 0 and below 100."
        else:
            given[name] = str(rate)
    if not all(one.isdecimal() and len(one) < 10 for one in draft.many.get("coders", ())):
        errors["coders"] = "Coders: choose from the list."
    else:
        given["coders"] = [int(one) for one in draft.many.get("coders", ())]
    if set(draft.many.get("kinds", ())) - set(EncounterKind.values):
        errors["kinds"] = "Kinds of visit: choose from the list."
    if errors:
        return None, errors
    try:
        return parse_terms(given), {}
    except InvalidInput as error:
        return None, _told(error)


def _told(error: InvalidInput) -> dict[str, str]:
    path = str(error.details.get("path", ""))
    label = LABELS.get(path)
    return {path: f"{label}{error.message.removeprefix(path)}" if label else error.message}


def _rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text.removesuffix("%").strip()) / 100
    except InvalidOperation:
        return None
    return rate.normalize() if rate.is_finite() and 0 < rate < 1 else None


def form_view(
    draft: Draft,
    href: str,
    *,
    is_new: bool,
    coders: list[tuple[int, str, bool]],
    specialties: list[tuple[str, str]],
) -> PlanForm:
    """The form with what was typed."""

    def picks(name: str, labels: Mapping[Any, str]) -> tuple[Choice, ...]:
        chosen = draft.many.get(name, ())
        return tuple(Choice(str(value), label, str(value) in chosen) for value, label in labels.items())

    def radios(name: str, labels: Mapping[Any, str]) -> tuple[Choice, ...]:
        return tuple(
            Choice(str(value), label, str(value) == draft.one.get(name)) for value, label in labels.items()
        )

    return PlanForm(
        href=href,
        is_new=is_new,
        seen_version=draft.seen_version,
        name=draft.name,
        reason=draft.reason,
        kinds=picks("kinds", dict(EncounterKind.choices)),
        specialties=picks("specialties", dict(specialties)),
        coders=picks("coders", {pk: name if here else f"{name} (has left)" for pk, name, here in coders}),
        strata=picks("strata", words.DIMENSIONS),
        certainty=picks("certainty", words.CERTAINTIES),
        method=radios("method", words.METHODS),
        mode=radios("mode", words.MODES),
        gate=radios("gate", words.GATES),
        schedule=radios("schedule", words.SCHEDULES),
        counted_score=radios("counted_score", words.SCORES),
        texts={name: draft.one.get(name, "") for name in ("value", *NUMBERS, *PERCENTS)},
    )
