"""What the API answers about findings of the claim edits."""

from __future__ import annotations

from rest_framework import serializers

from coding_ops.web.api import Output


class StandsOutput(Output):
    """Why a finding stands.  ``document_version``, ``start`` and ``end`` name the words behind it, if any."""

    id = serializers.UUIDField()
    reason = serializers.CharField(help_text="Of the list that an override is made with.")
    note = serializers.CharField(allow_blank=True)
    by = serializers.CharField()
    document_version = serializers.UUIDField(allow_null=True)
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    is_lost = serializers.BooleanField(help_text="The words are not in the newest version.")


class EditOutput(Output):
    """A finding of the claim edits: rule, source and edition, what it concerns, what would satisfy it."""

    key = serializers.CharField()
    rule = serializers.CharField()
    level = serializers.ChoiceField(choices=["error", "warning", "info"])
    assignments = serializers.ListField(
        child=serializers.UUIDField(), help_text="The first is the code it stands beside."
    )
    codes = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField()
    citation = serializers.CharField()
    satisfy = serializers.CharField()
    bypass = serializers.ListField(child=serializers.CharField(), help_text="Modifiers that may lift it.")
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="For which it may stand; none: it is mended."
    )
    needs_evidence = serializers.BooleanField()
    override = StandsOutput(allow_null=True)
