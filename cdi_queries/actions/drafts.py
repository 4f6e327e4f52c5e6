"""Beginning a query and saving its draft.  A draft may be wrong: the lint decides when it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from cdi_queries.access.queries import require_author
from cdi_queries.actions.steps import add_step, locked_query
from cdi_queries.models import CdiQuery, Channel, Impact, QueryStatus, StepKind
from cdi_queries.rules.content import QueryContent, to_json
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from encounters.models import DocumentVersion, Encounter, EncounterStatus, Provider


@transaction.atomic
def start_draft(
    *,
    actor: Actor,
    encounter: Encounter,
    provider: Provider | None,
    content: QueryContent,
    template_key: str = "",
    template_version: int | None = None,
    trigger_key: str = "",
) -> CdiQuery:
    """A new draft about an encounter.

    Raises:
        NotAllowed: the role writes no queries.
        Refused: the encounter is cancelled.
        InvalidInput: an indicator's words do not stand where it says.
    """
    require_author(actor)
    if encounter.status == EncounterStatus.CANCELLED:
        raise Refused("The visit is cancelled: there is nothing to ask about.", code="query.cancelled_visit")
    _require_quotes(encounter, content)
    now = timezone.now()
    query: CdiQuery = CdiQuery.objects.create(
        client_id=encounter.client_id,
        encounter=encounter,
        provider=provider,
        author_id=actor.person_id,
        specialty_id=encounter.specialty_id,
        kind=content.kind.value,
        content=to_json(content),
        template_key=template_key,
        template_version=template_version,
        trigger_key=trigger_key,
        drafted_at=now,
    )
    add_step(actor=actor, query=query, kind=StepKind.DRAFTED, at=now)
    record_event(
        actor=actor,
        verb=Verb.QUERY_DRAFTED,
        subject=query,
        facts={"encounter": str(encounter.pk), "template": template_key, "trigger": trigger_key},
    )
    return query


@transaction.atomic
def save_draft(
    *,
    actor: Actor,
    query: CdiQuery,
    content: QueryContent,
    provider: Provider | None,
    impacts: Sequence[str] = (),
    internal_note: str = "",
    channel: Channel = Channel.WRITTEN,
    template: tuple[str, int | None] | None = None,
) -> CdiQuery:
    """Keeps a draft as it was typed; ``template`` is key and version when another one was chosen.

    Raises:
        NotAllowed: another person's draft.
        Conflict: it was sent or cancelled meanwhile; nothing is kept.
        InvalidInput: an impact that is none, or an indicator whose words do not stand where it says.
    """
    require_author(actor, query)
    locked = locked_query(query)
    if locked.state != QueryStatus.DRAFT:
        raise Conflict(
            f"The query is no longer a draft ({locked.get_state_display().lower()}). Nothing was saved.",
            code="query.not_a_draft",
        )
    unknown = [one for one in impacts if one not in Impact.values]
    if unknown:
        raise InvalidInput(f"There is no impact {unknown[0]!r}.", code="query.impact")
    _require_quotes(locked.encounter, content)
    locked.content = to_json(content)
    locked.kind, locked.provider, locked.channel = content.kind.value, provider, channel
    locked.impacts, locked.internal_note = list(dict.fromkeys(impacts)), internal_note.strip() or None
    fields = ["content", "kind", "provider", "channel", "impacts", "internal_note"]
    if template is not None:
        locked.template_key, locked.template_version = template
        fields += ["template_key", "template_version"]
    locked.save(update_fields=fields)
    record_event(
        actor=actor,
        verb=Verb.QUERY_SAVED,
        subject=locked,
        facts={"indicators": len(content.indicators), "options": len(content.options)},
    )
    return locked


def _require_quotes(encounter: Encounter, content: QueryContent) -> None:
    """R1: an indicator is quoted from this patient's record, to the letter; typed ones are refused."""
    wanted = {one.version_id for one in content.indicators}
    versions = {
        str(one.pk): one
        for one in DocumentVersion.objects.filter(
            client_id=encounter.client_id,
            pk__in=wanted,
            document__encounter__patient_id=encounter.patient_id,
        ).select_related("document")
    }
    for indicator in content.indicators:
        version = versions.get(indicator.version_id)
        if version is None or version.text[indicator.start : indicator.end] != indicator.quote:
            raise InvalidInput(
                "An indicator's words do not stand in this patient's record: select them again.",
                code="query.indicator",
            )
        if indicator.is_prior != (version.document.encounter_id != encounter.pk):
            raise InvalidInput(
                "An indicator is of another visit than it says: select it again.", code="query.indicator"
            )
