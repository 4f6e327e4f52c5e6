"""What the API takes and answers about edit rules."""

from __future__ import annotations

from rest_framework import serializers

from coding_ops.web.api import Input, Output


class RuleQuery(Input):
    """Which rules of a client."""

    cursor = serializers.CharField(max_length=400, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)


class RuleOutput(Output):
    """What a rule says now: its newest version."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    builtin = serializers.CharField(help_text="The edit whose level it sets; empty: a check of its own.")
    payer = serializers.CharField(help_text="Empty: every payer.")
    level = serializers.CharField(help_text="`error`, `warning`, `info`, `off`.")
    conditions = serializers.JSONField(help_text="Groups of conditions joined by `all` or `any`.")
    words = serializers.CharField(help_text="The conditions as a sentence.")
    per_line = serializers.BooleanField()
    message = serializers.CharField()
    satisfy = serializers.CharField()
    citation = serializers.CharField()
    citation_on = serializers.DateField(allow_null=True)
    bypass = serializers.ListField(child=serializers.CharField())
    effective_from = serializers.DateField()
    effective_to = serializers.DateField(allow_null=True)


class RulePage(Output):
    """One page of rules, by number."""

    results = RuleOutput(many=True)
    next = serializers.CharField(allow_null=True)
