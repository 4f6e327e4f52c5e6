"""The encounter's state machine: the table, its refusals, and any walk through it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from coding_ops.core.errors import Conflict
from encounters.rules.encounter_states import (
    NEEDS_REASON,
    TRANSITIONS,
    EncounterStatus,
    Verb,
    allowed_pairs,
    needs_revision_reason,
    resume_verb,
    transition,
    verbs_from,
)

GOLDEN = {
    "received": {"make_ready": "ready", "cancel": "cancelled"},
    "ready": {"pend": "pended", "finalize": "final", "cancel": "cancelled"},
    "pended": {"resume": "ready", "resume_reopened": "reopened", "cancel": "cancelled"},
    "final": {"reopen": "reopened", "late_document": "reopened"},
    "reopened": {"pend": "pended", "finalize": "final", "cancel": "cancelled"},
    "cancelled": {"reinstate": "received"},
}


@pytest.mark.parametrize(("status", "verb"), list(product(EncounterStatus, Verb)))
def test_every_step_is_allowed_or_refused_as_agreed(status: EncounterStatus, verb: Verb) -> None:
    after = GOLDEN[status].get(verb)
    if after is not None:
        assert transition(status.value, verb.value) == after
        return
    with pytest.raises(Conflict) as refusal:
        transition(status, verb)
    assert refusal.value.http_status == 409
    assert refusal.value.code == "encounter.transition"
    assert refusal.value.details == {"status": status.value, "verb": verb.value}


def test_a_refusal_says_what_is_possible_instead() -> None:
    with pytest.raises(Conflict, match=r"is final; it cannot be finalized\. Possible now: be reopened"):
        transition("final", "finalize")


def test_unknown_words_are_programming_errors() -> None:
    with pytest.raises(ValueError, match="coding"):
        transition("coding", "finalize")


def test_the_database_guard_gets_exactly_the_pairs_of_the_table() -> None:
    pairs = allowed_pairs()
    assert list(pairs) == sorted(set(pairs))
    assert set(pairs) == {
        (EncounterStatus(a), EncounterStatus(b)) for a, steps in GOLDEN.items() for b in steps.values()
    }
    assert ("final", "cancelled") not in pairs and ("received", "final") not in pairs


def test_every_state_can_be_left_and_reached() -> None:
    for status in EncounterStatus:
        assert verbs_from(status)
        assert status is EncounterStatus.RECEIVED or status in TRANSITIONS.values()


def test_what_undoes_or_stops_work_needs_a_reason() -> None:
    assert {"pend", "reopen", "late_document", "cancel", "reinstate"} == NEEDS_REASON


class EncounterLife(RuleBasedStateMachine):
    """Any sequence of verbs, with the revision count the actions keep."""

    def __init__(self) -> None:
        super().__init__()
        self.status = EncounterStatus.RECEIVED
        self.revisions = 0
        self.before_pend: EncounterStatus | None = None
        self.cancelled_since_final = False

    def _go(self, verb: Verb) -> EncounterStatus:
        before, self.status = self.status, transition(self.status, verb)
        assert (before, self.status) in allowed_pairs()
        return before

    @rule(verb=st.sampled_from([v for v in Verb if v not in (Verb.RESUME, Verb.RESUME_REOPENED)]))
    def act(self, verb: Verb) -> None:
        if (self.status, verb) not in TRANSITIONS:
            before = self.status
            with pytest.raises(Conflict):
                transition(self.status, verb)
            assert self.status is before
            return
        before = self._go(verb)
        if verb is Verb.FINALIZE:
            self.revisions += 1
            self.cancelled_since_final = False
        if verb is Verb.REINSTATE and self.revisions:
            self.cancelled_since_final = True
        self.before_pend = before if verb is Verb.PEND else None

    @precondition(lambda self: self.status is EncounterStatus.PENDED)
    @rule()
    def resume(self) -> None:
        self._go(resume_verb(self.revisions))
        if not self.cancelled_since_final:
            assert self.status is self.before_pend

    @invariant()
    def final_or_reopened_means_coded_once(self) -> None:
        if self.status in (EncounterStatus.FINAL, EncounterStatus.REOPENED):
            assert self.revisions > 0
        assert needs_revision_reason(self.revisions) is (self.revisions > 0)


TestEncounterLife = EncounterLife.TestCase
