"""What stored versions say, as the pure part wants it."""

from __future__ import annotations

from django.db.models import F

from edit_rules.models import EditRuleVersion
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.content import Content
from edit_rules.rules.exchange import Carried


def content_of(version: EditRuleVersion) -> Content:
    """What a stored version says."""
    return Content(
        name=version.name,
        level=Level(version.level),
        conditions=parse_conditions(version.conditions),
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        per_line=version.per_line,
        message=version.message,
        satisfy=version.satisfy,
        citation=version.citation,
        citation_on=version.citation_on,
        bypass=tuple(version.bypass),
    )


def carried_rules(client_id: int) -> tuple[Carried, ...]:
    """What each rule of a client says now, by number."""
    newest = (
        EditRuleVersion.objects.filter(client_id=client_id, number=F("rule__version_count"))
        .select_related("rule")
        .order_by("rule__number")
    )
    return tuple(Carried(one.rule.builtin, one.rule.payer_name, content_of(one)) for one in newest)
