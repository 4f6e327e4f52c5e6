"""Re-anchoring as an auditor would judge it: the words of a code never silently become other words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from encounters.rules.anchors import make_anchor
from encounters.rules.reanchoring import NoteVersion, Reanchored, reanchor, reanchor_in
from encounters.rules.sameness import keys
from tests.rules.encounters.strategies import notes

OLD = (
    "HPI\n"
    "67-year-old woman. Known CHF, sleeps on one pillow. Denies chest pain.\n"
    "\n"
    "PAST MEDICAL HISTORY\n"
    "Type 2 diabetes (2011). CHF. CKD stage 3.\n"
    "\n"
    "RESULTS\n"
    "A1c 7.4%, eGFR 52.\n"
    "\n"
    "ASSESSMENT AND PLAN\n"
    "1. Type 2 diabetes with diabetic chronic kidney disease, stage 3a. A1c 7.4, at goal.\n"
    "2. CHF. Up 2 lb with ankle edema. Furosemide 40 mg daily for 5 days.\n"
    "3. Primary osteoarthritis, right knee. Inject today.\n"
)


def again(quote: str, new: str, old: str = OLD, nth: int = 0) -> Reanchored:
    start = -1
    for _ in range(nth + 1):
        start = old.index(quote, start + 1)
    return reanchor(make_anchor(old, start, start + len(quote)), old, new)


def quoted(result: Reanchored, new: str) -> str | None:
    return None if result.start is None else new[result.start : result.end]


HOLDS = [
    # (case, quote, nth, edit, state, words now)
    ("nothing changed", "CHF", 2, lambda t: t, "anchored", "CHF"),
    ("text appended", "at goal", 0, lambda t: t + "\nADDENDUM\nCalled patient.\n", "anchored", "at goal"),
    (
        "text put in front",
        "Furosemide 40 mg daily",
        0,
        lambda t: "DRAFT\n" + t,
        "moved",
        "Furosemide 40 mg daily",
    ),
    ("line ends changed", "ankle edema", 0, lambda t: t.replace("\n", "\r\n"), "moved", "ankle edema"),
    (
        "wrapped elsewhere",
        "Up 2 lb with ankle edema",
        0,
        lambda t: t.replace("2 lb with", "2 lb\r\n   with"),
        "moved",
        "Up 2 lb\r\n   with ankle edema",
    ),
    ("case", "Primary osteoarthritis", 0, lambda t: t.upper(), "moved", "PRIMARY OSTEOARTHRITIS"),
    (
        "comma",
        "chronic kidney disease, stage 3a",
        0,
        lambda t: t.replace("disease, stage", "disease stage"),
        "moved",
        "chronic kidney disease stage 3a",
    ),
    (
        "renumbered list",
        "2. CHF. Up 2 lb",
        0,
        lambda t: t.replace("2. CHF", "4. CHF"),
        "moved",
        "CHF. Up 2 lb",
    ),
    (
        "same mention told by its surroundings",
        "CHF",
        2,
        lambda t: t.replace("67-year", "A pleasant 67-year"),
        "moved",
        "CHF",
    ),
]


@pytest.mark.parametrize(
    ("case", "quote", "nth", "edit", "state", "now"), HOLDS, ids=[row[0] for row in HOLDS]
)
def test_the_same_words_keep_their_evidence(case, quote, nth, edit, state, now) -> None:  # type: ignore[no-untyped-def]
    new = edit(OLD)
    result = again(quote, new, nth=nth)
    assert (result.state, quoted(result, new)) == (state, now)
    assert result.holds and result.suggestion is None and 0.5 <= result.score <= 1


def test_the_mention_in_the_plan_stays_in_the_plan() -> None:
    new = OLD.replace("67-year", "A pleasant 67-year")
    result = again("CHF", new, nth=2)
    assert result.start == new.rindex("CHF")


NEEDS_A_PERSON = [
    # (case, quote, nth, replace, by, reason, suggested words)
    (
        "decimal point lost",
        "A1c 7.4, at goal",
        0,
        "A1c 7.4, at",
        "A1c 74, at",
        "similar_words",
        "A1c 74, at goal",
    ),
    ("digit added behind", "A1c 7.4", 1, "A1c 7.4, at", "A1c 7.45, at", "similar_words", "A1c 7.45"),
    ("stage letter changed", "stage 3a", 0, "stage 3a", "stage 3b", "similar_words", "stage 3b"),
    (
        "sentence negated",
        "ankle edema",
        0,
        "Up 2 lb with ankle",
        "Up 2 lb without ankle",
        "cue",
        "ankle edema",
    ),
    (
        "doubt added",
        "Primary osteoarthritis",
        0,
        "3. Primary",
        "3. Possible primary",
        "cue",
        "primary osteoarthritis",
    ),
    ("question mark", "Primary osteoarthritis", 0, "3. Primary", "3. ?Primary", "part_of_word", "Primary"),
    ("side changed", "osteoarthritis", 0, "right knee", "left knee", "cue", "osteoarthritis"),
    ("resolved", "CHF", 2, "2. CHF. Up", "2. CHF, resolved. Up", "cue", "CHF"),
    (
        "number changed",
        "Furosemide 40 mg daily",
        0,
        "40 mg",
        "80 mg",
        "similar_words",
        "Furosemide 80 mg daily",
    ),
    ("mention deleted", "CHF", 2, "2. CHF. Up", "2. Up", "section", "CHF"),
]


@pytest.mark.parametrize(
    ("case", "quote", "nth", "replace", "by", "reason", "suggested"),
    NEEDS_A_PERSON,
    ids=[r[0] for r in NEEDS_A_PERSON],
)
def test_other_words_are_only_suggested(  # type: ignore[no-untyped-def]
    case, quote, nth, replace, by, reason, suggested
) -> None:
    assert replace in OLD
    new = OLD.replace(replace, by)
    result = again(quote, new, nth=nth)
    assert result.state == "changed"
    assert not result.holds
    assert result.start is None and result.end is None
    assert result.suggestion is not None
    place = result.suggestion
    assert new[place.start : place.end] == place.quote
    if reason != "part_of_word":
        assert (result.reason, place.quote) == (reason, suggested)


def test_words_that_moved_to_the_family_history_are_not_the_diagnosis() -> None:
    old = "FAMILY HISTORY\nNone known.\n\nASSESSMENT\nColon cancer.\n"
    new = "FAMILY HISTORY\nColon cancer.\n\nASSESSMENT\nWell.\n"
    result = again("Colon cancer", new, old)
    assert (result.state, result.reason) == ("changed", "section")


def test_a_heading_that_says_nothing_above_a_note_keeps_its_evidence() -> None:
    old = "Sleeps well. Colon cancer.\n"
    assert again("Colon cancer", "DRAFT COPY\n\n" + old, old).state == "moved"
    assert again("Colon cancer", "FAMILY HISTORY\n\n" + old, old).reason == "section"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_a_denial_reaches_over_a_wrapped_line_in_every_kind_of_file(end: str) -> None:
    old, new = f"Reports mild{end}chest pain today.", f"No evidence of{end}chest pain today."
    assert again("chest pain", new, old).reason == "cue"
    assert again("chest pain", new.replace(end, " "), new).holds


def test_a_blank_line_ends_the_reach_of_a_denial() -> None:
    old = "Denies fever\r\n\r\nChest pain today"
    assert again("Chest pain", old.replace("Denies", "Has"), old).holds


def test_gone_words_are_lost_without_a_suggestion() -> None:
    old = "ASSESSMENT\nColon cancer.\n"
    for new in ("ASSESSMENT\nAnkle sprain, healing.\n", "", "\n"):
        result = again("Colon cancer", new, old)
        assert (result.state, result.start, result.suggestion, result.score) == ("lost", None, None, 0.0)


@pytest.mark.parametrize(
    ("old", "new", "quote"),
    [
        ("Murphy + today", "Murphy - today", "Murphy +"),
        ("BP 60 today", "BP <60 today", "60"),
        ("K 5 today", "K -5 today", "5"),
        ("give .5 mg now", "give 5 mg now", ".5 mg now"),
        ("give 5 mg now", "give .5 mg now", "give 5 mg"),
        ("[x] Diabetes", "[ ] Diabetes", "[x] Diabetes"),
        ("Dose 1/2 tablet", "Dose 12 tablet", "1/2"),
        ("No fever. Chest pain now", "No fever, chest pain now", "fever. Chest pain"),
        ("Weight 5\u00b2 kg", "Weight 52 kg", "5\u00b2 kg"),
        ("pain 3+ edema", "pain 3 edema", "3+ edema"),
        ("Has type 1 disease", "Has type 11 disease", "type 1"),
        ("pain\u2705 noted", "pain\u274c noted", "pain\u2705"),
    ],
)
def test_small_signs_that_turn_the_meaning_break_the_anchor(old: str, new: str, quote: str) -> None:
    assert not again(quote, new, old).holds


@pytest.mark.parametrize(
    ("old", "new", "quote"),
    [
        ("Caf\u00e9 spots", "Cafe\u0301 spots", "Caf\u00e9"),
        ("readings 128\u2013165 home", "readings 128-165 home", "128\u2013165"),
        ("the patient\u2019s knee", "the patient's  knee", "patient\u2019s knee"),
        ("joint-line pain", "joint line pain", "joint-line pain"),
        ("\u2022 CHF\n\u2022 CKD", "- CHF\r\n- CKD", "CHF\n\u2022 CKD"),
        ("at goal.", "at goal", "at goal."),
        ('"wheezing" noted', "\u201cWheezing\u201d noted", '"wheezing"'),
    ],
)
def test_typography_alone_keeps_the_evidence(old: str, new: str, quote: str) -> None:
    result = again(quote, new, old)
    assert result.state == "moved"
    assert keys(quoted(result, new) or "") == keys(quote)


def test_identical_mentions_that_cannot_be_told_apart_need_a_person() -> None:
    old = "EXAM\n" + "Normal gait.\n" * 12
    result = again("Normal gait", old.replace("EXAM\n", "EXAM\n" + "Normal gait.\n" * 3), old, nth=6)
    assert (result.state, result.reason) == ("changed", "ambiguous")


def test_another_mention_in_the_same_section_is_not_taken_for_the_deleted_one() -> None:
    cited = "CHF: weight up 2 lb over the month, furosemide raised to 40 mg for five days."
    other = "Referral: the CHF clinic will ring her about the new telephone programme."
    old = f"PLAN\n\n{cited}\n\nKnee: ice and rest, brace as needed, see again in six weeks.\n\n{other}\n"
    result = again("CHF", old.replace(cited, "Edema: see above."), old)
    assert (result.state, result.reason) == ("changed", "ambiguous")
    assert again("CHF", "DRAFT\n" + old, old).holds


def test_identical_mentions_that_did_not_move_hold() -> None:
    old = "EXAM\n" + "Normal gait.\n" * 12
    assert again("Normal gait", old + "\nPLAN\nRest.\n", old, nth=6).state == "anchored"


def test_an_anchor_of_another_text_is_refused() -> None:
    with pytest.raises(InvalidInput):
        reanchor(make_anchor(OLD, 0, 3), "something else", OLD)


@given(notes, notes, st.data())
def test_what_holds_says_the_same_words_and_what_does_not_has_no_place(
    old: str, new: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    try:
        anchor = make_anchor(old, start, end)
    except InvalidInput:
        return
    result = reanchor(anchor, old, new)
    if result.holds:
        assert result.start is not None and result.end is not None
        now = new[result.start : result.end]
        assert now == anchor.exact or keys(now) == keys(anchor.exact)
        if result.state == "anchored":
            assert (result.start, now) == (anchor.start, anchor.exact)
    else:
        assert result.start is None and result.end is None
    if result.suggestion:
        assert new[result.suggestion.start : result.suggestion.end] == result.suggestion.quote


@given(notes, notes, st.data())
def test_text_around_a_note_in_its_own_section_never_loses_unique_evidence(
    before: str, after: str, data: st.DataObject
) -> None:
    word = "Zygomatic fracture"
    old = f"ASSESSMENT\n\n{word}.\n\nSIGNATURE\n"
    new = f"HPI\n{before}\n\nASSESSMENT\n\n{word}.\n\nSIGNATURE\n{after}"
    result = again(word, new, old)
    assert result.holds and quoted(result, new) == word


def test_two_hundred_links_of_a_long_note_are_quick() -> None:
    lines = [f"{n}. Finding number {n} of the visit, graded {n % 7}, left as is." for n in range(600)]
    old, new = "PLAN\n" + "\n".join(lines), "PLAN\nSeen today.\n" + "\n".join(lines)
    first, second = NoteVersion.of(old), NoteVersion.of(new)
    began = time.perf_counter()
    for n in range(0, 600, 3):
        start = old.index(f"Finding number {n} of")
        result = reanchor_in(make_anchor(old, start, start + 30), first, second)
        assert result.state == "moved"
    assert time.perf_counter() - began < 6
