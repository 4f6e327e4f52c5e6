"""A client's edit rules: saved in versions, told on pages, read by the edits of a day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.context import RULE_ROLES
from edit_rules.access import EDITORS, READERS, find_rule
from edit_rules.actions.outcomes import NewOutcome, record_outcomes
from edit_rules.actions.rules import create_rule, save_version, switch_rule
from edit_rules.models import EditOutcome, EditRule, EditRuleVersion, Outcome
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.content import Content
from edit_rules.rules.exchange import Carried, write_rules
from edit_rules.rules.facts import VISIT_KINDS
from edit_rules.selectors.overlays import overlays_for
from encounters.actions.coding import Attributes, Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import Coverage, DocumentVersion, EncounterKind
from tests import cast

pytestmark = pytest.mark.django_db
CONTENT = Content(
    name="Injections need a note",
    level=Level.WARNING,
    conditions=parse_conditions(
        {"groups": [{"about": "any_line", "conditions": [{"fact": "code", "op": "is", "values": ["20610"]}]}]}
    ),
    effective_from=date(2026, 1, 1),
    message="Line {line} needs a procedure note.",
    satisfy="Cite the procedure note.",
    citation="Coding policy 9",
    citation_on=date(2025, 12, 1),
)
FORM = {
    "name": "Visits with 25",
    "level": "warning",
    "join": "all",
    "g0-about": "claim",
    "g0-join": "all",
    "g0-r0-test": "payer:starts_with",
    "g0-r0-values": "Aetna",
    "g1-about": "any_line",
    "g1-join": "all",
    "g1-r0-test": "code:is",
    "g1-r0-values": "99213-99215",
    "g1-r1-test": "modifier:has",
    "g1-r1-values": "25",
    "message": "Line {line}: Aetna asks for the note of the separate visit.",
    "satisfy": "Cite the words that show a separate visit.",
    "citation": "Aetna payment policy 25",
    "citation_on": "10/01/2026",
    "bypass": "24, 57",
    "effective_from": "11/01/2026",
    "reason": "The payer asks for it from November on.",
    "do": "save",
}


@dataclass
class Room:
    """A client, its manager, and a way to sign in as anybody."""

    here: cast.Place
    lead: User
    sign_in: Callable[[User], Browser]

    @property
    def actor(self) -> Actor:
        return cast.actor_for(self.lead, Role.MANAGER)

    @property
    def client_id(self) -> int:
        return self.here.client.pk

    @property
    def base(self) -> str:
        return f"/c/{self.here.client.slug}/edit-rules/"

    def browser(self, role: Role) -> Browser:
        return self.sign_in(cast.person(f"Someone {role.value}", (self.here, role)))

    def rule(self, content: Content = CONTENT, *, builtin: str = "", payer: str = "") -> EditRule:
        with cast.opened(self.here):
            return create_rule(
                actor=self.actor, client_id=self.client_id, builtin=builtin, payer_name=payer,
                content=content, reason="It is our policy.",
            )  # fmt: skip

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        with cast.opened(self.here):
            found = AuditEvent.objects.filter(client_id=self.client_id, verb__startswith="edit_rule.")
            return [(event.verb, event.facts) for event in found.order_by("seq")]

    def versions(self) -> list[EditRuleVersion]:
        with cast.opened(self.here):
            return list(EditRuleVersion.objects.order_by("rule__number", "number").select_related("rule"))


@pytest.fixture
def room(settings: Any) -> Room:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}

    def sign_in(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
        return browser

    here = cast.cypress()
    return Room(here, cast.person("Marguerite Lowell", (here, Role.MANAGER)), sign_in)


# --- models and actions ---------------------------------------------------------------------------------


def test_rules_are_numbered_by_client_and_each_save_is_a_version_and_an_event(room: Room) -> None:
    first, second = room.rule(), room.rule(replace(CONTENT, name="Another"))
    assert (first.number, second.number) == (1, 2)
    with cast.opened(room.here):
        save_version(
            actor=room.actor, client_id=room.client_id, rule_id=first.pk, base_version=1,
            content=replace(CONTENT, level=Level.ERROR), reason="Too many were overlooked.",
        )  # fmt: skip
    assert [(one.rule.number, one.number, one.level) for one in room.versions()] == [
        (1, 1, "warning"),
        (1, 2, "error"),
        (2, 1, "warning"),
    ]
    assert [(verb, facts["rule"], facts["version"]) for verb, facts in room.events()] == [
        (Verb.EDIT_RULE_CREATED, 1, 1),
        (Verb.EDIT_RULE_CREATED, 2, 1),
        (Verb.EDIT_RULE_CHANGED, 1, 2),
    ]


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("name", {"name": ""}, "", ""),
    ("conditions", {"conditions": parse_conditions({"groups": []})}, "", ""),
    ("message", {"message": ""}, "", ""),
    ("message", {"message": "Line {lines} is wrong."}, "", ""),
    ("satisfy", {"satisfy": ""}, "", ""),
    ("citation", {"citation": ""}, "", ""),
    ("citation_on", {"citation_on": None}, "", ""),
    ("bypass", {"bypass": ("255",)}, "", ""),
    ("effective_to", {"effective_to": date(2025, 1, 1)}, "", ""),
    ("builtin", {}, "ncci.nothing", ""),
    ("citation", {"level": Level.OFF, "citation": ""}, "ncci.ptp", "Aetna"),
    ("citation_on", {"level": Level.OFF, "citation_on": None}, "ncci.ptp", "Aetna"),
    (
        "per_line",
        {
            "per_line": True,
            "conditions": parse_conditions(
                {"groups": [{"about": "claim", "conditions": [{"fact": "sex", "op": "is", "values": ["F"]}]}]}
            ),
        },
        "",
        "",
    ),
]


@pytest.mark.parametrize(("field", "changes", "builtin", "payer"), REFUSED)
def test_a_rule_that_says_too_little_is_refused_and_nothing_is_saved(
    room: Room, field: str, changes: dict[str, Any], builtin: str, payer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        room.rule(replace(CONTENT, **changes), builtin=builtin, payer=payer)
    assert set(refused.value.details["fields"]) == {field}
    assert room.versions() == [] and room.events() == []


def test_a_payer_may_switch_an_edit_off_with_its_policy(room: Room) -> None:
    off = replace(CONTENT, level=Level.OFF, message="", satisfy="")
    assert room.rule(off, builtin="ncci.ptp", payer="Aetna").level == "off"


@pytest.mark.parametrize("role", sorted(set(Role) - EDITORS))
def test_only_managers_and_administrators_save(room: Room, role: Role) -> None:
    rule = room.rule()
    actor = cast.actor_for(cast.person("Someone Else", (room.here, role)), role)
    wanted = NotAllowed if role in READERS else NotFound
    with cast.opened(room.here):
        acts: tuple[Callable[[], object], ...] = (
            lambda: create_rule(
                actor=actor, client_id=room.client_id, builtin="", payer_name="",
                content=CONTENT, reason="Because",
            ),
            lambda: save_version(
                actor=actor, client_id=room.client_id, rule_id=rule.pk, base_version=1,
                content=replace(CONTENT, name="Mine"), reason="Why not",
            ),
            lambda: switch_rule(
                actor=actor, client_id=room.client_id, rule_id=rule.pk, base_version=1, on=False,
                reason="Why not", today=date(2026, 11, 1),
            ),
        )  # fmt: skip
        for act in acts:
            with pytest.raises(wanted):
                act()
    assert len(room.versions()) == 1


def test_a_save_on_an_older_version_conflicts_and_one_without_a_change_is_refused(room: Room) -> None:
    rule = room.rule()
    with cast.opened(room.here):
        with pytest.raises(Refused, match="Nothing was changed"):
            save_version(
                actor=room.actor, client_id=room.client_id, rule_id=rule.pk, base_version=1,
                content=CONTENT, reason="Once more",
            )  # fmt: skip
        with pytest.raises(Conflict, match="Version 1 was saved while you worked on version 0"):
            save_version(
                actor=room.actor, client_id=room.client_id, rule_id=rule.pk, base_version=0,
                content=replace(CONTENT, name="Late"), reason="Too late",
            )  # fmt: skip
    assert len(room.versions()) == 1


def test_a_rule_is_switched_off_and_on_again_at_its_level(room: Room) -> None:
    rule = room.rule(replace(CONTENT, level=Level.ERROR))
    today = date(2026, 11, 20)
    with cast.opened(room.here):

        def turn(base: int, on: bool, reason: str = "The payer changed its mind.") -> EditRule:
            return switch_rule(
                actor=room.actor, client_id=room.client_id, rule_id=rule.pk, base_version=base, on=on,
                reason=reason, today=today,
            )  # fmt: skip

        with pytest.raises(Refused, match="on already"):
            turn(1, on=True)
        with pytest.raises(InvalidInput):
            turn(1, on=False, reason=" ")
        turn(1, on=False)
        assert [one.level for one in overlays_for(room.client_id, today)] == [Level.OFF]
        assert [one.level for one in overlays_for(room.client_id, today - timedelta(days=1))] == [Level.ERROR]
        turn(2, on=True)
        assert [one.level for one in overlays_for(room.client_id, today)] == [Level.ERROR]
    assert [verb for verb, _ in room.events()] == [
        Verb.EDIT_RULE_CREATED,
        Verb.EDIT_RULE_SWITCHED_OFF,
        Verb.EDIT_RULE_SWITCHED_ON,
    ]


def test_versions_and_outcomes_are_only_added(room: Room) -> None:
    room.rule()
    with cast.opened(room.here):
        version = EditRuleVersion.objects.get()
        for change in (
            lambda: EditRuleVersion.objects.update(level="info"),
            lambda: version.delete(),
            lambda: EditOutcome.objects.update(level="info"),
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()


def test_the_day_of_service_decides_which_version_holds(room: Room) -> None:
    rule = room.rule(replace(CONTENT, effective_from=date(2026, 1, 1)))
    before = timezone.now()
    with cast.opened(room.here):
        save_version(
            actor=room.actor, client_id=room.client_id, rule_id=rule.pk, base_version=1,
            reason="From July on",
            content=replace(CONTENT, level=Level.ERROR, effective_from=date(2026, 7, 1),
                            effective_to=date(2026, 9, 30)),
        )  # fmt: skip

        def held(on: date, **more: Any) -> list[tuple[int, str]]:
            return [(one.version, one.level.value) for one in overlays_for(room.client_id, on, **more)]

        assert held(date(2025, 12, 31)) == []
        assert held(date(2026, 6, 30)) == [(1, "warning")]
        assert held(date(2026, 7, 1)) == [(2, "error")]
        assert held(date(2026, 10, 1)) == []  # the version that ended replaced the one without an end
        assert held(date(2026, 7, 1), known_at=before) == [(1, "warning")]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            held(date(2026, 7, 1))
        assert len(queries) == 1


def test_rules_of_another_client_are_not_found_and_do_not_hold(room: Room) -> None:
    rule, there = room.rule(), cast.harbor()
    lead = cast.person("Paul Whitaker", (there, Role.MANAGER))
    with cast.opened(there):
        assert overlays_for(there.client.pk, date(2026, 11, 1)) == ()
        with pytest.raises(NotFound):
            find_rule(actor=cast.actor_for(lead, Role.MANAGER), client_id=there.client.pk, rule_id=rule.pk)


def test_a_rule_is_tried_on_the_clients_final_charts(room: Room) -> None:
    cast.icd10cm()
    coder, there = cast.coder("Rosalind Ames", room.here), cast.harbor()
    with cast.opened(room.here):
        _final(room.here, coder, modifiers=("25",), payer="Aetna Better Health")
        _final(room.here, coder, modifiers=(), payer="Aetna Better Health")
        _final(room.here, coder, modifiers=("25",), payer="Cigna")
        cast.encounter(room.here)
    with cast.opened(there):
        _final(there, cast.coder("Ines Calderon", there), modifiers=("25",), payer="Aetna")
    browser = room.sign_in(room.lead)

    def tried(**changes: str) -> str:
        body = browser.post(f"{room.base}new/", {**FORM, "do": "try", **changes}).content.decode()
        return str(re.findall(r'id="rule-tried" role="status">([^<]*)<', body)[0])

    assert tried() == "Would have fired on 1 of the last 3 final charts."
    assert tried(**{"g0-r0-test": "age:at_least", "g0-r0-values": "67"}) == (
        "Would have fired on 2 of the last 3 final charts."
    )
    assert tried(**{"g0-r0-test": "age:at_least", "g0-r0-values": "68"}).startswith(
        "Would have fired on 0 of"
    )
    # 25 on a visit that stands alone is a finding of the engine itself.
    assert tried(builtin="modifier.25", level="off") == "Would have fired on 1 of the last 3 final charts."
    assert tried(builtin="ncci.addon", level="off").startswith("Would have fired on 0 of")
    assert room.versions() == []


def _final(where: cast.Place, coder: User, *, modifiers: tuple[str, ...], payer: str) -> None:
    """An office visit of somebody of 67, finalized."""
    patient = cast.patient(where)
    coverage = Coverage.objects.create(
        client=where.client, patient=patient, payer_name=payer, member_id="1", member_index=b"1" * 16
    )
    chart = cast.encounter(where, patient=patient, coverage=coverage)
    actor = cast.actor_for(coder, Role.CODER)
    fence = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now()).fence
    version = DocumentVersion.objects.get(document__encounter=chart)
    for system, code, quote in (
        ("ICD-10-CM", "E1122", "Type 2 diabetes with diabetic chronic kidney disease"),
        ("ICD-10-CM", "N1831", "stage 3a"),
        ("CPT", "99213", "Hypertension, above goal"),
    ):
        start = version.text.index(quote)
        assign_code(
            actor=actor, encounter=chart, fence=fence, system=system, code=code,
            evidence=[Words(version.pk, start, start + len(quote))],
            attributes=Attributes(modifiers=modifiers) if system == "CPT" else Attributes(),
        )  # fmt: skip
    finalize(actor=actor, encounter=chart, fence=fence)


# --- pages ----------------------------------------------------------------------------------------------


def test_the_visit_kinds_of_rules_are_those_of_encounters() -> None:
    assert set(VISIT_KINDS) == set(EncounterKind.values)


def test_the_navigation_shows_rules_to_whom_they_answer() -> None:
    assert RULE_ROLES == READERS


def test_a_rule_is_made_without_code_and_reads_as_a_sentence(room: Room) -> None:
    browser = room.sign_in(room.lead)
    page = browser.get(f"{room.base}new/")
    assert page.status_code == 200
    made = browser.post(f"{room.base}new/", FORM)
    assert made.status_code == 303
    shown = browser.get(made["Location"]).content.decode()
    assert "Payer starts with Aetna and any line has 99213–99215 with modifier 25" in shown
    assert "Aetna payment policy 25 of 10/01/2026" in shown
    (version,) = room.versions()
    assert version.bypass == ["24", "57"]
    assert version.conditions["groups"][1]["conditions"][0]["values"] == ["99213-99215"]
    with cast.opened(room.here):
        (overlay,) = overlays_for(room.client_id, date(2026, 11, 1))
    assert (overlay.number, overlay.level, overlay.bypass) == (1, Level.WARNING, ("24", "57"))


def test_rows_and_groups_come_and_go_by_submit_alone(room: Room) -> None:
    browser = room.sign_in(room.lead)

    def press(act: str, **changes: str) -> str:
        answer = browser.post(f"{room.base}new/", {**FORM, **changes, "do": act})
        assert answer.status_code == 200
        return answer.content.decode()

    assert 'name="g1-r2-values"' in press("add-row:1")
    assert 'name="g2-about" value="claim"' in press("add-group:claim")
    assert 'id="g2-about"' in press("add-group:lines")
    without_group = press("remove-group:0")
    assert "Group 2" not in without_group and 'value="99213-99215"' in without_group
    without_row = press("remove-row:1:0")
    assert 'value="99213-99215"' not in without_row and 'value="25"' in without_row
    assert "any line has modifier 25" in without_row
    assert "any group holds" in press("update") and "Update" in press("nonsense:9")
    assert room.versions() == []


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(room: Room) -> None:
    browser = room.sign_in(room.lead)
    for field, value, part in (
        ("g1-r0-values", "99215-99213", "upside down"),
        ("g1-r0-test", "", "Choose what is asked"),
        ("g0-r0-values", "", "Give a value"),
        ("effective_from", "soon", "not a date"),
        ("effective_from", "", "first day of service"),
        ("level", "loud", "Choose a level"),
        ("message", "", "one sentence"),
        ("reason", "", "why the rule is saved"),
    ):
        answer = browser.post(f"{room.base}new/", {**FORM, field: value})
        assert answer.status_code == 422, field
        body = answer.content.decode()
        assert f'href="#{field}"' in body and part in body, field
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', body), field
    both = browser.post(f"{room.base}new/", {**FORM, "g1-r0-values": "", "name": "", "citation_on": "x"})
    assert re.findall(r'<a href="#([\w-]+)">', both.content.decode()) == [
        "g1-r0-values",
        "citation_on",
        "name",
    ]
    assert room.versions() == []


def test_a_script_gets_the_form_or_the_words_alone(room: Room) -> None:
    browser = room.sign_in(room.lead)
    words = browser.post(f"{room.base}new/", {**FORM, "do": "words"}, headers={"HX-Request": "true"})
    assert words.content.decode().strip().startswith('<p class="rule-words"')
    assert "modifier 25." in words.content.decode()
    form = browser.post(f"{room.base}new/", {**FORM, "do": "add-row:0"}, headers={"HX-Request": "true"})
    assert "<html" not in form.content.decode() and 'data-focus="g0-r1-test"' in form.content.decode()


def test_two_tabs_the_second_sees_both_versions_and_may_go_on(room: Room) -> None:
    rule, browser = room.rule(), room.sign_in(room.lead)
    href = f"{room.base}{rule.pk}/"
    form = {**FORM, "base_version": "1", "name": "From tab one"}
    assert browser.post(href, form).status_code == 303
    late = browser.post(href, {**form, "name": "From tab two"})
    body = late.content.decode()
    assert late.status_code == 409
    assert "From tab one" in body and "From tab two" in body and "Marguerite Lowell" in body
    assert [one.name for one in room.versions()] == [CONTENT.name, "From tab one"]
    sent = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', body.split("rule-cmp")[1]))
    assert sent["base_version"] == "2"
    again = browser.post(href, {**sent, "do": "update"})
    assert again.status_code == 200 and 'value="From tab two"' in again.content.decode()
    assert browser.post(href, {**sent, "do": "save"}).status_code == 303
    assert [one.name for one in room.versions()][-1] == "From tab two"


def test_the_history_says_what_changed(room: Room) -> None:
    rule, browser = room.rule(), room.sign_in(room.lead)
    href = f"{room.base}{rule.pk}/"
    browser.post(href, {**FORM, "base_version": "1"})
    body = browser.get(href).content.decode()
    assert "<del>Any line has 20610</del>" in body
    assert "<ins>Payer starts with Aetna and any line has 99213–99215 with modifier 25</ins>" in body
    assert "The payer asks for it from November on." in body and "It is our policy." in body


def test_switching_needs_a_reason_and_says_so_beside_the_switch(room: Room) -> None:
    rule, browser = room.rule(), room.sign_in(room.lead)
    href = f"{room.base}{rule.pk}/switch/"
    refused = browser.post(href, {"to": "off", "why": "", "base_version": "1"})
    assert refused.status_code == 422 and 'id="why-err"' in refused.content.decode()
    assert len(room.versions()) == 1
    assert browser.post(href, {"to": "off", "why": "Not needed.", "base_version": "1"}).status_code == 303
    assert browser.post(href, {"to": "off", "why": "Again.", "base_version": "1"}).status_code == 409
    assert "Switch it on" in browser.get(f"{room.base}{rule.pk}/").content.decode()


def test_readers_read_and_a_clients_administrator_reads_what_holds(room: Room) -> None:
    on, off = room.rule(), room.rule(replace(CONTENT, name="Given up", level=Level.OFF))
    for role in (Role.CODER, Role.QA_REVIEWER):
        browser = room.browser(role)
        assert "Given up" in browser.get(room.base).content.decode()
        body = browser.get(f"{room.base}{on.pk}/").content.decode()
        assert "Change it" not in body and "Switch it" not in body and "It is our policy." in body
        assert browser.post(f"{room.base}{on.pk}/", FORM).status_code == 403
    admin = room.browser(Role.CLIENT_ADMIN)
    listed = admin.get(room.base).content.decode()
    assert CONTENT.name in listed and "Given up" not in listed and "Overridden" not in listed
    assert "Given up" not in admin.get(f"{room.base}?status=off").content.decode()
    read = admin.get(f"{room.base}{on.pk}/").content.decode()
    assert CONTENT.message in read and "Marguerite Lowell" not in read and "Overridden" not in read
    assert admin.get(f"{room.base}{off.pk}/").status_code == 404
    assert room.browser(Role.PROVIDER).get(room.base).status_code == 404
    assert len(room.versions()) == 2


def test_the_list_filters_pages_and_counts(room: Room) -> None:
    room.rule(replace(CONTENT, name="Given up", level=Level.OFF))
    aetna = room.rule(replace(CONTENT, name="Only Aetna", level=Level.INFO), payer="Aetna")
    room.rule(replace(CONTENT, name="Next year", effective_from=cast.today() + timedelta(days=40)))
    room.rule(replace(CONTENT, name="Over", effective_to=cast.today() - timedelta(days=1)))
    with cast.opened(room.here):
        version = EditRuleVersion.objects.get(rule=aetna)
        chart = cast.encounter(room.here, queued=False)
        given = [(Outcome.FIRED, ""), (Outcome.OVERRIDDEN, "payer_differs"), (Outcome.LIFTED, "")]
        outcomes = [
            NewOutcome("client.2", "info", outcome, ("20610",), (1,), str(version.pk), reason)
            for outcome, reason in given
        ]
        denied = NewOutcome("client.2", "info", Outcome.DENIED, version_id=str(version.pk), denial_id=uuid7())
        assert record_outcomes(
            actor=room.actor, client_id=room.client_id, encounter_id=chart.pk, revision_number=1,
            outcomes=[*outcomes, denied],
        ) == 4  # fmt: skip
    browser = room.sign_in(room.lead)

    def names(query: str) -> list[str]:
        body = browser.get(f"{room.base}{query}").content.decode()
        return re.findall(r"&ensp;([^<]+)</a>", body)

    assert names("") == ["Given up", "Only Aetna", "Next year", "Over"]
    assert (
        names("?level=info") == names("?payer=Aetna") == names("?q=aetna") == names("?q=2") == ["Only Aetna"]
    )
    assert names("?status=off") == ["Given up"]
    assert names("?status=on") == ["Only Aetna"]
    assert names("?status=later") == ["Next year"]
    assert names("?status=ended") == ["Over"]
    assert names("?level=loud&status=nonsense&page=x") == names("")
    counted = browser.get(f"{room.base}?payer=Aetna").content.decode()
    assert re.findall(r'data-l="(?:Fired|Overridden|Denied later)">(\d+)<', counted) == ["3", "1", "1"]
    numbers = browser.get(f"{room.base}{aetna.pk}/").content.decode()
    for kind, count in (("fired", 3), ("overridden", 1), ("denied", 1)):
        href = f"{room.base}{aetna.pk}/findings/?kind={kind}"
        assert re.search(rf'href="{re.escape(href)}"[^>]*>{count}<', numbers)
        rows = browser.get(href).content.decode()
        assert rows.count(f"/encounters/{chart.pk}/") == count and chart.external_id in rows
    assert room.browser(Role.QA_REVIEWER).get(href).status_code == 200
    assert room.browser(Role.CODER).get(href).status_code == 404
    assert browser.get(f"{room.base}{aetna.pk}/findings/?kind=loud").status_code == 404
    with cast.opened(room.here):
        for number in range(50):
            create_rule(
                actor=room.actor, client_id=room.client_id, builtin="ncci.mue", payer_name="",
                content=replace(CONTENT, name=f"More {number}"), reason="To fill a page.",
            )  # fmt: skip
    assert len(names("")) == 50 and len(names("?page=2")) == 4


def test_an_outcome_of_a_wrong_kind_is_refused_by_the_database(room: Room) -> None:
    with cast.opened(room.here):
        chart = cast.encounter(room.here, queued=False)
        for wrong in (
            NewOutcome("ncci.ptp", "error", Outcome.OVERRIDDEN),
            NewOutcome("ncci.ptp", "error", Outcome.DENIED),
            NewOutcome("ncci.ptp", "error", Outcome.FIRED, denial_id=uuid7()),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                record_outcomes(
                    actor=room.actor, client_id=room.client_id, encounter_id=chart.pk, revision_number=1,
                    outcomes=[wrong],
                )  # fmt: skip
        assert EditOutcome.objects.count() == 0


def test_built_in_edits_show_their_levels_sources_and_rules(room: Room) -> None:
    content = replace(CONTENT, level=Level.INFO, message="", satisfy="")
    rule = room.rule(content, builtin="ncci.mue", payer="Aetna")
    body = room.sign_in(room.lead).get(f"{room.base}built-in/").content.decode()
    assert f'href="{room.base}{rule.pk}/">1: Info for Aetna</a>' in body
    assert f'href="{room.base}new/?builtin=ncci.ptp"' in body and "I.A.12.a" in body
    form = room.sign_in(room.lead).get(f"{room.base}new/?builtin=ncci.ptp").content.decode()
    assert '<option value="ncci.ptp" selected>' in form and 'name="message"' not in form


# --- from one client to another ---------------------------------------------------------------------------


def test_rules_are_carried_to_another_client_once(room: Room) -> None:
    room.rule(payer="Aetna")
    room.rule(replace(CONTENT, level=Level.OFF, message="", satisfy=""), builtin="ncci.ptp", payer="Aetna")
    there = cast.harbor()
    lead = cast.person("Paul Whitaker", (there, Role.MANAGER), (room.here, Role.MANAGER))
    browser = room.sign_in(lead)
    export = browser.get(f"{room.base}export/")
    assert export["Content-Disposition"] == 'attachment; filename="edit-rules-cypress-ridge.json"'
    target = f"/c/{there.client.slug}/edit-rules/import/"
    sent = {"text": export.content.decode(), "reason": "The same payer at both."}
    assert browser.post(target, {**sent, "reason": ""}).status_code == 422
    for wrong, path in (
        ("not json", "not JSON"),
        ("{}", "format"),
        (sent["text"].replace("20610", "%%"), "rules[0].conditions.groups[0].conditions[0].values[0]"),
        (sent["text"].replace("ncci.ptp", "ncci.no"), "rules[1].builtin"),
        (sent["text"].replace('"level": "off"', '"level": "loud"'), "rules[1].level"),
    ):
        answer = browser.post(target, {**sent, "text": wrong})
        assert answer.status_code == 422 and path in answer.content.decode(), wrong
    with cast.opened(there):
        assert EditRule.objects.count() == 0
    assert browser.post(target, sent).status_code == 303
    assert browser.post(target, sent).status_code == 303
    with cast.opened(there):
        rules = EditRule.objects.order_by("number").values_list("number", "builtin", "payer_name", "level")
        assert list(rules) == [(1, "", "Aetna", "warning"), (2, "ncci.ptp", "Aetna", "off")]
        assert AuditEvent.objects.filter(verb=Verb.EDIT_RULE_CREATED).count() == 2
    assert room.browser(Role.CODER).get(f"{room.base}export/").status_code == 403


def test_a_file_of_rules_is_read_and_what_is_no_text_is_refused(room: Room) -> None:
    browser, href = room.sign_in(room.lead), f"{room.base}import/"
    text = write_rules([Carried("", "", CONTENT)])
    for content, status in ((b"\xff\xfe", 422), (b" " * 1_000_001, 422), (text.encode(), 303)):
        file = SimpleUploadedFile("rules.json", content, content_type="application/json")
        assert browser.post(href, {"file": file, "reason": "As agreed."}).status_code == status
    assert [one.name for one in room.versions()] == [CONTENT.name]


def test_the_api_reads_the_rules_by_number(room: Room) -> None:
    first = room.rule(payer="Aetna")
    room.rule(replace(CONTENT, name="Given up", level=Level.OFF))
    room.rule(replace(CONTENT, name="Third"))
    href = f"/api/v1/clients/{room.here.client.slug}/edit-rules/"

    def read(browser: Browser, **query: Any) -> Any:
        answer = browser.get(href, query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    lead = room.sign_in(room.lead)
    page = read(lead, limit=2)
    assert [(one["number"], one["name"], one["level"]) for one in page["results"]] == [
        (1, CONTENT.name, "warning"),
        (2, "Given up", "off"),
    ]
    assert page["results"][0]["words"] == "Payer is Aetna and any line has 20610"
    assert page["results"][0]["id"] == str(first.pk) and page["results"][0]["citation_on"] == "2025-12-01"
    rest = read(lead, limit=2, cursor=page["next"])
    assert [one["number"] for one in rest["results"]] == [3] and rest["next"] is None
    admin = read(room.browser(Role.CLIENT_ADMIN))
    assert [one["number"] for one in admin["results"]] == [1, 3]
    assert room.browser(Role.PROVIDER).get(href).status_code == 404
    for query in ({"limit": 0}, {"cursor": "x"}, {"colour": "red"}):
        assert lead.get(href, query).status_code == 422, query


def test_pages_ask_the_database_as_often_for_many_rules_as_for_few(room: Room) -> None:
    rule, browser = room.rule(payer="Aetna"), room.sign_in(room.lead)
    api = f"/api/v1/clients/{room.here.client.slug}/edit-rules/"
    pages = (room.base, f"{room.base}{rule.pk}/", f"{room.base}built-in/", f"{room.base}export/", api)

    def asked() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(page).status_code == 200, page
            counts.append(len(queries))
        return counts

    asked()  # warm
    few = asked()
    with cast.opened(room.here):
        for number in range(12):
            create_rule(
                actor=room.actor, client_id=room.client_id, builtin="ncci.mue", payer_name="Aetna",
                content=replace(CONTENT, name=f"More {number}"), reason="To fill a page.",
            )  # fmt: skip
            save_version(
                actor=room.actor, client_id=room.client_id, rule_id=rule.pk, base_version=number + 1,
                content=replace(CONTENT, name=f"Version {number}"), reason="To fill the history.",
            )  # fmt: skip
    assert asked() == few
    assert max(few) <= 9, few
