"""What the worksheet fills in and says of each verdict: every verdict, and only values of the lists."""

from __future__ import annotations

from qa_audit.models.reviews import Cause, Direction, Severity
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.judging import start_of_judgement
from qa_audit.rules.verdict_words import LABELS, verdict_tone

FINDINGS = {verdict.value for verdict in Verdict} - {"AG"}


def test_every_finding_starts_with_a_severity_and_a_direction_of_the_lists() -> None:
    start = start_of_judgement()
    assert set(start.severity) == set(start.direction) == FINDINGS
    assert set(start.severity.values()) <= set(Severity.values)
    assert set(start.direction.values()) == set(Direction.values)


def test_each_cause_has_one_key_and_there_are_no_more_than_nine() -> None:
    causes = start_of_judgement().causes
    assert sorted(causes) == sorted(Cause.values) and len(causes) <= 9


def test_a_code_without_support_is_paid_too_much_and_a_missed_one_too_little() -> None:
    start = start_of_judgement()
    assert (start.direction["UN"], start.direction["EO"]) == ("over", "over")
    assert (start.direction["MS"], start.direction["EU"]) == ("under", "under")


def test_every_verdict_is_written_in_words_of_its_own() -> None:
    assert set(LABELS) == set(Verdict) and len(set(LABELS.values())) == len(Verdict)
    assert [verdict_tone(one) for one in ("AG", "OB", "WC")] == ["ok", "line", "bad"]
