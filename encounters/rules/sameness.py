"""When do two stretches of a note say the same words?

An auditor accepts that a new version of a note wraps its lines elsewhere, changes case or a comma.  They do
not accept that ``A1c 7.4`` became ``74``, ``Murphy +`` became ``Murphy -``, ``[x]`` became ``[ ]``, or that
two sentences ran together behind one "denies".  :func:`tokens` is that judgement: what is left out of it may
differ, everything in it must agree.

Left out: whitespace, letter case, composed or decomposed accents, bullets at the start of a line, commas,
colons, brackets, quotation marks, the hyphen between letters, the full stop at the end of the stretch.
Kept: digits with their decimal point, date and range signs, ``+ - < > = % / ?``, every other symbol, and
the end of a sentence inside the stretch.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_SAME_SIGN: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | dict.fromkeys("\u2018\u2019\u02bc", "'")
)
_IGNORED: Final = frozenset(
    ",:()[]{}\"'\u201c\u201d\u00ab\u00bb\u2026!*_\u2022\u00b7\u25aa\u25e6\u200b\ufeff"
)
_NUMBER = r"(?<![^\W_])-?\d+(?:[.,:/\-]\d+)*"
_TOKEN = re.compile(rf"{_NUMBER}[^\W\d_]*|[^\W_]+(?:'[^\W_]+)*|[^\w\s]|_")
_BULLET = re.compile(
    r"(?:^|(?<=[\n\r\v\f\x85\u2028\u2029]))[ \t]*(?:[-*\u2022\u00b7\u25aa\u25e6\u2013]|\d{1,2}[.)])[ \t]+"
)
_TERMINATORS: Final = frozenset(".;")

# A change of one of these in the sentence around a quote turns its meaning without touching its words.
# Groups after NegEx / ConText (Chapman 2001, Harkema 2009): negation, doubt, time, who, side, course.
_CUES_WORDS: Final = (
    "no not non none never without denies denied deny denying negative absent absence free neither nor cannot"
    " unlikely excluded exclude ruled rule rules"
    " possible possibly probable probably suspected suspect suspicion questionable likely may might could"
    " versus vs r/o differential consider considered if uncertain equivocal presumed ?"
    " history h/o hx previous previously prior past remote resolved resolving former childhood status"
    " family mother father brother sister son daughter aunt uncle grandmother grandfather maternal paternal"
    " sibling siblings parents"
    " left right bilateral bilaterally unilateral lt rt"
    " acute chronic subacute exacerbation controlled uncontrolled stable worsening improved"
)
CUES: Final = frozenset(_CUES_WORDS.split())


@dataclass(frozen=True, slots=True)
class Token:
    """One comparable word: ``key`` is what must agree, ``text[start:end]`` where it stands."""

    key: str
    start: int
    end: int


def tokens(text: str, start: int = 0, end: int | None = None) -> tuple[Token, ...]:
    """Comparable words of ``text[start:end]``, offsets into ``text``."""
    stop = len(text) if end is None else end
    folded = text.translate(_SAME_SIGN)
    bullets = [match.span() for match in _BULLET.finditer(folded, start, stop)]
    found: list[Token] = []
    cursor = 0
    for a, b in _token_spans(folded, start, stop):
        while cursor < len(bullets) and bullets[cursor][1] <= a:
            cursor += 1
        in_bullet = cursor < len(bullets) and bullets[cursor][0] <= a
        key = "" if in_bullet else _key(folded, a, b)
        if key:
            found.append(Token(key, a, b))
    if found and found[-1].key in _TERMINATORS:
        found.pop()
    return tuple(found)


def keys(text: str, start: int = 0, end: int | None = None) -> tuple[str, ...]:
    """Only the words of :func:`tokens`, for comparison."""
    return tuple(token.key for token in tokens(text, start, end))


def _token_spans(folded: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Spans of raw tokens, each with the combining marks and joiners that follow it."""
    spans: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(folded, start, stop):
        a, b = match.span()
        if spans and spans[-1][1] == a and _glued(folded, a):
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
    return spans


def _glued(folded: str, at: int) -> bool:
    char, before = folded[at], folded[at - 1]
    return (
        unicodedata.category(char)[0] == "M"
        or char == "\u200d"
        or (before == "\u200d" or (unicodedata.category(before)[0] == "M" and char.isalpha()))
    )


def _key(folded: str, a: int, b: int) -> str:
    raw = folded[a:b]
    if raw in _IGNORED:
        return ""
    if raw == "-":
        inside = a > 0 and b < len(folded) and folded[a - 1].isalpha() and folded[b].isalpha()
        return "" if inside else "-"
    if raw in _TERMINATORS and b < len(folded) and not folded[b].isspace() and folded[b] not in _IGNORED:
        return raw if folded[b].isdigit() else ""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", raw).casefold())


_SENTENCE_START = re.compile(
    r"[.!?;][\"')\]\u201d\u2019]*(?=\s|,\S)|(?:\r\n|\n|\r(?!\n))[ \t]*[\n\r]"
    r"|[\n\r\v\f\x85\u2028\u2029](?=[ \t]*(?:[-*\u2022\u00b7\u25aa\u25e6\u2013]|\d{1,2}[.)]"
    r"|[A-Z][A-Z &/]{3,}:?[ \t]*[\n\r])[ \t]*)"
)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence (or sentences) holding ``text[start:end]``: to full stops, blank lines and list items.

    A mere line break is none: wrapped notes break lines between "no evidence of" and what is absent.
    """
    left = max(0, start - 1_000)
    opening = left
    for match in _SENTENCE_START.finditer(text, left, start):
        opening = match.end()
    closing = _SENTENCE_START.search(text, end, min(len(text), end + 1_000))
    return opening, closing.start() if closing else min(len(text), end + 1_000)


def cues_around(text: str, start: int, end: int) -> tuple[str, ...]:
    """Sorted meaning-turning words of the sentence around ``text[start:end]``, without the stretch itself."""
    opening, closing = sentence_around(text, start, end)
    outside = (*keys(text, opening, start), *keys(text, end, closing))
    joined = " ".join(outside)
    found = [key for key in outside if key in CUES]
    return tuple(sorted(found + ["r/o"] * joined.count("r / o") + ["h/o"] * joined.count("h / o")))
