"""Making a client's rule in Chromium: by keyboard alone, without a script, in both themes and widths."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from edit_rules.actions.outcomes import NewOutcome, record_outcomes
from edit_rules.actions.rules import create_rule, save_version
from edit_rules.models import EditRule, EditRuleVersion, Outcome
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.content import Content
from tests import cast
from tests.browser.harness import Desk, Opener
from tests.browser.looks import looks

PICTURES = os.environ.get("RULE_PICTURES", "")
CONTENT = Content(
    name="Injections of a large joint need a procedure note",
    level=Level.WARNING,
    conditions=parse_conditions(
        {
            "groups": [
                {
                    "about": "claim",
                    "conditions": [
                        {"fact": "specialty", "op": "is", "values": ["IM", "ORTHO"]},
                        {"fact": "diagnosis", "op": "has_not", "values": ["M16*", "M17*"]},
                    ],
                },
                {
                    "about": "any_line",
                    "conditions": [{"fact": "code", "op": "is", "values": ["20610-20611"]}],
                },
            ]
        }
    ),
    effective_from=date(2026, 1, 1),
    per_line=True,
    message="Line {line}: {code} needs a procedure note.",
    satisfy="Cite the procedure note beside the code.",
    citation="Cypress Ridge coding policy 9",
    citation_on=date(2025, 12, 1),
    bypass=("22", "52"),
)


@pytest.fixture
def lead(desk: Desk) -> User:
    return cast.person("Marguerite Lowell", (desk.here, Role.MANAGER))


@pytest.fixture
def rule(desk: Desk, lead: User) -> EditRule:
    """A rule of two versions whose findings were told, and one that sets a level."""
    actor, client_id = cast.actor_for(lead, Role.MANAGER), desk.here.client.pk
    with cast.opened(desk.here):
        made = create_rule(
            actor=actor, client_id=client_id, builtin="", payer_name="Aetna", content=CONTENT,
            reason="The payer denied five of them in October.",
        )  # fmt: skip
        errors = Content(
            **{name: getattr(CONTENT, name) for name in CONTENT.__slots__} | {"level": Level.ERROR}
        )
        save_version(
            actor=actor, client_id=client_id, rule_id=made.pk, base_version=1, content=errors,
            reason="Warnings were passed over.",
        )  # fmt: skip
        level = Content(
            name="Sex of the record is not corrected here", level=Level.OFF, effective_from=date(2026, 1, 1),
            conditions=parse_conditions({}), citation="Aetna bulletin 4", citation_on=date(2026, 1, 5),
        )  # fmt: skip
        create_rule(
            actor=actor, client_id=client_id, builtin="icd.sex", payer_name="Aetna", content=level,
            reason="The payer's bulletin.",
        )  # fmt: skip
        version = EditRuleVersion.objects.get(rule=made, number=2)
        chart = cast.encounter(desk.here, queued=False)
        record_outcomes(
            actor=actor, client_id=client_id, encounter_id=chart.pk, revision_number=1,
            outcomes=[NewOutcome("client.1", "error", Outcome.FIRED, version_id=str(version.pk))] * 3,
        )  # fmt: skip
    return made


@looks
def test_rules_are_accessible_and_never_scroll_sideways(
    desk: Desk, lead: User, rule: EditRule, browse: Opener, theme: str, phone: bool
) -> None:
    base, found = f"/c/{desk.here.client.slug}/edit-rules/", {}
    watched = browse(lead, theme=theme, phone=phone)

    def look(name: str) -> None:
        violations = watched.axe()
        if watched.scrolls_sideways():
            violations.append("the page scrolls sideways")
        if violations:
            found[name] = violations
        if PICTURES:
            shot = Path(PICTURES) / f"{name}-{theme}-{390 if phone else 1440}.png"
            watched.page.screenshot(path=str(shot), full_page=True)

    for name, address in {
        "list": "", "none": "?q=nothing", "built-in": "built-in/", "new": "new/", "import": "import/",
        "rule": f"{rule.pk}/",
        "findings": f"{rule.pk}/findings/?kind=fired",
    }.items():  # fmt: skip
        watched.open(base + address)
        look(name)
    page = watched.open(f"{base}{rule.pk}/")
    page.get_by_label("Name", exact=True).fill("")
    page.locator("#g1-r0-values").fill("99215-99213")
    page.get_by_role("button", name="Save version 3").click()
    look("wrong")
    page = watched.open(f"{base}{rule.pk}/")
    page.locator("[name=base_version]").first.evaluate("field => { field.value = '1'; }")
    page.get_by_label("Message to the coder").fill("Line {line}: cite the procedure note.")
    page.get_by_label("Why it is saved").fill("Meant for version 2.")
    page.get_by_role("button", name="Save version 3").click()
    look("conflict")
    assert found == {}


def test_a_rule_is_made_by_keyboard_alone(desk: Desk, lead: User, browse: Opener) -> None:
    watched = browse(lead)
    page = watched.open(f"/c/{desk.here.client.slug}/edit-rules/new/")
    keys = page.keyboard
    page.locator("#payer").focus()
    keys.type("Aetna")
    _tab_to(page, "name")
    keys.type("Visits with 25")
    _tab_to(page, "g0-r0-test")
    keys.type("Code is")
    keys.press("Tab")
    keys.type("99213-99215")
    expect(page.locator("#rule-words")).to_contain_text("Payer is Aetna and any line has 99213–99215.")
    _tab_to(page, "g0-add")
    keys.press("Enter")
    expect(page.locator("#g0-r1-test")).to_be_focused()
    keys.type("Modifier is pres")
    keys.press("Tab")
    keys.type("25")
    expect(page.locator("#rule-words")).to_contain_text("any line has 99213–99215 with modifier 25.")
    for field, text in (
        ("message", "Line {line}: send the note of the separate visit."),
        ("satisfy", "Cite the words of the separate visit."),
        ("citation", "Aetna payment policy 25"),
        ("citation_on", "10/01/2026"),
        ("reason", "Asked for by the payer."),
    ):
        _tab_to(page, field)
        keys.type(text)
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")  # try it on finished charts
    expect(page.locator("#rule-tried")).to_have_text(
        "No chart is final yet, so there is nothing to try it on."
    )
    expect(page.get_by_role("button", name="Try on the last 500")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 Visits with 25")
    expect(
        page.get_by_text("Payer is Aetna and any line has 99213–99215 with modifier 25").first
    ).to_be_visible()


def test_enter_in_a_field_neither_saves_nor_removes(desk: Desk, lead: User, browse: Opener) -> None:
    watched = browse(lead)
    page = watched.open(f"/c/{desk.here.client.slug}/edit-rules/new/")
    page.locator("#g0-r0-values").fill("20610")
    page.locator("#g0-r0-values").press("Enter")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#g0-r0-values")).to_have_value("20610")
    expect(page.locator("#summary")).to_have_count(0)


def test_a_rule_is_made_and_switched_off_without_a_script(desk: Desk, lead: User, browse: Opener) -> None:
    watched = browse(lead, script=False)
    page = watched.open(f"/c/{desk.here.client.slug}/edit-rules/")
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("What the rule does").select_option("ncci.mue")
    page.get_by_role("button", name="Show the fields for this choice").click()
    expect(page.get_by_label("Message to the coder")).to_have_count(0)
    page.get_by_role("button", name="Conditions on the claim").click()
    page.locator("#g1-r0-test").select_option("age:at_least")
    page.locator("#g1-r0-values").fill("65")
    page.get_by_role("button", name="Remove the group 1").click()
    expect(page.locator("#rule-words")).to_contain_text("Age is at least 65.")
    page.get_by_label("Name").fill("Units of the elderly")
    page.get_by_label("Level", exact=True).select_option("info")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.locator("#summary")).to_contain_text("why the rule is saved")
    page.get_by_label("Why it is saved").fill("Agreed with the client.")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_role("status").first).to_contain_text("Rule 1 is saved.")
    page.get_by_label("Why", exact=True).fill("Not wanted any more.")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("status").first).to_contain_text("Rule 1 is off from today.")


def _tab_to(page: Page, field: str) -> None:
    """Tab until the field has the focus, as a person would."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    raise AssertionError(f"Tab does not reach {field}")
