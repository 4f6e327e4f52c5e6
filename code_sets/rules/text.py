"""Words of a title or a query: folded, split and reduced in one way for both sides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_POSSESSIVE = re.compile(r"['\u2018\u2019\u02bc`]s\b")
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`]")
_CHUNK = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLURAL = re.compile(r"\(e?s\)")
_BRACKETS = re.compile(r"(\([^()]*\)|\[[^\[\]]*\])")
_DENIED = re.compile(
    r"\b(?:without|not)\b(?: loss of| mention of| evidence of)?(?:(?! (?:of|with|without|in)\b)[^,;])*"
)
_EITHER = re.compile(r"(\bunspecified as\b[^,;]*)")
_KEEP_S = ("ss", "us", "is", "ous")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that carry no meaning of their own in a title. "without" is not among them: it changes the code.
STOP_WORDS = _set(
    "a an and any are as at be by for from has have in into is it its of on or than that the their them "
    "these this to was were which with due"
)

# Words that titles repeat by convention. They count little, so that "Low back pain, unspecified"
# covers "low back pain" as well as a title without the last word would.
LIGHT_WORDS = _set(
    "unspecified uncomplicated complication complicated without initial subsequent encounter sequela closed "
    "nos nec other specified not elsewhere classified right left bilateral unilateral primary essential "
    "routine healing intractable mention site part"
)


DENYING = frozenset({"without", "not"})


def fold(text: str) -> str:
    """Lower case ASCII: accents, apostrophes and possessive "'s" removed, "&" read as "and"."""
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ")).lower()
    plain = _APOSTROPHES.sub("", _POSSESSIVE.sub("", plain))
    return plain.encode("ascii", "ignore").decode("ascii")


def stem(word: str) -> str:
    """Singular of a plain English plural; other words unchanged. "injuries" -> "injury"."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(_KEEP_S):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1]


NEGATED = "~"
"""Marks a word that a title denies: "without edema" is found by "edema" only where that is denied too."""


@dataclass(frozen=True, slots=True)
class TitleWords:
    """The words of one name of a code. `minor`: words that only stand in brackets or are denied, and so count
    little when they were not asked for. `joined`: hyphenated words in one piece, as many write them."""

    words: tuple[str, ...]
    minor: frozenset[str]
    joined: tuple[str, ...]


def title_words(text: str) -> TitleWords:
    """The words of a title or inclusion term in order.

    Words in brackets are non-essential modifiers or synonyms (Official Guidelines I.A.7); words after
    "without" or "not", up to the next comma, "of", "in" or "with", are denied and get the mark `NEGATED`.
    """
    folded = _PLURAL.sub("", fold(text))
    words: list[str] = []
    joined: list[str] = []
    major: set[str] = set()
    for bracketed, denied, part in _parts(folded):
        for chunk in _CHUNK.findall(part):
            pieces = [stem(piece) for piece in chunk.split("-") if piece not in STOP_WORDS]
            if denied:
                pieces = [piece if piece in DENYING else NEGATED + piece for piece in pieces]
            elif "-" in chunk:
                joined.append(stem(chunk.replace("-", "")))
            words.extend(pieces)
            if not bracketed and not denied:
                major.update(pieces)
    return TitleWords(tuple(words), frozenset(words) - major, tuple(joined))


def _parts(folded: str) -> Iterator[tuple[bool, bool, str]]:
    """The runs of a folded title: in brackets or not, denied or not."""
    for run in (piece for bracket in _BRACKETS.split(folded) for piece in _EITHER.split(bracket)):
        bracketed = run.startswith(("(", "[", "unspecified as"))
        at = 0
        for found in _DENIED.finditer(run):
            yield bracketed, False, run[at : found.start()]
            yield bracketed, True, found[0]
            at = found.end()
        yield bracketed, False, run[at:]
