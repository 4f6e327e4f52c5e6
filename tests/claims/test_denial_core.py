"""Denials: opened with what is known of their lines, settled by later answers, worked by people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet, Sum
from django.utils import timezone

from claims.actions.denials.moving import Move, move_denials
from claims.actions.denials.opening import Denied, open_denials
from claims.actions.denials.proposing import propose_rule
from claims.actions.denials.settling import Answer, settle_appeal, settle_paid
from claims.actions.denials.tallies import Counted, count_claims
from claims.actions.denials.working import assign_denial, reopen_denial, set_cause, write_off
from claims.models import (
    Adjustment,
    Claim,
    ClaimLine,
    ClaimStep,
    ClaimTally,
    Denial,
    DenialTally,
    Payer,
    ReasonRule,
    RemittedLine,
)
from claims.rules.denial_states import DenialVerb
from claims.selectors.reason_maps import classifier
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from edit_rules.models import EditOutcome
from encounters.models import CodeRevision
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db
CHARGE = Decimal("135.00")
SUMS = (
    "denial_count", "initial_count", "overturned_count", "upheld_count", "denied_amount", "recovered_amount",
)  # fmt: skip


@pytest.fixture
def of() -> scene.Desk:
    place = cast.cypress()
    with cast.opened(place):
        return scene.desk(place)


def denied_by(of: scene.Desk, made: Claim, **changes: Any) -> list[Denied]:
    """One denial for each adjustment of a remittance that denies the whole line."""
    row = scene.remitted(of, made)
    line = ClaimLine.objects.get(client_id=made.client_id, claim=made)
    found = []
    for one in Adjustment.objects.filter(client_id=made.client_id, remitted_claim=row):
        whole: dict[str, Any] = {
            "claim_id": made.pk, "source": "835", "category": one.category, "amount": one.amount,
            "received_on": cast.today(), "claim_line_id": line.pk, "adjustment_id": one.pk,
            "group_code": one.group_code, "carc": one.carc, "map_edition": one.map_edition,
        }  # fmt: skip
        found.append(Denied(**(whole | changes)))
    return found


def opened(of: scene.Desk, made: Claim, **changes: Any) -> Denial:
    wanted = denied_by(of, made, **changes)
    assert open_denials(client_id=made.client_id, adjustments=wanted, now=timezone.now()) == 1
    return Denial.objects.get(client_id=made.client_id, adjustment=wanted[0].adjustment_id)


def tally(of: scene.Desk) -> dict[str, Any]:
    """The sums of payers, which those of reasons and of months must equal."""
    every = DenialTally.objects.filter(client_id=of.place.client.pk)
    kinds = (
        every.filter(category=""),
        every.exclude(category="").exclude(source=""),
        every.filter(source=""),
    )
    found = [_summed(rows) for rows in kinds]
    assert found[0] == found[1] == found[2]
    return found[0]


def _summed(rows: QuerySet[DenialTally]) -> dict[str, Any]:
    return {name: value or 0 for name, value in rows.aggregate(**{one: Sum(one) for one in SUMS}).items()}


def settled(made: Claim, **answer: Any) -> int:
    return settle_paid(client_id=made.client_id, claims={made.pk: Answer(**answer)}, now=timezone.now())


def test_a_denial_knows_its_line_coder_words_edits_terms_and_is_opened_once(of: scene.Desk) -> None:
    with cast.opened(of.place):
        chart = scene.final_chart(of)
        revision = CodeRevision.objects.get(client_id=chart.client_id, encounter=chart)
        key = next(one["id"] for one in revision.codes if one["code"] == "99213")
        found = {"rule": "ncci.ptp", "level": "error", "became": "overridden", "assignments": [key]}
        CodeRevision.objects.create(
            client=chart.client, encounter=chart, number=2, codes=revision.codes, reason="denial",
            edits={"findings": [found], "passed": []}, finalized_by=of.coder, credential="CPC",
            finalized_at=timezone.now(),
        )  # fmt: skip
        made = scene.claim(of, chart, state="denied", revision_number=2)
        wanted = denied_by(of, made)
        assert open_denials(client_id=made.client_id, adjustments=wanted, now=timezone.now()) == 1
        assert open_denials(client_id=made.client_id, adjustments=wanted, now=timezone.now()) == 0
        row = Denial.objects.get(client_id=made.client_id)
        assert (row.coder_id, row.service_code, str(row.assignment_id)) == (of.coder.pk, "99213", key)
        assert (row.edit_state, row.edit_rule, row.state) == ("overridden", "ncci.ptp", "open")
        assert row.deadline_on == cast.today() + timedelta(days=120), "the payer's days to appeal"
        assert row.winnability == 50, "55 for coding, 15 for its words, 20 less for the overridden edit"
        assert row.priority == Decimal("67.50")
        assert tally(of)["denial_count"] == tally(of)["initial_count"] == 1
        assert tally(of)["denied_amount"] == CHARGE
        outcome = EditOutcome.objects.get(client_id=made.client_id, outcome="denied")
        assert (outcome.rule, outcome.denial_id) == ("ncci.ptp", row.pk)


def test_what_denies_nothing_opens_nothing_and_a_rejection_does(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, state="rejected")
        for changes in ({"category": "not_a_denial"}, {"amount": Decimal("-5")}, {"amount": Decimal(0)}):
            wanted = denied_by(of, made, **changes)
            assert open_denials(client_id=made.client_id, adjustments=wanted, now=timezone.now()) == 0
        rejected = Denied(made.pk, "277CA", "coding", CHARGE, cast.today(), status_codes="A7:255")
        assert open_denials(client_id=made.client_id, adjustments=[rejected], now=timezone.now()) == 1
        row = Denial.objects.get(client_id=made.client_id)
        assert row.deadline_on == made.service_through_on + timedelta(days=365), "it was never filed"
        assert settled(made, is_accepted=True) == 1
        row.refresh_from_db()
        assert row.state == "closed"


def test_a_later_payment_overturns_by_what_it_pays_more(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, state="denied")
        row = opened(of, made)
        line = row.claim_line_id
        assert line is not None
        assert settled(made, paid_amount=Decimal("90.00"), paid_lines={line: Decimal("90.00")}) == 1
        row.refresh_from_db()
        assert (row.state, row.recovered_amount) == ("overturned", Decimal("90.00"))
        assert row.ended_at is not None
        assert (tally(of)["overturned_count"], tally(of)["recovered_amount"]) == (1, Decimal("90.00"))
        assert settled(made, paid_amount=Decimal("90.00")) == 0, "it stands no more"


def test_money_for_another_line_overturns_nothing(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, state="denied")
        row = opened(of, made)
        again = frozenset({(row.claim_line_id, "CO", "97")})
        answer = {"paid_amount": Decimal("80.00"), "paid_lines": {made.pk: Decimal("80.00")}}
        assert settled(made, denied=again, **answer) == 0
        row.refresh_from_db()
        assert (row.state, row.recovered_amount) == ("open", Decimal(0))


def test_a_dollar_wins_back_one_rejection_only(of: scene.Desk) -> None:
    with cast.opened(of.place):
        chart = scene.final_chart(of)
        first = scene.claim(of, chart, state="replaced")
        second = scene.claim(of, chart, state="rejected", version=2, replaces=first)
        third = scene.claim(of, chart, state="submitted", version=3, replaces=second)
        refused = [
            Denied(one.pk, "277CA", "coding", CHARGE, cast.today(), status_codes="A7:255")
            for one in (first, second)
        ]
        assert open_denials(client_id=third.client_id, adjustments=refused, now=timezone.now()) == 2
        assert settled(third, paid_amount=Decimal("90.00")) == 2
        rows = Denial.objects.filter(client_id=third.client_id).order_by("-recovered_amount")
        assert [(one.state, one.recovered_amount) for one in rows] == [
            ("overturned", Decimal("90.00")), ("closed", Decimal(0)),
        ]  # fmt: skip
        assert tally(of)["recovered_amount"] == Decimal("90.00")


def test_the_same_reason_again_upholds_an_appeal_and_opens_no_second_denial(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, state="denied")
        row = opened(of, made)
        move_denials(client_id=row.client_id, moves=[Move(row, DenialVerb.APPEAL)], now=timezone.now())
        again = denied_by(of, made, is_initial=False)
        denied = frozenset({(row.claim_line_id, "CO", "97")})
        assert settled(made, denied=denied) == 0
        assert open_denials(client_id=made.client_id, adjustments=again, now=timezone.now()) == 0
        row.refresh_from_db()
        assert row.state == "upheld"
        assert (tally(of)["denial_count"], tally(of)["upheld_count"]) == (1, 1)


def test_payment_of_a_corrected_claim_overturns_the_denial_of_the_one_before(of: scene.Desk) -> None:
    with cast.opened(of.place):
        chart = scene.final_chart(of)
        made = scene.claim(of, chart, state="denied")
        row = opened(of, made)
        move_denials(client_id=row.client_id, moves=[Move(row, DenialVerb.CORRECT)], now=timezone.now())
        corrected = scene.claim(of, chart, state="submitted", version=2, replaces=made)
        line = ClaimLine.objects.get(client_id=made.client_id, claim=corrected)
        assert settled(corrected, is_accepted=True) == 0, "nothing is decided yet"
        assert settled(corrected, paid_amount=CHARGE, paid_lines={line.pk: CHARGE}) == 1
        row.refresh_from_db()
        assert (row.state, row.recovered_amount) == ("overturned", CHARGE)


def test_an_appeal_won_in_part_recovers_no_more_than_was_denied(of: scene.Desk) -> None:
    with cast.opened(of.place):
        row = opened(of, scene.claim(of, state="denied"))
        move_denials(client_id=row.client_id, moves=[Move(row, DenialVerb.APPEAL)], now=timezone.now())
        actor, now = of.actor(of.manager), timezone.now()
        with pytest.raises(InvalidInput):
            settle_appeal(
                actor=actor, denial=row, verb=DenialVerb.OVERTURN, recovered_amount=CHARGE + 1, now=now
            )
        settle_appeal(
            actor=actor, denial=row, verb=DenialVerb.OVERTURN, recovered_amount=Decimal(100), now=now
        )
        row.refresh_from_db()
        assert (row.state, row.recovered_amount) == ("overturned", Decimal("100.00"))
        reopen_denial(actor=actor, denial=row, reason="The payer took it back.", now=now)
        assert (tally(of)["overturned_count"], tally(of)["recovered_amount"]) == (0, 0)


def test_first_answers_are_counted_once_and_taken_back(of: scene.Desk) -> None:
    with cast.opened(of.place):
        client = of.place.client.pk
        denied = Counted(
            answered_on=cast.today(), payer_id=of.payer.pk, form="837P", is_adjudicated=True, is_denied=True,
            is_coding=True, charge_amount=CHARGE,
        )  # fmt: skip
        count_claims(client_id=client, gone=[None], come=[denied, None])
        row = ClaimTally.objects.get(client_id=client)
        assert (row.answered_count, row.adjudicated_count, row.denied_count, row.coding_count) == (1, 1, 1, 1)
        rejected = replace(denied, is_adjudicated=False, is_denied=False, is_coding=False)
        count_claims(client_id=client, gone=[denied], come=[rejected])
        row.refresh_from_db()
        assert (row.answered_count, row.adjudicated_count, row.denied_count, row.coding_count) == (1, 0, 0, 0)


def test_people_take_explain_give_up_and_reopen(of: scene.Desk) -> None:
    coder, manager, now = of.actor(of.coder), of.actor(of.manager), timezone.now()
    with cast.opened(of.place):
        row = opened(of, scene.claim(of, state="denied"))
        assign_denial(actor=coder, denial=row, owner_id=of.coder.pk, now=now)
        with pytest.raises(NotAllowed):
            assign_denial(actor=coder, denial=row, owner_id=of.manager.pk, now=now)
        with pytest.raises(InvalidInput):
            assign_denial(actor=manager, denial=row, owner_id=of.administrator.pk, now=now)
        with pytest.raises(NotAllowed):
            set_cause(actor=coder, denial=row, root_cause="coding", note="", is_vendor_error=True)
        set_cause(actor=coder, denial=row, root_cause="coding", note="Wrong units.", is_vendor_error=None)
        with pytest.raises(InvalidInput):
            set_cause(actor=manager, denial=row, root_cause="other", note="", is_vendor_error=None)
        with pytest.raises(NotAllowed):
            write_off(actor=coder, denial=row, reason="Too small.", now=now)
        row.refresh_from_db()
        assert (row.state, row.owner_id, row.root_cause) == ("working", of.coder.pk, "coding")
        assert (row.cause_note, row.is_vendor_error) == ("Wrong units.", None)
        write_off(actor=manager, denial=row, reason="Below the cost of an appeal.", now=now)
        with pytest.raises(Conflict):
            write_off(actor=manager, denial=row, reason="Again, though over.", now=now)
        step = ClaimStep.objects.get(client_id=row.client_id, kind="written_off")
        assert (step.note, step.facts["amount"]) == ("Below the cost of an appeal.", "135.00")
        reopen_denial(actor=manager, denial=row, reason="A new contract counts.", now=now)
        row.refresh_from_db()
        assert (row.state, row.ended_at) == ("open", None)


def test_repeats_of_one_cause_make_a_draft_rule_once(of: scene.Desk) -> None:
    manager = of.actor(of.manager)
    with cast.opened(of.place):
        rows = [opened(of, scene.claim(of, state="denied")) for _ in range(3)]
        for row in rows[:2]:
            set_cause(actor=manager, denial=row, root_cause="edit_missing", note="", is_vendor_error=None)
        rows[0].refresh_from_db()
        with pytest.raises(Refused):
            propose_rule(actor=manager, denial=rows[0], today=cast.today())
        set_cause(actor=manager, denial=rows[2], root_cause="edit_missing", note="", is_vendor_error=None)
        rule = propose_rule(actor=manager, denial=rows[0], today=cast.today())
        assert (rule.level, rule.payer_name, rule.name) == ("off", of.payer.name, "Denied CO 97: 99213")
        with pytest.raises(Conflict):
            propose_rule(actor=manager, denial=rows[1], today=cast.today())
        with pytest.raises(NotAllowed):
            propose_rule(actor=of.actor(of.coder), denial=rows[1], today=cast.today())


def test_the_client_s_own_rows_are_read_with_one_query(
    of: scene.Desk, django_assert_num_queries: Any
) -> None:
    with cast.opened(of.place):
        other = Payer.objects.create(
            client=of.place.client, name="Second", payer_id="S", filing_code="CI", receiver_name="T",
            receiver_id="T",
        )  # fmt: skip
        ReasonRule.objects.create(
            client=of.place.client, payer=of.payer, carc="97", category="benefit", reason="4.2",
            starts_on=date(2026, 1, 1), made_by=of.manager, made_at=timezone.now(),
        )  # fmt: skip
        asked: dict[str, Any] = {"group": "CO", "carc": "97", "rarcs": (), "amount": CHARGE}
        with django_assert_num_queries(1):
            found = classifier(of.place.client.pk)
            day = date(2026, 9, 15)
            assert found.category(payer_id=of.payer.pk, on=day, **asked).category == "benefit"
            assert found.category(payer_id=other.pk, on=day, **asked).category == "coding"
            assert found.category(payer_id=of.payer.pk, on=date(2025, 9, 15), **asked).category == "coding"


def test_a_service_the_payer_names_otherwise_gains_nothing_by_the_money_of_others(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, state="partly_paid")
        row = scene.remitted(of, made, paid="80.00", status="1")
        adjustment = Adjustment.objects.get(client_id=made.client_id, remitted_claim=row)
        RemittedLine.objects.filter(client_id=made.client_id, remitted_claim=row).update(
            claim_line=None, paid_amount=Decimal(0)
        )
        found = Denied(
            made.pk, "835", "coding", Decimal("55.00"), cast.today(), adjustment_id=adjustment.pk,
            group_code="CO", carc="97",
        )  # fmt: skip
        open_denials(client_id=made.client_id, adjustments=[found], now=timezone.now())
        same: dict[str, Any] = {"paid_amount": Decimal("80.00"), "denied": frozenset({(None, "CO", "97")})}
        assert settled(made, **same) == 0, "the same answer once more"
        denial = Denial.objects.get(client_id=made.client_id)
        assert (denial.state, denial.recovered_amount) == ("open", Decimal(0))
