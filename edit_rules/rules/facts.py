"""What a rule of a client or payer may ask about: the facts of a claim and of one service line.

One table says, for each fact, its kind, where it may stand, and in which words it is told, so that parser,
evaluation, explanation and the page's list cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the values of a fact are written and compared."""

    TEXT = "text"
    CHOICE = "choice"
    CODE = "code"
    DIAGNOSIS = "diagnosis"
    MODIFIER = "modifier"
    NUMBER = "number"
    DATE = "date"


class Op(StrEnum):
    """How a fact is compared with the values of a condition."""

    IS = "is"
    IS_NOT = "is_not"
    STARTS_WITH = "starts_with"
    HAS = "has"
    HAS_NOT = "has_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"


OPS: dict[Kind, tuple[Op, ...]] = {
    Kind.TEXT: (Op.IS, Op.IS_NOT, Op.STARTS_WITH),
    Kind.CHOICE: (Op.IS, Op.IS_NOT),
    Kind.CODE: (Op.IS, Op.IS_NOT),
    Kind.DIAGNOSIS: (Op.HAS, Op.HAS_NOT),
    Kind.MODIFIER: (Op.HAS, Op.HAS_NOT),
    Kind.NUMBER: (Op.IS, Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN),
    Kind.DATE: (Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN),
}


VISIT_KINDS = (
    "office",
    "telehealth",
    "outpatient",
    "emergency",
    "observation",
    "inpatient",
    "surgery",
    "home",
    "other",
)
"""The kinds of encounters; a test holds them together with the encounters' own list."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be asked about. `of_line`: of a service line, else of the whole claim.

    `example` shows how its values are written; `choices` are all that a closed fact can have, and `digits`
    the length of a number: a value that can never match is refused, not stored.
    """

    key: str
    words: str
    kind: Kind
    example: str
    of_line: bool = False
    choices: tuple[str, ...] = ()
    digits: int = 0


FACTS: dict[str, Fact] = {
    fact.key: fact
    for fact in (
        Fact("payer", "payer", Kind.TEXT, "Aetna, UMR"),
        Fact("plan", "plan kind", Kind.TEXT, "Medicare Advantage"),
        Fact("specialty", "specialty", Kind.TEXT, "IM, CARD"),
        Fact("visit_kind", "visit kind", Kind.CHOICE, "office, telehealth, inpatient", choices=VISIT_KINDS),
        Fact("place_of_service", "place of service", Kind.TEXT, "11, 22", digits=2),
        Fact("provider_npi", "rendering NPI", Kind.TEXT, "1888888884", digits=10),
        Fact("sex", "sex", Kind.CHOICE, "F", choices=("F", "M")),
        Fact("age", "age", Kind.NUMBER, "65, or 12, 17 for between"),
        Fact("service_on", "date of service", Kind.DATE, "11/01/2026"),
        Fact("diagnosis", "diagnosis", Kind.DIAGNOSIS, "E11*, N18.31, E08-E13"),
        Fact("first_diagnosis", "first diagnosis", Kind.CODE, "Z00*"),
        Fact("code", "code", Kind.CODE, "99213-99215, 20610, J*", of_line=True),
        Fact("modifier", "modifier", Kind.MODIFIER, "25, 59", of_line=True),
        Fact("units", "units", Kind.NUMBER, "4", of_line=True),
        Fact("pointed_diagnosis", "diagnosis pointed at", Kind.DIAGNOSIS, "M17*", of_line=True),
        Fact("line_npi", "rendering NPI of the line", Kind.TEXT, "1888888884", of_line=True, digits=10),
        Fact("line_on", "date of the line", Kind.DATE, "11/01/2026", of_line=True),
    )
}


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What is known of a claim beside its codes. Empty text or None: not known.

    `specialty` and `visit_kind` are the application's codes (``IM``, ``office``); `age` in whole years on the
    day of service; `service_on` as YYYYMMDD.
    """

    payer_id: str = ""
    payer_name: str = ""
    plan_kind: str = ""
    specialty: str = ""
    visit_kind: str = ""
    place_of_service: str = ""
    provider_npi: str = ""
    age: int | None = None
    sex: str = ""
    service_on: int | None = None

    def texts(self, key: str) -> tuple[str, ...]:
        """The names under which a text fact is known, folded as values of conditions are."""
        if key == "payer":
            return tuple(folded(name) for name in (self.payer_name, self.payer_id) if name.strip())
        known = {
            "plan": self.plan_kind,
            "specialty": self.specialty,
            "visit_kind": self.visit_kind,
            "place_of_service": self.place_of_service,
            "provider_npi": self.provider_npi,
            "sex": self.sex,
        }[key]
        return (folded(known),) if known.strip() else ()


def folded(text: str) -> str:
    """A name without what nobody means by it: letter case, and spaces at the ends or doubled."""
    return " ".join(text.split()).casefold()
