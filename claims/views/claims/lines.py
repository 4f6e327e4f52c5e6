"""Lines and diagnoses of a claim: what was billed, where the chart says so, and what the payer made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from claims.models import ClaimLine
from claims.rules.category_words import CATEGORY_WORDS
from claims.rules.classify import NOT_A_DENIAL
from claims.rules.content import ClaimContent
from claims.selectors.claim_story import CodedLine, Net, Story
from claims.views.claims import words
from claims.views.claims.dto import DiagnosisRow, LineRow, Link, Reason
from code_sets.rules.entries import with_dot


def line_rows(story: Story, chart_href: str) -> tuple[LineRow, ...]:
    """The service lines in their order."""
    return tuple(_line(story, one, chart_href) for one in story.lines)


def diagnosis_rows(story: Story, chart_href: str) -> tuple[DiagnosisRow, ...]:
    """The diagnoses in their order, each with the lines that point at it."""
    rows = []
    for number, one in enumerate(story.claim.diagnoses, 1):
        coded = story.codes.get(str(one.get("key") or ""))
        pointing = [str(line.number) for line in story.lines if number in line.pointers]
        rows.append(
            DiagnosisRow(
                number=str(number),
                code=with_dot(one["code"]),
                title=coded.title if coded else "",
                role=words.DIAGNOSIS_ROLES.get(one.get("role", ""), ""),
                poa=one.get("poa", ""),
                lines=", ".join(pointing),
                cited=_cited(story, coded, chart_href),
            )
        )
    return tuple(rows)


def procedure_rows(content: ClaimContent | None) -> tuple[tuple[str, str], ...]:
    """Procedures of a stay: code and day."""
    return tuple((one.code, words.day(one.performed_on)) for one in content.procedures) if content else ()


def reasons(nets: Iterable[Net]) -> tuple[Reason, ...]:
    """Reasons of a payer, what it keeps from paying first."""
    ordered = sorted(nets, key=lambda one: (one.category == NOT_A_DENIAL, -one.amount))
    return tuple(
        Reason(
            code=f"{one.group_code} {one.carc}",
            category=CATEGORY_WORDS[one.category],
            tone="line" if one.category == NOT_A_DENIAL else "bad" if one.category == "coding" else "warn",
            amount=words.dollars(one.amount),
        )
        for one in ordered
    )


def _line(story: Story, line: ClaimLine, chart_href: str) -> LineRow:
    coded = story.codes.get(str(line.assignment_id)) if line.assignment_id else None
    paid = story.paid.get(line.pk)
    return LineRow(
        number=str(line.number),
        code="-".join(part for part in (line.code, *line.modifiers) if part) or words.DASH,
        title=coded.title if coded else "",
        revenue_code=line.revenue_code,
        units=words.units(Decimal(line.service_unit_quantity)),
        pointers=" ".join(map(str, line.pointers)),
        service=words.day(line.service_on),
        charge=words.dollars(line.charge_amount),
        paid=words.dollars(paid) if paid is not None else "",
        reasons=reasons(story.nets.get(line.pk, ())),
        remarks=" ".join(story.remarks.get(line.pk, ())),
        cited=_cited(story, coded, chart_href),
    )


def _cited(story: Story, coded: CodedLine | None, chart_href: str) -> tuple[Link, ...]:
    """The words in the chart that support a code; their number alone to who may not open the chart."""
    if coded is None or not coded.links:
        return ()
    if not story.opens_chart:
        count = len(coded.links)
        return (Link(f"{count} quote{'' if count == 1 else 's'}"),)
    return tuple(
        Link(f"{_title(story, version)}, {place}", f"{chart_href}?version={version}#at-{start}")
        for place, (version, start) in _places(coded.links)
    )


def _places(links: Sequence[tuple[UUID, int, int]]) -> list[tuple[str, tuple[UUID, int]]]:
    """``words 1``, ``words 2``: two quotes of one document need two names."""
    return [(f"words {at}", (version, start)) for at, (version, start, _) in enumerate(links, 1)]


def _title(story: Story, version: UUID) -> str:
    found = next((one for one in story.documents if version in one.version_ids), None)
    return found.title if found else "Another document"
