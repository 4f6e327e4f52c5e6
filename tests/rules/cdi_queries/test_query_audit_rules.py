"""The sample of a query audit, its questions and its score."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdi_queries.rules.audit_sample import draw, frame_hash, frame_of, pack_frame, unpack_frame
from cdi_queries.rules.lint import RULES
from cdi_queries.rules.query_audit import Judged, Judgement, by_question, counted, problems, score
from cdi_queries.terms.audits import edition_named, edition_on, editions
from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import Clusters, interval

CONFIDENCE = Decimal("0.95")
EDITION = editions()[-1]
WHOLE = {key: Judgement(Judged.MET) for key in EDITION.keys}


def test_there_are_ten_questions_and_each_names_rules_that_exist() -> None:
    for edition in editions():
        assert len(edition.questions) == len(set(edition.keys)) == 10
        assert edition.source
        assert all(
            len(key) <= 24 and one.title and one.words
            for key, one in zip(edition.keys, edition.questions, strict=True)
        )
        named = {rule for one in edition.questions for rule in one.lint}
        assert named <= {name for name, _ in RULES}
        # What the machine checks of the words the provider sees is looked at by the auditor too.
        assert {"R1", "R3", "R4", "R6", "R7", "R8", "R9"} <= named


def test_an_edition_holds_from_its_day_on_and_is_found_by_its_name() -> None:
    assert edition_on(date(2030, 1, 1)) == EDITION
    assert edition_on(date(1999, 1, 1)) == editions()[0]
    assert edition_named(EDITION.name) == EDITION
    with pytest.raises(InvalidInput):
        edition_named("1999-01")


def test_a_draw_is_the_one_that_its_text_describes() -> None:
    """Drawn again from the words of the module alone, as an auditor elsewhere would."""
    frame = frame_of(f"query-{number}" for number in range(50))
    expected = sorted(
        frame, key=lambda one: hashlib.sha256(f"coding-ops/query.audit/1\x00{7}\x00{one}".encode()).digest()
    )
    assert draw(frame, 10, 7) == tuple(expected[:10])
    assert draw(frame, 3, 7) == ("query-44", "query-30", "query-8")
    assert frame_hash(("a", "b")) == hashlib.sha256(b"a\nb\n").hexdigest()


IDS = st.sets(st.integers(0, 10**6).map(str), min_size=1, max_size=40)


@settings(deadline=None)
@given(IDS, st.integers(1, 40), st.integers(0, 2**53 - 1), st.randoms())
def test_the_same_seed_gives_the_same_list_and_a_larger_sample_begins_with_the_smaller(
    ids: set[str], count: int, seed: int, chance: object
) -> None:
    shuffled = list(ids)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    frame = frame_of(shuffled)
    drawn = draw(frame, count, seed)
    assert drawn == draw(frame_of(ids), count, seed)
    assert len(drawn) == len(set(drawn)) == min(count, len(ids))
    assert draw(frame, count + 1, seed)[:count] == drawn
    assert unpack_frame(pack_frame(frame)) == frame
    assert frame_hash(unpack_frame(pack_frame(frame))) == frame_hash(frame)


def test_every_query_is_drawn_about_as_often_as_every_other() -> None:
    frame = frame_of(str(number) for number in range(20))
    hits = dict.fromkeys(frame, 0)
    for seed in range(2000):
        for one in draw(frame, 5, seed):
            hits[one] += 1
    assert all(abs(count - 500) < 100 for count in hits.values())


def test_a_frame_comes_back_as_it_was_packed_whatever_its_ids_hold() -> None:
    frame = frame_of(["a\x0bb", "c\u2028d", "é", "e\rf", ""])
    assert unpack_frame(pack_frame(frame)) == frame


def test_a_frame_that_was_changed_or_cannot_be_read_alike_is_refused() -> None:
    with pytest.raises(InvalidInput):
        frame_of(["a\nb", "c"])
    with pytest.raises(InvalidInput):
        unpack_frame(b"not gzip")
    with pytest.raises(InvalidInput):
        draw(("a",), 0, 1)


FORMS = [
    ({}, False, set()),
    (WHOLE, True, set()),
    ({}, True, set(EDITION.keys)),
    ({**WHOLE, "clear": Judgement(None)}, True, {"clear"}),
    ({**WHOLE, "clear": Judgement(Judged.TRAINING)}, True, {"note-clear"}),
    ({**WHOLE, "clear": Judgement(Judged.TRAINING, " ok ")}, True, {"note-clear"}),
    ({**WHOLE, "clear": Judgement(Judged.TRAINING)}, False, set()),
    ({**WHOLE, "clear": Judgement(Judged.TRAINING, "Two questions in one")}, True, set()),
    ({**WHOLE, "clear": Judgement(Judged.MET, "x" * 1001)}, False, {"note-clear"}),
]


@pytest.mark.parametrize(("answers", "finishing", "fields"), FORMS)
def test_finishing_needs_every_answer_and_a_note_where_there_is_something_to_learn(
    answers: dict[str, Judgement], finishing: bool, fields: set[str]
) -> None:
    assert set(problems(EDITION, answers, finishing=finishing)) == fields


def test_what_does_not_apply_counts_on_neither_side() -> None:
    answers = [Judgement(Judged.MET)] * 6 + [Judgement(Judged.TRAINING)] * 2
    answers += [Judgement(Judged.NOT_APPLICABLE)] * 2 + [Judgement(None)]
    assert counted(answers) == (6, 2)
    found = score(clusters((6, 8)), CONFIDENCE)
    assert found.found is not None and found.found.rate == Decimal("0.75") and found.n == 8
    assert score(clusters(), CONFIDENCE).found is None


def clusters(*queries: tuple[int, int]) -> Clusters:
    """Criteria met and applied, a pair a query."""
    sums = [sum(parts) for parts in zip(*((m, n, m * m, m * n, n * n) for m, n in queries), strict=True)]
    return Clusters(len(queries), *(sums or [0] * 5))


def test_criteria_of_one_query_do_not_count_as_many_samples() -> None:
    def width(*queries: tuple[int, int]) -> Decimal:
        found = score(clusters(*queries), CONFIDENCE).found
        assert found is not None and 0 <= found.low <= found.rate <= found.high <= 1
        return found.high - found.low

    apart = width(*[(9, 10)] * 10)  # all alike: each query tells as much as one trial
    together = width(*[(10, 10)] * 9, (0, 10))  # one query misses all: the worst of erring together
    mixed = width(
        *[(10, 10), (9, 10), (8, 10), (9, 10), (10, 10), (8, 10), (9, 10), (10, 10), (8, 10), (9, 10)]
    )
    plain = interval(90, 100, confidence=CONFIDENCE)
    assert together > mixed >= plain.high - plain.low
    assert apart > plain.high - plain.low


@settings(deadline=None)
@given(st.lists(st.integers(1, 10).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1))
def test_the_interval_holds_the_score_and_is_never_narrower_than_of_single_trials(
    queries: list[tuple[int, int]],
) -> None:
    criteria = clusters(*queries)
    found = score(criteria, CONFIDENCE).found
    plain = interval(criteria.hits, criteria.trials, confidence=CONFIDENCE)
    assert found is not None and 0 <= found.low <= found.rate <= found.high <= 1
    assert found.rate == plain.rate
    assert found.low <= plain.low and found.high >= plain.high


def test_questions_are_told_apart_in_the_order_of_the_form() -> None:
    rows = by_question(
        EDITION, {("clear", "met"): 3, ("clear", "training"): 1, ("clear", "na"): 2}, CONFIDENCE
    )
    assert [row.question.key for row in rows] == list(EDITION.keys)
    (clear,) = (row for row in rows if row.question.key == "clear")
    assert (clear.met, clear.training, clear.not_applicable, clear.share.n) == (3, 1, 2, 4)
    assert all(row.share.found is None for row in rows if row is not clear)
