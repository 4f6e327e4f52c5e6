"""Audit rehearsals through their actions: draw, records, verdicts, dollars, and the clock of what is owed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from code_sets import selectors
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from encounters.models import DocumentVersion, Encounter
from qa_audit.actions.overpayments import Closing, close_rehearsal
from qa_audit.actions.rehearsal_records import Cited, cite_record, judge_item, take_record_away
from qa_audit.actions.rehearsals import (
    Design,
    NewTerms,
    draw_rehearsal,
    meet_deadline,
    move_deadline,
    plan_of,
    set_days,
    set_terms,
)
from qa_audit.models import (
    ClockStep,
    OverpaymentClock,
    Rehearsal,
    RehearsalDeadline,
    RehearsalItem,
    RehearsalRecord,
    RehearsalUnit,
)
from qa_audit.rehearsal_access import find_rehearsal, open_unit
from qa_audit.rules.frame import unpack_frame
from qa_audit.rules.rehearsal import RehearsalKind
from qa_audit.rules.sampling import draw
from qa_audit.selectors.rehearsal_frame import Population
from qa_audit.selectors.rehearsal_result import result_of, terms_of
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db

YEAR: dict[str, Any] = {"first_on": date(2026, 1, 1), "last_on": date(2026, 10, 31)}
CONFIRMED = {"signature": "yes", "credential": "yes", "note_date": "yes"}
QUOTE = "Type 2 diabetes with diabetic chronic kidney disease, stage 3a"
DIABETES = (("E1122", "Type 2 diabetes"), ("N1831", "stage 3a"), ("I129", "Hypertension"))


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def design(**more: Any) -> Design:
    population = Population(
        more.pop("kind", RehearsalKind.RADV), model=more.pop("model", "CMS-HCC V28"), **YEAR
    )
    given: dict[str, Any] = {"name": "RADV 2026", "contract_name": "H1234", "strata": 1, "count": 2}
    return Design(population=population, **(given | more))


def drawn(crew: Team, **more: Any) -> Rehearsal:
    return draw_rehearsal(
        actor=crew.actor(crew.manager), client=crew.place.client, design=design(**more), seed=7
    )


def unit_of(crew: Team, rehearsal: Rehearsal, number: int = 1) -> RehearsalUnit:
    found = RehearsalUnit.objects.get(rehearsal=rehearsal, number=number)
    return open_unit(
        actor=crew.actor(crew.reviewer),
        client_id=rehearsal.client_id,
        rehearsal_id=rehearsal.pk,
        unit_id=found.pk,
    )


def words_in(chart: Encounter, quote: str = QUOTE, **more: Any) -> Cited:
    version = DocumentVersion.objects.get(client_id=chart.client_id, document__encounter=chart)
    start = version.text.index(quote)
    return Cited(version.pk, start, start + len(quote), confirmed=more.pop("confirmed", CONFIRMED), **more)


def chart_of(unit: RehearsalUnit) -> Encounter:
    return Encounter.objects.get(client_id=unit.client_id, patient=unit.patient)


def item_of(unit: RehearsalUnit, hcc: int) -> RehearsalItem:
    return RehearsalItem.objects.get(client_id=unit.client_id, unit=unit, hcc=hcc)


def judge(crew: Team, unit: RehearsalUnit, item: RehearsalItem, verdict: str, **more: Any) -> RehearsalItem:
    return judge_item(actor=crew.actor(crew.reviewer), unit=unit, item_id=item.pk, verdict=verdict, **more)


def test_the_frame_is_members_with_categories_and_the_seed_draws_the_same_ones(crew: Team) -> None:
    with cast.opened(crew.place):
        charts = [final_chart(crew, codes=DIABETES) for _ in range(4)]
        final_chart(crew, codes=(("I10", "Hypertension"),))  # maps to no category
        cast.encounter(crew.place)  # not final
        rehearsal = drawn(crew, strata=2, count=4)
        rows = unpack_frame(bytes(rehearsal.frame))
        assert {member for member, _ in rows} == {str(chart.patient_id) for chart in charts}
        assert (rehearsal.frame_count, rehearsal.sample_count) == (4, 4)
        again = draw(rows, plan_of(4), rehearsal.seed)
        assert (again.frame_sha256, again.plan_sha256) == (rehearsal.frame_sha256, rehearsal.plan_sha256)
        units = RehearsalUnit.objects.filter(rehearsal=rehearsal)
        assert [str(unit.patient_id) for unit in units] == [one for s in again.strata for one in s.drawn]
        # E11.22 is HCC 37 and N18.31 HCC 329 in V28 (table of the mapping).
        items = RehearsalItem.objects.filter(unit=units[0]).order_by("hcc")
        assert list(items.values_list("hcc", flat=True)) == [37, 329]
        item = item_of(units[0], 37)
        assert [one["code"] for one in item.carried] == ["E1122"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "rehearsal.name"),
        ({"contract_name": ""}, "rehearsal.contract_name"),
        ({"strata": 9}, "rehearsal.strata"),
        ({"count": None}, "rehearsal.size"),
        ({"count": 0}, "rehearsal.size"),
        ({"model": "CMS-HCC V99"}, "rehearsal.model"),
    ],
)
def test_a_design_that_cannot_be_is_refused_and_nothing_is_drawn(
    crew: Team, changes: dict[str, Any], code: str
) -> None:
    with cast.opened(crew.place):
        final_chart(crew, codes=DIABETES)
        with pytest.raises(InvalidInput) as refusal:
            drawn(crew, **changes)
        assert refusal.value.code == code
        assert not Rehearsal.objects.exists()


def test_a_period_that_is_not_over_an_empty_frame_and_a_taken_name_are_refused(crew: Team) -> None:
    with cast.opened(crew.place):
        with pytest.raises(Refused, match="No final chart"):
            drawn(crew)
        final_chart(crew, codes=DIABETES)
        late = Design("RADV", "H1", Population(RehearsalKind.RADV, date(2026, 1, 1), cast.today()), 1, 2)
        with pytest.raises(InvalidInput, match="not over"):
            draw_rehearsal(actor=crew.actor(crew.manager), client=crew.place.client, design=late)
        drawn(crew)
        with pytest.raises(Refused, match="of this name"):
            drawn(crew)
        with pytest.raises(NotAllowed):
            draw_rehearsal(
                actor=crew.actor(crew.reviewer), client=crew.place.client, design=design(name="Another")
            )
        assert Rehearsal.objects.count() == 1


def test_a_verdict_stands_on_the_best_record_and_not_without_one(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew, codes=DIABETES)
        unit = unit_of(crew, drawn(crew))
        item = item_of(unit, 37)
        with pytest.raises(Refused, match="Cite the words"):
            judge(crew, unit, item, "supported")
        reviewer = crew.actor(crew.reviewer)
        weak = cite_record(
            actor=reviewer,
            unit=unit,
            item_id=item.pk,
            cited=words_in(chart, "follow-up of diabetes", confirmed={}),
        )
        assert (weak.eligibility, weak.is_own) == ("unknown", True)
        with pytest.raises(Refused, match="not eligible yet"):
            judge(crew, unit, item, "supported")
        strong = cite_record(actor=reviewer, unit=unit, item_id=item.pk, cited=words_in(chart, meat="E"))
        assert (strong.eligibility, strong.quote) == ("met", QUOTE)
        with pytest.raises(Refused, match="proves it is on the list"):
            judge(crew, unit, item, "not_supported", reason="Nothing found.")
        with pytest.raises(Refused, match="itself"):
            judge(crew, unit, item, "elsewhere")
        done = judge(crew, unit, item, "supported")
        assert (done.verdict, done.proof_id) == ("supported", strong.pk)
        with pytest.raises(Refused, match="was judged"):
            take_record_away(actor=reviewer, unit=unit, item_id=item.pk, record_id=weak.pk)
        judge(crew, unit, item, "", reason="Entered too soon.")
        take_record_away(actor=reviewer, unit=unit, item_id=item.pk, record_id=strong.pk)
        assert list(RehearsalRecord.objects.filter(item=item)) == [weak]
        back = RehearsalItem.objects.get(pk=item.pk)
        assert (back.verdict, back.proof_id, back.decided_by_id) == ("", None, None)


def test_another_chart_of_the_member_proves_it_elsewhere_and_no_dollar_is_owed(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew, codes=DIABETES)
        other = cast.encounter(crew.place, patient=chart.patient, service_on=date(2026, 8, 3))
        unit = unit_of(crew, drawn(crew))
        item = item_of(unit, 37)
        made = cite_record(actor=crew.actor(crew.reviewer), unit=unit, item_id=item.pk, cited=words_in(other))
        assert made.is_own is False
        with pytest.raises(Refused, match="Better supported elsewhere"):
            judge(crew, unit, item, "supported")
        assert judge(crew, unit, item, "elsewhere").proof_id == made.pk
        assert result_of(unit.rehearsal, terms_of(unit.rehearsal)).found == 0


def test_words_of_another_member_another_client_or_another_year_are_no_record(crew: Team) -> None:
    elsewhere = cast.harbor()
    with cast.opened(elsewhere):
        foreign = words_in(cast.encounter(elsewhere))
    with cast.opened(crew.place):
        chart = final_chart(crew, codes=DIABETES)
        stranger = words_in(cast.encounter(crew.place))
        old = cast.encounter(crew.place, patient=chart.patient, service_on=date(2025, 12, 30))
        unit = unit_of(crew, drawn(crew))
        item = item_of(unit, 37)
        for cited in (foreign, stranger, words_in(old)):
            with pytest.raises((NotFound, Refused)):
                cite_record(actor=crew.actor(crew.reviewer), unit=unit, item_id=item.pk, cited=cited)
        ends = words_in(chart)
        with pytest.raises(InvalidInput):
            cite_record(
                actor=crew.actor(crew.reviewer),
                unit=unit,
                item_id=item.pk,
                cited=Cited(ends.version_id, 10, 1_000_000),
            )
        assert not RehearsalRecord.objects.exists()
        coder = crew.actor(crew.coder)
        with pytest.raises(NotAllowed):
            cite_record(actor=coder, unit=unit, item_id=item.pk, cited=ends)
        with pytest.raises(NotFound):
            find_rehearsal(actor=coder, client_id=unit.client_id, rehearsal_id=unit.rehearsal_id)


def all_unsupported(crew: Team, members: int = 3) -> Rehearsal:
    for _ in range(members):
        final_chart(crew, codes=DIABETES)
    rehearsal = drawn(crew, count=members)
    for number in range(1, members + 1):
        unit = unit_of(crew, rehearsal, number)
        for item in RehearsalItem.objects.filter(unit=unit):
            judge(crew, unit, item, "not_supported", reason="No record shows it.")
    return rehearsal


def test_rates_price_the_findings_and_the_switch_projects_them(crew: Team) -> None:
    with cast.opened(crew.place):
        for _ in range(3):
            final_chart(crew, codes=DIABETES)
        rehearsal = drawn(crew, count=2)
        for number in (1, 2):
            unit = unit_of(crew, rehearsal, number)
            for hcc in (37, 329):
                judge(crew, unit, item_of(unit, hcc), "not_supported", reason="No record shows it.")
        planner = crew.actor(crew.manager)
        before = result_of(rehearsal, terms_of(rehearsal))
        assert (before.open_items, before.projection, before.without_amount) == (0, None, (37, 329))
        rates = {"37": Decimal("1000.00"), "329": Decimal("500.00")}
        asked = NewTerms(False, Decimal("0.95"), rates, "Plan's own rate book, 2026")
        rehearsal.refresh_from_db()
        with pytest.raises(InvalidInput, match="where the rates come from"):
            set_terms(
                actor=planner, rehearsal=rehearsal, seen_number=1, reason="Rates",
                terms=NewTerms(False, Decimal("0.95"), rates, " "),
            )  # fmt: skip
        with pytest.raises(Conflict):
            set_terms(actor=planner, rehearsal=rehearsal, terms=asked, seen_number=0, reason="Rates came")
        set_terms(actor=planner, rehearsal=rehearsal, terms=asked, seen_number=1, reason="Rates came")
        # One of two members had an amount of its own entered: 250 in the place of the rate of 500.
        unit = unit_of(crew, rehearsal, 2)
        judge(crew, unit, item_of(unit, 329), "not_supported", reason="Part year", amount=Decimal(250))
        rehearsal.refresh_from_db()
        result = result_of(rehearsal, terms_of(rehearsal))
        assert (result.found, result.units_with_finding) == (Decimal("2750.00"), 2)
        assert result.projection is not None and result.projection.asked == Decimal("2750.00")
        assert result.projection.point is None
        on = NewTerms(True, Decimal("0.95"), rates, "Plan's own rate book, 2026")
        set_terms(
            actor=planner, rehearsal=rehearsal, terms=on, seen_number=2, reason="What if it is projected"
        )
        rehearsal.refresh_from_db()
        projected = result_of(rehearsal, terms_of(rehearsal)).projection
        # Two of three members: 1500 and 1250, mean 1375, total 4125.
        # s2 = 31250; SE = 3 * sqrt((1 - 2/3) * 31250 / 2) = 216.51; t(.95, 1) = 6.3138: low 2758.02.
        assert projected is not None and projected.point == Decimal("4125.00")
        assert projected.low is not None and abs(projected.low - Decimal("2758.02")) < Decimal("0.05")
        assert projected.asked == projected.low


def test_a_part_of_a_sample_is_not_projected(crew: Team) -> None:
    with cast.opened(crew.place):
        for _ in range(2):
            final_chart(crew, codes=DIABETES)
        rehearsal = drawn(crew, count=2)
        unit = unit_of(crew, rehearsal)
        judge(crew, unit, item_of(unit, 37), "not_supported", reason="No record shows it.", amount=Decimal(9))
        result = result_of(rehearsal, terms_of(rehearsal))
        assert (result.found, result.projection, result.open_units) == (Decimal(9), None, 2)
        assert "2 members still to judge" in result.why_none
        with pytest.raises(Refused, match="3 verdicts are still to come"):
            close_rehearsal(
                actor=crew.actor(crew.manager), rehearsal=rehearsal, closing=Closing(False, "All done.")
            )
        rehearsal.refresh_from_db()
        assert rehearsal.closed_at is None


def test_deadlines_follow_the_notice_and_one_that_is_met_stays(crew: Team) -> None:
    with cast.opened(crew.place):
        final_chart(crew, codes=DIABETES)
        rehearsal, planner = drawn(crew), crew.actor(crew.manager)
        with pytest.raises(InvalidInput):
            set_days(actor=planner, rehearsal=rehearsal, notice_on=None, report_on=date(2026, 11, 1))
        set_days(actor=planner, rehearsal=rehearsal, notice_on=date(2026, 11, 2), report_on=None)
        found = dict(RehearsalDeadline.objects.values_list("key", "due_on"))
        assert found == {"records": date(2027, 4, 1), "halfway": date(2027, 1, 16)}
        meet_deadline(actor=planner, rehearsal=rehearsal, key="halfway", done_on=date(2026, 11, 20))
        moved: dict[str, Any] = {"key": "records", "due_on": date(2027, 5, 3)}
        with pytest.raises(Refused):
            move_deadline(actor=planner, rehearsal=rehearsal, reason=" ", **moved)
        move_deadline(actor=planner, rehearsal=rehearsal, reason="Granted by letter", **moved)
        with pytest.raises(InvalidInput, match="not come"):
            meet_deadline(actor=planner, rehearsal=rehearsal, key="records", done_on=date(2099, 1, 1))
        with pytest.raises(InvalidInput, match="no such deadline"):
            meet_deadline(actor=planner, rehearsal=rehearsal, key="party", done_on=date(2026, 11, 20))
        set_days(
            actor=planner, rehearsal=rehearsal, notice_on=date(2026, 11, 3), report_on=date(2026, 11, 10)
        )
        found = dict(RehearsalDeadline.objects.values_list("key", "due_on"))
        assert found == {
            "records": date(2027, 4, 2),
            "halfway": date(2027, 1, 16),
            "reconsideration": date(2027, 1, 9),
        }


def test_a_confirmed_overpayment_starts_its_clock(crew: Team) -> None:
    with cast.opened(crew.place):
        rehearsal, planner = all_unsupported(crew, 2), crew.actor(crew.manager)
        today = cast.today()
        confirmed = Closing(True, "Confirmed by compliance.", "medicare_advantage", today)
        with pytest.raises(Refused, match="Nothing was found"):
            close_rehearsal(actor=planner, rehearsal=rehearsal, closing=confirmed)
        terms = NewTerms(False, Decimal("0.95"), {"37": Decimal(700), "329": Decimal(300)}, "Rate book")
        set_terms(actor=planner, rehearsal=rehearsal, terms=terms, seen_number=1, reason="Rates came")
        close_rehearsal(actor=planner, rehearsal=rehearsal, closing=confirmed)
        clock = OverpaymentClock.objects.get(rehearsal=rehearsal)
        assert (clock.amount, clock.identified_on, clock.state) == (Decimal(2000), today, "running")
        assert ClockStep.objects.get(clock=clock).verb == "identify"
        unit = unit_of(crew, rehearsal)
        with pytest.raises(Refused, match="closed"):
            judge(crew, unit, item_of(unit, 37), "", reason="Second thoughts")
        with pytest.raises(Refused, match="closed"):
            close_rehearsal(actor=planner, rehearsal=rehearsal, closing=confirmed)
        assert OverpaymentClock.objects.count() == 1


def test_a_payers_claims_are_proved_by_their_own_chart(crew: Team) -> None:
    with cast.opened(crew.place):
        first, second = (final_chart(crew, codes=DIABETES, days_ago=days) for days in (2, 3))
        rehearsal = drawn(crew, kind=RehearsalKind.PAYER, name="Prepay", count=2)
        assert (rehearsal.model, rehearsal.payment_year) == ("", None)
        unit = unit_of(crew, rehearsal)
        own = first if unit.encounter_id == first.pk else second
        other = second if own == first else first
        item = RehearsalItem.objects.get(unit=unit)
        with pytest.raises(NotFound):
            cite_record(actor=crew.actor(crew.reviewer), unit=unit, item_id=item.pk, cited=words_in(other))
        with pytest.raises(InvalidInput, match="own chart"):
            judge(crew, unit, item, "elsewhere")
        cite_record(
            actor=crew.actor(crew.reviewer), unit=unit, item_id=item.pk, cited=words_in(own, confirmed={})
        )
        done = judge(crew, unit, item, "supported", amount=Decimal("-12.50"))
        assert done.overpaid_amount == Decimal("-12.50")
