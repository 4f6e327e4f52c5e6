"""A client's rules in a list, with what became of their findings."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Count, F, Q, QuerySet

from edit_rules.models import EditOutcome, EditRule, EditRuleVersion, LevelChoice, Outcome

PAGE_ROWS = 50
COUNTED_DAYS = 90


class Standing(StrEnum):
    """Where the newest version of a rule stands on a day."""

    ON = "on"
    OFF = "off"
    LATER = "later"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; empty: all."""

    level: str = ""
    payer: str = ""
    text: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the last ninety days. `fired`: findings told, whatever became of them; each is one of a revision."""

    fired: int = 0
    overridden: int = 0
    denied: int = 0


def newest_versions(client_id: int, asked: Asked, today: date) -> QuerySet[EditRuleVersion]:
    """The newest version of each rule that fits, by number, with its rule and who made it."""
    rows: QuerySet[EditRuleVersion] = (
        EditRuleVersion.objects.filter(client_id=client_id, number=F("rule__version_count"))
        .select_related("rule", "made_by")
        .order_by("rule__number")
    )
    if asked.level in LevelChoice.values:
        rows = rows.filter(level=asked.level)
    if asked.payer:
        rows = rows.filter(rule__payer_name=asked.payer)
    if asked.text:
        found = Q(name__icontains=asked.text) | Q(message__icontains=asked.text)
        found |= Q(rule__builtin__icontains=asked.text)
        if asked.text.isdecimal() and len(asked.text) < 9:
            found |= Q(rule__number=int(asked.text))
        rows = rows.filter(found)
    return _standing(rows, asked.standing, today)


def _standing(rows: QuerySet[EditRuleVersion], standing: str, today: date) -> QuerySet[EditRuleVersion]:
    if standing == Standing.OFF:
        return rows.filter(level=LevelChoice.OFF)
    on = rows.exclude(level=LevelChoice.OFF)
    if standing == Standing.LATER:
        return on.filter(effective_from__gt=today)
    if standing == Standing.ENDED:
        return on.filter(effective_to__lt=today)
    if standing == Standing.ON:
        return on.filter(effective_from__lte=today).exclude(effective_to__lt=today)
    return rows


def standing_of(version: EditRuleVersion, today: date) -> Standing:
    """The same question of one version."""
    if version.level == LevelChoice.OFF:
        return Standing.OFF
    if version.effective_from > today:
        return Standing.LATER
    if version.effective_to is not None and version.effective_to < today:
        return Standing.ENDED
    return Standing.ON


def payers_with_rules(client_id: int) -> list[str]:
    """The payers that rules of this client name, by name."""
    named = EditRule.objects.filter(client_id=client_id).exclude(payer_name="")
    return list(named.order_by("payer_name").values_list("payer_name", flat=True).distinct())


def rules_by_builtin(client_id: int) -> dict[str, list[EditRule]]:
    """The rules that set the level of a built-in edit, by the edit."""
    found: dict[str, list[EditRule]] = {}
    for rule in EditRule.objects.filter(client_id=client_id).exclude(builtin="").order_by("number"):
        found.setdefault(rule.builtin, []).append(rule)
    return found


def versions_of(rule: EditRule) -> list[EditRuleVersion]:
    """All versions of a rule, newest first."""
    rows = EditRuleVersion.objects.filter(client_id=rule.client_id, rule=rule)
    return list(rows.select_related("made_by", "rule").order_by("-number"))


class Kind(StrEnum):
    """What is counted of a rule: the three numbers of its page, each of which opens its rows."""

    FIRED = "fired"
    OVERRIDDEN = "overridden"
    DENIED = "denied"


KINDS: Mapping[Kind, Q] = {
    Kind.FIRED: ~Q(outcome=Outcome.DENIED),
    Kind.OVERRIDDEN: Q(outcome=Outcome.OVERRIDDEN),
    Kind.DENIED: Q(outcome=Outcome.DENIED),
}


def counts_of(client_id: int, rule_ids: Iterable[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Counts]:
    """What became of the findings of these rules in the last ninety days: one query."""
    rows = (
        _counted(client_id, rule_ids, now)
        .values_list("rule_version__rule_id")
        .annotate(**{kind.value: Count("id", filter=what) for kind, what in KINDS.items()})
    )
    return {rule_id: Counts(fired, overridden, denied) for rule_id, fired, overridden, denied in rows}


def findings_of(client_id: int, rule_id: uuid.UUID, kind: Kind, now: datetime) -> QuerySet[EditOutcome]:
    """The rows behind one number of ``counts_of``, newest first, with their visits."""
    rows = _counted(client_id, [rule_id], now).filter(KINDS[kind])
    return rows.select_related("encounter", "rule_version").order_by("-recorded_at", "-id")


def _counted(client_id: int, rule_ids: Iterable[uuid.UUID], now: datetime) -> QuerySet[EditOutcome]:
    rows: QuerySet[EditOutcome] = EditOutcome.objects.filter(
        client_id=client_id,
        recorded_at__gte=now - timedelta(days=COUNTED_DAYS),
        rule_version__rule_id__in=list(rule_ids),
    )
    return rows
