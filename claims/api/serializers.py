"""What the API of claims answers.  ``inside`` is left out of what a client's people are given.

Amounts are dollars as texts with two decimals: a program that reads them as floats loses cents.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from coding_ops.web.api import Output


def _dollars(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2, **options)


class PayerFileLine(Output):
    """One file, without what it set aside."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    door = serializers.CharField(help_text="`upload`, `folder`, `command`, `api`.")
    filename = serializers.CharField(allow_blank=True)
    sender_id = serializers.CharField(allow_blank=True, help_text="ISA06.")
    interchange_number = serializers.CharField(allow_blank=True, help_text="ISA13.")
    bytes = serializers.IntegerField()
    received_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    entries = serializers.IntegerField(help_text="Claims, statuses or payments of one claim in it.")
    read = serializers.IntegerField(help_text="How many of them lie behind the reader.")
    posted = serializers.IntegerField()
    unmatched = serializers.IntegerField(help_text="Kept until their claim turns up.")
    duplicates = serializers.IntegerField()
    problems = serializers.IntegerField(help_text="Open ones.")


class PayerFilePage(Output):
    """One page of files, newest first."""

    results = PayerFileLine(many=True)
    next = serializers.CharField(allow_null=True)


class PayerFileProblem(Output):
    """What was set aside: where and why, in words that repeat nothing of the file."""

    id = serializers.UUIDField()
    place = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    advice = serializers.CharField()
    difference = _dollars(allow_null=True)
    whole_file = serializers.BooleanField()
    state = serializers.CharField()
    resolution = serializers.CharField(allow_blank=True)


class PayerFileOutput(PayerFileLine):
    """One file with what it set aside, the first thousand of it."""

    set_aside = PayerFileProblem(many=True)
    is_new = serializers.BooleanField(
        required=False, help_text="Of an answer to sending: false, known before."
    )


class ClaimLineOutput(Output):
    """One service line."""

    number = serializers.IntegerField()
    code = serializers.CharField(allow_blank=True)
    modifiers = serializers.ListField(child=serializers.CharField())
    units = serializers.DecimalField(max_digits=9, decimal_places=3)
    charge = _dollars()
    revenue_code = serializers.CharField(allow_blank=True)
    pointers = serializers.ListField(child=serializers.IntegerField())
    service_on = serializers.DateField(allow_null=True)


class ClaimDiagnosis(Output):
    """One diagnosis, in the order of the claim."""

    code = serializers.CharField()
    role = serializers.CharField(allow_blank=True)
    poa = serializers.CharField(allow_blank=True)


class ClaimAdjustment(Output):
    """Why less was paid than charged."""

    group = serializers.CharField()
    carc = serializers.CharField()
    amount = _dollars()
    category = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)


class ClaimAnswer(Output):
    """What was decided of the claim in one remittance."""

    status = serializers.CharField(help_text="CLP02.")
    charge = _dollars()
    paid = _dollars()
    patient = _dollars()
    decided_on = serializers.DateField(allow_null=True)
    posted_at = serializers.DateTimeField()
    remarks = serializers.ListField(child=serializers.CharField())
    adjustments = ClaimAdjustment(many=True)


class ClaimStepOutput(Output):
    """One thing that happened to the claim."""

    kind = serializers.CharField()
    at = serializers.DateTimeField()


class ClaimRow(Output):
    """One claim of a list: no diagnoses, so that a list reads no record."""

    id = serializers.UUIDField()
    encounter = serializers.UUIDField(allow_null=True)
    control_number = serializers.CharField()
    version = serializers.IntegerField()
    frequency = serializers.CharField()
    form = serializers.CharField()
    state = serializers.CharField()
    payer = serializers.CharField(allow_blank=True)
    service_from = serializers.DateField()
    service_through = serializers.DateField()
    charge = _dollars()
    paid = _dollars()
    patient = _dollars()
    submitted_at = serializers.DateTimeField(allow_null=True)
    adjudicated_at = serializers.DateTimeField(allow_null=True)


class ClaimPage(Output):
    """One page of claims, newest service first."""

    results = ClaimRow(many=True)
    next = serializers.CharField(allow_null=True)


class ClaimInside(Output):
    """What the vendor keeps beside the claim."""

    coder = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField(allow_null=True)


class ClaimOutput(ClaimRow):
    """One claim with its codes, answers and story."""

    bill_type = serializers.CharField(allow_blank=True)
    drg = serializers.CharField(allow_blank=True)
    payer_control_number = serializers.CharField(allow_blank=True)
    first_response = serializers.CharField(allow_blank=True)
    first_response_at = serializers.DateTimeField(allow_null=True)
    problems = serializers.JSONField(help_text="What keeps it from being written: code, where, message.")
    diagnoses = ClaimDiagnosis(many=True)
    lines = ClaimLineOutput(many=True)
    answers = ClaimAnswer(many=True)
    steps = ClaimStepOutput(many=True)
    inside = ClaimInside(required=False, help_text="For the vendor's people only.")
