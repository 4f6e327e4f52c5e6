"""What is sent to the pages of drift."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from encounters.forms import DayField
from qa_audit.models import DecisionKind, NoteKind

NO_REASON = "Say in a few words why."


class DecideForm(forms.Form):
    """A decision about a signal; what a kind does not need is left unread."""

    kind = forms.ChoiceField(
        choices=DecisionKind.choices, error_messages={"required": "Choose what is done."}
    )
    factor = forms.DecimalField(
        required=False,
        max_digits=6,
        decimal_places=2,
        error_messages={"invalid": "Write a number, for example 2 or 2.5."},
    )
    reason = forms.CharField(max_length=300, error_messages={"required": NO_REASON})

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"] = DayField(today, required=False)


class NewNoteForm(forms.Form):
    """What happened on a day."""

    kind = forms.ChoiceField(choices=NoteKind.choices, error_messages={"required": "Choose the kind."})
    words = forms.CharField(max_length=120, error_messages={"required": "Say what happened."})
    starts_baseline = forms.BooleanField(required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["happened_on"] = DayField(
            today, required=True, error_messages={"required": "Write the day as MM/DD/YYYY."}
        )


class PeriodsForm(forms.Form):
    """Two periods, each by its first and last day."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_a", "to_a", "from_b", "to_b"):
            self.fields[name] = DayField(
                today, required=True, error_messages={"required": "Write the day as MM/DD/YYYY."}
            )


def first_errors(form: forms.Form) -> dict[str, str]:
    """The first message of each field."""
    return {name: str(messages[0]) for name, messages in form.errors.items()}
