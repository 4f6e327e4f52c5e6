"""Which training topic a finding belongs to: a map of verdict, cause and family of the code.

The map is data (``qa_audit/data/topics.toml``); rules are tried in their order and the first that fits
decides.  A topic may name families of codes: a chart without a code of them cannot prove that the error of
that topic has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coding_ops.core.errors import InvalidInput

NO_FINDING = frozenset({"AG", "OB"})
"""Verdicts of lines that are no error: an agreement, and an observation."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What is trained.  ``families`` empty: any chart can show the error."""

    key: str
    name: str
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes of one group (``dx``, ``px``, ``pcs``) by their first characters, both ends included."""

    group: str
    first: str
    last: str

    def holds(self, group: str, code: str) -> bool:
        """Whether the code, without its dot, lies in the range."""
        starts, ends = code[: len(self.first)], code[: len(self.last)]
        return group == self.group and starts >= self.first and ends <= self.last


@dataclass(frozen=True, slots=True)
class TopicRule:
    """One row of the map; an empty set fits everything."""

    topic: str
    verdicts: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()

    def fits(self, verdict: str, cause: str, family: str) -> bool:
        """Whether a finding of these three gets the rule's topic."""
        return (
            (not self.verdicts or verdict in self.verdicts)
            and (not self.causes or cause in self.causes)
            and (not self.families or family in self.families)
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    """Days, counts and rates of the remediation.

    Attributes:
        due_days: days for a training, unless another day is set.
        reaudit_charts, most_charts: charts of a re-audit unless told otherwise, and at most.
        shows_charts: a clean re-audit has at least so many charts on which the error could have been made.
        systemic_findings, window_days: so many settled findings of a topic within so many days ask for
            the cause behind them.
        confidence, recurrence_target: rates from 0 to 1.
        recurrence_minimum: fewer decided trainings than this are shown and not judged.
    """

    due_days: int
    reaudit_charts: int
    most_charts: int
    shows_charts: int
    systemic_findings: int
    window_days: int
    confidence: Decimal
    recurrence_target: Decimal
    recurrence_minimum: int


@dataclass(frozen=True, slots=True)
class TopicMap:
    """One edition of topics, families and rules."""

    edition: str
    topics: Mapping[str, Topic]
    rules: tuple[TopicRule, ...]
    families: Mapping[str, tuple[CodeRange, ...]]
    numbers: Numbers

    def name(self, key: str) -> str:
        """The topic's name; its key where an older edition gave it."""
        topic = self.topics.get(key)
        return key if topic is None else topic.name

    def family(self, line: Mapping[str, Any] | None) -> str:
        """The first family that holds a stored line's code; empty for none."""
        if line is None:
            return ""
        group, code = _group(line), str(line["code"])
        return next(
            (name for name, ranges in self.families.items() if any(one.holds(group, code) for one in ranges)),
            "",
        )

    def topic_of(
        self,
        *,
        verdict: str,
        cause: str,
        coder_line: Mapping[str, Any] | None,
        reviewer_line: Mapping[str, Any] | None,
    ) -> str:
        """The key of a finding's topic.  What should have been coded decides the family, if there is such.

        Raises:
            InvalidInput: no rule fits; the last rule of a map should fit everything.
        """
        family = self.family(reviewer_line) or self.family(coder_line)
        for rule in self.rules:
            if rule.fits(verdict, cause, family):
                return rule.topic
        raise InvalidInput("No rule of the topics fits this finding.", code="topics.no_rule")

    def can_show(self, key: str, codes: Iterable[Mapping[str, Any]]) -> bool:
        """Whether a chart with these codes can show the error of a topic at all."""
        topic = self.topics.get(key)
        if topic is None or not topic.families:
            return True
        ranges = [one for name in topic.families for one in self.families[name]]
        return any(one.holds(_group(line), str(line["code"])) for line in codes for one in ranges)


def is_charged_error(verdict: str, cause: str, not_charged: frozenset[str]) -> bool:
    """Whether a finding is an error of the coder's, which a training can end."""
    return verdict not in NO_FINDING and cause not in not_charged


def read_topics(tables: Mapping[str, Any]) -> TopicMap:
    """The map as its file gives it.

    Raises:
        InvalidInput: a rule or topic names what is not there, or the last rule leaves something out.
    """
    families = {name: tuple(_range(one) for one in ranges) for name, ranges in tables["families"].items()}
    topics = {
        key: Topic(key, one["name"], tuple(one.get("families", ()))) for key, one in tables["topics"].items()
    }
    rules = tuple(
        TopicRule(
            one["topic"],
            frozenset(one.get("verdicts", ())),
            frozenset(one.get("causes", ())),
            frozenset(one.get("families", ())),
        )
        for one in tables["rules"]
    )
    unknown = {rule.topic for rule in rules} - set(topics)
    used = {name for topic in topics.values() for name in topic.families}
    unknown |= (used | {name for rule in rules for name in rule.families}) - set(families)
    if unknown:
        name = sorted(unknown)[0]
        raise InvalidInput(f"The topics name {name}, which is not there.", code="topics.unknown")
    if not rules or rules[-1] != TopicRule(rules[-1].topic):
        raise InvalidInput("The last rule must fit every finding.", code="topics.no_rule")
    return TopicMap(tables["edition"], topics, rules, families, _numbers(tables))


def _numbers(tables: Mapping[str, Any]) -> Numbers:
    training, systemic, recurrence = tables["training"], tables["systemic"], tables["recurrence"]
    return Numbers(
        due_days=training["due_days"],
        reaudit_charts=training["reaudit_charts"],
        most_charts=training["most_charts"],
        shows_charts=training["shows_charts"],
        systemic_findings=systemic["findings"],
        window_days=systemic["window_days"],
        confidence=Decimal(recurrence["confidence"]),
        recurrence_target=Decimal(recurrence["target"]),
        recurrence_minimum=recurrence["minimum_n"],
    )


def _range(text: str) -> CodeRange:
    group, _, ends = text.partition(":")
    first, dash, last = ends.partition("-")
    if group not in ("dx", "px", "pcs") or not (first and dash and last):
        raise InvalidInput(f"{text} is not a range such as dx:E08-E13.", code="topics.range")
    return CodeRange(group, first, last)


def _group(line: Mapping[str, Any]) -> str:
    if line["kind"] == "dx":
        return "dx"
    return "pcs" if line.get("system") == "ICD-10-PCS" else "px"
