"""Sections by their headings, on written examples and on public notes where they are present."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.sections import SectionKind, detect_sections, section_at
from encounters.rules.text import split_lines

NOTES = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[4] / "shared")) / "reference" / "notes"


def public_notes(name: str, field: str) -> list[str]:
    path = NOTES / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"public notes not on this machine: {name}")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line)[field] for line in file]


def found(text: str) -> list[tuple[str, int, int, str]]:
    return [(s.title, s.first_line, s.last_line, s.kind.value) for s in detect_sections(split_lines(text))]


@pytest.mark.parametrize(
    ("heading", "title", "kind"),
    [
        ("Assessment and plan:", "Assessment and plan", "assessment"),
        ("ASSESSMENT & PLAN", "ASSESSMENT & PLAN", "assessment"),
        ("A/P:", "A/P", "assessment"),
        ("HPI", "HPI", "history"),
        ("CHIEF COMPLAINT:", "CHIEF COMPLAINT", "chief_complaint"),
        ("## Past medical history", "Past medical history", "past_history"),
        ("## Wound check", "Wound check", "other"),
        ("**Medications:**", "Medications", "medications"),
        ("**Plan**", "Plan", "assessment"),
        ("=== RESULTS ===", "RESULTS", "results"),
        ("Medications, reconciled 11/19/2026", "Medications, reconciled 11/19/2026", "medications"),
        ("PMH: asthma", "PMH", "past_history"),
        ("Procedure: right knee injection", "Procedure", "procedure"),
        ("  Family History  ", "Family History", "family_history"),
        ("NURSING INTAKE:", "NURSING INTAKE", "other"),
        ("NURSING INTAKE", "NURSING INTAKE", "other"),
        ("Electronically signed: N. Okafor, MD", "Electronically signed", "signature"),
        ("SUBJECTIVE:,  This 23-year-old", "SUBJECTIVE", "history"),
    ],
)
def test_headings_are_recognised(heading: str, title: str, kind: str) -> None:
    assert found(f"first words.\r\n\r\n{heading}\r\nbody text here.") == [
        ("", 1, 2, "untitled"),
        (title, 3, 4, kind),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "The patient has undergone the following therapies:",
        "HEENT: Normocephalic.",
        "ABDOMEN:",
        "RESPIRATORY:",
        "\u2022 Cardiovascular: No murmurs.",
        "BP: 133/70.",
        "SPO2: 98%.",
        "GERD.",
        "HIV",
        "A1c 7.4%",
        "Plan to see him back in 4 months.",
        "Results were discussed, and he agreed.",
        "1. Hypertension: increase losartan",
        "\U0001f600",
        "---",
    ],
)
def test_ordinary_lines_open_no_section(line: str) -> None:
    assert found(f"EXAM\n\n{line}\nmore") == [("EXAM", 1, 4, "examination")]


def test_a_note_without_headings_is_one_untitled_section() -> None:
    assert found("He coughs.\nHe is well.") == [("", 1, 2, "untitled")]
    assert found("") == []


def test_heading_alone_tells_a_heading_line_from_a_run_in_heading() -> None:
    sections = detect_sections(split_lines("PLAN\nrest\nPMH: asthma\nFH:\n"))
    assert [s.heading_alone for s in sections] == [True, False, True]


@given(st.text(alphabet="HPI:PLANabc .,#*\n\r\t\u2028\u00e9", max_size=300))
def test_sections_partition_the_lines(text: str) -> None:
    lines = split_lines(text)
    sections = detect_sections(lines)
    covered = [n for s in sections for n in range(s.first_line, s.last_line + 1)]
    assert covered == [line.number for line in lines]
    for line in lines:
        section = section_at(sections, line.number)
        assert section is not None and section.first_line <= line.number <= section.last_line
    assert section_at(sections, 0) is None


def test_public_visit_notes_show_complaint_history_and_assessment() -> None:
    notes = public_notes("aci_bench/aci_bench_test1", "note")
    kinds = [{s.kind for s in detect_sections(split_lines(note))} for note in notes]
    for wanted, least in [
        (SectionKind.CHIEF_COMPLAINT, 0.85),
        (SectionKind.ASSESSMENT, 0.95),
        (SectionKind.EXAMINATION, 0.9),
        (SectionKind.HISTORY, 0.7),
    ]:
        assert sum(wanted in kind for kind in kinds) / len(kinds) >= least, wanted
    assert not any(kind == {SectionKind.UNTITLED} for kind in kinds)


def test_public_notes_on_one_line_still_get_lines_and_sections() -> None:
    notes = public_notes("mtsamples/mtsamples_dedup", "text")[:400]
    lines = [split_lines(note) for note in notes]
    assert all(
        "".join(line.text for line in numbered) == note for numbered, note in zip(lines, notes, strict=True)
    )
    assert max(len(line.text) for numbered in lines for line in numbered) <= 320
    several = sum(len(detect_sections(numbered)) >= 3 for numbered in lines)
    assert several / len(lines) >= 0.75
