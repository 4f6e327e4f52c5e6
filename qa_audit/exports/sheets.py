"""A finished audit as a workbook: about, scores, reviews, lines, words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coding_ops.exports.xlsx import Cell, Column, Table, workbook
from coding_ops.web.client_pages import moment
from qa_audit.exports.contents import Head, ReviewSheet
from qa_audit.exports.totals import totals


def audit_workbook(head: Head, reviews: Sequence[ReviewSheet], *, made_by: str, made_at: datetime) -> bytes:
    """The file; codes are texts, weights and counts numbers."""
    tables = (
        _about(head, reviews, made_by, made_at),
        _scores(head, reviews),
        _reviews(reviews),
        _lines(reviews),
        _words(reviews),
    )
    return workbook(tables, title=head.title, made_at=made_at)


def _about(head: Head, reviews: Sequence[ReviewSheet], made_by: str, made_at: datetime) -> Table:
    rows: list[Sequence[Cell]] = [("Audit", head.title), ("Client", head.client)]
    rows += [(label, value) for label, value in head.facts]
    rows += [
        ("Reviews closed", len(reviews)),
        ("Reviews cancelled", head.cancelled),
        ("Confidence", str(head.confidence)),
        ("File asked for by", made_by),
        ("File asked for", moment(made_at, head.zone)),
    ]
    for name, frame, sample, certain in head.strata:
        rows.append((f"Stratum {name}", f"{sample} of {frame} charts{', all by rule' if certain else ''}"))
    return Table("About", (Column("What", 26), Column("Value", 80)), rows)


def _scores(head: Head, reviews: Sequence[ReviewSheet]) -> Table:
    level = f"{head.confidence * 100:.0f}%"
    columns = (
        Column("Score", 34), Column("Contract counts it", 12), Column("Charts", 9), Column("Numerator", 11),
        Column("Denominator", 12), Column("Rate", 9), Column(f"Wilson {level}", 18),
        Column(f"Clopper-Pearson {level}", 18), Column("Weighted by stratum", 26),
    )  # fmt: skip
    rows = [
        (
            one.label, one.is_counted, one.charts, one.numerator, one.denominator, one.rate, one.wilson,
            one.exact, one.weighted,
        )
        for one in totals(reviews, confidence=head.confidence, counted_score=head.counted_score)
    ]  # fmt: skip
    return Table("Scores", columns, rows)


def _reviews(reviews: Sequence[ReviewSheet]) -> Table:
    columns = (
        Column("Visit", 18), Column("Date of service", 13), Column("Coder", 22), Column("Credential", 14),
        Column("Reviewer", 22), Column("Done", 10), Column("Why", 18), Column("Stratum", 26),
        Column("Stands for charts", 12), Column("Version of codes", 10), Column("Delivered", 24),
        Column("Closed", 24), Column("Agree", 8), Column("Lines", 8), Column("Clean", 8),
        Column("Taxonomy", 10), Column("Reviewer's words", 50),
    )  # fmt: skip
    rows = [
        (
            one.visit, one.service_on, one.coder, one.credential, one.reviewer, one.mode, one.origin,
            one.stratum, one.weight, one.revision, one.delivered, one.closed,
            *one.counts.get("code_level", (None, None)), one.scores.get("encounter_clean"), one.definition,
            one.summary,
        )
        for one in reviews
    ]  # fmt: skip
    return Table("Reviews", columns, rows)


def _lines(reviews: Sequence[ReviewSheet]) -> Table:
    columns = (
        Column("Visit", 18), Column("Line", 6), Column("Verdict", 8), Column("In words", 24),
        Column("Coder's code", 14), Column("Coder's title", 36), Column("Reviewer's code", 14),
        Column("Reviewer's title", 36), Column("Weight", 8), Column("About the work", 9), Column("Cause", 20),
        Column("Severity", 10), Column("Payment", 16), Column("Cites", 34), Column("Note", 40),
        Column("State", 26), Column("What was said", 60),
    )  # fmt: skip
    rows = [
        (
            one.visit, line.number, line.verdict, line.verdict_words, line.coder_code, line.coder_title,
            line.reviewer_code, line.reviewer_title, line.weight, line.is_process, line.cause, line.severity,
            line.direction, line.citation, line.note, line.state, "\n".join(line.steps),
        )
        for one in reviews
        for line in one.lines
    ]  # fmt: skip
    return Table("Lines", columns, rows)


def _words(reviews: Sequence[ReviewSheet]) -> Table:
    """Quotes of the chart, each with its place: the evidence of both sides."""
    columns = (
        Column("Visit", 18), Column("Line", 6), Column("Side", 10), Column("Code", 14),
        Column("Document", 26), Column("Version", 8), Column("Lines", 14), Column("Words", 80),
    )  # fmt: skip
    rows = [
        (one.visit, line.number, side, code, quote.document, quote.version, quote.lines, quote.text)
        for one in reviews
        for line in one.lines
        for side, code, quotes in (
            ("Coder", line.coder_code, line.coder_quotes),
            ("Reviewer", line.reviewer_code, line.reviewer_quotes),
        )
        for quote in quotes
    ]
    return Table("Words", columns, rows)
