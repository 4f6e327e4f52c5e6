"""Readiness of one code: assignable, evidenced, modifiers, units, present on admission, pointers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from encounters.rules.readiness_facts import (
    LEAST_EXPLANATION,
    MODIFIER_FORM,
    MODIFIERS_THAT_FIT,
    POA_LETTERS,
    POINTERS_THAT_FIT,
    SERVICE_SYSTEMS,
    Assignment,
    EncounterFacts,
    ExceptionReason,
    Finding,
    Setting,
    blocks,
    warns,
)


def code_findings(
    code: Assignment, diagnoses: Mapping[str, Assignment], facts: EncounterFacts
) -> Iterator[Finding]:
    """All findings of one code; ``diagnoses`` are the chart's, by key."""
    for rule in _CODE_RULES:
        yield from rule(code, facts)
    yield from _pointers(code, diagnoses, facts)


def _assignable(code: Assignment, _facts: EncounterFacts) -> Iterator[Finding]:
    if code.not_assignable:
        yield blocks(
            "code.not_assignable",
            code.key,
            "codes",
            f"{code.shown} cannot be assigned: {code.not_assignable}.",
            "Choose a billable code in force on the date of service.",
        )


def _evidence(code: Assignment, _facts: EncounterFacts) -> Iterator[Finding]:
    where, key, name = "evidence", code.key, code.shown
    if code.anchored_count:
        if code.lost_count:
            yield warns(
                "evidence.lost",
                key,
                where,
                f"{name}: {code.lost_count} of {code.anchored_count + code.lost_count} quotes are not in the"
                " current document.",
                "Look at each lost quote: cite it anew or remove it.",
            )
        return
    if code.has_exception:
        return
    cite = "Select the words in the note and cite them (E), or record an exception with its reason."
    if code.exception_reason or code.exception_note:
        known = code.exception_reason in set(ExceptionReason)
        rule = "exception.too_short" if known else "exception.unknown"
        message = (
            f"{name}: the exception is explained in fewer than {LEAST_EXPLANATION} characters."
            if known
            else f"{name}: the exception has no reason of the list."
        )
        yield blocks(rule, key, where, message, "Choose a reason and say in a sentence where the support is.")
    elif code.lost_count:
        yield blocks(
            "evidence.only_lost", key, where, f"{name}: none of its quotes is in the current document.", cite
        )
    else:
        yield blocks("evidence.missing", key, where, f"{name} has no evidence.", cite)


def _modifiers(code: Assignment, _facts: EncounterFacts) -> Iterator[Finding]:
    where, key, name = "modifiers", code.key, code.shown
    if not code.modifiers:
        return
    if code.system not in SERVICE_SYSTEMS:
        yield blocks(
            "modifiers.not_taken",
            key,
            where,
            f"{name}: {code.system} codes take no modifiers.",
            "Remove them.",
        )
        return
    if len(code.modifiers) > MODIFIERS_THAT_FIT:
        yield blocks(
            "modifiers.too_many",
            key,
            where,
            f"{name} has {len(code.modifiers)} modifiers; a line has room for {MODIFIERS_THAT_FIT}.",
            "Keep the four that matter for payment first.",
        )
    for modifier, count in Counter(code.modifiers).items():
        if not MODIFIER_FORM.fullmatch(modifier):
            yield blocks(
                "modifiers.form",
                key,
                where,
                f"{name}: “{modifier}” is not a modifier: two letters or digits.",
                "Correct or remove it.",
            )
        if count > 1:
            yield blocks(
                "modifiers.duplicate",
                key,
                where,
                f"{name} has modifier {modifier} {count} times.",
                "Keep one.",
            )


def _units(code: Assignment, _facts: EncounterFacts) -> Iterator[Finding]:
    if code.units < 1:
        yield blocks(
            "units.range",
            code.key,
            "units",
            f"{code.shown} has {code.units} units.",
            "Enter at least one unit.",
        )
    elif code.units > 1 and code.system not in SERVICE_SYSTEMS:
        yield blocks(
            "units.not_taken",
            code.key,
            "units",
            f"{code.shown}: {code.system} codes take no units.",
            "Set the units to 1.",
        )


def _poa(code: Assignment, facts: EncounterFacts) -> Iterator[Finding]:
    if not code.is_diagnosis or code.system != "ICD-10-CM":
        return
    key, name = code.key, code.shown
    if facts.setting is not Setting.INPATIENT:
        if code.poa:
            yield warns(
                "poa.not_taken",
                key,
                "poa",
                f"{name}: present on admission is for inpatient stays.",
                "Remove it.",
            )
    elif code.poa and code.poa not in POA_LETTERS:
        yield blocks(
            "poa.form", key, "poa", f"{name}: “{code.poa}” is not Y, N, U, W or 1.", "Choose one of these."
        )
    elif code.is_poa_exempt:
        if code.poa not in ("", "1"):
            yield warns(
                "poa.exempt",
                key,
                "poa",
                f"{name} is exempt from present on admission.",
                "Clear it, or enter 1.",
            )
    elif code.is_poa_exempt is None and code.poa == "1":
        yield warns(
            "poa.unchecked",
            key,
            "poa",
            f"{name} is marked exempt from present on admission, and no list of exempt codes is loaded.",
            "Make sure that CMS lists it, or enter Y, N, U or W.",
        )
    elif code.poa in ("", "1"):
        yield blocks(
            "poa.missing",
            key,
            "poa",
            f"{name} does not say whether it was present on admission.",
            "Enter Y, N, U or W as the documentation says.",
        )


_CODE_RULES: Final[tuple[Callable[[Assignment, EncounterFacts], Iterator[Finding]], ...]] = (
    _assignable,
    _evidence,
    _modifiers,
    _units,
    _poa,
)


def _pointers(
    code: Assignment, diagnoses: Mapping[str, Assignment], facts: EncounterFacts
) -> Iterator[Finding]:
    where, key, name = "pointers", code.key, code.shown
    if code.is_diagnosis or code.system not in SERVICE_SYSTEMS:
        if code.pointers:
            yield blocks(
                "pointers.not_taken",
                key,
                where,
                f"{name} takes no diagnosis pointers.",
                "Remove its pointers.",
            )
        return
    there = [pointer for pointer in code.pointers if pointer in diagnoses]
    if len(there) < len(code.pointers):
        yield blocks(
            "pointers.unknown",
            key,
            where,
            f"{name} points at a diagnosis that is not on the chart.",
            "Point it at diagnoses that are.",
        )
    elif not there and facts.setting is Setting.PROFESSIONAL:
        yield blocks(
            "pointers.missing",
            key,
            where,
            f"{name} does not say which diagnosis it is for.",
            "Point it at one to four diagnoses, the main reason first.",
        )
    if len(there) != len(set(there)):
        yield blocks("pointers.duplicate", key, where, f"{name} points at a diagnosis twice.", "Keep one.")
    if len(code.pointers) > POINTERS_THAT_FIT:
        yield blocks(
            "pointers.too_many",
            key,
            where,
            f"{name} points at {len(code.pointers)} diagnoses; a line has room for {POINTERS_THAT_FIT}.",
            "Keep the four that matter.",
        )
