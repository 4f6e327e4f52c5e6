"""Scoring a visit on PostgreSQL: elements with words, the level as a code, a reviewer beside the coder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.models import Role
from encounters.actions.changes import code_set, undo
from encounters.actions.cited_state import coders_level, level_state
from encounters.actions.coding import Attributes, Words, change_code
from encounters.actions.documents import Writing, add_document
from encounters.actions.em_level import remove_element, set_category, set_element, use_level
from encounters.models import EvidenceLink, EvidenceState, VisitLevel, VisitLevelElement
from encounters.rules.em_visit import Cited
from encounters.selectors.em_level import cited_of, levels_of, seen_before, suggested_category, tables_of
from tests import cast
from tests.encounters.leveling import NOTE, Bench, bench

pytestmark = pytest.mark.django_db
OFFICE = "office_established"


@pytest.fixture
def chart() -> Iterator[Bench]:
    cast.icd10cm()
    here = cast.cypress()
    with cast.opened(here):
        yield bench(here)


def element(chart: Bench, part: str, kind: str, quote: str, count: int = 1) -> VisitLevel:
    return set_element(
        **chart.act(category=OFFICE, element=Cited(part, kind, count), words=chart.words(quote))
    )


def moderate(chart: Bench) -> VisitLevel:
    element(chart, "problems", "stable_chronic", "Type 2 diabetes with diabetic chronic kidney disease")
    element(chart, "problems", "stable_chronic", "Hypertension, stable")
    return element(chart, "risk", "prescription_drug", "Continue losartan")


def test_an_element_keeps_the_exact_words_and_the_result_follows(chart: Bench) -> None:
    level = element(chart, "problems", "stable_chronic", "Hypertension, stable")
    assert (level.code, level.by, level.category, level.scored_by) == ("99212", "mdm", OFFICE, "coder")
    row = VisitLevelElement.objects.get()
    assert row.quote == "Hypertension, stable" == chart.version.text[row.start : row.end]
    assert row.prefix is not None and row.prefix.endswith("2. ")
    assert moderate(chart).code == "99214"
    event = AuditEvent.objects.filter(verb="level.element_set").order_by("-seq")[0]
    assert event.facts["level"] == "99214" and event.facts["kind"] == "prescription_drug"
    assert "losartan" not in str(event.facts)


def test_the_same_words_count_once_and_a_new_count_replaces_the_old(chart: Bench) -> None:
    element(chart, "data", "test_reviewed", "eGFR 52 reviewed")
    level = element(chart, "data", "test_reviewed", "eGFR 52 reviewed", 2)
    assert [(row.kind, row.count) for row in level.elements.all()] == [("test_reviewed", 2)]


def test_total_time_stands_once_and_shows_the_other_path(chart: Bench) -> None:
    moderate(chart)
    element(chart, "time", "total_minutes", "41 minutes", 30)
    level = element(chart, "time", "total_minutes", "Total time on the date: 41 minutes", 41)
    assert level.elements.filter(part="time").count() == 1
    assert (level.code, level.by, level.other_code) == ("99215", "time", "99214")


def test_changing_the_category_scores_anew_and_keeps_elements(chart: Bench) -> None:
    moderate(chart)
    level = set_category(**chart.act(category="office_new"))
    assert level.code == "99204" and level.elements.count() == 3
    level = set_category(**chart.act(category="emergency_department"))
    assert level.code == "99284"


def test_time_never_chooses_an_emergency_level(chart: Bench) -> None:
    set_category(**chart.act(category="emergency_department"))
    level = element(chart, "time", "total_minutes", "41 minutes", 600)
    assert (level.code, level.other_code) == ("", "")


def test_the_level_becomes_the_visits_code_with_the_elements_words(chart: Bench) -> None:
    moderate(chart)
    row = use_level(**chart.act())
    assert (row.system, row.code, row.modifiers) == ("CPT", "99214", [])
    quotes = {link.quote for link in EvidenceLink.objects.filter(assignment=row)}
    assert quotes == {
        "Type 2 diabetes with diabetic chronic kidney disease", "Hypertension, stable", "Continue losartan",
    }  # fmt: skip


def test_a_level_by_time_cites_the_time_alone(chart: Bench) -> None:
    moderate(chart)
    element(chart, "time", "total_minutes", "41 minutes", 41)
    row = use_level(**chart.act())
    assert row.code == "99215"
    assert [link.quote for link in EvidenceLink.objects.filter(assignment=row)] == ["41 minutes"]


def test_an_older_visit_code_gives_way_and_its_modifiers_stay(chart: Bench) -> None:
    diagnosis = chart.add("I10", "Hypertension")
    visit = chart.add("99213", "Continue losartan", system="CPT")
    change_code(**chart.act(assignment_id=visit.pk, attributes=Attributes(modifiers=("25",))))
    moderate(chart)
    row = use_level(**chart.act())
    assert (row.pk, row.code, row.modifiers, row.pointers) == (visit.pk, "99214", ["25"], [diagnosis.pk])
    assert EvidenceLink.objects.filter(assignment=row).count() == 3
    event = AuditEvent.objects.filter(verb="code.changed").order_by("-seq")[0]
    assert (event.facts["code"], event.facts["was"]) == ("99214", "99213")
    undo(**chart.act())
    assert [one["code"] for one in code_set(chart.encounter)] == ["I10", "99213"]


def test_each_act_can_be_taken_back_to_the_beginning(chart: Bench) -> None:
    states = [level_state(chart.encounter)]
    set_category(**chart.act(category="office_new"))
    states.append(level_state(chart.encounter))
    element(chart, "problems", "stable_chronic", "Hypertension, stable")
    states.append(level_state(chart.encounter))
    element(chart, "time", "total_minutes", "41 minutes", 41)
    states.append(level_state(chart.encounter))
    element(chart, "time", "total_minutes", "41 minutes", 42)
    states.append(level_state(chart.encounter))
    row = VisitLevelElement.objects.get(part="problems")
    remove_element(**chart.act(element_id=row.pk))
    for wanted in reversed(states):
        undo(**chart.act())
        assert level_state(chart.encounter) == wanted
    assert level_state(chart.encounter) is None


def _refusals(chart: Bench) -> list[tuple[type[DomainError], object]]:
    foreign = cast.encounter(chart.here, note="Another patient's words.").documents.get().versions.get()
    words = chart.words("Hypertension, stable")
    good = Cited("problems", "stable_chronic")
    act = chart.act(category=OFFICE)
    away = type(words)(foreign.pk, 0, 7)
    return [
        (Refused, lambda: set_element(**act, element=good, words=None)),
        (InvalidInput, lambda: set_element(**act, element=Cited("problems", "gout"), words=words)),
        (InvalidInput, lambda: set_element(**act, element=Cited("time", "total_minutes", 0), words=words)),
        (InvalidInput, lambda: set_element(**act, element=good, words=away)),
        (InvalidInput, lambda: set_element(**act | {"category": "nursing"}, element=good, words=words)),
        (Conflict, lambda: set_element(**act | {"fence": chart.fence + 1}, element=good, words=words)),
        (InvalidInput, lambda: set_category(**chart.act(category="nursing"))),
        (NotFound, lambda: remove_element(**chart.act(element_id=foreign.pk))),
        (Conflict, lambda: use_level(**chart.act() | {"fence": chart.fence + 1})),
    ]


def test_refusals_change_nothing(chart: Bench) -> None:
    moderate(chart)
    events = AuditEvent.objects.count()
    before = chart.stored()
    for kind, attempt in _refusals(chart):
        with pytest.raises(kind):
            attempt()  # type: ignore[operator]
        assert chart.stored() == before
    assert AuditEvent.objects.count() == events


def test_no_level_and_two_visits_are_refused(chart: Bench) -> None:
    with pytest.raises(Refused) as caught:
        use_level(**chart.act())
    assert caught.value.code == "em.no_level"
    moderate(chart)
    chart.add("99213", system="CPT")
    chart.add("99215", system="CPT")
    before = chart.stored()
    with pytest.raises(Refused) as caught:
        use_level(**chart.act())
    assert caught.value.code == "em.several" and chart.stored() == before


def test_a_visit_before_the_guidelines_is_refused(chart: Bench) -> None:
    chart.encounter.service_on = date(2020, 5, 1)
    chart.encounter.save(update_fields=["service_on"])
    with pytest.raises(Refused) as caught:
        set_category(**chart.act(category=OFFICE))
    assert caught.value.code == "em.no_edition" and coders_level(chart.encounter) is None


@pytest.mark.parametrize("role", [Role.QA_REVIEWER, Role.MANAGER])
def test_a_reviewer_scores_beside_the_coder_and_touches_no_code(chart: Bench, role: Role) -> None:
    moderate(chart)
    use_level(**chart.act())
    before = chart.stored()
    quentin = cast.actor_for(cast.person("Quentin Drake", (chart.here, role)), role)
    act: dict[str, Any] = {"actor": quentin, "encounter": chart.encounter, "fence": None}
    set_element(**act, category=OFFICE, element=Cited("problems", "stable_chronic"), words=None)
    mine = set_element(
        **act, category=OFFICE, element=Cited("risk", "prescription_drug"), words=chart.words("losartan")
    )
    assert (mine.scored_by, mine.code) == ("reviewer", "99213")
    assert chart.stored() == before
    coders, reviewers = levels_of(chart.encounter)
    assert coders is not None and coders.code == "99214" and [r.pk for r in reviewers] == [mine.pk]
    with pytest.raises(NotAllowed):
        use_level(**act | {"fence": chart.fence})
    with pytest.raises(NotFound):
        remove_element(**act, element_id=coders.elements.all()[0].pk)
    assert chart.stored() == before


@pytest.mark.parametrize("role", [Role.CDI_SPECIALIST, Role.CLIENT_ADMIN, Role.PROVIDER])
def test_other_roles_do_not_score(chart: Bench, role: Role) -> None:
    actor = cast.actor_for(cast.person("Sunita Rao", (chart.here, role)), role)
    with pytest.raises(NotAllowed):
        set_category(actor=actor, encounter=chart.encounter, fence=None, category=OFFICE)
    assert VisitLevel.objects.count() == 0


def test_a_new_version_of_the_note_carries_the_elements_or_flags_them(chart: Bench) -> None:
    moderate(chart)
    text = "Late entry.\n" + NOTE.replace("Continue losartan.", "Stop it.")
    writing = Writing("note-1", "progress_note", "Progress note", text)
    version = add_document(
        actor=cast.SYSTEM, encounter=chart.encounter, writing=writing, now=chart.version.received_at
    )
    assert version is not None
    states = {row.quote: (row.document_version_id, row.state) for row in VisitLevelElement.objects.all()}
    assert states["Hypertension, stable"] == (version.pk, EvidenceState.ANCHORED)
    assert states["Continue losartan"] == (chart.version.pk, EvidenceState.LOST)
    level = coders_level(chart.encounter)
    assert level is not None and level.code == "99212"
    assert {c.kind for c in cited_of(level.elements.all())} == {"stable_chronic"}


def test_two_quotes_that_become_one_show_their_element_once(chart: Bench) -> None:
    twice = "Plan:\nHypertension, stable.\nHypertension, stable.\nEnd\n"
    once = "Plan:\nHypertension, stable.\nEnd\n"
    add: dict[str, Any] = {
        "actor": cast.SYSTEM, "encounter": chart.encounter, "now": chart.version.received_at
    }  # fmt: skip
    version = add_document(writing=Writing("note-1", "progress_note", "Progress note", twice), **add)
    assert version is not None
    for start in (twice.index("Hypertension"), twice.rindex("Hypertension")):
        words = Words(version.pk, start, start + len("Hypertension, stable"))
        set_element(**chart.act(category=OFFICE, element=Cited("problems", "stable_chronic"), words=words))
    assert VisitLevelElement.objects.count() == 2
    again = add_document(writing=Writing("note-1", "progress_note", "Progress note", once), **add)
    assert again is not None
    row = VisitLevelElement.objects.get()
    assert (row.document_version_id, row.state) == (again.pk, EvidenceState.ANCHORED)


def test_new_or_established_is_hinted_from_our_own_visits(chart: Bench) -> None:
    edition = tables_of(chart.encounter).edition
    seen = seen_before(chart.encounter)
    assert seen is not None and (seen.on, seen.since) == (None, date(2023, 9, 15))
    assert suggested_category(chart.encounter, edition) == OFFICE
    who = {"patient": chart.encounter.patient, "queued": False}
    cast.encounter(chart.here, service_on=date(2023, 9, 14), **who)
    found = seen_before(chart.encounter)
    assert found is not None and found.on is None
    cast.encounter(chart.here, service_on=date(2023, 9, 15), **who)
    cast.encounter(chart.here, service_on=date(2025, 2, 1), status="cancelled", **who)
    found = seen_before(chart.encounter)
    assert found is not None and (found.on, found.by) == (date(2023, 9, 15), "the same practitioner")
    chart.encounter.kind = "emergency"
    assert suggested_category(chart.encounter, edition) == "emergency_department"


def test_elements_read_back_as_they_were_set(chart: Bench) -> None:
    level = moderate(chart)
    assert sorted((c.part, c.kind, c.count) for c in cited_of(list(level.elements.all()))) == [
        ("problems", "stable_chronic", 1),
        ("problems", "stable_chronic", 1),
        ("risk", "prescription_drug", 1),
    ]
