"""What the API accepts, by act.  Every field is bounded here; what is allowed the actions decide."""

from __future__ import annotations

from rest_framework import serializers

from code_sets.models.releases import CodeSystem
from coding_ops.web.api import Input
from encounters.models import (
    CHOSEN_REASONS,
    EncounterStatus,
    ExceptionReason,
    OverrideReason,
    OwnerParty,
    SkipReason,
)
from encounters.rules.anchors import LONGEST_QUOTE
from encounters.rules.encounter_states import CHOSEN_TO_REOPEN

LARGEST_FENCE = 2**31 - 1
LARGEST_OFFSET = 2**31 - 1
MOST_EVIDENCE = 50
PAGE_ROWS = 50
MOST_ROWS = 100


class Leased(Input):
    """A change is made under a lease, named by its fence."""

    fence = serializers.IntegerField(
        min_value=0, max_value=LARGEST_FENCE, help_text="From the chart; an older one answers 409."
    )


class SelectorInput(Input):
    """One W3C selector, as a browser's annotation library makes it."""

    type = serializers.ChoiceField(choices=["TextPositionSelector", "TextQuoteSelector"])
    start = serializers.IntegerField(min_value=0, max_value=LARGEST_OFFSET, required=False)
    end = serializers.IntegerField(min_value=0, max_value=LARGEST_OFFSET, required=False)
    exact = serializers.CharField(
        max_length=2 * LONGEST_QUOTE, trim_whitespace=False, allow_blank=True, required=False
    )
    prefix = serializers.CharField(max_length=200, trim_whitespace=False, allow_blank=True, required=False)
    suffix = serializers.CharField(max_length=200, trim_whitespace=False, allow_blank=True, required=False)


class EvidenceInput(Input):
    """Words of a document version: a position and the quote that must stand there."""

    document_version = serializers.UUIDField()
    selectors = serializers.ListField(
        child=SelectorInput(),
        min_length=2,
        max_length=2,
        help_text="One TextPositionSelector (code points) and one TextQuoteSelector.",
    )


class CiteInput(Leased, EvidenceInput):
    """Ties words to a code."""


class AttributesInput(Leased):
    """What stands beside a code; a field left out stays as it is."""

    modifiers = serializers.ListField(child=serializers.CharField(max_length=8), max_length=8, required=False)
    service_unit_quantity = serializers.IntegerField(min_value=1, max_value=9999, required=False)
    present_on_admission = serializers.ChoiceField(choices=["", "Y", "N", "U", "W", "1"], required=False)
    pointers = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=12,
        required=False,
        help_text="Diagnoses of this chart that the service is for, in order.",
    )


class AssignmentInput(AttributesInput):
    """A code, with the words that support it."""

    system = serializers.ChoiceField(choices=CodeSystem.choices)
    code = serializers.CharField(max_length=12, help_text="With or without the dot.")
    evidence = serializers.ListField(child=EvidenceInput(), max_length=MOST_EVIDENCE, required=False)


class RemoveInput(Leased):
    """Takes a code off the chart."""

    reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="Required on a chart that was final."
    )


class MoveInput(Leased):
    """A place within the code's kind, counted from 1."""

    position = serializers.IntegerField(min_value=1, max_value=999)


class ExceptionInput(Leased):
    """Why a code stands without quoted words; an empty reason takes it back."""

    reason = serializers.ChoiceField(choices=ExceptionReason.choices, allow_blank=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class OverrideInput(Leased):
    """Lets a finding of the edits stand."""

    finding = serializers.RegexField(r"^[0-9a-f-]{20,24}$", help_text="Key of the finding.")
    reason = serializers.ChoiceField(choices=OverrideReason.choices)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    evidence = EvidenceInput(required=False, help_text="Words that show it, where the finding asks for them.")


class HeartbeatInput(Leased):
    """Keeps the lease; ``active`` says that somebody worked since the last beat."""

    active = serializers.BooleanField(default=False)


class SkipInput(Leased):
    """Passes the chart over."""

    reason = serializers.ChoiceField(choices=SkipReason.choices)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class PendInput(Leased):
    """Puts the chart on hold."""

    reason = serializers.ChoiceField(choices=CHOSEN_REASONS)
    owner_party = serializers.ChoiceField(choices=OwnerParty.choices)
    due_on = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ResumeInput(Input):
    """Takes the chart off hold.  Nobody holds it, so there is no fence."""

    answer = serializers.CharField(max_length=500)


class ReopenInput(Input):
    """Opens final codes again.  Nobody holds the chart, so there is no fence."""

    reason = serializers.ChoiceField(choices=[(reason.value, reason.value) for reason in CHOSEN_TO_REOPEN])
    note = serializers.CharField(max_length=500)


# --- queries -----------------------------------------------------------------------------------------------


class Paged(Input):
    """Where a list goes on, and how many rows it gives."""

    cursor = serializers.CharField(max_length=400, required=False, help_text="`next` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=MOST_ROWS, default=PAGE_ROWS)


class WorklistQuery(Paged):
    """Which part of the worklist."""

    show = serializers.ChoiceField(
        choices=["", "mine", "held"], default="", help_text="`mine`: in hand; `held`: on hold."
    )
    client = serializers.SlugField(max_length=40, required=False, help_text="One client only.")


class EncounterQuery(Paged):
    """Which encounters of a client."""

    status = serializers.ChoiceField(choices=EncounterStatus.choices, required=False)
    service_from = serializers.DateField(required=False)
    service_to = serializers.DateField(required=False)
    mine = serializers.BooleanField(default=False, help_text="In my hands, or made final by me.")


class SearchInput(Input):
    """Words or the beginning of a code, in the release of a day."""

    system = serializers.ChoiceField(choices=CodeSystem.choices, default=CodeSystem.ICD_10_CM)
    on = serializers.DateField(help_text="Date of service; discharge for inpatient stays.")
    text = serializers.CharField(max_length=200)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20)


class CompareQuery(Input):
    """Two versions of the codes."""

    before = serializers.IntegerField(min_value=1, max_value=32767)
    after = serializers.IntegerField(min_value=1, max_value=32767)
