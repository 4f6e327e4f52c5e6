"""Builds the search index of a release from its entries."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from code_sets.rules.entries import SEARCHED_KINDS, CodeEntry, NoteKind
from code_sets.rules.index import ALWAYS, CODE_WIDTH, HEADER, MAGIC, NOT_DENSE, day_number
from code_sets.rules.text import LIGHT_WORDS, TitleWords, fold, title_words

LIGHT_FACTOR = 0.15
DENSE_SHARE = 384
"""A word in more than one of so many phrases is kept as a bit map."""
STORED_PREFIX_LENGTH = 2
TERM_KINDS = (NoteKind.INCLUSION_TERM, NoteKind.INCLUDES)
WEIGHT_SCALE = 60.0
"""Turns the weight of a phrase into the coverage it can still reach: used only to order phrases."""

TERM_PENALTY = 0.5
INHERITED_PENALTY = 2.0


@dataclass(frozen=True, slots=True)
class Prior:
    """Points of codes before a word is typed, by code, by first letter and by seventh character."""

    common: Mapping[str, float]
    chapters: Mapping[str, float]
    seventh: Mapping[str, float]
    has_defaults: bool = True
    """Whether a heading has a code that stands for it when no more is said: so in ICD-10-CM only."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """What an index adds to the titles: further names by code, and terms with what titles say instead.

    An alias is (term as folded, words of a title, quality 0..1).
    """

    names: Mapping[str, tuple[str, ...]]
    aliases: tuple[tuple[str, tuple[str, ...], float], ...] = ()


NO_SYNONYMS = Synonyms({})


@dataclass(slots=True)
class Phrase:
    """One name of a code while the index is built."""

    code: int
    words: TitleWords
    bonus: float
    weight: float = 0.0

    def all_words(self) -> set[str]:
        return {*self.words.words, *self.words.joined}


def build_index(
    entries: Sequence[CodeEntry],
    prior: Prior,
    borrowed: Mapping[str, tuple[str, ...]] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    meta: Mapping[str, str] | None = None,
    synonyms: Synonyms = NO_SYNONYMS,
) -> bytes:
    """The index of a release, to be written to a file and opened with `SearchIndex`.

    `borrowed`: terms of another release by code, for files that carry titles only. `meta` is kept with it.
    `synonyms`: what the publisher's alphabetical index and our own tables call the codes.
    """
    report = progress or _unwatched
    codes = sorted((entry for entry in entries if entry.kind in SEARCHED_KINDS), key=lambda entry: entry.code)
    report("naming", 0, len(codes))
    by_code = {entry.code: entry for entry in entries}
    builder = _PhraseBuilder(codes, by_code, prior, borrowed or {}, synonyms.names)
    phrases = builder.phrases()
    report("weighing", 0, len(phrases))
    weights = _word_weights(phrases)
    for phrase in phrases:
        minor = phrase.words.minor
        phrase.weight = sum(
            weights[word] * (LIGHT_FACTOR if word in minor and word not in LIGHT_WORDS else 1.0)
            for word in set(phrase.words.words)
        )
    phrases.sort(key=lambda phrase: phrase.weight / WEIGHT_SCALE * 35 - phrase.bonus)
    report("writing", 0, len(phrases))
    words = sorted(weights)
    primary, context = _postings(phrases, builder.context_of, {word: at for at, word in enumerate(words)})
    aliases = json.dumps(synonyms.aliases).encode() if synonyms.aliases else b""
    return _pack(codes, builder, phrases, words, weights, primary, context, dict(meta or {}), aliases)


def _unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class _PhraseBuilder:
    def __init__(
        self,
        codes: Sequence[CodeEntry],
        by_code: Mapping[str, CodeEntry],
        prior: Prior,
        borrowed: Mapping[str, tuple[str, ...]],
        indexed: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.codes = codes
        self.by_code = by_code
        self.numbers = {entry.code: at for at, entry in enumerate(codes)}
        self.borrowed = borrowed
        self.indexed = indexed
        self.has_defaults = prior.has_defaults
        self.bonus = [code_prior(entry, prior) for entry in codes]
        self.children: dict[str, list[CodeEntry]] = {}
        for entry in codes:
            if entry.parent is not None:
                self.children.setdefault(entry.parent, []).append(entry)
        self._names = [self._own_names(entry) for entry in codes]
        self._context: dict[str, frozenset[str]] = {}

    def _own_names(self, entry: CodeEntry) -> list[str]:
        terms = entry.texts(*TERM_KINDS) or self.borrowed.get(entry.code, ())
        return list(dict.fromkeys((entry.title, *terms)))

    def phrases(self) -> list[Phrase]:
        """Every name of every code, a heading's names also for the code that stands for it."""
        found: list[Phrase] = []
        for at, entry in enumerate(self.codes):
            names = self._names[at]
            for place, name in enumerate(names):
                found.append(self._phrase(at, name, -TERM_PENALTY if place else 0.0))
            default = None if entry.billable or not self.has_defaults else default_code(entry, self.children)
            indexed = self.indexed.get(entry.code, ())
            if default is None:
                found.extend(self._phrase(at, name, -TERM_PENALTY) for name in indexed)
            else:
                number = self.numbers[default.code]
                # What the index says of a heading leads to a code: once, since a drug has a dozen such names.
                for name in (*names, *indexed):
                    # "Other hypertension" names what has its own codes, not hypertension.
                    if name not in self._names[number] and not fold(name).startswith("other "):
                        found.append(self._phrase(number, name, -INHERITED_PENALTY))
        return found

    def _phrase(self, code: int, name: str, extra: float) -> Phrase:
        return Phrase(code, title_words(name), self.bonus[code] + extra)

    def context_of(self, code: int) -> frozenset[str]:
        """The words of a code's own names and of all headings above it."""
        entry = self.codes[code]
        own: set[str] = set()
        for name in self._names[code]:
            words = title_words(name)
            own.update(words.words, words.joined)
        return self._above(entry.parent) | own

    def _above(self, code: str | None) -> frozenset[str]:
        if code is None:
            return frozenset()
        known = self._context.get(code)
        if known is None:
            entry = self.by_code[code]
            words: set[str] = set()
            if entry.kind in SEARCHED_KINDS:
                for name in self._own_names(entry):
                    plain = title_words(name)
                    words.update(plain.words, plain.joined)
                words |= self._above(entry.parent)
            known = self._context[code] = frozenset(words)
        return known


def default_code(heading: CodeEntry, children: Mapping[str, list[CodeEntry]]) -> CodeEntry | None:
    """The code that stands for a heading when no more is documented: "unspecified", "without complications".

    ICD-10-CM Official Guidelines I.A.9.b and I.B.18: unspecified codes carry 9 (0) as their last character.
    """
    entry = heading
    while not entry.billable:
        below = children.get(entry.code)
        if not below:
            return None
        entry = min(below, key=_default_rank)
    return entry


def _default_rank(entry: CodeEntry) -> tuple[int, bool, str]:
    title = fold(entry.title)
    last = entry.code[-1]
    says_more = " with " in title
    if len(entry.code) == 7 and last in "AP":
        rank = 0
    elif "without complication" in title or "uncomplicated" in title:
        rank = 1
    elif title.startswith("unspecified") or title.endswith("unspecified") or ", unspecified" in title:
        rank = 2
    elif "unspecified" in title and not title.startswith("other"):
        rank = 3
    else:
        rank = 4 if last == "9" else 5 if last == "0" else 6
    return rank, says_more, entry.code


def code_prior(entry: CodeEntry, prior: Prior) -> float:
    """Points of a code whatever is typed: its common use, its chapter, its seventh character."""
    points = prior.common.get(entry.code, 0.0) + prior.chapters.get(entry.code[0], 0.0)
    if len(entry.code) == 7 and entry.billable:
        points += prior.seventh.get(entry.code[-1], 0.0)
    if fold(entry.title).startswith("other "):
        points -= 1.5
    return points


def _word_weights(phrases: Sequence[Phrase]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for phrase in phrases:
        for word in phrase.all_words():
            counts[word] = counts.get(word, 0) + 1
    total = len(phrases)
    return {
        word: (1 + math.log(total / count)) * (LIGHT_FACTOR if word in LIGHT_WORDS else 1.0)
        for word, count in counts.items()
    }


def _postings(
    phrases: Sequence[Phrase], context_of: Callable[[int], frozenset[str]], numbers: Mapping[str, int]
) -> tuple[list[array[int]], list[array[int]]]:
    primary = [array("I") for _ in numbers]
    context = [array("I") for _ in numbers]
    near: dict[int, frozenset[str]] = {}
    for at, phrase in enumerate(phrases):
        own = phrase.all_words()
        for word in own:
            primary[numbers[word]].append(at)
        around = near.get(phrase.code)
        if around is None:
            around = near[phrase.code] = context_of(phrase.code)
        for word in around - own:
            context[numbers[word]].append(at)
    return primary, context


def _pack(
    codes: Sequence[CodeEntry],
    builder: _PhraseBuilder,
    phrases: Sequence[Phrase],
    words: Sequence[str],
    weights: Mapping[str, float],
    primary: Sequence[array[int]],
    context: Sequence[array[int]],
    meta: dict[str, str],
    aliases: bytes,
) -> bytes:
    titles = [entry.title.encode() for entry in codes]
    offsets = array("I", [0])
    for title in titles:
        offsets.append(offsets[-1] + len(title))
    sections: dict[str, bytes] = {
        "codes": b"".join(entry.code.ljust(CODE_WIDTH).encode("ascii") for entry in codes),
        "billable": bytes(entry.billable for entry in codes),
        "parents": array("I", [_parent_number(entry, builder.numbers) for entry in codes]).tobytes(),
        "code_prior": array("f", builder.bonus).tobytes(),
        "titles": b"".join(titles),
        "title_at": offsets.tobytes(),
        "words": "\n".join(words).encode("ascii"),
        "weights": array("f", [weights[word] for word in words]).tobytes(),
        "phrase_code": array("I", [phrase.code for phrase in phrases]).tobytes(),
        "phrase_weight": array("f", [phrase.weight for phrase in phrases]).tobytes(),
        "phrase_bonus": array("f", [phrase.bonus for phrase in phrases]).tobytes(),
    }
    if aliases:
        sections["aliases"] = aliases
    if any(entry.valid_from or entry.valid_to for entry in codes):
        sections |= _validity(codes)
    prefixes = sorted({word[:size] for word in words for size in range(1, STORED_PREFIX_LENGTH + 1)})
    for field, lists in (("primary", primary), ("context", context)):
        sections |= _field_sections(field, lists, words, prefixes, len(phrases))
    return _join(sections, {**meta, "prefixes": prefixes})


def _validity(codes: Sequence[CodeEntry]) -> dict[str, bytes]:
    first = [day_number(entry.valid_from) if entry.valid_from else 0 for entry in codes]
    last = [day_number(entry.valid_to) if entry.valid_to else ALWAYS for entry in codes]
    return {"valid_from": array("I", first).tobytes(), "valid_to": array("I", last).tobytes()}


def _parent_number(entry: CodeEntry, numbers: Mapping[str, int]) -> int:
    return numbers.get(entry.parent or "", NOT_DENSE)


def _field_sections(
    field: str, lists: Sequence[array[int]], words: Sequence[str], prefixes: Sequence[str], count: int
) -> dict[str, bytes]:
    width = (count + 7) // 8
    listed, offsets, dense = array("I"), array("I", [0]), array("I")
    bitmaps: list[bytes] = []
    merged = {prefix: bytearray(width) for prefix in prefixes}
    for word, posting in zip(words, lists, strict=True):
        for size in range(1, min(len(word), STORED_PREFIX_LENGTH) + 1):
            _mark(merged[word[:size]], posting)
        if len(posting) > count / DENSE_SHARE:
            dense.append(len(bitmaps))
            bitmap = bytearray(width)
            _mark(bitmap, posting)
            bitmaps.append(bytes(bitmap))
        else:
            dense.append(NOT_DENSE)
            listed.extend(posting)
        offsets.append(len(listed))
    return {
        f"{field}_list": listed.tobytes(),
        f"{field}_at": offsets.tobytes(),
        f"{field}_dense": dense.tobytes(),
        f"{field}_bitmap": b"".join(bitmaps),
        f"{field}_prefix": b"".join(bytes(merged[prefix]) for prefix in prefixes),
    }


def _mark(target: bytearray, posting: Iterable[int]) -> None:
    for phrase in posting:
        target[phrase >> 3] |= 1 << (phrase & 7)


def _join(sections: Mapping[str, bytes], meta: Mapping[str, object]) -> bytes:
    """Header and sections, each at a multiple of eight bytes so that it can be read as numbers in place."""
    placed: dict[str, tuple[int, int]] = {}
    room = 8192 + 32 * len(sections) + len(json.dumps(meta))
    at = start = (room + 7) // 8 * 8
    for name, data in sections.items():
        placed[name] = (at, len(data))
        at += (len(data) + 7) // 8 * 8
    header = json.dumps({"sections": placed, "meta": meta, "total": at}).encode()
    out = bytearray(at)
    HEADER.pack_into(out, 0, MAGIC, len(header))
    if HEADER.size + len(header) > start:
        raise ValueError("the header of the index outgrew its room")
    out[HEADER.size : HEADER.size + len(header)] = header
    for name, data in sections.items():
        position, size = placed[name]
        out[position : position + size] = data
    return bytes(out)
