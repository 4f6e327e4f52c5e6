"""What may be let stand, by whom, and with what: the policy of overrides, which is data.

``encounters/data/edit_policy.toml`` holds it and cites its sources.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

OWN_RULES: Final = "client."


class Evidence(StrEnum):
    """Must words of the note stand behind an override?"""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms one finding may stand.  No reasons: it is mended, never overridden."""

    reasons: tuple[str, ...]
    evidence: Evidence
    roles: frozenset[str]
    explanation: int

    @property
    def may_stand(self) -> bool:
        """Is there any reason for which it may?"""
        return bool(self.reasons)


@dataclass(frozen=True, slots=True)
class _Rule:
    terms: Terms
    hard: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Policy:
    """All terms; ``separate`` and ``evaluation`` are modifiers whose use needs words of the note,
    in the order in which they are offered."""

    rules: Mapping[str, _Rule]
    default: Terms
    explanations: Mapping[str, int]
    separate: tuple[str, ...] = ()
    evaluation: frozenset[str] = frozenset()

    def terms_of(self, rule: str, *, is_hard: bool) -> Terms:
        """The terms of a finding.  ``is_hard``: the edit offers no modifier that lifts it."""
        named = self.rules.get("client" if rule.startswith(OWN_RULES) else rule)
        if named is None:
            return self.default
        if is_hard and named.hard is not None:
            terms = named.terms
            return Terms(named.hard, terms.evidence, terms.roles, terms.explanation)
        return named.terms

    def least_explanation(self, terms: Terms, reason: str) -> int:
        """Fewest characters of the sentence beside a reason."""
        return max(terms.explanation, self.explanations.get(reason, 0))


def parse_policy(text: str) -> Policy:
    """Reads the TOML.

    Raises:
        tomllib.TOMLDecodeError, KeyError, ValueError: it is damaged.
    """
    data = tomllib.loads(text)
    base = data["default"]
    rules = {
        name: _Rule(_terms({**base, **body}), tuple(body["hard"]) if "hard" in body else None)
        for name, body in data["rules"].items()
    }
    return Policy(
        rules=rules,
        default=_terms(base),
        explanations={name: int(body["explanation"]) for name, body in data["reasons"].items()},
        separate=tuple(data["bypass"]["separate"]),
        evaluation=frozenset(data["bypass"]["evaluation"]),
    )


def _terms(body: Mapping[str, Any]) -> Terms:
    return Terms(
        reasons=tuple(body["reasons"]),
        evidence=Evidence(body["evidence"]),
        roles=frozenset(body["roles"]),
        explanation=int(body["explanation"]),
    )
