"""File, take, cite, finalize, numbers, client's page: walked in a browser on files that nobody here wrote.

Notes are ACI-BENCH's, one HL7 message is of the FHIR converter's samples, one bundle is Synthea's.  The
coder's part is done by keyboard alone, with the whole ICD-10-CM release.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from playwright.sync_api import Page, expect

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters import tasks
from encounters.models import CodeRevision, Encounter, EncounterStatus, EvidenceLink
from encounters.rules.intake.csv_columns import COLUMNS
from encounters.views import intake as intake_pages
from reporting.tasks import refresh_kpis
from tests import cast
from tests.browser.harness import Opener
from tests.shared_data import shared_path

ACI_BENCH = "reference/notes/aci_bench/aci_bench_valid.jsonl.gz"
HL7 = "reference/edi/hl7v2/fhir_converter/MDM-T02-01.hl7"
SYNTHEA = "reference/edi/fhir/synthea_r4/Blake_Eichmann_6c099f2d-1173-468d-b95f-4fbf960b3b55.json.gz"
VISIT = "D2N068"
# Words of the note, and the code they carry.
CODING = (
    ("congestive heart failure and hypertension", "i11.0", "I110"),
    ("Congestive heart failure.", "i50.9", "I509"),
    ("Increase Lasix to 80 mg daily", "99214", "99214"),
)


@pytest.fixture
def work_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What a worker does with the files that were sent."""
    sent: list[dict[str, Any]] = []

    def enqueue(name: str, **ids: Any) -> None:
        assert name == intake_pages.READ_TASK
        transaction.on_commit(lambda: sent.append(ids))

    def work() -> None:
        while sent:
            tasks.read_file.run(**sent.pop(0))

    monkeypatch.setattr(intake_pages, "enqueue", enqueue)
    return work


def _delivery(folder: Path) -> Path:
    """Three ACI-BENCH notes as text files beside a CSV, zipped; the first is internal medicine's."""
    with gzip.open(shared_path(ACI_BENCH), "rt", encoding="utf-8") as lines:
        notes = [json.loads(next(lines)) for _ in range(3)]
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, restval="")
    writer.writeheader()
    target = folder / "aci-bench.zip"
    with zipfile.ZipFile(target, "w") as packed:
        for number, note in enumerate(notes):
            name = f"{note['encounter_id']}.txt"
            packed.writestr(f"notes/{name}", note["note"])
            seen_on = date(2025, 10, 1) + timedelta(days=number)
            writer.writerow(
                {
                    "encounter_id": note["encounter_id"],
                    "mrn": f"ACI-{number:04d}",
                    "family_name": note["meta"]["patient_familyname"] or "Quillfeather",
                    "given_name": note["meta"]["patient_firstname"].strip(),
                    "birth_on": f"{2025 - int(note['meta']['patient_age'])}-03-14",
                    "service_on": seen_on.isoformat(),
                    "status": "ended",
                    "kind": "office",
                    "specialty": "ORTHO" if number else "IM",
                    "note_file": name,
                    "note_kind": "progress_note",
                    "note_title": "Office visit",
                }
            )
        packed.writestr("encounters.csv", table.getvalue())
    return target


def _send(page: Page, path: Path, work_off: Callable[[], None]) -> str:
    """Sends a file on the page and says what became of it."""
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Waiting to be read").first.wait_for()
    work_off()
    page.reload()
    said = page.locator("section[aria-labelledby=sum-h] p").inner_text()
    page.get_by_role("link", name="All files").click()
    page.locator("#file").wait_for()
    return said


def _code(page: Page) -> str:
    """Takes the next chart and codes it, by keyboard alone; returns its address."""
    page.keyboard.press("n")
    page.wait_for_url("**/encounters/*-*/")
    page.wait_for_load_state("networkidle")
    address = page.url
    expect(page.locator("header.pt")).to_contain_text(f"No. {VISIT}")
    for words, typed, _ in CODING:
        page.keyboard.press("/")
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        page.keyboard.type(typed)
        page.locator("#hits [role=option]").first.wait_for()
        page.keyboard.press("Enter")
        page.locator("#hits").wait_for(state="hidden")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != address)
    return address


def test_a_file_becomes_final_codes_with_evidence_that_leader_and_client_see(
    browse: Opener, work_off: Callable[[], None], tmp_path: Path, transactional_db: None
) -> None:
    delivery, message, bundle = _delivery(tmp_path), shared_path(HL7), shared_path(SYNTHEA)
    call_command("load_release", "ICD-10-CM", bundled=True, verbosity=0)
    here = cast.cypress()
    for code in ("IM", "ORTHO"):
        cast.specialty(code)
    coder = cast.coder("Rosalind Ames", here)
    leader = cast.person("Marguerite Lowell", (here, Role.MANAGER))
    viewer = cast.person("Nora Vance", (here, Role.CLIENT_VIEWER))
    home = f"/c/{here.client.slug}/"

    page = browse(leader).open(f"{home}intake/")
    assert "3 new, 0 updated, 0 known before, 0 set aside" in _send(page, delivery, work_off)
    assert re.search(r"[01] new, .* [01] set aside", _send(page, message, work_off))
    assert "9 new, 0 updated, 0 known before, 0 set aside" in _send(page, bundle, work_off)

    address = _code(browse(coder).open("/work/"))
    _is_final_with_its_words(here)

    refresh_kpis(client_id=here.client.pk)
    _numbers_open_their_rows(browse, leader, home)
    _client_sees_codes_and_nothing_inside(browse, viewer, home, address)


def _is_final_with_its_words(here: cast.Place) -> None:
    with cast.opened(here):
        visit = Encounter.objects.get(external_id=VISIT)
        assert visit.status == EncounterStatus.FINAL
        assert CodeRevision.objects.get(encounter=visit).number == 1
        links = EvidenceLink.objects.select_related("assignment", "document_version")
        found = {link.assignment.code: link for link in links}
        assert {code: link.quote.casefold() for code, link in found.items()} == {
            code: words.rstrip(".").casefold() for words, _, code in CODING
        }
        assert all(link.document_version.text[link.start : link.end] == link.quote for link in found.values())


def _numbers_open_their_rows(browse: Opener, leader: User, home: str) -> None:
    """The chart is in the turnaround with its n, and every number of the page opens as many rows."""
    watched = browse(leader)
    page = watched.open(home)
    cards = page.locator(".kpi")
    said = {
        card.locator("h2").inner_text(): (
            card.locator("h2 a").get_attribute("href") or "",
            card.locator(".ci").inner_text(),
        )
        for card in cards.all()
    }
    assert said["Turnaround, median"][1].endswith("1 chart")
    for name, (href, counted) in said.items():
        rows = watched.open(href)
        n = re.search(r"(\d+) (?:chart|account|session)", counted)
        if n is not None:
            assert rows.locator("#counted").inner_text().split(" ")[-2] == n[1], name
            assert rows.locator("tr.row").count() == int(n[1]), name
    rows = watched.open(said["Turnaround, median"][0])
    rows.get_by_role("link", name=VISIT).click()
    expect(rows.locator("header.pt")).to_contain_text(f"No. {VISIT}")


def _client_sees_codes_and_nothing_inside(browse: Opener, viewer: User, home: str, address: str) -> None:
    watched = browse(viewer)
    page = watched.open(home)
    page.locator(".standing a", has_text="Final").click()
    page.get_by_role("link", name=re.compile("White")).click()
    page.wait_for_url(address)
    assert [text.strip() for text in page.locator(".code .cv").all_inner_texts()] == [
        "99214",
        "I11.0",
        "I50.9",
    ]
    assert page.locator("mark").count() == len(CODING)
    assert page.locator("#finalize, #add, #queue, [data-cmd-key=pend]").count() == 0
    page.keyboard.press("1")
    expect(page.locator("mark.on")).to_contain_text("congestive heart failure and hypertension")
    for path in ("", "history/", "compare/"):
        html = page.request.get(address + path).text()
        for inside in ("Rosalind", "Ames", "All charts", "Locked", "took the chart", "/work/"):
            assert inside not in html, (path, inside)
