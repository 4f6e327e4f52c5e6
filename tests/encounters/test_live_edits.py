"""The claim edits in a chart: beside which code, what stands, what finalize keeps, under which releases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from code_sets import edit_store
from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from edit_rules.models import EditOutcome
from encounters.actions.changes import undo
from encounters.actions.coding import Attributes, change_code, remove_code
from encounters.actions.documents import Writing, add_document
from encounters.actions.finalize import NotReady, finalize, reopen
from encounters.actions.leases import take_chart
from encounters.actions.overrides import (
    Statement,
    override_finding,
    use_releases_in_force,
    withdraw_override,
)
from encounters.models import CodeRevision, CodingChange, EditOverride, Encounter, EncounterStatus
from encounters.rules.encounter_states import ReopenReason
from tests import cast
from tests.encounters.edit_scene import NOTE, Held, coder_of, held, load_pairs, load_tables, own_folder
from tests.rules.code_sets.edit_files import PTP_ROWS

pytestmark = pytest.mark.django_db
APART = "separate afternoon session"


@pytest.fixture
def chart(settings: Any, tmp_path: Path) -> Iterator[Held]:
    with own_folder(settings, tmp_path / "tables"):
        load_tables(tmp_path)
        here = cast.cypress()
        with cast.opened(here):
            yield held(here, coder_of(here))


def act(chart: Held) -> dict[str, Any]:
    return {"actor": chart.actor, "encounter": chart.encounter, "fence": chart.fence}


def set_modifiers(chart: Held, row: Any, *modifiers: str) -> None:
    change_code(**act(chart), assignment_id=row.pk, attributes=Attributes(modifiers=modifiers))


def state(chart: Held) -> tuple[int, int, int]:
    return (
        EditOverride.objects.count(),
        CodingChange.objects.count(),
        AuditEvent.objects.filter(verb__startswith="edit.").count(),
    )


# --- beside the line ----------------------------------------------------------------------------------


def test_a_pair_stands_beside_column_two_names_both_and_blocks(chart: Held) -> None:
    """CMS NCCI PTP 2026q3: 97530/97116, indicator 1."""
    chart.add("I10", "blood pressure")
    first = chart.add("97530", "Therapeutic activities")
    second = chart.add("97116", "gait training")
    found = chart.finding("ncci.ptp")
    assert found.assignments == (str(second.pk), str(first.pk))
    assert "2026q3" in found.citation and "XS" in found.bypass and found.satisfy
    readiness = chart.judged().readiness
    assert [(one.rule, one.assignment_key, one.edit_key) for one in readiness.blocking] == [
        ("ncci.ptp", str(second.pk), found.key)
    ]
    with pytest.raises(NotReady, match="97116"):
        finalize(**act(chart))
    assert chart.fresh().status == EncounterStatus.READY and chart.fresh().pinned_releases is None


def test_diagnoses_that_exclude_each_other_stand_beside_the_later_one(chart: Held) -> None:
    first = chart.add("E119", "type 2 diabetes")
    second = chart.add("E109", "Type 1 diabetes")
    found = chart.finding("icd.excludes1")
    assert found.assignments == (str(second.pk), str(first.pk))
    assert "Excludes1" in found.citation and "2026" in found.citation


def test_the_order_of_etiology_and_manifestation_is_asked_for_beside_the_code_that_needs_it(
    chart: Held,
) -> None:
    kidney = chart.add("N1831", "two weeks")
    diabetes = chart.add("E1122", "diabetes")
    found = chart.finding("icd.code_first")
    assert (found.level, found.assignments) == ("error", (str(kidney.pk), str(diabetes.pk)))
    assert not found.terms.may_stand


def test_a_chart_without_a_service_is_edited_by_its_own_day(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    assert chart.rules() == ["icd.excludes1"]


def test_units_over_the_limit_of_a_day_are_a_warning_that_finalizing_accepts(chart: Held) -> None:
    """CMS NCCI MUE 2026q3: 20610 value 2, MAI 3 (clinical): more may be paid on appeal."""
    chart.add("I10", "blood pressure")
    chart.add("20610", "injection of the right knee", service_unit_quantity=3)
    found = chart.finding("ncci.mue")
    assert found.level == "warning" and found.is_open and not found.blocks
    revision = finalize(**act(chart))
    assert revision.edits is not None
    assert [(one["rule"], one["became"]) for one in revision.edits["findings"]] == [("ncci.mue", "accepted")]


def test_nothing_is_said_twice_that_the_edits_say_with_their_source(chart: Held) -> None:
    chart.add("97116", "gait training")
    rules = [one.rule for one in chart.judged().readiness.blocking]
    assert "pointer.missing" in rules and "pointers.missing" not in rules


# --- overrides ----------------------------------------------------------------------------------------


def test_an_override_with_reason_and_words_lets_a_finding_stand_until_it_is_withdrawn(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    row = chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    assert chart.version.text[row.start : row.end] == row.quote == "ruled out in 2019"
    found = chart.finding("icd.excludes1")
    assert found.is_let_stand and not found.blocks and chart.judged().readiness.is_ready
    event = AuditEvent.objects.get(verb="edit.overridden")
    assert event.facts["rule"] == "icd.excludes1" and event.facts["because"] == "unrelated_conditions"
    assert "ruled out" not in str(event.facts)
    withdraw_override(**act(chart), override_id=str(row.pk))
    assert chart.finding("icd.excludes1").blocks
    row.refresh_from_db()
    assert row.withdrawn_by_id == chart.actor.person_id and EditOverride.objects.count() == 1


@pytest.mark.parametrize(
    ("reason", "note", "quote", "error", "code"),
    [
        ("payer_differs", "Their policy 7 says otherwise.", APART, InvalidInput, "override.reason"),
        ("", "", APART, InvalidInput, "override.reason"),
        ("unrelated_conditions", "", "", Refused, "override.evidence"),
    ],
)
def test_a_reason_that_does_not_fit_and_missing_words_are_refused_and_nothing_is_kept(
    chart: Held, reason: str, note: str, quote: str, error: type[Exception], code: str
) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    before = state(chart)
    with pytest.raises(error) as caught:
        chart.override("icd.excludes1", reason, note, quote)
    assert getattr(caught.value, "code", "") == code and state(chart) == before
    assert chart.finding("icd.excludes1").blocks


def test_a_pair_that_no_modifier_lifts_stands_only_with_the_payers_explanation(chart: Held) -> None:
    """NCCI Policy Manual chapter I: modifier indicator 0."""
    chart.add("I10", "blood pressure")
    chart.add("45385", "injection")
    chart.add("45378", "Procedure")
    assert chart.finding("ncci.ptp").terms.reasons == ("payer_differs",)
    before = state(chart)
    with pytest.raises(Refused) as caught:
        chart.override("ncci.ptp", "payer_differs", "Not NCCI.")
    assert caught.value.code == "override.note" and state(chart) == before
    chart.override("ncci.ptp", "payer_differs", "Workers' compensation fee schedule, section 4, pays both.")
    assert chart.judged().readiness.is_ready


def test_what_is_plainly_wrong_is_mended_and_never_overridden(chart: Held) -> None:
    chart.add("N1831", "two weeks")
    chart.add("E1122", "diabetes")
    before = state(chart)
    with pytest.raises(Refused) as caught:
        chart.override("icd.code_first", "record_confirmed", "Looked at it twice, it is right.")
    assert caught.value.code == "override.never" and state(chart) == before


def test_a_warning_is_not_overridden_and_a_gone_finding_neither(chart: Held) -> None:
    chart.add("I10", "blood pressure")
    knee = chart.add("20610", "injection of the right knee", service_unit_quantity=3)
    key = chart.finding("ncci.mue").key
    before = state(chart)
    with pytest.raises(Refused, match="warning"):
        chart.override("ncci.mue", "units_documented", "Both knees and a shoulder.")
    assert state(chart) == before
    change_code(**act(chart), assignment_id=knee.pk, attributes=Attributes(service_unit_quantity=2))
    with pytest.raises(NotFound) as caught:
        override_finding(**act(chart), key=key, statement=Statement("units_documented", "Both knees."))
    assert caught.value.code == "override.no_finding"


def test_only_who_holds_the_chart_overrides_and_words_of_another_chart_are_refused(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    key, before = chart.finding("icd.excludes1").key, state(chart)
    other = cast.encounter(chart.here, note="Another patient's note.")
    foreign = Held(chart.here, chart.actor, other, other.documents.get().versions.get(), 0).words("Another")
    for keywords, error in (
        (act(chart) | {"fence": chart.fence + 1}, Conflict),
        (act(chart), InvalidInput),
    ):
        with pytest.raises(error):
            override_finding(**keywords, key=key, statement=Statement("unrelated_conditions", words=foreign))
    assert state(chart) == before
    with pytest.raises(NotFound):
        withdraw_override(**act(chart), override_id=str(other.pk))


def test_undo_takes_an_override_back_and_brings_a_withdrawn_one_again(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    row = chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    undo(**act(chart))
    assert chart.finding("icd.excludes1").blocks and chart.rules() == ["icd.excludes1"]
    again = chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    withdraw_override(**act(chart), override_id=str(again.pk))
    undo(**act(chart))
    assert chart.finding("icd.excludes1").stands is not None
    assert chart.finding("icd.excludes1").stands.override_id == str(again.pk) != str(row.pk)  # type: ignore[union-attr]
    undo(**act(chart))
    assert chart.finding("icd.excludes1").blocks


def test_an_override_goes_with_its_codes_and_comes_back_with_them(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    second = chart.add("E109", "Type 1 diabetes")
    chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    remove_code(**act(chart), assignment_id=second.pk, reason="Wrong code")
    assert chart.rules() == []
    undo(**act(chart))
    assert chart.finding("icd.excludes1").is_let_stand
    remove_code(**act(chart), assignment_id=second.pk, reason="Wrong code")
    chart.add("E109", "Type 1 diabetes")
    assert chart.finding("icd.excludes1").blocks, "another entry of the code is another finding"


def test_more_units_than_were_let_stand_ask_again(chart: Held) -> None:
    """CMS NCCI MUE 2026q3: 45385 value 1, MAI 2: absolute."""
    chart.add("I10", "blood pressure")
    scope = chart.add("45385", "Procedure", service_unit_quantity=2)
    chart.override("ncci.mue", "payer_differs", "The plan's schedule pays for two of them.")
    assert chart.finding("ncci.mue").is_let_stand
    change_code(**act(chart), assignment_id=scope.pk, attributes=Attributes(service_unit_quantity=4))
    assert chart.finding("ncci.mue").blocks


def test_words_that_a_new_version_has_lost_carry_an_override_no_longer(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes without")
    chart.add("E109", "Type 1 diabetes")
    row = chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    new = NOTE.replace("Type 1 diabetes was ruled out in 2019; ", "Type 1 diabetes since childhood; ")
    add_document(
        actor=cast.SYSTEM,
        encounter=chart.fresh(),
        writing=Writing("note-1", "progress_note", "Progress note", new),
        now=timezone.now(),
    )
    row.refresh_from_db()
    assert row.state == "lost" and chart.finding("icd.excludes1").blocks
    chart.version = chart.encounter.documents.get().versions.get(number=2)
    chart.override("icd.excludes1", "unrelated_conditions", quote="since childhood")
    assert chart.finding("icd.excludes1").is_let_stand
    assert EditOverride.objects.filter(withdrawn_at__isnull=True).count() == 1


def test_words_that_a_new_version_still_has_move_with_it(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    row = chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    new = add_document(
        actor=cast.SYSTEM,
        encounter=chart.fresh(),
        writing=Writing("note-1", "progress_note", "Progress note", "ADDENDUM 09/16\n\n" + NOTE),
        now=timezone.now(),
    )
    row.refresh_from_db()
    assert new is not None and row.document_version_id == new.pk
    assert new.text[row.start : row.end] == row.quote and chart.finding("icd.excludes1").is_let_stand


def test_an_override_is_never_deleted_and_its_history_names_who_wrote_it(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    row = chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    withdraw_override(**act(chart), override_id=str(row.pk))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_label FROM encounters_editoverrideevent WHERE pgh_obj_id = %s ORDER BY pgh_id",
            [row.pk],
        )
        assert [label for (label,) in cursor.fetchall()] == ["insert", "update"]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM encounters_editoverrideevent WHERE pgh_obj_id = %s", [row.pk])


# --- modifiers that set services apart ----------------------------------------------------------------


def test_59_needs_words_that_show_separate_services_and_keeps_them(chart: Held) -> None:
    """NCCI Policy Manual chapter I, section E."""
    chart.add("I10", "blood pressure")
    chart.add("97530", "Therapeutic activities")
    gait = chart.add("97116", "gait training", modifiers=("59",))
    found = chart.finding("modifier.59_evidence")
    assert found.blocks and found.assignments[0] == str(gait.pk) and "XE" in found.satisfy
    before = state(chart)
    with pytest.raises(Refused) as caught:
        chart.override("modifier.59_evidence", "separate_encounter")
    assert caught.value.code == "override.evidence" and state(chart) == before
    row = chart.override("modifier.59_evidence", "separate_encounter", quote=APART)
    set_modifiers(chart, gait, "XE")
    assert chart.finding("modifier.59_evidence").is_let_stand, "the words show it for XE as well"
    revision = finalize(**act(chart))
    assert revision.edits is not None
    (passed,) = revision.edits["passed"]
    assert (passed["modifier"], passed["override"]) == ("XE", str(row.pk))
    assert passed["evidence"] == f"{row.document_version_id}:{row.start}:{row.end}"
    assert APART not in str(revision.edits)


def test_25_needs_words_that_are_not_cited_for_the_procedure(chart: Held) -> None:
    """NCCI Policy Manual chapter I, section D."""
    chart.add("I10", "blood pressure")
    chart.add("20610", "injection of the right knee")
    visit = chart.add("99213", "the right knee, 40 mg", modifiers=("25",))
    found = chart.finding("modifier.25_evidence")
    assert found.blocks and found.assignments == (str(visit.pk),) and not found.terms.may_stand
    chart.cite(visit, "losartan increased")
    assert chart.rules() == [] and chart.judged().readiness.is_ready


# --- releases -----------------------------------------------------------------------------------------


def reopened(chart: Held) -> Held:
    """The chart back in the coder's hands after it was final."""
    reopen(
        actor=chart.actor, encounter=chart.fresh(), reason=ReopenReason.AUDIT, note="An audit asks for it."
    )
    item = take_chart(actor=chart.actor, item=cast.item_of(chart.encounter), now=timezone.now())
    chart.fence, chart.encounter = item.fence, chart.fresh()
    return chart


def final_with_a_pair(chart: Held) -> CodeRevision:
    chart.add("I10", "blood pressure")
    chart.add("97530", "Therapeutic activities")
    chart.add("97140", "Therapy", modifiers=())
    return finalize(**act(chart))


NEW_PAIR = ("97530", "97140", "20260701", "*", "0", "Misuse of column two code")


def load_new_quarter(folder: Path) -> None:
    """A release for the same day, loaded later: its pair blocks what was clean."""
    load_pairs(folder, ptp=(*PTP_ROWS, NEW_PAIR), name="ccipra-v322r1-f1.txt")


def test_a_final_chart_is_pinned_to_what_it_was_edited_under_and_gives_the_same_result_later(
    chart: Held, tmp_path: Path
) -> None:
    revision = final_with_a_pair(chart)
    pins = chart.fresh().pinned_releases
    assert pins is not None and pins["tables"]["ncci-ptp"] == "2026q3"
    assert pins["tables"]["icd-10-cm"] == "2026" and pins["tables"]["mce"] is None
    assert revision.edits is not None and revision.edits["tables"] == pins["tables"]
    later = tmp_path / "later"
    later.mkdir()
    path = later / "x"
    path.mkdir()
    before = [one.release for one in edit_store.read_catalog()]
    supersede(path)
    assert [one.release for one in edit_store.read_catalog()] != before
    assert held(chart.here, coder_of(chart.here)).judged().edits.releases["ncci-ptp"] != "2026q3"
    assert chart.rules() == [], "the pinned chart does not see the new release"
    again = reopened(chart)
    assert again.rules() == [] and again.judged().edits.is_pinned
    second = finalize(**act(again))
    assert second.edits is not None and second.edits["tables"] == pins["tables"]


def supersede(folder: Path) -> None:
    """A release whose period begins on the visit's day, so that it answers in place of the older one."""
    load_pairs(folder, ptp=(*PTP_ROWS, NEW_PAIR), name="ccipra-v323r0-f1.txt")
    entries = []
    for one in edit_store.read_catalog():
        first, last = one.effective_from, one.effective_to
        if one.system == "NCCI-PTP-PRACTITIONER":
            first, last = ("2026-09-01", None) if one.release == "2026q4" else (first, "2026-08-31")
        entries.append(
            edit_store.TableEntry(
                one.system, one.release, first, last, one.published_through, one.file, one.source
            )
        )
    edit_store.write_catalog(entries)


def test_the_releases_in_force_are_chosen_by_an_act_with_a_reason_and_undo_takes_it_back(
    chart: Held, tmp_path: Path
) -> None:
    final_with_a_pair(chart)
    (tmp_path / "later").mkdir()
    supersede(tmp_path / "later")
    again = reopened(chart)
    with pytest.raises(Refused):
        use_releases_in_force(**act(again), reason="new")
    assert again.rules() == []
    use_releases_in_force(**act(again), reason="The payer reprocesses under the corrected release.")
    assert again.rules() == ["ncci.ptp"] and again.fresh().pinned_releases is None
    event = AuditEvent.objects.get(verb="releases.unpinned")
    assert event.facts["left"]["ncci-ptp"] == "2026q3" and "corrected" in event.reason
    with pytest.raises(Refused) as caught:
        use_releases_in_force(**act(again), reason="The payer reprocesses, once more.")
    assert caught.value.code == "releases.not_pinned"
    undo(**act(again))
    assert again.rules() == [] and again.fresh().pinned_releases is not None


def test_a_pinned_release_that_is_gone_blocks_instead_of_looking_clean(chart: Held) -> None:
    final_with_a_pair(chart)
    edit_store.write_catalog([])
    found = chart.finding("edits.release")
    assert found.blocks and "2026q3" in found.message and not found.terms.may_stand


def test_a_chart_that_had_no_release_is_not_judged_by_one_that_came_later(
    settings: Any, tmp_path: Path
) -> None:
    with own_folder(settings, tmp_path / "tables"):
        cast.icd10cm()
        here = cast.cypress()
        with cast.opened(here):
            chart = held(here, coder_of(here))
            chart.add("I10", "blood pressure")
            chart.add("45385", "injection")
            chart.add("45378", "Procedure")
            finalize(**act(chart))
            load_pairs(tmp_path)
            assert chart.rules() == []


# --- what became of them ------------------------------------------------------------------------------


def test_what_became_of_each_finding_is_kept_with_the_version_and_counted(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    chart.add("20610", "injection of the right knee", service_unit_quantity=3)
    visit = chart.add("99213", "losartan increased", modifiers=("25",))
    chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    revision = finalize(**act(chart))
    assert revision.edits is not None
    became = {one["rule"]: one["became"] for one in revision.edits["findings"] if one["rule"] != "hcc.meat"}
    assert became == {"icd.excludes1": "overridden", "ncci.mue": "accepted"}
    (passed,) = revision.edits["passed"]
    assert passed["modifier"] == "25"
    assert passed["evidence_links"] == [str(link.pk) for link in visit.evidence.all()]
    counted = {
        one.rule + ":" + one.outcome: one.reason for one in EditOutcome.objects.exclude(rule="hcc.meat")
    }
    assert counted == {
        "icd.excludes1:overridden": "unrelated_conditions",
        "ncci.mue:fired": "",
        "ncci.ptp:lifted": "25",
    }
    event = AuditEvent.objects.get(verb="encounter.finalized")
    assert event.facts["overridden"] == ["icd.excludes1"]


def test_another_role_may_not_override(chart: Held) -> None:
    chart.add("E119", "type 2 diabetes")
    chart.add("E109", "Type 1 diabetes")
    key = chart.finding("icd.excludes1").key
    actor = chart.actor
    stranger = type(actor)(actor.user_id, actor.display_name, "qa_reviewer", actor.credential, "r")
    with pytest.raises(NotAllowed):
        override_finding(
            **(act(chart) | {"actor": stranger}),
            key=key,
            statement=Statement("unrelated_conditions", words=chart.words("ruled out in 2019")),
        )
    assert not EditOverride.objects.exists()
    assert Encounter.objects.get(pk=chart.encounter.pk).pinned_releases is None
