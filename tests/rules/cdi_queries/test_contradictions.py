"""Values that speak against what a query offers: found where they count, and only there."""

from __future__ import annotations

import pytest

from cdi_queries.rules.contradictions import contradictions
from cdi_queries.rules.triggers.shapes import Document
from cdi_queries.terms.triggers import contradicting_values, trigger_book


def spoken(asked: str, *texts: str) -> list[str]:
    documents = [Document(str(n), "progress_note", None, text) for n, text in enumerate(texts)]
    return [one.quote for one in contradictions(asked, documents, contradicting_values(), trigger_book())]


@pytest.mark.parametrize(
    ("asked", "text", "found"),
    [
        ("Acute systolic heart failure", "Echo: ejection fraction 60%.", ["ejection fraction 60%"]),
        ("Acute systolic heart failure", "Echo: ejection fraction 30%.", []),
        ("Chronic diastolic heart failure", "LVEF 35%.", ["LVEF 35%"]),
        ("Hyponatremia", "Na 138 on arrival.", ["Na 138"]),
        ("Hyponatremia", "Na 126 on arrival.", []),
        ("Please clarify the low sodium.", "Na 138 on arrival.", []),
        ("Hyperkalemia", "Potassium 4.2, repeat 6.1.", ["Potassium 4.2"]),
        ("Acute blood loss anemia", "Hemoglobin 14.1 g/dL.", ["Hemoglobin 14.1 g/dL"]),
        ("Severe malnutrition", "BMI 31.2.", ["BMI 31.2"]),
        ("Obesity, class 2", "BMI 27.", ["BMI 27"]),
        ("Sepsis", "Lactate 1.1.", ["Lactate 1.1"]),
        ("Sepsis", "Call if lactate < 2.", []),
        ("Acute tubular necrosis", "Creatinine baseline 0.9, now 2.1.", []),
        ("Thrombocytopenia", "Her mother had platelets of 210.", []),
    ],
)
def test_a_value_against_what_is_asked(asked: str, text: str, found: list[str]) -> None:
    assert spoken(asked, text) == found


def test_values_come_in_the_order_of_documents_and_text_each_once() -> None:
    asked = "Hyponatremia\nHypokalemia"
    assert spoken(asked, "K 4.0. Na 139.", "Sodium 140.") == ["K 4.0", "Na 139", "Sodium 140"]
