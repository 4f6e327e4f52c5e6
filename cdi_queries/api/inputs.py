"""What the API of queries accepts; what is allowed the actions decide."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cdi_queries.actions.answers import LONGEST_WORDS
from cdi_queries.models import CancelReason, QueryKind, QueryStatus
from coding_ops.web.api import Input

LARGEST_OFFSET = LARGEST_FENCE = 2**31 - 1
LONGEST_BODY = 20_000
MOST_INDICATORS = 50
MOST_OPTIONS = 30


@extend_schema_field({"type": "string"})
class KindField(serializers.ChoiceField):
    """Its choices are named in words: encounters have kinds too, and a list would get a made-up name."""


class QueryListQuery(Input):
    """Which queries of a client."""

    state = serializers.ChoiceField(choices=QueryStatus.choices, required=False)
    provider = serializers.UUIDField(required=False, help_text="Who is asked.")
    cursor = serializers.CharField(max_length=400, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)


class IndicatorInput(Input):
    """Words of this patient's record; they are quoted, dated and labelled here."""

    document_version = serializers.UUIDField()
    start = serializers.IntegerField(min_value=0, max_value=LARGEST_OFFSET, help_text="Code points.")
    end = serializers.IntegerField(min_value=1, max_value=LARGEST_OFFSET)
    relevance = serializers.CharField(
        max_length=500,
        required=False,
        default="",
        allow_blank=True,
        help_text="For words of an earlier visit.",
    )


class OptionInput(Input):
    """One answer to choose.  "Other" and "Unable to determine" are always added."""

    text = serializers.CharField(max_length=300)
    indicators = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_INDICATORS),
        max_length=MOST_INDICATORS,
        required=False,
        default=list,
        help_text="Numbers of the indicators that support it, from 1, in the order in which they were sent.",
    )


class DraftInput(Input):
    """A draft about an encounter."""

    encounter = serializers.UUIDField()
    provider = serializers.UUIDField(required=False, allow_null=True, default=None)
    kind = KindField(choices=QueryKind.choices, help_text="`open`, `multiple_choice`, `yes_no`.")
    title = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=LONGEST_BODY, trim_whitespace=False)
    purpose = serializers.ChoiceField(
        choices=["present_on_admission", "cause_and_effect", "substantiation", "conflicting_documentation"],
        required=False,
        help_text="Of a yes/no query.",
    )
    indicators = serializers.ListField(
        child=IndicatorInput(), max_length=MOST_INDICATORS, required=False, default=list
    )
    options = serializers.ListField(
        child=OptionInput(), max_length=MOST_OPTIONS, required=False, default=list
    )


class SendInput(Input):
    """Sends a draft."""

    reasons = serializers.DictField(
        child=serializers.CharField(max_length=500),
        required=False,
        default=dict,
        help_text='Why a warning may stand, by its rule: `{"R5": "…"}`.',
    )
    hold = serializers.BooleanField(default=True, help_text="Puts the chart on hold until the answer.")
    fence = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_FENCE,
        required=False,
        help_text="Of your own lease, if you hold the chart.",
    )


class AnswerInput(Input):
    """A provider's own answer: an option, words, or both."""

    option = serializers.CharField(max_length=8, required=False, default="", allow_blank=True)
    words = serializers.CharField(
        max_length=LONGEST_WORDS, required=False, default="", allow_blank=True, trim_whitespace=False
    )


class CancelInput(Input):
    """Takes a query back."""

    reason = serializers.ChoiceField(choices=CancelReason.choices)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
