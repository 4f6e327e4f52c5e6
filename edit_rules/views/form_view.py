"""A draft as its form shows it."""

from __future__ import annotations

from coding_ops.web.choices import Choice
from edit_rules.forms import Draft, GroupDraft, RowDraft, read_conditions
from edit_rules.models import LevelChoice
from edit_rules.rules.builtin import BUILT_IN
from edit_rules.rules.conditions import About, Join
from edit_rules.rules.facts import FACTS, OPS
from edit_rules.rules.words import explain, question
from edit_rules.views import words
from edit_rules.views.dto import FormView, GroupView, RowView

ABOUT_WORDS = {
    About.ANY_LINE: "Any one line",
    About.EVERY_LINE: "Every line",
    About.NO_LINE: "No line",
}
JOIN_WORDS = {Join.ALL: "all of these (AND)", Join.ANY: "any of these (OR)"}
GROUP_JOIN_WORDS = {Join.ALL: "all groups hold (AND)", Join.ANY: "any group holds (OR)"}
TESTS = {
    of_line: tuple(
        (f"{fact.key}:{op.value}", question(fact.key, op))
        for fact in FACTS.values()
        if fact.of_line is of_line
        for op in OPS[fact.kind]
    )
    for of_line in (False, True)
}
EXAMPLES = tuple((fact.words.capitalize(), fact.example) for fact in FACTS.values())


def form_view(draft: Draft, href: str, *, is_new: bool, tried: str = "", focus: str = "") -> FormView:
    """The form with what was typed, and what it means as far as it can be read."""
    conditions, _ = read_conditions(draft)
    return FormView(
        href=href,
        is_new=is_new,
        base_version=draft.base_version,
        builtin=draft.builtin,
        builtin_words=words.what(draft.builtin),
        builtins=(
            Choice("", "A check of its own", draft.builtin == ""),
            *(
                Choice(
                    edit.rule,
                    f"Level of {edit.rule}: {edit.words} ({words.default_level(edit)})",
                    draft.builtin == edit.rule,
                )
                for edit in BUILT_IN.values()
            ),
        ),
        payer=draft.payer,
        name=draft.name,
        levels=tuple(Choice(value, label, value == draft.level) for value, label in LevelChoice.choices),
        joins=tuple(Choice(one.value, label, one is draft.join) for one, label in GROUP_JOIN_WORDS.items()),
        groups=tuple(_group(at, group) for at, group in enumerate(draft.groups)),
        per_line=draft.per_line,
        message=draft.message,
        satisfy=draft.satisfy,
        citation=draft.citation,
        citation_on=draft.citation_on,
        bypass=draft.bypass,
        effective_from=draft.effective_from,
        effective_to=draft.effective_to,
        reason=draft.reason,
        words=explain(conditions, draft.payer) if conditions is not None else "",
        tried=tried,
        focus=focus,
    )


def _group(at: int, group: GroupDraft) -> GroupView:
    of_line = group.about.of_line
    return GroupView(
        key=f"g{at}",
        at=at,
        heading=f"Group {at + 1}: {'service lines' if of_line else 'the claim'}",
        about=group.about.value,
        abouts=tuple(Choice(one.value, label, one is group.about) for one, label in ABOUT_WORDS.items())
        if of_line
        else (),
        joins=tuple(Choice(one.value, label, one is group.join) for one, label in JOIN_WORDS.items()),
        rows=tuple(_row(at, place, row, of_line) for place, row in enumerate(group.rows)),
    )


def _row(at: int, place: int, row: RowDraft, of_line: bool) -> RowView:
    return RowView(
        key=f"g{at}-r{place}",
        tests=tuple(Choice(value, label, value == row.test) for value, label in TESTS[of_line]),
        values=row.values,
        number=place + 1,
    )
