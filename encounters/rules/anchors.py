"""Evidence anchors: where a code's words stand in a note, and where they stand in its next version.

An anchor is the W3C Web Annotation pair TextPositionSelector (code points into the stored text) and
TextQuoteSelector (the exact words with :data:`CONTEXT` characters before and after).

Re-anchoring answers one question for an auditor: *are these still the words the code was based on?*

* ``anchored`` - the exact words at the same offsets, in the same kind of section, and nothing in their
  sentence turned their meaning.
* ``moved`` - the same words (see :mod:`encounters.rules.sameness`) elsewhere, under the same guards and
  unmistakably the same mention.
* ``changed`` - not the same words, or not surely the same mention, but a place worth a look.  The evidence
  counts as lost until a person accepts the suggestion.
* ``lost`` - nothing like it is there.

Only the first two carry offsets; a suggestion lives in its own field so that no caller can store it as
evidence by accident.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from coding_ops.core.errors import InvalidInput
from encounters.rules.text import code_points_to_utf16, widen_to_clusters

CONTEXT: Final = 40
LONGEST_QUOTE: Final = 4_000


@dataclass(frozen=True, slots=True)
class Anchor:
    """``text[start:end] == exact``; ``prefix`` and ``suffix`` hold at most :data:`CONTEXT` characters."""

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


def make_anchor(text: str, start: int, end: int, *, longest: int = LONGEST_QUOTE) -> Anchor:
    """Anchor the words of ``text[start:end]``.

    Whitespace at both ends is trimmed (a triple click takes the line break along); an end inside a visible
    character (accent, ZWJ emoji, flag) is widened to the whole of it, which is all a reader can have seen.

    Raises:
        InvalidInput: ``evidence.range`` outside the text or reversed, ``evidence.empty`` nothing but
            whitespace, ``evidence.no_words`` nothing but punctuation, ``evidence.too_long``.
    """
    if not 0 <= start <= end <= len(text):
        raise InvalidInput(
            "The selection lies outside the note; open the note again and select the words.",
            code="evidence.range",
            details={"start": start, "end": end, "length": len(text)},
        )
    start, end = _trim(text, *(widen_to_clusters(text, start, end) if start < end else (start, end)))
    if start == end:
        raise InvalidInput(
            "Nothing is selected; select the words that support the code.", code="evidence.empty"
        )
    exact = text[start:end]
    if not any(unicodedata.category(char)[0] in "LNS" for char in exact):
        raise InvalidInput(
            "The selection holds punctuation only; select the words that support the code.",
            code="evidence.no_words",
        )
    if len(exact) > longest:
        raise InvalidInput(
            f"The selection has {len(exact)} characters; evidence points at words: at most {longest}.",
            code="evidence.too_long",
            details={"length": len(exact), "longest": longest},
        )
    return Anchor(start, end, exact, text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def check_anchor(anchor: Anchor, text: str) -> None:
    """Refuse an anchor that was not made on ``text``.

    Raises:
        InvalidInput: ``evidence.mismatch``.
    """
    same = (
        0 <= anchor.start < anchor.end <= len(text)
        and text[anchor.start : anchor.end] == anchor.exact
        and text[: anchor.start].endswith(anchor.prefix)
        and text[anchor.end :].startswith(anchor.suffix)
    )
    if not same:
        raise InvalidInput(
            "The quoted words do not stand at this place of the note.",
            code="evidence.mismatch",
            details={"start": anchor.start, "end": anchor.end},
        )


# --- W3C Web Annotation -------------------------------------------------------------------------------


def to_selectors(anchor: Anchor) -> list[dict[str, Any]]:
    """The two selectors as JSON-ready objects (https://www.w3.org/TR/annotation-model/#selectors)."""
    return [
        {"type": "TextPositionSelector", "start": anchor.start, "end": anchor.end},
        {
            "type": "TextQuoteSelector",
            "exact": anchor.exact,
            "prefix": anchor.prefix,
            "suffix": anchor.suffix,
        },
    ]


def from_selectors(selectors: Sequence[Mapping[str, Any]], text: str) -> Anchor:
    """Read selectors made on ``text``; the quote must stand at the position.

    Context is taken from the text itself, so that a client can send a shorter prefix or none.

    Raises:
        InvalidInput: ``evidence.selector`` malformed, ``evidence.mismatch``, or as :func:`make_anchor`.
    """
    position = _selector(selectors, "TextPositionSelector")
    quote = _selector(selectors, "TextQuoteSelector")
    start, end = position.get("start"), position.get("end")
    if type(start) is not int or type(end) is not int or not isinstance(quote.get("exact"), str):
        raise _malformed("TextPositionSelector needs whole numbers, TextQuoteSelector needs its exact text.")
    prefix, suffix = quote.get("prefix", ""), quote.get("suffix", "")
    if not isinstance(prefix, str) or not isinstance(suffix, str):
        raise _malformed("Prefix and suffix are text.")
    check_anchor(Anchor(start, end, quote["exact"], prefix, suffix), text)
    return make_anchor(text, start, end)


def utf16_range(anchor: Anchor, text: str) -> tuple[int, int]:
    """Start and end as a browser counts, for a page that sets the selection by script."""
    return code_points_to_utf16(text, anchor.start), code_points_to_utf16(text, anchor.end)


def _selector(selectors: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    found = [
        selector for selector in selectors if isinstance(selector, Mapping) and selector.get("type") == kind
    ]
    if len(found) != 1:
        raise _malformed(f"Exactly one {kind} is needed.")
    return found[0]


def _malformed(message: str) -> InvalidInput:
    return InvalidInput(message, code="evidence.selector")
