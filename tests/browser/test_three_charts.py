"""An outpatient, an HCC and an inpatient chart, finished by keyboard on notes that nobody here wrote, with
the edits of whole published releases behind them.

The notes: a colonoscopy report and a discharge summary of MTSamples, an office visit of ACI-BENCH.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from code_sets import selectors
from encounters.models import (
    CodeRevision,
    EditOverride,
    Encounter,
    EncounterKind,
    EncounterStatus,
    EvidenceLink,
)
from tests import cast
from tests.browser.harness import Desk, Opener
from tests.shared_data import shared_path

ACI_BENCH = "reference/notes/aci_bench/aci_bench_train.jsonl.gz"
MTSAMPLES = "reference/notes/mtsamples/mtsamples_dedup.jsonl.gz"
OFFICE, COLONOSCOPY, GALLBLADDER = "D2N004", 837, 3514
RELEASES = (
    ("NCCI-MUE-OUTPATIENT", "reference/ncci/ncci_mue_outpatient_hospital_2024q3.csv", "2024q3"),
    ("NCCI-MUE-PRACTITIONER", "reference/ncci/ncci_mue_practitioner_2024q3.csv", "2024q3"),
)
RELEASES_OF_STAYS = (
    ("POA-EXEMPT", "reference/icd10/poa_exempt_codes_fy2026_ahrq_v2026-1.csv.gz", "2026"),
    ("ICD-10-PCS-TABLES", "reference/icd10/icd10pcs_tables_fy2024.json.gz", "2024"),
    ("ICD-10-PCS", "reference/icd10/icd10pcs_order_fy2024.csv.gz", "2024"),
)
# The published layout; the pairs are among those of 2024q3, whose whole file is here as parquet only.
PAIRS = """Column1/Column2 Edits
Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale
45385\t45378\t*\t19960101\t*\t0\tMore extensive procedure
45385\t45380\t*\t19980401\t*\t1\tMore extensive procedure
45380\t45378\t*\t19960101\t*\t0\tMore extensive procedure
"""


def _note(path: str, key: str, wanted: Any, text: str) -> str:
    with gzip.open(shared_path(path), "rt", encoding="utf-8") as lines:
        found: str = next(note[text] for note in map(json.loads, lines) if note[key] == wanted)
    return found


def _sample(number: int) -> str:
    """A note of MTSamples, whose collector ran its lines together with commas."""
    text = _note(MTSAMPLES, "note_id", number, "text")
    return text.replace(":,", ":\n").replace(".,", ".\n")


@pytest.fixture
def desk(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Desk]:
    """A coder, and the releases as an installation has them."""
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    shared_path(MTSAMPLES)  # where it is absent, the test is skipped before anything is loaded
    selectors.forget_releases()
    call_command("load_release", "ICD-10-CM", bundled=True, verbosity=0)
    _load(RELEASES + RELEASES_OF_STAYS)
    pairs = tmp_path / "ccioph-v312r0.txt"
    pairs.write_text(PAIRS, "utf-8")
    call_command("load_release", "NCCI-PTP-OUTPATIENT", str(pairs), verbosity=0)
    yield Desk(cast.cypress(), None)
    selectors.forget_releases()


def test_three_charts_are_finished_by_keyboard(desk: Desk, browse: Opener) -> None:
    """By three coders in one test: loading the releases takes longer than the charts."""
    for name, finish in (
        ("Rosalind Ames", _finish_an_outpatient_chart_with_its_pair_of_procedures_told_apart),
        ("Ines Calderon", _finish_an_hcc_chart_with_its_conditions_supported),
        ("Hollis Tremaine", _finish_an_inpatient_chart_with_poa_a_built_procedure_and_its_group),
    ):
        coder = cast.certify(cast.coder(name, desk.here), specialties=("GI",))
        finish(Desk(desk.here, coder), browse)
    with cast.opened(desk.here):
        assert Encounter.objects.filter(status=EncounterStatus.FINAL).count() == 3


def _load(releases: tuple[tuple[str, str, str], ...]) -> None:
    for system, path, release in releases:
        call_command("load_release", system, str(shared_path(path)), release=release, verbosity=0)


def _take(desk: Desk, browse: Opener, **chart: Any) -> tuple[Page, Encounter]:
    """The chart in the coder's hands, taken by key; another waits behind it."""
    with cast.opened(desk.here):
        made = cast.encounter(desk.here, due_at=timezone.now() + timedelta(hours=1), **chart)
        cast.encounter(desk.here)
    page = browse(desk.user).open("/work/")
    page.keyboard.press("n")
    page.wait_for_url(f"**/encounters/{made.pk}/")
    page.wait_for_load_state("networkidle")
    return page, made


def _select(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Escape")


def _code(page: Page, words: str, code: str) -> None:
    """Find the words, take them as evidence, type the code."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.keyboard.type(code)
    page.locator("#hits [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#hits").wait_for(state="hidden")


def _finish(page: Page, desk: Desk, made: Encounter) -> CodeRevision:
    """Finalizes by key and answers the version that was kept."""
    expect(page.locator("#ready")).to_contain_text("Nothing blocks")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: str(made.pk) not in url)
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=made.pk).status == EncounterStatus.FINAL
        revision = CodeRevision.objects.get(encounter=made)
        links = EvidenceLink.objects.filter(assignment__encounter=made).select_related("document_version")
        assert all(link.document_version.text[link.start : link.end] == link.quote for link in links)
    return revision


def _became(revision: CodeRevision, rule: str) -> list[str]:
    assert revision.edits is not None
    return [one["became"] for one in revision.edits["findings"] if one["rule"] == rule]


def _finish_an_outpatient_chart_with_its_pair_of_procedures_told_apart(desk: Desk, browse: Opener) -> None:
    page, made = _take(
        desk,
        browse,
        note=_sample(COLONOSCOPY),
        kind=EncounterKind.OUTPATIENT,
        place_of_service_code="22",
        service_on=date(2025, 12, 3),
    )
    _code(page, "rectal polyp, which was removed successfully", "k62.1")
    _code(page, "the polyp was snared right at the base", "45385")
    _code(page, "Biopsies were obtained x2 in the terminal ileum", "45380")
    beside = page.locator("#code-S2 .edit[data-finding=bad]")
    expect(beside).to_contain_text("ncci.ptp")
    expect(page.locator("#ready")).to_contain_text("1 blocking")
    # XS, a separate structure, from the finding itself; then the words that show it.
    page.keyboard.press("f")
    expect(beside).to_be_focused()
    page.locator("#code-S2").get_by_role("button", name="Add XS").focus()
    page.keyboard.press("Enter")
    expect(beside).to_contain_text("XS sets 45380 apart from 45385")
    _select(page, "cecum, ascending colon, transverse colon")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.press("r")
    page.locator("#o-reason").focus()
    page.keyboard.type("Separate organ")
    expect(page.locator("#o-reason")).to_have_value("separate_structure")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#code-S2 .edit[data-finding=ok]")).to_contain_text("Shown")

    revision = _finish(page, desk, made)
    assert [(row["code"], row["modifiers"]) for row in revision.codes] == [
        ("K621", []),
        ("45385", []),
        ("45380", ["XS"]),
    ]
    with cast.opened(desk.here):
        assert EditOverride.objects.get(encounter=made).quote == "cecum, ascending colon, transverse colon"
        made.refresh_from_db()
        assert made.pinned_releases is not None
        assert made.pinned_releases["tables"]["ncci-ptp"] == "2025q3"


def _finish_an_hcc_chart_with_its_conditions_supported(desk: Desk, browse: Opener) -> None:
    note = _note(ACI_BENCH, "encounter_id", OFFICE, "note")
    page, made = _take(desk, browse, note=note, service_on=date(2025, 12, 4))
    _code(page, "Acute lumbar strain", "s39.012a")
    _code(page, "Increase metformin to 1000 mg twice daily", "e11.9")
    _code(page, "Continue lisinopril 20 mg once daily and Lasix", "i50.9")
    # Diabetes and heart failure are HCCs without a mark of support until the words are tagged.
    expect(page.locator("#code-2")).to_contain_text("No MEAT")
    for diagnosis in ("2", "3"):
        page.keyboard.press(diagnosis)
        page.keyboard.press("t")
        page.keyboard.press("t")
        expect(page.locator(f"#code-{diagnosis}")).to_contain_text("MEAT: T")
    page.keyboard.press("g")
    page.keyboard.press("c")
    panel = page.locator("#tool")
    expect(panel).to_contain_text("HCC 38")
    expect(panel).to_contain_text("HCC 226")
    expect(panel.locator(".hcc-rows li").first).to_contain_text("supported (T)")
    page.keyboard.press("Escape")
    _level(page)
    revision = _finish(page, desk, made)
    assert {row["code"] for row in revision.codes} == {"S39012A", "E119", "I509", "99214"}
    meat = {row["code"]: [link["meat"] for link in row["evidence"]] for row in revision.codes}
    assert meat["E119"] == ["T"] and meat["I509"] == ["T"] and meat["S39012A"] == [""]
    assert _became(revision, "hcc.meat") == []


def _level(page: Page) -> None:
    """The visit's level from three elements, each with its words."""
    for words, kind in (
        ("Diabetes type 2.", "Chronic, worse"),
        ("Acute lumbar strain", "Acute, uncomplicated"),
        ("Increase metformin", "Prescription"),
    ):
        _select(page, words)
        page.keyboard.press("g")
        page.keyboard.press("e")
        expect(page.locator("#kind")).to_be_focused()
        choice = page.locator("#kind option").filter(has_text=kind).first
        page.locator("#kind").select_option(choice.get_attribute("value") or "")
        page.locator("#em-go").focus()
        with page.expect_response(lambda answer: "/em/elements/" in answer.url):
            page.keyboard.press("Enter")
        expect(page.locator(".ln.cur > a")).to_be_focused()
    expect(page.locator(".em-code")).to_have_text("99214")
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.locator("#em-use").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#code-S1 .cv")).to_have_text("99214")
    page.keyboard.press("Escape")


def _finish_an_inpatient_chart_with_poa_a_built_procedure_and_its_group(desk: Desk, browse: Opener) -> None:
    page, made = _take(
        desk,
        browse,
        note=_sample(GALLBLADDER),
        kind=EncounterKind.INPATIENT,
        place_of_service_code="21",
        service_on=date(2025, 12, 1),
        discharge_on=date(2025, 12, 5),
    )
    for words, code in (
        ("Acute cholecystitis", "k81.0"),
        ("End-stage renal disease on hemodialysis", "i13.2"),
        ("Congestive heart failure", "i50.9"),
        ("underwent dialysis", "n18.6"),
        ("Hyperlipidemia", "e78.5"),
        ("Hypothyroidism", "e03.9"),
        ("on hemodialysis", "z99.2"),
    ):
        _code(page, words, code)
    expect(page.locator("#code-7")).to_contain_text("POA exempt")
    # One letter a diagnosis; the exempt one is not asked.
    page.keyboard.press("1")
    page.keyboard.press("y")
    expect(page.locator("#poa-ask")).to_be_visible()
    for number in range(1, 7):
        page.keyboard.press("y")
        expect(page.locator(f"#code-{number} .poa")).to_have_text("POA Y")
    # The procedure, a character at a time, from words of the note.
    _select(page, "underwent laparoscopic cholecystectomy")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.locator("#pcs-code")).to_be_focused()
    page.keyboard.type("0ft44zz")
    expect(page.locator("#pcs-title")).to_contain_text("Gallbladder")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("S1")
    expect(page.locator("#pcs-step")).to_have_attribute("data-prefix", "")
    page.locator("#tool[data-ready]").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("#code-S1")).to_contain_text("0FT44ZZ")
    page.keyboard.press("g")
    page.keyboard.press("i")
    # K81.0 with 0FT44ZZ and end stage renal disease, an MCC: laparoscopic cholecystectomy with MCC.
    expect(page.locator("#tool")).to_contain_text("417")
    expect(page.locator("#tool")).to_contain_text("N18.6")
    page.keyboard.press("Escape")
    revision = _finish(page, desk, made)
    assert [row["code"] for row in revision.codes if row["kind"] == "px"] == ["0FT44ZZ"]
    assert revision.edits is not None and revision.edits["drg"]["drg"] in (417, "417")
