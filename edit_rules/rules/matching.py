"""Whether conditions hold for a claim, and which lines and diagnoses made them hold.

What is not known holds no comparison: an age that is missing is neither at least 65 nor at most 64.  Only
"is not" and "has not" hold of what is missing, since a claim without a payer is not billed to Aetna.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from code_sets.rules.edits.claim import Claim, ClaimLine
from edit_rules.rules.conditions import About, Condition, Conditions, Group, Join
from edit_rules.rules.facts import ClaimFacts, Op, folded
from edit_rules.rules.patterns import CodePattern


@dataclass(frozen=True, slots=True)
class Match:
    """What conditions found.

    Attributes:
        holds: whether the rule applies to the claim.
        lines: numbers of the lines that its groups matched, in the claim's order.
        subjects: those of the first group that matched lines; a rule that speaks line by line tells each.
        diagnoses: positions from 1 of the diagnoses that were asked for and found.
    """

    holds: bool
    lines: tuple[int, ...] = ()
    subjects: tuple[int, ...] = ()
    diagnoses: tuple[int, ...] = ()


NOT = Match(holds=False)


def match(conditions: Conditions, claim: Claim, facts: ClaimFacts) -> Match:
    """Asks the conditions of a claim. No group: the claim matches, and no line in particular."""
    held: list[Match] = []
    for group in conditions.groups:
        found = _match_group(group, claim, facts)
        if found.holds:
            held.append(found)
        elif conditions.join is Join.ALL:
            return NOT
    if conditions.groups and not held:
        return NOT
    matched = {number for one in held for number in one.lines}
    return Match(
        holds=True,
        lines=tuple(line.number for line in claim.lines if line.number in matched),
        subjects=next((one.lines for one in held if one.lines), ()),
        diagnoses=tuple(sorted({place for one in held for place in one.diagnoses})),
    )


def _match_group(group: Group, claim: Claim, facts: ClaimFacts) -> Match:
    if group.about is About.CLAIM:
        answers = [_ask_claim(condition, claim, facts) for condition in group.conditions]
        if not _joined(group.join, [one.holds for one in answers]):
            return NOT
        places = tuple(place for one in answers if one.holds for place in one.diagnoses)
        return Match(holds=True, diagnoses=places)
    lines = tuple(
        line.number
        for line in claim.lines
        if _joined(group.join, (_ask_line(condition, line, claim) for condition in group.conditions))
    )
    if group.about is About.NO_LINE:
        return Match(holds=not lines)
    if not lines or (group.about is About.EVERY_LINE and len(lines) < len(claim.lines)):
        return NOT
    return Match(holds=True, lines=lines)


def _joined(join: Join, answers: Iterable[bool]) -> bool:
    return all(answers) if join is Join.ALL else any(answers)


def _ask_claim(condition: Condition, claim: Claim, facts: ClaimFacts) -> Match:
    if condition.fact == "age":
        return Match(_compare(facts.age, condition))
    if condition.fact == "service_on":
        return Match(_compare(facts.service_on, condition))
    if condition.fact == "first_diagnosis":
        first = bool(claim.diagnoses) and _coded(claim.diagnoses[0], condition.patterns)
        wanted = first is (condition.op is Op.IS)
        return Match(wanted, diagnoses=(1,) if wanted and first else ())
    if condition.fact == "diagnosis":
        places = tuple(
            place for place, code in enumerate(claim.diagnoses, start=1) if _coded(code, condition.patterns)
        )
        if condition.op is Op.HAS:
            return Match(bool(places), diagnoses=places)
        return Match(not places)
    return Match(_text(facts.texts(condition.fact), condition))


def _ask_line(condition: Condition, line: ClaimLine, claim: Claim) -> bool:
    if condition.fact == "code":
        return _coded(line.code, condition.patterns) is (condition.op is Op.IS)
    if condition.fact == "modifier":
        return any(one in line.modifiers for one in condition.values) is (condition.op is Op.HAS)
    if condition.fact == "units":
        return _compare(line.units, condition)
    if condition.fact == "line_on":
        return _compare(line.service_on, condition)
    if condition.fact == "line_npi":
        return _text((folded(line.npi),) if line.npi else (), condition)
    pointed = (claim.diagnoses[at - 1] for at in line.pointers if 1 <= at <= len(claim.diagnoses))
    return any(_coded(code, condition.patterns) for code in pointed) is (condition.op is Op.HAS)


def _coded(code: str, patterns: Sequence[CodePattern]) -> bool:
    return any(pattern.matches(code) for pattern in patterns)


def _text(known: Sequence[str], condition: Condition) -> bool:
    if condition.op is Op.STARTS_WITH:
        return any(one.startswith(condition.names) for one in known)
    return any(one in condition.names for one in known) is (condition.op is Op.IS)


def _compare(known: int | None, condition: Condition) -> bool:
    if known is None:
        return False
    values = condition.numbers
    if condition.op is Op.IS:
        return known == values[0]
    if condition.op is Op.AT_LEAST:
        return known >= values[0]
    if condition.op is Op.AT_MOST:
        return known <= values[0]
    return values[0] <= known <= values[1]
