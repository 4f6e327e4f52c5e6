"""A client's rules, their versions, and what became of each finding."""

from edit_rules.models.outcome import EditOutcome, Outcome
from edit_rules.models.rule import EditRule, EditRuleVersion, LevelChoice

__all__ = ["EditOutcome", "EditRule", "EditRuleVersion", "LevelChoice", "Outcome"]
