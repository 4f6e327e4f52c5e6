"""What the API of queries answers.  ``inside`` is left out of what providers and clients are given."""

from __future__ import annotations

from rest_framework import serializers

from coding_ops.web.api import Output, Problem


class QueryLine(Output):
    """One query of a list: no words of it, so that a list reads no record."""

    id = serializers.UUIDField()
    encounter = serializers.UUIDField()
    visit_id = serializers.CharField()
    state = serializers.CharField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True)
    provider = serializers.CharField(allow_blank=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class QueryPage(Output):
    """One page of queries, newest draft first."""

    results = QueryLine(many=True)
    next = serializers.CharField(allow_null=True)


class IndicatorOutput(Output):
    """Quoted words of the record."""

    id = serializers.CharField()
    document_version = serializers.UUIDField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    quote = serializers.CharField()
    document_title = serializers.CharField()
    document_on = serializers.DateField(allow_null=True)
    lines = serializers.CharField()
    is_prior = serializers.BooleanField(help_text="Of an earlier visit.")
    relevance = serializers.CharField(allow_blank=True)


class OptionOutput(Output):
    """One answer to choose."""

    id = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    indicators = serializers.ListField(child=serializers.CharField())


class AnswerOutput(Output):
    """The provider's answer, to the letter."""

    option = serializers.CharField(allow_blank=True)
    option_text = serializers.CharField(allow_blank=True)
    words = serializers.CharField(allow_blank=True)
    by = serializers.CharField()
    way = serializers.CharField(help_text="`account`, `code`, `verbal`, `inbox`.")
    at = serializers.DateTimeField()
    sha256 = serializers.CharField()


class InsideOutput(Output):
    """What the vendor keeps beside the words."""

    author = serializers.CharField()
    template = serializers.CharField(allow_blank=True)
    template_version = serializers.IntegerField(allow_null=True)
    trigger = serializers.CharField(allow_blank=True)
    impacts = serializers.ListField(child=serializers.CharField())
    internal_note = serializers.CharField(allow_blank=True)
    lint = serializers.JSONField(help_text="Findings when it was sent, and reasons given; null for a draft.")
    is_retrospective = serializers.BooleanField()
    escalation_level = serializers.IntegerField()
    cancel_reason = serializers.CharField(allow_blank=True)
    codes_before = serializers.JSONField()
    codes_after = serializers.JSONField()
    shift = serializers.JSONField()


class QueryOutput(Output):
    """One query with its words."""

    id = serializers.UUIDField()
    encounter = serializers.UUIDField()
    visit_id = serializers.CharField()
    state = serializers.CharField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True)
    provider = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    body = serializers.CharField(allow_blank=True)
    indicators = IndicatorOutput(many=True)
    options = OptionOutput(many=True)
    sha256 = serializers.CharField(allow_blank=True, help_text="Of the words as sent; empty for a draft.")
    sent_at = serializers.DateTimeField(allow_null=True)
    asked_at = serializers.DateTimeField(allow_null=True, help_text="Of the provider who is asked now.")
    due_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    answer = AnswerOutput(allow_null=True)
    inside = InsideOutput(required=False, help_text="For the vendor's people only.")


class QueryFinding(Output):
    """What one rule of the lint says; the words are in the draft, at the span."""

    rule = serializers.CharField()
    severity = serializers.CharField()
    message = serializers.CharField()
    span = serializers.JSONField()


class NotSendableProblem(Problem):
    """The query is not sent: mend it, or say why the warnings may stand."""

    findings = QueryFinding(many=True, required=False)
