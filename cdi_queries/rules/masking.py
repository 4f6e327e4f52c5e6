"""Taking a patient out of words of the record, so that they may stand in a letter as an example.

Only what is known to be plain stays: a word of the vocabulary (data), a measurement of up to three digits, an
age up to the limit.  Everything else becomes a mark, so that a name nobody thought of is gone too.  Names
given by the caller (patient, providers, client) and words after a form of address go even where they are
plain words ("Dr. Stone").  Source: 45 CFR 164.514(b)(2), the eighteen identifiers of safe harbor; stricter in
two points: years go as well, and so does every word that no list knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

NAME: Final = "[name]"
DATE: Final = "[date]"
TIME: Final = "[time]"
NUMBER: Final = "[number]"
CONTACT: Final = "[contact]"
LEFT_OUT: Final = "[…]"
#: A word with the ending of a diagnosis is one from so many letters on: "Naomi" and "Penia" are names.
LONG: Final = 7
_MARK: Final = r"\[(?:name|date|time|number|contact|…|over \d+)\]"
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY: Final = r"(?:mon|tues?|wed(?:nes)?|thurs?|fri|satur|sun)day"
_SCAN: Final = re.compile(
    rf"""
      (?P<mark>{_MARK})
    | (?P<contact>\S+@\S+ | (?:https?://|www\.)\S+ | \b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b)
    | (?P<phone>(?<![\w.])\(?\d{{3}}\)?[-.\s]\d{{3}}[-.\s]\d{{4}}\b | \b\d{{3}}-\d{{2}}-\d{{4}}\b)
    | (?P<date>\b\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}\b
        | \b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b\.?(?:,?\s+\d{{2,4}}\b)?
        | \b{_MONTH}\b\.?\s+\d{{1,4}}(?:st|nd|rd|th)?\b(?:\s*,?\s+\d{{4}}\b)?
        | \b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])\b(?![/\d])
        | \b(?:19|20)\d{{2}}\b(?!\s*(?:ml|cc|mg|mcg|g|kcal|cal)\b)
        | \b{_WEEKDAY}\b)
    | (?P<time>\b\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s*[ap]\.?m\b\.?)?)
    | (?P<age>\b(?P<years>\d{{1,3}})(?=[-\s]*(?:years?|yrs?|y\.?\s?/?\s?o\.?)\b))
    | (?P<aged>\b(?:aged?|age\s+of)\s*:?\s+(?P<old>\d{{1,3}})\b)
    | (?P<coded>\#\s*[\w-]+ | \b(?=[\w-]*\d)(?=[\w-]*[^\W\d_])\w+(?:-\w+)*)
    | (?P<figure>(?<![\w.])\d+(?:,\d{{3}})*(?:\.\d+)?(?:\s?[/–-]\s?\d+(?:\.\d+)?)?(?![\w]))
    | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN_FIGURE: Final = re.compile(r"\d{1,3}(?:,\d{3})?(?:\.\d{1,3})?(?:\s?[/–-]\s?\d{1,3}(?:\.\d{1,2})?)?")
_MEASURE: Final = re.compile(
    r"\d{1,4}(?:mg|mcg|g|kg|ml|cc|l|cm|mm|h|hr|x|st|nd|rd|th)|[3-5][ab]|[abct]\d{1,2}", re.I
)
_AGAIN: Final = re.compile(rf"(?:{re.escape(LEFT_OUT)})(?:[\s,;:.()/'’\"–-]*{re.escape(LEFT_OUT)})+")


@dataclass(frozen=True, slots=True)
class Masks:
    """What may stay, and what goes all the same.

    ``vocabulary``: plain words, lower case.  ``also_names``: those of them that are names when they begin
    with a capital.  ``addresses``: forms of address; a name follows.  ``numbered``: words whose number is one
    of a person or a place ("room 412").  ``endings``: of findings and diagnoses.  ``oldest``: an age above it
    becomes a mark.
    """

    vocabulary: frozenset[str]
    also_names: frozenset[str]
    addresses: frozenset[str]
    numbered: frozenset[str]
    endings: tuple[str, ...]
    oldest: int


def masks_of(tables: Mapping[str, Any], vocabulary: Iterable[str] = ()) -> Masks:
    """The lists of one edition (``data/masking.toml``) and words that other lists of ours know."""
    plain = {word.casefold() for word in (*" ".join(tables["vocabulary"]).split(), *vocabulary)}
    addresses = frozenset(tables["addresses"])
    return Masks(
        vocabulary=frozenset(plain - addresses),
        also_names=frozenset(" ".join(tables["also_names"]).split()),
        addresses=addresses,
        numbered=frozenset(tables["numbered"]),
        endings=tuple(tables["endings"]),
        oldest=tables["oldest"],
    )


def mask(text: str, masks: Masks, names: Iterable[str] = ()) -> str:
    """The words with marks in the place of whatever may tell who somebody is; masking twice changes nothing.

    Args:
        names: full names that must go, however they are written: each of their words goes.
    """
    known = frozenset(part for name in names for part in _parts(name))
    made: list[str] = []
    end, after_address, before = 0, False, ""
    for hit in _SCAN.finditer(text):
        gap = text[end : hit.start()]
        made.append(gap)
        kind = hit.lastgroup or ""
        if after_address and gap.strip(" ."):
            after_address = False
        piece = _piece(hit, masks, known, before)
        written = hit.group()
        if kind == "word" and after_address and written[:1].isupper():
            piece = NAME
        elif kind == "word":
            after_address = written.casefold() in masks.addresses
        made.append(piece)
        before, end = written.casefold(), hit.end()
    made.append(text[end:])
    return _AGAIN.sub(LEFT_OUT, "".join(made))


def phrase(
    text: str, masks: Masks, names: Iterable[str] = (), *, most: int = 160, least_words: int = 3
) -> str:
    """A masked phrase of at most ``most`` characters, or nothing when too little of it could stay."""
    masked = " ".join(mask(text, masks, names).split())
    if len(masked) > most:
        masked = masked[:most].rsplit(" ", 1)[0].rstrip(" ,;:[") + " …"
    stayed = len(re.findall(r"[^\W\d_]{2,}", re.sub(_MARK, " ", masked)))
    return masked if stayed >= least_words and stayed > masked.count("[") else ""


def _piece(hit: re.Match[str], masks: Masks, names: frozenset[str], before: str) -> str:
    """What stands in the place of one hit."""
    written = hit.group()
    for kind, mark in (("contact", CONTACT), ("phone", NUMBER), ("date", DATE), ("time", TIME)):
        if hit.group(kind) is not None:
            return mark
    if hit.group("mark") is not None:
        return written
    if hit.group("age") is not None:
        return written if int(hit["years"]) <= masks.oldest else f"[over {masks.oldest}]"
    if hit.group("aged") is not None:
        return written if int(hit["old"]) <= masks.oldest else f"age [over {masks.oldest}]"
    if hit.group("coded") is not None:
        return _coded(written, masks, names)
    if hit.group("figure") is not None:
        is_plain = before not in masks.numbered and _PLAIN_FIGURE.fullmatch(written) is not None
        return written if is_plain else NUMBER
    return _word(written, masks, names)


def _coded(written: str, masks: Masks, names: frozenset[str]) -> str:
    """Letters and digits together: a measurement or a word with a number stays, anything else goes."""
    parts = written.split("-")
    if written.startswith("#"):
        return NUMBER
    if len(parts) > 1 and all(
        (part.isdigit() and len(part) <= 3) or (part.isalpha() and _word(part, masks, names) == part)
        for part in parts
    ):
        return _aged(written, masks)
    return written if _MEASURE.fullmatch(written) or written.casefold() in masks.vocabulary else NUMBER


def _aged(written: str, masks: Masks) -> str:
    """``94-year-old`` is an age as well."""
    first, _, rest = written.partition("-")
    if first.isdigit() and rest.casefold().startswith(("year", "yr", "yo")) and int(first) > masks.oldest:
        return f"[over {masks.oldest}]-{rest}"
    return written


def _word(written: str, masks: Masks, names: frozenset[str]) -> str:
    key = written.casefold().replace("’", "'")
    bare = key.removesuffix("'s")
    if bare in names or key in names:
        return NAME
    if written.casefold() in masks.addresses:
        return written
    is_plain = bare in masks.vocabulary or key in masks.vocabulary
    if not is_plain and not (len(bare) >= LONG and bare.endswith(masks.endings)):
        return LEFT_OUT
    return LEFT_OUT if written[:1].isupper() and bare in masks.also_names else written


def _parts(name: str) -> Iterable[str]:
    """The words of a name; a single letter is none of its own."""
    return (
        part.casefold().removesuffix("'s")
        for part in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", name)
        if len(part) > 1
    )
