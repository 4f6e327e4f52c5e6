"""Is a query compliant?  One function per rule; errors block sending, warnings need a reason.

Rules R1 to R12 and R15 follow the AHIMA/ACDIS brief on compliant query practice (2022 update, read through
secondary texts).  R13 and R14 concern pages and storage, which no text can show.  Severities are those of
the rule list; the words are data, so that an edition can be replayed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cdi_queries.rules.diagnoses import Lexicon, Mention, Record, mentions, record_of, words_of
from cdi_queries.rules.leading import leading_phrases
from cdi_queries.rules.query import Finding, Kind, Query, Severity, Span
from cdi_queries.rules.wording import Wording

#: An answer after which the same question must not be put again.
CLEAR_OUTCOMES: Final = frozenset({"agreed", "disagreed", "other"})
#: Two questions that share this part of their words are the same question.
_SAME_QUESTION: Final = 0.8
_ASKS: Final = re.compile(
    r"\?|\b(?:please|kindly|clarif\w*|specify|indicate|document|describe|provide|advise|state|explain)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Context:
    """A query with its lists and its record, as every rule reads it."""

    query: Query
    wording: Wording
    lexicon: Lexicon
    record: Record
    quoted: Record


def lint(query: Query, wording: Wording, lexicon: Lexicon) -> list[Finding]:
    """Every finding of a query, in the order of the rules and of the words they point at."""
    current = [one.quote for one in query.indicators if not one.prior]
    quoted = [hit.text for quote in current for hit in mentions(quote, lexicon) if not hit.turned_down]
    context = Context(
        query, wording, lexicon, record_of(query.documented_terms, lexicon), record_of(quoted, lexicon)
    )
    return [finding for _, rule in RULES for finding in rule(context)]


def is_sendable(findings: Sequence[Finding]) -> bool:
    """Whether no finding is an error."""
    return all(one.severity is not Severity.ERROR for one in findings)


def has_indicators(context: Context) -> Iterator[Finding]:
    """R1: at least one clinical indicator, each quoted and dated."""
    if not context.query.indicators:
        yield _error("R1", "Add at least one clinical indicator from this patient's record.")
    for place, one in enumerate(context.query.indicators):
        where = f"indicators[{place}]"
        if not one.quote.strip():
            yield _error("R1", f"Indicator {one.id} has no quoted words.", Span(f"{where}.quote", 0, 0, ""))
        if one.document_on is None:
            span = Span(f"{where}.quote", 0, len(one.quote), one.quote)
            yield _error("R1", f"Indicator {one.id} has no date of its document.", span)


def prior_indicators(context: Context) -> Iterator[Finding]:
    """R2: what a prior encounter says is labelled, with its relevance, and never stands alone."""
    indicators = context.query.indicators
    for place, one in enumerate(indicators):
        if one.prior and not one.relevance.strip():
            span = Span(f"indicators[{place}].quote", 0, len(one.quote), one.quote)
            yield _warning("R2", "Say in a sentence why this prior encounter matters now.", span)
    if indicators and all(one.prior for one in indicators):
        yield _warning("R2", "Every indicator is from a prior encounter; add one from the current encounter.")


def open_answers(context: Context) -> Iterator[Finding]:
    """R3: a multiple choice offers "Other (specify)" and "Unable to determine"."""
    query, wording = context.query, context.wording
    if query.kind is not Kind.MULTIPLE_CHOICE:
        return
    if not any(wording.is_other(one.text) for one in query.options):
        yield _error("R3", 'Add the answer "Other (please specify)".')
    if not any(wording.is_undetermined(one.text) for one in query.options):
        yield _error("R3", 'Add the answer "Unable to determine".')
    for place, one in enumerate(query.options):
        if not one.text.strip():
            yield _error("R3", f"Answer {place + 1} has no words.", Span(f"options[{place}].text", 0, 0, ""))


def supported_options(context: Context) -> Iterator[Finding]:
    """R4: each diagnosis offered has its indicator; none stands out; the order carries no weight."""
    query, wording = context.query, context.wording
    known = {one.id for one in query.indicators}
    for place, option in enumerate(query.options):
        span = Span(f"options[{place}].text", 0, len(option.text), option.text)
        unknown = [one for one in option.indicator_ids if one not in known]
        if unknown:
            yield _error("R4", f"There is no indicator {', '.join(unknown)}.", span)
        offered = _is_offered(query.kind, wording, option.text)
        if offered and query.kind is Kind.MULTIPLE_CHOICE and not set(option.indicator_ids) & known:
            yield _error("R4", "Link a clinical indicator to this answer.", span)
        marked = wording.emphasis.search(option.text)
        if option.preselected or marked:
            part = _span(span.field, option.text, *marked.span()) if marked else span
            yield _error("R4", wording.preselected, part)
    yield from _order(context)


def single_option(context: Context) -> Iterator[Finding]:
    """R5: a choice with a single diagnosis needs a reason."""
    query = context.query
    if query.kind is not Kind.MULTIPLE_CHOICE:
        return
    offered = [
        place for place, one in enumerate(query.options) if _is_offered(query.kind, context.wording, one.text)
    ]
    if len(offered) == 1:
        text = query.options[offered[0]].text
        span = Span(f"options[{offered[0]}].text", 0, len(text), text)
        yield _warning("R5", "Only one diagnosis is offered; say why no other is reasonable.", span)


def yes_no_use(context: Context) -> Iterator[Finding]:
    """R6: yes/no only for its four uses, and only about a diagnosis that is in the record."""
    query = context.query
    if query.kind is not Kind.YES_NO:
        return
    fields = [
        ("body", query.body),
        *((f"options[{n}].text", one.text) for n, one in enumerate(query.options)),
    ]
    named = [
        (name, text, hit)
        for name, text in fields
        for hit in mentions(text, context.lexicon)
        if not hit.turned_down
    ]
    absent = [one for one in named if not context.record.holds(one[2])]
    for name, text, hit in absent:
        message = f'"{hit.text}" is not documented: a yes/no query may not introduce a diagnosis.'
        yield _error("R6", message, _span(name, text, hit.start, hit.end))
    if absent or query.purpose:
        return
    fits = any(pattern.search(query.body) for pattern in context.wording.yes_no.values())
    about = named or _names_a_term(query)
    if not about:
        yield _error("R6", "Name the documented diagnosis that this yes/no query is about.", _whole(query))
    elif not fits and not named:
        yield _error(
            "R6",
            "Ask yes/no only for present on admission, a documented diagnosis, cause, or a conflict.",
            _whole(query),
        )


def payment_words(context: Context) -> Iterator[Finding]:
    """R7: no word of payment or quality scores in anything the provider sees."""
    for name, text in context.query.visible():
        for start, end in context.wording.payment_places(text):
            message = f'Take out "{text[start:end]}": a query says nothing of payment or quality scores.'
            yield _error("R7", message, _span(name, text, start, end))


def leading_words(context: Context) -> Iterator[Finding]:
    """R8: no phrase that leads, and no diagnosis in the body that the record lacks."""
    query = context.query
    taken: list[tuple[int, int]] = []
    for name, text in (("title", query.title), ("body", query.body)):
        for start, end in leading_phrases(text, context.wording, context.lexicon, context.record):
            if name == "body":
                taken.append((start, end))
            message = f'"{text[start:end]}" leads the answer; ask an open question.'
            yield _error("R8", message, _span(name, text, start, end))
    if query.kind is Kind.YES_NO:  # R6 names them there
        return
    for hit in mentions(query.body, context.lexicon):
        inside = any(start < hit.end and hit.start < end for start, end in taken)
        if not inside and not hit.turned_down and not _in_record(context, hit):
            message = f'"{hit.text}" is not documented: the question may not introduce a diagnosis.'
            yield _error("R8", message, _span("body", query.body, hit.start, hit.end))


def title_diagnosis(context: Context) -> Iterator[Finding]:
    """R9: the title names no diagnosis that the record lacks."""
    title = context.query.title
    for hit in mentions(title, context.lexicon):
        if not context.record.holds(hit):
            message = (
                f'The title names "{hit.text}", which is not documented; name the system or the finding.'
            )
            yield _error("R9", message, _span("title", title, hit.start, hit.end))


def contradictions(context: Context) -> Iterator[Finding]:
    """R10: indicators known to speak against the options are shown too."""
    shown = {one.id for one in context.query.indicators}
    for missing in context.query.contradicting:
        if missing not in shown:
            yield _warning(
                "R10", f"{missing} speaks against an answer and is not shown: add it as an indicator."
            )


def one_clear_question(context: Context) -> Iterator[Finding]:
    """R11: one clear question, of readable length, without code numbers."""
    query, wording = context.query, context.wording
    if not query.body.strip():
        yield _error("R11", "The query asks nothing.")
        return
    asked = [hit.start() for hit in re.finditer(r"\?+", query.body)]
    if len(asked) > 1:
        message = f"There are {len(asked)} questions; ask one."
        yield _warning("R11", message, _span("body", query.body, asked[1], asked[1] + 1))
    if not _ASKS.search(query.body):
        yield _warning("R11", "Nothing is asked; say what the provider is to clarify.", _whole(query))
    if len(query.body) > wording.longest_body:
        message = f"{len(query.body)} characters; keep to {wording.longest_body}."
        yield _warning("R11", message, _span("body", query.body, wording.longest_body, len(query.body)))
    for name, text in query.visible():
        if name.startswith("indicators"):  # the record's own words stand as they are
            continue
        for start, end in wording.code_places(text):
            message = f'"{text[start:end]}" is a code number; use clinical words.'
            yield _warning("R11", message, _span(name, text, start, end))


def verbal_record(context: Context) -> Iterator[Finding]:
    """R12: a verbal query is recorded with who asked whom and when."""
    query = context.query
    if not query.by_word_of_mouth:
        return
    kept = query.verbal
    parts = {
        "who asked": bool(kept and kept.asked_by),
        "who was asked": bool(kept and kept.asked_of),
        "the day": bool(kept and kept.asked_on),
    }
    missing = [name for name, present in parts.items() if not present]
    if missing:
        yield _error("R12", f"Record of the verbal query: {', '.join(missing)}.")


def repeated_question(context: Context) -> Iterator[Finding]:
    """R15: the same question is not put again to the same provider after a clear answer."""
    query = context.query
    words = {word.key for word in words_of(query.body)} if query.previous else set()
    for one in query.previous:
        if one.outcome not in CLEAR_OUTCOMES or one.provider.casefold() != query.provider.casefold():
            continue
        before = {word.key for word in words_of(one.body)}
        if words and len(words & before) >= _SAME_QUESTION * len(words | before):
            yield _error("R15", "This provider has answered this question clearly; asking again is pressure.")
            return


RULES: Final[tuple[tuple[str, Callable[[Context], Iterator[Finding]]], ...]] = (
    ("R1", has_indicators),
    ("R2", prior_indicators),
    ("R3", open_answers),
    ("R4", supported_options),
    ("R5", single_option),
    ("R6", yes_no_use),
    ("R7", payment_words),
    ("R8", leading_words),
    ("R9", title_diagnosis),
    ("R10", contradictions),
    ("R11", one_clear_question),
    ("R12", verbal_record),
    ("R15", repeated_question),
)


def _order(context: Context) -> Iterator[Finding]:
    """An order that was not said is taken as shuffled: no list can show that it was not."""
    query = context.query
    if query.option_order == "weight":
        yield _error("R4", "Order the answers by the alphabet or shuffle them, never by weight.")
    if query.option_order != "alphabetic":
        return
    texts = [
        (place, one.text.strip())
        for place, one in enumerate(query.options)
        if _is_offered(query.kind, context.wording, one.text)
    ]
    for (_, before), (place, after) in pairwise(texts):
        if after.casefold() < before.casefold():
            span = Span(
                f"options[{place}].text", 0, len(query.options[place].text), query.options[place].text
            )
            yield _error("R4", f'Not in alphabetic order: "{after}" follows "{before}".', span)


def _is_offered(kind: Kind, wording: Wording, text: str) -> bool:
    return kind is not Kind.OPEN and bool(text.strip()) and wording.is_diagnostic(text)


def _names_a_term(query: Query) -> bool:
    """Whether the body holds a documented term that no list of diagnoses knows."""
    body = {word.key for word in words_of(query.body)}
    return any(
        keys and keys <= body
        for keys in ({word.key for word in words_of(term)} for term in query.documented_terms)
    )


def _in_record(context: Context, hit: Mention) -> bool:
    """In the record as a documented term, or in the words quoted from the current encounter."""
    return context.record.holds(hit) or context.quoted.holds(hit)


def _whole(query: Query) -> Span:
    return Span("body", 0, len(query.body), query.body)


def _span(name: str, text: str, start: int, end: int) -> Span:
    return Span(name, start, end, text[start:end])


def _error(rule: str, message: str, span: Span | None = None) -> Finding:
    return Finding(rule, Severity.ERROR, message, span)


def _warning(rule: str, message: str, span: Span | None = None) -> Finding:
    return Finding(rule, Severity.WARNING, message, span)
