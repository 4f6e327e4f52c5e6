"""Templates at a client: saved in versions, linted before they are, shown as the provider would see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.test import Client as Browser

from cdi_queries.actions.templates import create_template, save_template, switch_template
from cdi_queries.models import QueryTemplate, TemplateVersion
from cdi_queries.rules.query import Kind
from cdi_queries.rules.template import Section, SectionKind, Template
from cdi_queries.selectors.templates import library, template_of, templates_for
from cdi_queries.terms.triggers import trigger_book
from cdi_queries.views.templates.draft import draft_of
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from tests import cast

pytestmark = pytest.mark.django_db
KEY = "ckd-stage"
WHY = "Our nephrologists ask for it."
OTHER, UNABLE = "Other (please specify)", "Unable to determine"
OWN = Template(
    key="",
    name="Gait: cause",
    area="mind",
    kind=Kind.MULTIPLE_CHOICE,
    gap="cause",
    title="Gait: cause",
    sections=(
        Section(SectionKind.WORDS, text="The gait is described in the"),
        Section(SectionKind.FIELD, name="note", label="Note", sample="progress note"),
        Section(SectionKind.WORDS, text=". Please clarify its cause, if known."),
    ),
    options=(UNABLE, "Weakness of old age", OTHER, "Inner ear disorder"),
)


@dataclass
class Room:
    """A client, its CDI specialist, and a way to sign in as anybody."""

    here: cast.Place
    cdi: User
    sign_in: Callable[[User], Browser]

    @property
    def actor(self) -> Actor:
        return cast.actor_for(self.cdi, Role.CDI_SPECIALIST)

    @property
    def client_id(self) -> int:
        return int(self.here.client.pk)

    @property
    def base(self) -> str:
        return f"/c/{self.here.client.slug}/queries/templates/"

    def browser(self, role: Role) -> Browser:
        return self.sign_in(cast.person(f"Someone {role.value}", (self.here, role)))

    def create(self, template: Template = OWN, reason: str = WHY) -> TemplateVersion:
        with cast.opened(self.here):
            return create_template(
                actor=self.actor, client_id=self.client_id, template=template, reason=reason
            )

    def save(self, template: Template, base: int = 1, key: str = KEY, reason: str = WHY) -> TemplateVersion:
        with cast.opened(self.here):
            return save_template(
                actor=self.actor, client_id=self.client_id, key=key, base_version=base, template=template,
                reason=reason,
            )  # fmt: skip

    def switch(self, on: bool, key: str = KEY, reason: str = WHY) -> None:
        with cast.opened(self.here):
            switch_template(actor=self.actor, client_id=self.client_id, key=key, on=on, reason=reason)

    def now(self, key: str = KEY, version: int | None = None) -> Template:
        with cast.opened(self.here):
            return template_of(self.client_id, key, version)

    def offered(self) -> set[str]:
        with cast.opened(self.here):
            return {one.key for one in templates_for(self.client_id)}

    def events(self) -> list[tuple[str, Any, Any]]:
        with cast.opened(self.here):
            found = AuditEvent.objects.filter(client_id=self.client_id, verb__startswith="query_template.")
            return [(one.verb, one.facts["key"], one.facts["version"]) for one in found.order_by("seq")]

    def rows(self) -> tuple[int, int]:
        with cast.opened(self.here):
            return QueryTemplate.objects.count(), TemplateVersion.objects.count()


@pytest.fixture
def room(settings: Any) -> Room:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}

    def sign_in(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
        return browser

    here = cast.cypress()
    return Room(here, cast.person("Sunita Rao", (here, Role.CDI_SPECIALIST)), sign_in)


def stage(**changes: Any) -> Template:
    return replace(library()[KEY][-1], **changes)


# --- actions -----------------------------------------------------------------------------------------------


def test_a_client_without_templates_of_its_own_is_offered_the_library(room: Room) -> None:
    assert room.offered() == set(library())
    assert (room.now().is_own, room.now().version) == (False, 1)
    with pytest.raises(NotFound):
        room.now(version=2)
    with pytest.raises(NotFound):
        room.now("no-such-template")


def test_a_saved_template_is_offered_with_its_answers_in_order(room: Room) -> None:
    made = room.create()
    assert (made.number, made.content["key"], made.lint) == (1, "gait-cause", [])
    assert room.now("gait-cause").options == ("Inner ear disorder", "Weakness of old age", OTHER, UNABLE)
    assert room.offered() == {*library(), "gait-cause"}
    assert room.events() == [(Verb.QUERY_TEMPLATE_SAVED, "gait-cause", 1)]
    other = cast.harbor()
    with cast.opened(other):
        assert {one.key for one in templates_for(other.client.pk)} == set(library())


def test_changing_a_library_template_makes_it_the_clients_own_from_the_next_version_on(room: Room) -> None:
    room.save(stage(title="Kidney function: stage"))
    room.save(stage(title="Kidney function, stage"), base=2, reason="A comma.")
    assert (room.now().is_own, room.now().version, room.now().title) == (True, 3, "Kidney function, stage")
    assert room.now(version=2).title == "Kidney function: stage"
    assert (room.now(version=1).is_own, room.now(version=1).title) == (False, stage().title)
    assert room.events() == [
        (Verb.QUERY_TEMPLATE_SAVED, KEY, 2),
        (Verb.QUERY_TEMPLATE_SAVED, KEY, 3),
    ]


def test_a_save_on_an_older_version_is_a_conflict_and_keeps_nothing(room: Room) -> None:
    room.save(stage(title="Kidney function: stage"))
    before = room.rows()
    with pytest.raises(Conflict, match="Version 2 was saved while you worked on version 1"):
        room.save(stage(title="Mine"))
    assert room.rows() == before
    assert room.now().title == "Kidney function: stage"


@pytest.mark.parametrize(
    ("template", "reason", "field", "words"),
    [
        (replace(OWN, options=("Weakness of old age", UNABLE)), WHY, "options", "“Other (please specify)”"),
        (replace(OWN, title="Parkinson's disease"), WHY, "lint", "The title names"),
        (OWN, " no ", "reason", "Say why"),
        (replace(OWN, name="New"), WHY, "name", "There is a template of this name"),
        (replace(OWN, name="CKD stage"), WHY, "name", "There is a template of this name"),
    ],
)
def test_what_could_not_comply_is_refused_and_nothing_is_kept(
    room: Room, template: Template, reason: str, field: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        room.create(template, reason)
    assert list(refusal.value.details["fields"]) == [field]
    assert words in refusal.value.details["fields"][field]
    assert (room.rows(), room.events()) == ((0, 0), [])


def test_saving_nothing_new_is_refused(room: Room) -> None:
    with pytest.raises(Refused, match="Nothing was changed"):
        room.save(stage())
    assert room.rows() == (0, 0)


def test_a_template_that_is_off_is_not_offered_and_still_found(room: Room) -> None:
    room.switch(False)
    assert KEY not in room.offered()
    assert room.now().key == KEY
    with pytest.raises(Refused, match="switched off already"):
        room.switch(False)
    room.save(stage(title="Kidney function: stage"))
    assert KEY not in room.offered()
    room.switch(True)
    assert KEY in room.offered()
    assert [verb for verb, _, _ in room.events()] == [
        Verb.QUERY_TEMPLATE_SWITCHED_OFF,
        Verb.QUERY_TEMPLATE_SAVED,
        Verb.QUERY_TEMPLATE_SWITCHED_ON,
    ]
    with pytest.raises(InvalidInput):
        room.switch(False, reason="")
    with pytest.raises(NotFound):
        room.switch(False, "no-such-template")


@pytest.mark.parametrize(
    ("role", "error"), [(Role.CODER, NotAllowed), (Role.CLIENT_ADMIN, NotFound), (Role.PROVIDER, NotFound)]
)
def test_only_stewards_change_templates(room: Room, role: Role, error: type[Exception]) -> None:
    actor = cast.actor_for(cast.person("Somebody Else", (room.here, role)), role)
    with cast.opened(room.here), pytest.raises(error):
        create_template(actor=actor, client_id=room.client_id, template=OWN, reason=WHY)
    with cast.opened(room.here), pytest.raises(error):
        switch_template(actor=actor, client_id=room.client_id, key=KEY, on=False, reason=WHY)
    assert room.rows() == (0, 0)


# --- pages -------------------------------------------------------------------------------------------------


def form(template: Template, **changes: str) -> dict[str, str]:
    return {**dict(draft_of(template).fields), "base_version": "1", "reason": WHY, "do": "save", **changes}


def plain(body: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", body.decode()).replace("&#39;", "'").split())


def test_the_list_filters_and_pages(room: Room) -> None:
    browser = room.browser(Role.CODER)
    first = browser.get(room.base).content.decode()
    assert first.count('class="rowlk"') == 50
    assert "?page=2" in first
    assert "New template" not in first
    found = browser.get(f"{room.base}?q=kidney+stage&area=kidney&kind=multiple_choice").content.decode()
    assert re.findall(r'class="rowlk" href="[^"]*/([\w-]+)/"', found) == [KEY]
    room.switch(False)
    off = browser.get(f"{room.base}?origin=off").content.decode()
    assert re.findall(r'class="rowlk" href="[^"]*/([\w-]+)/"', off) == [KEY]
    assert "No template fits" in browser.get(f"{room.base}?origin=own").content.decode()


def test_the_page_shows_what_the_provider_would_see_and_keeps_the_note_apart(room: Room) -> None:
    page = room.browser(Role.CODER).get(f"{room.base}{KEY}/").content.decode()
    preview = page[page.index("tp-preview") : page.index("For authors")]
    note = stage().internal_note.split(";")[0]
    assert "please clarify the stage of the chronic kidney disease" in preview
    assert all(one in preview for one in (*stage().options, *stage().sample_indicators[:1]))
    assert "ckd-stage" in {one.template for one in trigger_book().rules if one.key in room.now().triggers}
    assert note not in preview
    assert note in page
    assert 'href="' + room.base + KEY + '/change/"' not in page
    assert room.browser(Role.PROVIDER).get(f"{room.base}{KEY}/").status_code == 404


def test_the_designer_saves_a_version_and_the_page_tells_what_changed(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    href = f"{room.base}{KEY}/"
    shown = browser.get(f"{href}change/").content.decode()
    assert 'name="s0-words"' in shown
    assert "The words are compliant" in shown
    answer = browser.post(f"{href}change/", form(stage(title="Kidney function: stage")))
    assert (answer.status_code, answer["Location"]) == (303, href)
    assert room.now().title == "Kidney function: stage"
    assert room.now().sections == stage().sections
    told = plain(browser.get(href).content)
    assert "Version 2 Sunita Rao, " in told
    assert f"Title {stage().title} Kidney function: stage" in told
    compared = plain(browser.get(f"{href}compare/?a=2&b=1").content)
    assert f"Title Kidney function: stage {stage().title}" in compared
    again = browser.get(f"{href}change/?version=1").content.decode()
    assert f'value="{stage().title}"' in again
    assert 'name="base_version" value="2"' in again


def test_a_template_without_other_is_refused_with_a_clear_message(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    without = "\n".join(one for one in stage().options if one != OTHER)
    answer = browser.post(f"{room.base}{KEY}/change/", form(stage(), options=without))
    told = plain(answer.content)
    assert answer.status_code == 422
    assert "A template without it is not saved" in told
    assert "R3" in told
    assert room.rows() == (0, 0)


def test_sections_are_added_moved_and_removed_without_saving(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    href = f"{room.base}new/"
    typed = form(OWN)

    def words(do: str) -> list[str]:
        page = browser.post(href, {**typed, "do": do}).content.decode()
        found = re.findall(r'id="s\d-words"[^>]*?(?:value="([^"]*)"|>\n([^<]*)<)', page)
        return [first or second for first, second in found]

    start, field, ends = "The gait is described in the", "Note", ". Please clarify its cause, if known."
    assert words("update") == [start, field, ends]
    assert words("down:0") == [field, start, ends]
    assert words("up:2") == [start, ends, field]
    assert words("add:1") == [start, "", field, ends]
    assert words("remove:1") == [start, ends]
    assert words("up:0") == words("remove:9") == words("nonsense") == [start, field, ends]
    assert room.rows() == (0, 0)


def test_the_check_as_one_types_points_at_the_words_and_keeps_nothing(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    typed = {**form(OWN), "do": "check", "s2-words": "Would you agree that it raises the DRG?"}
    answer = browser.post(f"{room.base}new/", typed, headers={"HX-Request": "true"})
    told = plain(answer.content)
    assert answer.status_code == 200
    assert 'id="checked"' in answer.content.decode()
    assert "<form" not in answer.content.decode()
    assert "Error R7" in told
    assert "Question: “DRG”" in told
    assert "Error R8" in told
    assert 'href="#s2-words"' in answer.content.decode()
    assert room.rows() == (0, 0)


def test_a_kind_chosen_by_mistake_takes_no_answers_away(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    typed = {**form(OWN), "do": "update", "kind": "open"}
    shown = browser.post(f"{room.base}new/", typed).content.decode()
    hidden = re.search(r'<input type="hidden" name="options" value="([^"]*)"', shown)
    assert hidden
    assert hidden[1].splitlines() == list(OWN.options)
    browser.post(f"{room.base}new/", {**typed, "do": "save"})
    assert room.now("gait-cause").options == ()


def test_a_copy_begins_with_the_words_and_takes_a_name_of_its_own(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    shown = browser.get(f"{room.base}new/?copy={KEY}").content.decode()
    assert f'value="{stage().title}"' in shown
    answer = browser.post(f"{room.base}new/", form(stage(name="Kidney clinic"), base_version="0"))
    assert (answer.status_code, answer["Location"]) == (303, f"{room.base}kidney-clinic/")
    assert room.now("kidney-clinic").options == stage().options
    assert browser.get(f"{room.base}new/?copy=nothing-of-it").status_code == 404


def test_two_who_save_at_once_see_both_texts_and_lose_nothing(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    room.save(stage(title="Kidney function: stage"))
    answer = browser.post(f"{room.base}{KEY}/change/", form(stage(title="Mine: stage")))
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Version 2, saved by Sunita Rao" in plain(answer.content)
    assert "Kidney function: stage" in body
    assert 'name="title" value="Mine: stage"' in body
    kept = re.search(r'<textarea name="options" hidden>\n(.*?)</textarea>', body, re.DOTALL)
    assert kept
    assert kept[1].splitlines() == list(stage().options)
    assert room.now().title == "Kidney function: stage"


def test_switching_off_on_its_page_asks_why(room: Room) -> None:
    browser = room.sign_in(room.cdi)
    href = f"{room.base}{KEY}/"
    refused = browser.post(f"{href}switch/", {"to": "off", "why": ""})
    assert refused.status_code == 422
    assert "Say why" in plain(refused.content)
    assert KEY in room.offered()
    assert browser.post(f"{href}switch/", {"to": "off", "why": WHY}).status_code == 303
    assert KEY not in room.offered()
    assert "switched off" in plain(browser.get(href).content)
    assert room.browser(Role.CODER).post(f"{href}switch/", {"to": "on", "why": WHY}).status_code == 403
    assert KEY not in room.offered()
