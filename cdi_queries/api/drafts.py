"""From what was sent to a draft: words of the record become quoted, dated indicators."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cdi_queries.access.queries import require_author
from cdi_queries.actions.drafts import start_draft
from cdi_queries.models import CdiQuery
from cdi_queries.rules.arrange import arranged
from cdi_queries.rules.content import AnswerOption, QueryContent
from cdi_queries.rules.query import Kind
from cdi_queries.selectors.compose import Span, quoted, with_indicators
from cdi_queries.terms.lint import wording
from coding_ops.core.errors import InvalidInput, NotAllowed
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.access import open_chart
from encounters.models import Encounter, EncounterStatus, Provider


def draft_from(*, actor: Actor, client_id: int, zone: str, wanted: Mapping[str, Any]) -> CdiQuery:
    """Begins a draft; the chart's read is noted, because its words are quoted.

    Raises:
        NotFound: the encounter is missing or not theirs to see.
        NotAllowed: the role writes no queries, or a coder does not hold the chart.
        InvalidInput: words that are not in this patient's record, an unknown provider or indicator.
    """
    chart = open_chart(actor=actor, client_id=client_id, encounter_id=wanted["encounter"])
    require_author(actor)
    encounter = chart.encounter
    if actor.role == Role.CODER and not chart.may_code and encounter.status != EncounterStatus.FINAL:
        raise NotAllowed("You may read this chart, but you do not hold it.", code="chart.not_held")
    return start_draft(
        actor=actor,
        encounter=encounter,
        provider=_provider(client_id, wanted["provider"]),
        content=_content(encounter, zone, wanted),
    )


def _content(encounter: Encounter, zone: str, wanted: Mapping[str, Any]) -> QueryContent:
    kind = Kind(wanted["kind"])
    content = QueryContent(
        kind=kind, title=wanted["title"], body=wanted["body"], purpose=wanted.get("purpose", "")
    )
    ids: list[str] = []
    for sent in wanted["indicators"]:
        span = Span(sent["document_version"], sent["start"], sent["end"])
        content = with_indicators(content, quoted(encounter, [span], zone), sent["relevance"])
        place = (str(span.version_id), span.start, span.end)
        ids.append(
            next(
                (one.id for one in content.indicators if (one.version_id, one.start, one.end) == place),
                content.indicators[-1].id,
            )
        )
    options = [
        AnswerOption(f"o{number}", sent["text"], _linked(sent["indicators"], ids))
        for number, sent in enumerate(wanted["options"], start=1)
    ]
    return replace(content, options=arranged(kind, options, wording()))


def _linked(numbers: Sequence[int], ids: Sequence[str]) -> tuple[str, ...]:
    if any(number > len(ids) for number in numbers):
        raise InvalidInput("An option names an indicator that was not sent.", code="query.indicator")
    return tuple(dict.fromkeys(ids[number - 1] for number in numbers))


def _provider(client_id: int, provider_id: uuid.UUID | None) -> Provider | None:
    if provider_id is None:
        return None
    found = Provider.objects.filter(client_id=client_id, pk=provider_id).first()
    if found is None:
        raise InvalidInput("There is no such provider.", code="query.provider")
    return found
