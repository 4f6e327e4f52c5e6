"""The lint, rule by rule: R1 to R15 of the compliant query practice, each with what passes and what fails.

An error blocks sending; a warning needs a reason.  R13 and R14 are no matter of words: what the provider must
not see has no place in a query's content, and the content is named by a hash of all of it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from cdi_queries.lint_command import check
from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator, digest_of, linted, to_json
from cdi_queries.rules.diagnoses import mentions
from cdi_queries.rules.lint import lint
from cdi_queries.rules.query import Kind, Query, Verbal
from cdi_queries.terms.lint import lexicon, wording

LACTATE = {"id": "i1", "quote": "Lactate 4.1", "document_on": "2026-11-01", "encounter": "current"}
PRIOR = {"id": "i2", "quote": "Lactate 1.0", "document_on": "2026-03-01", "encounter": "prior"}
ONE, TWO = (
    {"text": text, "indicator_ids": ["i1"]} for text in ("Acute blood loss anemia", "Iron deficiency")
)
OTHER, UNABLE = {"text": "Other (please specify)"}, {"text": "Unable to determine"}
OPEN: dict[str, Any] = {"kind": "open", "title": "Laboratory finding", "body": "Please clarify the finding."}
OPEN |= {"options": [], "indicators": [LACTATE], "documented_terms": []}
CHOICE = OPEN | {"kind": "multiple_choice", "options": [ONE, TWO, OTHER, UNABLE]}
YES_NO = OPEN | {"kind": "yes_no", "body": "Was the pneumonia present on admission?"}
BEFORE = {"body": "Please clarify the finding.", "provider": "p1", "outcome": "agreed"}
VERBAL = {"asked_by": "c1", "asked_of": "p1", "asked_on": "2026-11-02"}


def asked(body: str, *terms: str, **more: Any) -> dict[str, Any]:
    return OPEN | {"body": body, "documented_terms": list(terms)} | more


def titled(title: str, *terms: str) -> dict[str, Any]:
    return OPEN | {"title": title, "documented_terms": list(terms)}


def chosen(*options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return CHOICE | {"options": list(options)} | more


def yes_no(body: str, *terms: str, **more: Any) -> dict[str, Any]:
    return YES_NO | {"body": body, "documented_terms": list(terms)} | more


#: Rule, whether it blocks (E) or asks for a reason (W), queries it passes, queries it fails.
TABLE: list[tuple[str, str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    (
        "R1",
        "E",
        [OPEN, OPEN | {"indicators": [LACTATE, LACTATE | {"id": "i3"}]}],
        [
            OPEN | {"indicators": []},
            OPEN | {"indicators": [LACTATE | {"document_on": None}]},
            OPEN | {"indicators": [LACTATE | {"quote": " "}]},
        ],
    ),
    (
        "R2",
        "W",
        [OPEN | {"indicators": [LACTATE, PRIOR | {"relevance": "Her value in March, when well."}]}],
        [
            OPEN | {"indicators": [LACTATE, PRIOR]},
            OPEN | {"indicators": [PRIOR | {"relevance": "Her value in March."}]},
        ],
    ),
    (
        "R3",
        "E",
        [CHOICE, OPEN, chosen(ONE, TWO, {"text": "Another diagnosis, please specify"}, UNABLE)],
        [chosen(ONE, TWO, UNABLE), chosen(ONE, TWO, OTHER), chosen(ONE, TWO)],
    ),
    (
        "R4",
        "E",
        [
            CHOICE,
            chosen(TWO, ONE, OTHER, UNABLE, option_order="shuffled"),
            chosen(ONE, TWO, OTHER, UNABLE, option_order="alphabetic"),
        ],
        [
            chosen(ONE | {"indicator_ids": []}, TWO, OTHER, UNABLE),
            chosen(ONE | {"indicator_ids": ["i7"]}, TWO, OTHER, UNABLE),
            chosen(ONE | {"preselected": True}, TWO, OTHER, UNABLE),
            chosen(ONE, TWO | {"text": "Iron deficiency (recommended)"}, OTHER, UNABLE),
            chosen(TWO, ONE, OTHER, UNABLE, option_order="alphabetic"),
            chosen(ONE, TWO, OTHER, UNABLE, option_order="weight"),
        ],
    ),
    ("R5", "W", [CHOICE], [chosen(ONE, OTHER, UNABLE)]),
    (
        "R6",
        "E",
        [
            yes_no("Was the pneumonia present on admission?", "pneumonia"),
            yes_no("Is the documented sepsis clinically supported?", "sepsis"),
            yes_no("Is the neuropathy due to the diabetes?", "neuropathy", "diabetes"),
            yes_no("The consultant says AKI, the attending does not. Is AKI confirmed?", "AKI"),
        ],
        [
            yes_no("Was the pneumonia present on admission?"),
            yes_no("Does the patient have acute respiratory failure?"),
            yes_no("Is the neuropathy due to the diabetes?", "neuropathy"),
            yes_no("Was severe sepsis present on admission?", "sepsis"),
            yes_no("Is the patient doing well?"),
        ],
    ),
    (
        "R7",
        "E",
        [
            asked("900 cc blood loss at surgery. Please clarify the finding."),
            asked("CC: chest pain. Please clarify the finding."),
            asked("Glasgow coma score 9. Please clarify the finding."),
            asked("The patient denies cough. Please clarify the finding."),
        ],
        [
            asked(f"Please clarify the finding; {words}.")
            for words in (
                "it moves the DRG",
                "it is an MCC",
                "it is an HCC",
                "the RAF is low",
                "SOI is 1",
                "ROM is 1",
                "we are not reimbursed",
                "payment is late",
                "revenue falls",
                "it is a PSI",
                "it is a HAC",
                "the risk score is low",
                "the quality score is low",
                "to capture the diagnosis",
            )
        ]
        + [
            titled("Finding that is an MCC"),
            chosen(ONE | {"text": "Acute blood loss anemia, a CC/MCC"}, TWO, OTHER, UNABLE),
        ],
    ),
    (
        "R8",
        "E",
        [
            asked("Please document."),
            asked("Please document the condition, if any, that was treated."),
            asked("Are you treating the heart failure with carvedilol? Please clarify.", "heart failure"),
        ],
        [
            asked("Would you agree?"),
            asked("Are you treating for sepsis?"),
            asked("Can you add sepsis to the summary?"),
            asked("She meets criteria for sepsis. Please clarify."),
            asked("This should be sepsis. Please clarify."),
            asked("Please document sepsis."),
            asked("Please clarify the acute heart failure.", "heart failure"),
        ],
    ),
    (
        "R9",
        "E",
        [titled("Clarification: respiratory status"), titled("Sepsis clarification", "sepsis")],
        [titled("Sepsis clarification"), titled("Acute heart failure", "heart failure")],
    ),
    (
        "R10",
        "W",
        [OPEN | {"contradicting": ["i1"]}, OPEN],
        [OPEN | {"contradicting": ["i9"]}],
    ),
    (
        "R11",
        "W",
        [asked("What is the cause, if known?"), asked("T38.5 at noon, MRI of L4-L5. Please clarify.")],
        [
            asked("What is the cause? What is the plan?"),
            asked("Please clarify. " + "The lactate was repeated. " * 60),
            asked("Please clarify whether R57.0 applies."),
            asked("The lactate was 4.1."),
        ],
    ),
    (
        "R12",
        "E",
        [OPEN, OPEN | {"channel": "verbal", "verbal": VERBAL}],
        [OPEN | {"channel": "verbal"}]
        + [OPEN | {"channel": "verbal", "verbal": VERBAL | {name: None}} for name in VERBAL],
    ),
    (
        "R15",
        "E",
        [
            OPEN | {"previous": [BEFORE], "provider": "p2"},
            OPEN | {"previous": [BEFORE | {"outcome": "undetermined"}], "provider": "p1"},
            OPEN | {"previous": [BEFORE | {"outcome": "unanswered"}], "provider": "p1"},
            asked("Please describe the side of the wound.", previous=[BEFORE], provider="p1"),
        ],
        [
            OPEN | {"previous": [BEFORE | {"outcome": outcome}], "provider": "p1"}
            for outcome in ("agreed", "disagreed", "other")
        ],
    ),
]
PASSES = [(rule, query) for rule, _, good, _ in TABLE for query in good]
FAILS = [(rule, level, query) for rule, level, _, bad in TABLE for query in bad]


def test_every_rule_of_words_has_a_pass_and_a_fail() -> None:
    assert [rule for rule, *_ in TABLE] == [f"R{n}" for n in range(1, 16) if n not in (13, 14)]
    assert all(good and bad for *_, good, bad in TABLE)


@pytest.mark.parametrize(("rule", "query"), PASSES, ids=[f"{one[0]}-{n}" for n, one in enumerate(PASSES)])
def test_what_complies_passes(rule: str, query: dict[str, Any]) -> None:
    answer = check(query)
    assert (answer["findings"], answer["sendable"], answer["reasons_needed"]) == ([], True, [])


@pytest.mark.parametrize(
    ("rule", "level", "query"), FAILS, ids=[f"{one[0]}-{n}" for n, one in enumerate(FAILS)]
)
def test_what_does_not_comply_is_found_and_blocks_or_asks_for_a_reason(
    rule: str, level: str, query: dict[str, Any]
) -> None:
    answer = check(query)
    severity = {"E": "error", "W": "warning"}[level]
    assert (rule, severity) in {(one["rule"], one["severity"]) for one in answer["findings"]}
    assert {one["severity"] for one in answer["findings"] if one["rule"] == rule} == {severity}
    if level == "E":
        assert answer["sendable"] is False
    else:
        assert (answer["sendable"], answer["reasons_needed"]) == (True, [rule])


def test_free_text_is_always_open() -> None:
    """R3: an answer in one's own words is one of the options, whatever else is offered."""
    assert wording().is_other("Other (please specify)")
    assert not wording().is_other("Other pulmonary embolism")


CONTENT = QueryContent(
    kind=Kind.MULTIPLE_CHOICE,
    title="Laboratory finding",
    body="Please clarify the finding.",
    options=(AnswerOption("o1", "Acute blood loss anemia", ("i1",)),),
    indicators=(QuotedIndicator("i1", "v1", 0, 11, "Lactate 4.1", "Progress note", date(2026, 11, 1), "L1"),),
)


def test_what_an_answer_may_change_has_no_place_in_what_the_provider_sees() -> None:
    """R13: impact, internal words and the lint lie beside the content; no page made of it can show them."""
    inside = {"impact", "impacts", "internal_note", "lint", "drg", "risk", "score", "trigger_key"}
    assert inside.isdisjoint(one.name for one in fields(QueryContent))
    assert inside.isdisjoint(one.name for one in fields(Query))


CHANGES: list[dict[str, Any]] = [
    {"kind": Kind.OPEN},
    {"title": "Another"},
    {"body": "Please clarify the findings."},
    {"options": (AnswerOption("o1", "Acute blood loss anemia", ()),)},
    {"indicators": (replace(CONTENT.indicators[0], lines="L2"),)},
    {"purpose": "substantiation"},
    {"fields": (("site", "heel"),)},
    {"verbal": Verbal("c1", "p1", date(2026, 11, 2))},
]


@pytest.mark.parametrize("change", CHANGES, ids=[next(iter(one)) for one in CHANGES])
def test_no_word_can_change_without_its_hash(change: dict[str, Any]) -> None:
    """R14: what was sent is named by a hash of all of it; the database refuses the change itself."""
    assert digest_of(to_json(replace(CONTENT, **change))) != digest_of(to_json(CONTENT))


def test_the_content_is_linted_as_the_command_lints_it() -> None:
    stored = lint(linted(CONTENT, documented_terms=(), provider="p1"), wording(), lexicon())
    assert {one.rule for one in stored} == {"R3", "R5"}


MENTIONS: list[tuple[str, list[tuple[str, bool]]]] = [
    ("Screening for depression, screened for sepsis, tested for influenza", []),
    ("DVT and stress ulcer prophylaxis", []),
    ("DVT and cellulitis", [("DVT", False), ("cellulitis", False)]),
    ("CKD stage 4 and obesity, class 3", [("CKD stage 4", False), ("obesity, class 3", False)]),
    ("stage 4 CKD; class 3 obesity", [("stage 4 CKD", False), ("class 3 obesity", False)]),
    ("pressure ulcer\nstage 2", [("pressure ulcer", False)]),
    ("No pneumonia. Not sepsis.", [("pneumonia", True), ("sepsis", True)]),
    ("It is not clear if this is sepsis", [("sepsis", False)]),
    ("pneumonia was not documented, no mention of sepsis", [("pneumonia", False), ("sepsis", False)]),
    ("osteomyelitis cannot be told; not excluded: gangrene", [("osteomyelitis", False), ("gangrene", False)]),
]


@pytest.mark.parametrize(("text", "found"), MENTIONS, ids=[text[:30] for text, _ in MENTIONS])
def test_diagnoses_are_found_as_a_reader_would(text: str, found: list[tuple[str, bool]]) -> None:
    assert [(one.text, one.turned_down) for one in mentions(text, lexicon())] == found
