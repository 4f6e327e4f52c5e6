"""What comes out of the workbench's forms, checked for form; what is allowed the actions decide."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from coding_ops.core.errors import InvalidInput
from encounters.actions.coding import Attributes, Words
from encounters.models import CHOSEN_REASONS, DocumentVersion, OwnerParty, SkipReason
from encounters.rules.encounter_states import ReopenReason
from encounters.rules.note_html import whole_lines
from encounters.rules.text import split_lines

RELATIVE = re.compile(r"t([+-]\d{1,3})?")
LINES = re.compile(r"(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?")
REOPEN_WORDS = {
    ReopenReason.CODER_CORRECTION: "I found an error of mine",
    ReopenReason.AUDIT: "An audit asks for it",
    ReopenReason.QUERY_ANSWER: "The provider has answered a query",
    ReopenReason.LATE_DOCUMENTATION: "Documentation came late",
    ReopenReason.CLIENT_REQUEST: "The client asks for it",
    ReopenReason.APPEAL: "A denial is appealed",
}


class DayField(forms.Field):
    """``MM/DD/YYYY``, ``MMDD`` of the nearest year, ISO, or ``t``, ``t+7`` counted from today."""

    def __init__(self, today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.today = today

    def to_python(self, value: Any) -> date | None:
        """A day, or ``None`` for an empty field."""
        text = str(value or "").strip().lower()
        if not text:
            return None
        relative = RELATIVE.fullmatch(text)
        if relative:
            return self.today + timedelta(days=int(relative.group(1) or 0))
        for pattern in ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d"):
            try:
                return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a calendar day has no zone
            except ValueError:
                continue
        raise forms.ValidationError("Write the day as MM/DD/YYYY, or t+7 for a week from today.")


class PendForm(forms.Form):
    """A hold: why, who must act, until when."""

    reason = forms.ChoiceField(
        choices=CHOSEN_REASONS, error_messages={"required": "Choose why the chart waits."}
    )
    owner = forms.ChoiceField(
        choices=OwnerParty.choices,
        error_messages={"required": "Choose who must act: their days are counted."},
    )
    text = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"] = DayField(today, error_messages={"required": "Say by when it is expected."})


class SkipForm(forms.Form):
    """Passing a chart over."""

    reason = forms.ChoiceField(
        choices=SkipReason.choices, error_messages={"required": "Choose why you skip this chart."}
    )
    text = forms.CharField(required=False, max_length=300)


class ReopenForm(forms.Form):
    """Opening final codes again."""

    reason = forms.ChoiceField(
        choices=[(reason.value, label) for reason, label in REOPEN_WORDS.items()],
        error_messages={"required": "Choose why the codes are opened again."},
    )
    text = forms.CharField(max_length=500, error_messages={"required": "Say in a sentence why."})


class ResumeForm(forms.Form):
    """Closing a hold."""

    text = forms.CharField(
        max_length=500, error_messages={"required": "Say in a few words what has changed."}
    )


def evidence_words(pieces: list[str]) -> tuple[Words, ...]:
    """``<version id>:<start>:<end>`` of each piece of evidence.

    Raises:
        InvalidInput: a piece has another form.
    """
    found = []
    for piece in pieces:
        version, start, end = (*piece.split(":"), "", "")[:3]
        try:
            found.append(Words(uuid.UUID(version), int(start), int(end)))
        except ValueError as error:
            raise InvalidInput(
                "The selection could not be read: select the words again.", code="evidence.form"
            ) from error
    return tuple(found)


def same_words(quote: str, version: DocumentVersion, words: Words) -> bool:
    """Whether the page's words stand at the offsets, line breaks aside: a check on the page's counting."""
    return quote.split() == version.text[words.start : words.end].split()


def words_of_lines(typed: str, version: DocumentVersion) -> tuple[Words, ...]:
    """``21, 23-24`` as whole lines of a version: how evidence is cited without a script.

    Raises:
        InvalidInput: not line numbers, or lines without text.
    """
    lines = split_lines(version.text)
    found = []
    for part in filter(None, (part.strip() for part in typed.split(","))):
        numbers = LINES.fullmatch(part)
        first = int(numbers.group(1)) if numbers else 0
        last = int(numbers.group(2) or first) if numbers else 0
        offsets = whole_lines(lines, first, last)
        if offsets is None:
            raise InvalidInput(
                f"“{part}” names no line of this document: write 21 or 23-24.", code="evidence.lines"
            )
        found.append(Words(version.pk, *offsets))
    return tuple(found)


def attributes_of(posted: dict[str, str], diagnoses: dict[str, uuid.UUID]) -> Attributes:
    """Modifiers, units, present-on-admission and pointers out of a form; absent fields stay as they are.

    ``diagnoses``: key on the page (``"1"``) to id.

    Raises:
        InvalidInput: units or pointers that are no numbers, a pointer to nothing.
    """
    units = posted.get("units", "").strip()
    if units and not units.isdecimal():
        raise InvalidInput("Units are a whole number.", code="units.form", details={"field": "units"})
    pointers = None
    if "pointers" in posted:
        keys = re.split(r"[\s,]+", posted["pointers"].strip()) if posted["pointers"].strip() else []
        unknown = [key for key in keys if key not in diagnoses]
        if unknown:
            raise InvalidInput(
                f"There is no diagnosis {unknown[0]} to point at.",
                code="pointer.unknown",
                details={"field": "pointers"},
            )
        pointers = tuple(diagnoses[key] for key in keys)
    return Attributes(
        modifiers=_modifiers(posted["modifiers"]) if "modifiers" in posted else None,
        service_unit_quantity=int(units) if units else None,
        present_on_admission=posted.get("poa"),
        pointers=pointers,
    )


def _modifiers(typed: str) -> tuple[str, ...]:
    return tuple(part.upper() for part in re.split(r"[\s,-]+", typed) if part)
