"""The replay's form: what was asked, read and checked, and the choices it offers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from qa_audit.editions import edition_named, editions, newest_edition
from qa_audit.models import ReviewOrigin
from qa_audit.rules.audit_lines import Taxonomy, Verdict
from qa_audit.rules.replay import with_weights
from qa_audit.selectors.audited import Wanted
from qa_audit.selectors.programme import Months, Yardstick
from qa_audit.selectors.replays import REPLAYED, DrawChoice
from qa_audit.views.programme import words
from qa_audit.views.programme.replay_dto import Option, ReplayForm, WeightField

MONTH = re.compile(r"(0?[1-9]|1[0-2])/(20\d\d)")
MOST_WEIGHT = 100
WEIGHED = tuple(one for one in Verdict if one not in (Verdict.AGREE, Verdict.OBSERVATION))
KINDS = {
    ReviewOrigin.SAMPLE.value: str(ReviewOrigin.SAMPLE.label),
    ReviewOrigin.CERTAINTY.value: str(ReviewOrigin.CERTAINTY.label),
    ReviewOrigin.FOCUSED.value: str(ReviewOrigin.FOCUSED.label),
    ReviewOrigin.REAUDIT.value: str(ReviewOrigin.REAUDIT.label),
}
RUNS = {"0": "Ours", "1": "The client's own"}
ATTRIBUTES = {"in": "Counted as errors", "out": "Left out"}


@dataclass(frozen=True, slots=True)
class ReplayAsked:
    """What to score again and how; ``errors`` by field where something cannot be read."""

    wanted: Wanted
    draw_id: uuid.UUID | None
    score: str
    taxonomy: Taxonomy
    attributes_count: bool
    errors: dict[str, str]


def read_form(
    query: Mapping[str, str], today: date, yard: Yardstick, draws: Iterable[DrawChoice]
) -> ReplayAsked:
    """The form as sent; a field that cannot be read keeps its default and says what is wrong."""
    errors: dict[str, str] = {}
    last = _month(query, "last", today.replace(day=1), errors)
    first = _month(query, "first", last, errors)
    if first > last:
        errors["first"] = "The first month lies after the last one."
        first = last
    draw = _draw(query.get("draw", ""), draws, errors)
    kind, coder = query.get("kind", ReviewOrigin.SAMPLE.value), query.get("coder", "")
    wanted = Wanted(
        draw_months(draw, today) if draw else Months(first, last),
        coder=int(coder) if coder.isdecimal() and len(coder) < 10 else None,
        origin=kind if kind in KINDS else ReviewOrigin.SAMPLE.value,
        run=None if draw else query.get("run") == "1",
        provisional=False,
    )
    counted = yard.counted_score if yard.counted_score in REPLAYED else REPLAYED[0]
    return ReplayAsked(
        wanted,
        draw.draw_id if draw else None,
        query.get("score", "") if query.get("score") in REPLAYED else counted,
        with_weights(_edition(query.get("edition", ""), errors), _weights(query, errors)),
        query.get("attributes") != "out",
        errors,
    )


def draw_months(draw: DrawChoice, today: date) -> Months:
    """Reviews of a draw close at any time after its period began."""
    return Months(draw.first.replace(day=1), today.replace(day=1))


def form_of(
    query: Mapping[str, str],
    asked: ReplayAsked,
    draws: Iterable[DrawChoice],
    coders: Mapping[int, str],
    counted: str,
) -> ReplayForm:
    """The form as it is shown again."""
    months = asked.wanted.months
    edition = asked.taxonomy.edition
    named = edition_named(edition)
    return ReplayForm(
        first=query.get("first") or words.month(months.first),
        last=query.get("last") or words.month(months.last),
        draws=_options(
            {"": "No draw: the months above", **{str(one.draw_id): _draw_words(one) for one in draws}},
            str(asked.draw_id or ""),
        ),
        kinds=_options(KINDS, query.get("kind", ReviewOrigin.SAMPLE.value)),
        runs=_options(RUNS, query.get("run", "0")),
        coders=_options(
            {"": "Every coder", **{str(key): name for key, name in coders.items()}},
            str(asked.wanted.coder or ""),
        )
        if coders
        else (),
        scores=_options(
            {
                name: f"{words.SCORES[name]} (contract)" if name == counted else words.SCORES[name]
                for name in REPLAYED
            },
            asked.score,
        ),
        editions=_options(
            {one.name: f"{one.name}, from {one.effective_from:%m/%d/%Y}" for one in reversed(editions())},
            edition,
        ),
        attributes=_options(ATTRIBUTES, "in" if asked.attributes_count else "out"),
        weights=tuple(
            WeightField(
                f"w-{one.value}",
                f"{one.value} {words.VERDICTS[one.value]}",
                f"{named.weights[one].normalize():f}",
                query.get(f"w-{one.value}", ""),
            )
            for one in WEIGHED
        ),
        errors=asked.errors,
    )


def _draw_words(one: DrawChoice) -> str:
    return f"{one.plan}: {one.first:%m/%d/%Y} to {one.last:%m/%d/%Y}"


def _options(choices: Mapping[str, str], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, label, value == chosen) for value, label in choices.items())


def _month(query: Mapping[str, str], name: str, default: date, errors: dict[str, str]) -> date:
    text = query.get(name, "").strip()
    if not text:
        return default
    found = MONTH.fullmatch(text)
    if found is None:
        errors[name] = "Write the month as MM/YYYY."
        return default
    return date(int(found[2]), int(found[1]), 1)


def _draw(text: str, draws: Iterable[DrawChoice], errors: dict[str, str]) -> DrawChoice | None:
    if not text:
        return None
    for one in draws:
        if str(one.draw_id) == text:
            return one
    errors["draw"] = "Choose a draw from the list."
    return None


def _edition(text: str, errors: dict[str, str]) -> Taxonomy:
    if text and text not in {one.name for one in editions()}:
        errors["edition"] = "Choose an edition from the list."
        return newest_edition()
    return edition_named(text) if text else newest_edition()


def _weights(query: Mapping[str, str], errors: dict[str, str]) -> dict[Verdict, Decimal]:
    found: dict[Verdict, Decimal] = {}
    for one in WEIGHED:
        name = f"w-{one.value}"
        text = query.get(name, "").strip()
        if not text:
            continue
        try:
            weight = Decimal(text)
        except InvalidOperation:
            weight = Decimal("NaN")
        if not (weight.is_finite() and 0 <= weight <= MOST_WEIGHT):
            errors[name] = f"Write a number from 0 to {MOST_WEIGHT}."
        else:
            found[one] = weight
    return found
