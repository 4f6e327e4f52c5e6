"""Words of a title or a query: folded, split and reduced in one way for both sides."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`]")
_CHUNK = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
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


def fold(text: str) -> str:
    """Lower case ASCII: accents and apostrophes removed, "&" read as "and"."""
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ")).lower()
    plain = _APOSTROPHES.sub("", plain)
    return plain.encode("ascii", "ignore").decode("ascii")


def stem(word: str) -> str:
    """Singular of a plain English plural; other words unchanged. "injuries" -> "injury"."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(_KEEP_S):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1]


def title_words(text: str) -> tuple[list[str], list[str]]:
    """The words of a title in order, and the joined forms of its hyphenated words.

    "Non-pressure ulcer" -> (["non", "pressure", "ulcer"], ["nonpressure"]): a coder writes it either way.
    """
    words: list[str] = []
    joined: list[str] = []
    for chunk in _CHUNK.findall(fold(text)):
        parts = chunk.split("-")
        words.extend(stem(part) for part in parts if part not in STOP_WORDS)
        if len(parts) > 1:
            joined.append(stem("".join(parts)))
    return words, joined
