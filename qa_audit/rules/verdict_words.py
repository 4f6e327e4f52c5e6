"""Verdicts in words, and how a page colours them."""

from __future__ import annotations

from qa_audit.rules.audit_lines import PROCESS, Verdict

LABELS: dict[Verdict, str] = {
    Verdict.AGREE: "Agrees",
    Verdict.WRONG_CODE: "Wrong code",
    Verdict.WRONG_SPECIFICITY: "Wrong specificity",
    Verdict.MISSED: "Missed code",
    Verdict.UNSUPPORTED: "Unsupported code",
    Verdict.PRINCIPAL: "Wrong principal diagnosis",
    Verdict.SEQUENCE: "Wrong sequence",
    Verdict.PRESENT_ON_ADMISSION: "Wrong present on admission",
    Verdict.MODIFIER: "Wrong modifier",
    Verdict.UNITS: "Wrong units",
    Verdict.LEVEL_OVER: "Level too high",
    Verdict.LEVEL_UNDER: "Level too low",
    Verdict.LINK: "Wrong link or detail of the line",
    Verdict.QUERY_MISSED: "Query missed",
    Verdict.EVIDENCE: "Evidence wrong",
    Verdict.OBSERVATION: "Observation",
}


def verdict_words(verdict: str) -> str:
    """``Wrong specificity`` for ``WS``."""
    return LABELS[Verdict(verdict)]


def verdict_tone(verdict: str) -> str:
    """``ok`` for an agreement, ``line`` for findings about the work, ``bad`` for the rest."""
    if verdict == Verdict.AGREE:
        return "ok"
    return "line" if Verdict(verdict) in PROCESS else "bad"
