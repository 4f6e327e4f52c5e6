"""The lint of a long query, as it runs at each pause of typing: 1,200 characters, 8 indicators, 6 answers.

Bodies are put together from a fixed seed, so that no two are alike; each fifth has a fault that must be found
and no other may be blamed.  Times are the processor's, because others share it.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from cdi_queries.rules.lint import is_sendable, lint
from cdi_queries.rules.query import Indicator, Kind, Option, Query
from cdi_queries.terms.lint import lexicon, wording

SEED = 20261123
QUERIES, LENGTH = 2_000, 1_200
LIMIT_MS = 5.0
QUESTION = " Please clarify the cause of these findings in your clinical judgment."
FAULT = " Would you agree that this is sepsis?"
SENTENCES = (
    "Estimated blood loss was 900 cc during the procedure and one unit was given.",
    "CC: chest pain for two days, worse with deep breaths.",
    "The Glasgow coma score was 13 on arrival and 15 on the next morning.",
    "The patient denies fever, chills and night sweats.",
    "Hemoglobin fell from 11.4 to 7.9 g/dL within a day.",
    "Furosemide 40 mg was given intravenously twice a day, with 3.2 liters out.",
    "Oxygen was given by nasal cannula at 4 liters a minute for saturations of 86%.",
    "The chest film shows patchy shadows at the right base.",
    "Creatinine rose from 0.9 to 2.1 mg/dL and came back to 1.0 after fluids.",
    "Weight fell by 9 kg in three months, and the dietitian saw the patient twice.",
    "The wound over the sacrum measures 3 by 4 cm, and its base is not seen.",
    "The patient was confused at night, pulled at lines and slept by day.",
)
TERMS = (
    "Hypertension", "Type 2 diabetes mellitus", "Heart failure", "Chronic kidney disease", "Anemia",
    "Obesity", "Hypothyroidism", "Atrial fibrillation", "Depression", "Pressure injury", "Gout", "Asthma",
)  # fmt: skip
ANSWERS = (
    "Acute blood loss anemia",
    "Anemia of chronic disease",
    "Dilutional change without anemia",
    "Iron deficiency anemia",
    "Other (please specify)",
    "Unable to determine",
)


def run() -> Iterator[dict[str, Any]]:
    """One line: p95 of the lint in process."""
    rng = random.Random(SEED)
    words, names = wording(), lexicon()
    queries = [_query(rng, is_wrong=n % 5 == 0) for n in range(QUERIES)]
    lint(queries[0], words, names)  # the process warm
    took = []
    for number, query in enumerate(queries):
        start = time.thread_time_ns()
        findings = lint(query, words, names)
        took.append((time.thread_time_ns() - start) / 1e6)
        if is_sendable(findings) == (number % 5 == 0):
            raise AssertionError(f"query {number}: {[one.message for one in findings]}")
    p95 = statistics.quantiles(took, n=20)[-1]
    yield {
        "name": "query_lint.1200_characters",
        "value": round(p95, 2),
        "unit": "ms p95",
        "limit": LIMIT_MS,
        "ratio": round(p95 / LIMIT_MS, 3),
        "n": QUERIES,
        "median": round(statistics.median(took), 2),
        "longest": round(max(took), 2),
        "met": p95 <= LIMIT_MS,
    }


def _query(rng: random.Random, *, is_wrong: bool) -> Query:
    ending = FAULT if is_wrong else QUESTION
    body = ""
    while len(body) + len(ending) < LENGTH:
        body = f"{body} {rng.choice(SENTENCES)}".strip()
    body = body[: LENGTH - len(ending)].rsplit(".", 1)[0] + "." + ending
    quotes = rng.sample(SENTENCES, 8)
    ids = tuple(f"i{n}" for n in range(1, len(quotes) + 1))
    return Query(
        kind=Kind.MULTIPLE_CHOICE,
        title="Clarification: low hemoglobin",
        body=body,
        options=tuple(Option(text, ids if place < 4 else ()) for place, text in enumerate(ANSWERS)),
        indicators=tuple(
            Indicator(one, quote, date(2026, 11, 1)) for one, quote in zip(ids, quotes, strict=True)
        ),
        documented_terms=tuple(rng.sample(TERMS, 8)),
        option_order="alphabetic",
        provider="N. Okafor",
    )
