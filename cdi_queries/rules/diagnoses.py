"""Finding names of diagnoses in the text of a query, and telling whether the record holds them.

A query may not bring in a diagnosis that the record lacks.  Names come from a dated list (data, one concept
a line, synonyms together) and from endings that only diagnoses have ("-itis", "-emia"); signs, scales and
tests ("Glasgow coma score", "DVT prophylaxis") are none.  A name carries its words of acuity, type and
stage: "acute systolic heart failure" is not in a record that says "heart failure".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: Letters and digits; a hyphen parts words, an apostrophe does not.
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_SENTENCE_END = re.compile(r"[.;:!?\n](?:\s|$)")
#: A word written in capitals up to this length is an abbreviation: "AIDS" is not "aids".
_ABBREVIATION = 6
#: How many words before a name a negation reaches.
_NEGATION_REACH = 5


class Word(NamedTuple):
    """One word of a text: as compared (lower case, singular), as written, and where it stands.

    A tuple: a long query is hundreds of them, and a frozen dataclass takes three times as long to make.
    """

    key: str
    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A diagnosis named in a text, with its acuity and type, at ``start`` to ``end``."""

    text: str
    start: int
    end: int
    words: frozenset[str]
    turned_down: bool


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a concept: its words, and those of the concept's first name."""

    keys: tuple[str, ...]
    capitals: str
    concept: frozenset[str]
    family: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The list as it is searched: names by their first word, longest first."""

    names: Mapping[str, tuple[Name, ...]]
    before: frozenset[str]
    joining: frozenset[str]
    numbered: frozenset[str]
    endings: tuple[str, ...]
    exceptions: frozenset[str]
    scales: Mapping[str, tuple[tuple[str, ...], ...]]
    purposes: frozenset[str]
    sharing: frozenset[tuple[str, ...]]
    sought: frozenset[tuple[str, ...]]
    counted: frozenset[str]
    negations: frozenset[str]
    void_behind: frozenset[str]


@dataclass(frozen=True, slots=True)
class Record:
    """What the record holds: one set of words for each documented term, its synonyms included."""

    terms: tuple[frozenset[str], ...] = field(default=())

    def holds(self, mention: Mention) -> bool:
        """Whether one documented term says all that the mention says."""
        return any(mention.words <= term for term in self.terms)


def lexicon_of(tables: Mapping[str, Any]) -> Lexicon:
    """The searchable list from its tables (``cdi_queries/data/diagnosis_terms.toml``)."""
    by_first: dict[str, list[Name]] = {}
    for line in tables["concepts"]:
        written = [one.strip() for one in line.split("|")]
        split = [tuple(word.key for word in words_of(one)) for one in written]
        family = frozenset(key for keys in split for key in keys)
        for name, keys in zip(written, split, strict=True):
            capitals = name if _is_abbreviation(name) else ""
            by_first.setdefault(keys[0], []).append(Name(keys, capitals, frozenset(split[0]), family))
    return Lexicon(
        names={first: tuple(sorted(found, key=_longest_first)) for first, found in by_first.items()},
        before=_keys(tables["before"]),
        joining=_keys(tables["joining"]),
        numbered=_keys(tables["numbered"]),
        endings=tuple(tables["endings"]),
        exceptions=_keys(tables["exceptions"]),
        scales=_scales(tables["scales"]),
        purposes=_keys(tables["purposes"]),
        sharing=frozenset(map(_phrase, tables["sharing"])),
        sought=frozenset(map(_phrase, tables["sought"])),
        counted=_keys(tables["counted"]),
        negations=_keys(tables["negations"]),
        void_behind=_keys(tables["void_behind"]),
    )


def words_of(text: str) -> list[Word]:
    """The words of a text in order, with their places in it."""
    return [Word(_key(hit.group()), hit.group(), hit.start(), hit.end()) for hit in _WORD.finditer(text)]


def mentions(text: str, lexicon: Lexicon) -> list[Mention]:
    """Every diagnosis a text names, in order; the longest name wins where two begin together."""
    words = words_of(text)
    found: list[Mention] = []
    place = 0
    while place < len(words):
        name, length = _name_at(words, place, lexicon)
        if name is None:
            place += 1
            continue
        found.append(_mention(text, words, place, length, name, lexicon))
        place += length
    return found


def record_of(documented_terms: Iterable[str], lexicon: Lexicon) -> Record:
    """The record from its documented terms; each brings the synonyms of the diagnoses it names."""
    terms = []
    for term in documented_terms:
        keys = {word.key for word in words_of(term)}
        words = words_of(term)
        for place in range(len(words)):
            name, _ = _name_at(words, place, lexicon)
            if name is not None:
                keys |= name.family
        terms.append(frozenset(keys))
    return Record(tuple(terms))


def _mention(
    text: str, words: Sequence[Word], place: int, length: int, name: Name, lexicon: Lexicon
) -> Mention:
    first = place
    while first > 0 and _belongs(text, words, first - 1, lexicon):
        first -= 1
    # "on" and a number open no name: "reported on sepsis", "2 pressure ulcers".
    while first < place and words[first].key in lexicon.joining | lexicon.numbered:
        first += 1
    last = _counted_after(text, words, place + length - 1, lexicon)
    around = (*range(first, place), *range(place + length, last + 1))
    extras = {words[at].key for at in around} - lexicon.joining - name.family
    start, end = words[first].start, words[last].end
    return Mention(
        text=text[start:end],
        start=start,
        end=end,
        words=name.concept | extras,
        turned_down=_turned_down(text, words, first, lexicon),
    )


def _belongs(text: str, words: Sequence[Word], at: int, lexicon: Lexicon) -> bool:
    """Whether the word stands directly before the next one and speaks of its acuity, type or stage."""
    gap = text[words[at].end : words[at + 1].start]
    if gap.strip("- ") or "\n" in gap:
        return False
    if words[at].key in lexicon.numbered:
        return at > 0 and words[at - 1].key in lexicon.counted
    return words[at].key in lexicon.before


def _counted_after(text: str, words: Sequence[Word], last: int, lexicon: Lexicon) -> int:
    """The last word of a name with its stage, type or class behind it: "CKD stage 4", "obesity, class 3"."""
    if last + 2 >= len(words):
        return last
    gaps = text[words[last].end : words[last + 1].start], text[words[last + 1].end : words[last + 2].start]
    if gaps[0].strip(",- ") or gaps[1].strip("- ") or "\n" in "".join(gaps):
        return last
    is_counted = words[last + 1].key in lexicon.counted and words[last + 2].key in lexicon.numbered
    return last + 2 if is_counted else last


def _turned_down(text: str, words: Sequence[Word], first: int, lexicon: Lexicon) -> bool:
    for at in range(first - 1, max(-1, first - 1 - _NEGATION_REACH), -1):
        if _SENTENCE_END.search(text, words[at].end, words[at + 1].start + 1):
            return False
        if words[at].key in lexicon.negations and not _is_void(words, at, lexicon):
            return True
    return False


def _is_void(words: Sequence[Word], at: int, lexicon: Lexicon) -> bool:
    """Whether a negation turns nothing down: "not clear if", "no documentation of", "not excluded"."""
    turned = at > 0 and words[at - 1].key in lexicon.negations
    return turned or (at + 1 < len(words) and words[at + 1].key in lexicon.void_behind)


def _name_at(words: Sequence[Word], place: int, lexicon: Lexicon) -> tuple[Name | None, int]:
    """The name that begins at a word, and how many words it has."""
    name, length = _listed_at(words, place, lexicon)
    if name is None and _ends_like_one(words[place].key, lexicon):
        key = words[place].key
        name, length = Name((key,), "", frozenset({key}), frozenset({key})), 1
    if name is None or _is_aside(words, place, length, lexicon):
        return None, 0
    return name, length


def _is_aside(words: Sequence[Word], place: int, length: int, lexicon: Lexicon) -> bool:
    """Whether the name is of a test, a plan or a scale: "sepsis screen", "screened for sepsis"."""
    return (
        _is_purpose(words, place + length, lexicon)
        or _is_sought(words, place, lexicon)
        or _on_a_scale(words, place, lexicon)
    )


def _listed_at(words: Sequence[Word], place: int, lexicon: Lexicon) -> tuple[Name | None, int]:
    word = words[place]
    for name in lexicon.names.get(word.key, ()):
        length = len(name.keys)
        if length > 1 and tuple(one.key for one in words[place : place + length]) != name.keys:
            continue
        if name.capitals and not _in_capitals(words[place : place + length], name.capitals):
            continue
        return name, length
    return None, 0


def _ends_like_one(key: str, lexicon: Lexicon) -> bool:
    return len(key) > 5 and key.endswith(lexicon.endings) and key not in lexicon.exceptions


def _on_a_scale(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    for scale in lexicon.scales.get(words[place].key, ()):
        for shift in range(len(scale)):
            at = place - shift
            if at >= 0 and tuple(one.key for one in words[at : at + len(scale)]) == scale:
                return True
    return False


def _in_capitals(words: Sequence[Word], capitals: str) -> bool:
    written = "".join(one.written for one in words)
    return written.removesuffix("s") == _joined(capitals)


def _scales(written: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The phrases by each of their words."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in written:
        keys = tuple(word.key for word in words_of(phrase))
        for key in keys:
            found.setdefault(key, []).append(keys)
    return {key: tuple(phrases) for key, phrases in found.items()}


def _is_purpose(words: Sequence[Word], at: int, lexicon: Lexicon) -> bool:
    """A purpose that stands behind the name, or behind what shares it: "DVT and stress ulcer prophylaxis"."""
    if at >= len(words):
        return False
    if words[at].key in lexicon.purposes:
        return True
    if words[at].key not in ("and", "or"):
        return False
    return any(
        _keys_at(words, at + 1, len(phrase)) == phrase
        and at + 1 + len(phrase) < len(words)
        and words[at + 1 + len(phrase)].key in lexicon.purposes
        for phrase in lexicon.sharing
    )


def _is_sought(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    """What is only looked for or guarded against: "screening for depression" says nothing of the patient."""
    return any(
        place >= len(phrase) and _keys_at(words, place - len(phrase), len(phrase)) == phrase
        for phrase in lexicon.sought
    )


def _keys_at(words: Sequence[Word], at: int, count: int) -> tuple[str, ...]:
    return tuple(one.key for one in words[at : at + count])


def _phrase(written: str) -> tuple[str, ...]:
    return tuple(word.key for word in words_of(written))


def _key(written: str) -> str:
    """Lower case and singular, alike for the list and the text."""
    key = written.lower().replace("’", "'").removesuffix("'s")
    if len(key) > 4 and key.endswith("ies"):
        return key[:-3] + "y"
    if len(key) > 3 and key.endswith("s") and not key.endswith(("ss", "is", "us", "as", "os")):
        return key[:-1]
    return key


def _is_abbreviation(name: str) -> bool:
    letters = _joined(name)
    return len(letters) <= _ABBREVIATION and sum(one.isupper() for one in letters) >= max(2, len(letters) - 3)


def _joined(name: str) -> str:
    return "".join(hit.group() for hit in _WORD.finditer(name))


def _keys(written: Iterable[str]) -> frozenset[str]:
    return frozenset(word.key for one in written for word in words_of(one))


def _longest_first(name: Name) -> tuple[int, tuple[str, ...]]:
    return -len(name.keys), name.keys
