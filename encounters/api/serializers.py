"""What the API answers.  Dates ISO 8601, codes without the dot, offsets in Unicode code points."""

from __future__ import annotations

from rest_framework import serializers

from coding_ops.web.api import Output, Problem
from encounters.api.edit_serializers import EditOutput
from encounters.models import EncounterKind, EncounterStatus, OwnerParty


class SelectorOutput(Output):
    """A W3C selector; a position has ``start`` and ``end``, a quote ``exact``, ``prefix`` and ``suffix``."""

    type = serializers.CharField()
    start = serializers.IntegerField(required=False)
    end = serializers.IntegerField(required=False)
    exact = serializers.CharField(required=False)
    prefix = serializers.CharField(required=False)
    suffix = serializers.CharField(required=False)


class EvidenceOutput(Output):
    """Words that support a code.  The quote is there where the chart is read, not in answers to changes."""

    id = serializers.UUIDField()
    document_version = serializers.UUIDField()
    state = serializers.CharField(help_text="`anchored`, or `lost` in a newer version.")
    meat = serializers.CharField(
        help_text="Of a diagnosis: `M`onitored, `E`valuated, `A`ssessed, `T`reated; empty without a tag."
    )
    selectors = SelectorOutput(many=True)


class CodeOutput(Output):
    """One code of the set, in claim order within its kind."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="`dx` diagnosis, `px` service or procedure.")
    system = serializers.CharField()
    code = serializers.CharField()
    title = serializers.CharField(help_text="Empty for CPT.")
    position = serializers.IntegerField()
    modifiers = serializers.ListField(child=serializers.CharField())
    service_unit_quantity = serializers.IntegerField()
    present_on_admission = serializers.CharField()
    pointers = serializers.ListField(child=serializers.UUIDField())
    exception_reason = serializers.CharField()
    exception_note = serializers.CharField()
    evidence = EvidenceOutput(many=True)


class FindingOutput(Output):
    """One thing between the codes and final.

    A finding of the claim edits carries its source and edition, and the key that names it.
    """

    rule = serializers.CharField()
    assignment = serializers.UUIDField(allow_null=True)
    where = serializers.CharField()
    message = serializers.CharField()
    how_to_fix = serializers.CharField()
    citation = serializers.CharField()
    edit = serializers.CharField()


class ReadinessOutput(Output):
    """Everything between the codes and final."""

    is_ready = serializers.BooleanField()
    blocking = FindingOutput(many=True)
    warnings = FindingOutput(many=True)
    cited_count = serializers.IntegerField()
    excepted_count = serializers.IntegerField()
    total_count = serializers.IntegerField()


class CodingState(Output):
    """The working set after a change.  No words of the note: they are read with the chart."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=EncounterStatus.choices)
    fence = serializers.IntegerField()
    codes = CodeOutput(many=True)
    readiness = ReadinessOutput()
    edits = EditOutput(many=True)


class EncounterState(Output):
    """Where the encounter stands after a step."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=EncounterStatus.choices)
    revision_count = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)


class LeaseState(Output):
    """The lease after a heartbeat."""

    fence = serializers.IntegerField()
    lease_expires_at = serializers.DateTimeField()


class ConflictProblem(Problem):
    """Somebody else holds the chart, or it has moved on: both versions, so that nothing typed is lost."""

    holder = serializers.CharField(help_text="Who holds it now; empty: nobody.", allow_blank=True)
    since = serializers.DateTimeField(allow_null=True)
    current = CodingState(allow_null=True, help_text="What is saved; null when you may no longer see it.")
    submitted = serializers.DictField(help_text="What you sent; none of it was saved.")


class BlockedProblem(Problem):
    """The codes cannot be made final yet."""

    blocking = FindingOutput(many=True, required=False)


# --- reads -------------------------------------------------------------------------------------------------


class PatientOutput(Output):
    """Whose chart it is."""

    family_name = serializers.CharField()
    given_name = serializers.CharField()
    birth_on = serializers.CharField(help_text="ISO date; empty when the source did not say.")
    sex = serializers.CharField()
    mrn = serializers.CharField()


class ProviderOutput(Output):
    """Who rendered the service."""

    name = serializers.CharField()
    npi = serializers.CharField()
    professional_credential = serializers.CharField()


class VersionLine(Output):
    """One version of a document; its text has an address of its own."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    author_name = serializers.CharField()
    authored_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()
    character_count = serializers.IntegerField()


class DocumentOutput(Output):
    """A document with its versions, oldest first."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    kind = serializers.CharField()
    versions = VersionLine(many=True)


class VersionText(VersionLine):
    """The text exactly as it was received; offsets of evidence count into it."""

    document = serializers.UUIDField()
    encounter = serializers.UUIDField()
    title = serializers.CharField()
    sha256 = serializers.CharField()
    text = serializers.CharField()


class HoldOutput(Output):
    """What the chart waits for, and whose move it is."""

    owner_party = serializers.ChoiceField(choices=OwnerParty.choices)
    reason = serializers.CharField()
    note = serializers.CharField()
    due_on = serializers.DateField()
    opened_at = serializers.DateTimeField()


class HeldBackOutput(Output):
    """Final codes that are held for a second look: outside the vendor they are not among ``codes`` yet."""

    by = serializers.CharField(help_text="Who holds them and what for.")
    revision = serializers.IntegerField(help_text="The version that is held.")
    since = serializers.DateTimeField()


class WorkOutput(Output):
    """Who holds the chart; for the vendor's people only."""

    state = serializers.CharField()
    holder = serializers.CharField(allow_blank=True)
    lease_expires_at = serializers.DateTimeField(allow_null=True)
    fence = serializers.IntegerField()
    may_code = serializers.BooleanField()


class EncounterLine(Output):
    """One encounter of a list."""

    id = serializers.UUIDField()
    visit_id = serializers.CharField()
    status = serializers.ChoiceField(choices=EncounterStatus.choices)
    kind = serializers.ChoiceField(choices=EncounterKind.choices)
    service_on = serializers.DateField()
    discharge_on = serializers.DateField(allow_null=True)
    patient = PatientOutput()
    provider = serializers.CharField(allow_blank=True)
    facility = serializers.CharField(allow_blank=True)
    specialty = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    final_at = serializers.DateTimeField(allow_null=True)
    revision_count = serializers.IntegerField()


class EncounterPage(Output):
    """A page of encounters, newest service first."""

    results = EncounterLine(many=True)
    next = serializers.CharField(allow_null=True, help_text="Cursor of the next page; null at the end.")


class ChartOutput(Output):
    """Everything of one encounter.

    For people outside the vendor ``codes`` is the newest final version that is not held from release
    (``held_back``); ``readiness``, ``edits`` and ``work`` are null, and ``hold`` is given only when it
    waits for the client or its provider.
    """

    id = serializers.UUIDField()
    client = serializers.SlugField()
    visit_id = serializers.CharField()
    status = serializers.ChoiceField(choices=EncounterStatus.choices)
    kind = serializers.ChoiceField(choices=EncounterKind.choices)
    service_on = serializers.DateField()
    discharge_on = serializers.DateField(allow_null=True)
    coding_on = serializers.DateField(help_text="The day whose code sets apply.")
    place_of_service_code = serializers.CharField()
    patient = PatientOutput()
    provider = ProviderOutput(allow_null=True)
    facility = serializers.CharField(allow_blank=True)
    payer = serializers.CharField(allow_blank=True)
    specialty = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    available_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    final_at = serializers.DateTimeField(allow_null=True)
    revision_count = serializers.IntegerField()
    documents = DocumentOutput(many=True)
    codes = CodeOutput(many=True)
    hold = HoldOutput(allow_null=True)
    held_back = HeldBackOutput(allow_null=True)
    readiness = ReadinessOutput(allow_null=True)
    edits = EditOutput(many=True, allow_null=True)
    work = WorkOutput(allow_null=True)


class TakenOutput(Output):
    """A chart in hand.  Asking again gives the same one until it is let go."""

    client = serializers.SlugField()
    fence = serializers.IntegerField()
    was_held = serializers.BooleanField()
    chart = ChartOutput()


class WaitingOutput(Output):
    """One row of a worklist: visit numbers, no names."""

    encounter = serializers.UUIDField()
    client = serializers.SlugField()
    state = serializers.CharField(help_text="`leased` (mine), `queued` or `pended`.")
    visit_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=EncounterKind.choices)
    service_on = serializers.DateField()
    specialty = serializers.CharField(allow_blank=True)
    queue = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField()
    risk = serializers.IntegerField()
    queued_at = serializers.DateTimeField()
    revision_count = serializers.IntegerField()


class WorklistPage(Output):
    """A page of the worklist, in the order in which charts are handed out."""

    results = WaitingOutput(many=True)
    next = serializers.CharField(allow_null=True)


class RevisionOutput(Output):
    """A finished version of the codes."""

    number = serializers.IntegerField()
    finalized_at = serializers.DateTimeField()
    finalized_by = serializers.CharField(help_text="Empty for the client's people.", allow_blank=True)
    credential = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(help_text="Why it is not the first.", allow_blank=True)
    codes = CodeOutput(many=True)


class RevisionList(Output):
    """All finished versions, first to last."""

    results = RevisionOutput(many=True)


class CodeLineOutput(Output):
    """One code of a version as the comparison reads it; ``pointers`` are diagnosis codes."""

    kind = serializers.CharField()
    system = serializers.CharField()
    code = serializers.CharField()
    position = serializers.IntegerField()
    modifiers = serializers.ListField(child=serializers.CharField())
    units = serializers.IntegerField()
    poa = serializers.CharField()
    pointers = serializers.ListField(child=serializers.CharField())


class FieldChangeOutput(Output):
    """One attribute before and after."""

    field = serializers.CharField()
    old = serializers.CharField()
    new = serializers.CharField()


class ChangedOutput(Output):
    """The same code with other attributes."""

    code = CodeLineOutput()
    fields_ = FieldChangeOutput(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """``fields`` is a name of the base class."""
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


class MovedOutput(Output):
    """The same code at another place."""

    code = CodeLineOutput()
    from_position = serializers.IntegerField()
    to_position = serializers.IntegerField()


class CompareOutput(Output):
    """What it takes to come from one version to the other."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()
    added = CodeLineOutput(many=True)
    removed = CodeLineOutput(many=True)
    changed = ChangedOutput(many=True)
    moved = MovedOutput(many=True)
    unchanged = CodeLineOutput(many=True)
    summary = serializers.ListField(child=serializers.CharField())


class EventOutput(Output):
    """One act of the encounter's story."""

    at = serializers.DateTimeField()
    verb = serializers.CharField()
    words = serializers.CharField()
    who = serializers.CharField()
    credential = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    facts = serializers.DictField()


class StoryOutput(Output):
    """What happened, newest first."""

    results = EventOutput(many=True)


class HitOutput(Output):
    """One code found; headings come with ``billable`` false and cannot be assigned."""

    code = serializers.CharField()
    title = serializers.CharField()
    billable = serializers.BooleanField()
    score = serializers.FloatField()


class SearchOutput(Output):
    """Codes, best first, of the release in force on the day."""

    system = serializers.CharField()
    release = serializers.CharField()
    results = HitOutput(many=True)
