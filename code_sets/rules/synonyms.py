"""What the alphabetical indexes call the codes: kept with a release, added to the search index of the codes.

A *name* is a further name of one code ("Accident boat striking swimmer powered"). An *alias* is a term with
what titles say instead ("appendectomy": resection appendix), for systems whose titles hold no everyday words.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

from code_sets.rules.index_build import Synonyms
from code_sets.rules.text import fold, title_words

Alias = tuple[str, tuple[str, ...], float]
INDEX_QUALITY = 0.9
"""How sure an alias of the publisher's index is: our own tables, made for what is typed, come first."""
LONGEST_ALIAS = 6


def pack_synonyms(names: Mapping[str, Sequence[str]], aliases: Sequence[Alias] = ()) -> bytes:
    """The bytes a loaded index is kept as; `names` by code without dot."""
    content = {"names": {code: list(found) for code, found in sorted(names.items())}, "aliases": aliases}
    return zlib.compress(json.dumps(content).encode(), 6)


def unpack_synonyms(data: bytes) -> Synonyms:
    """Read what `pack_synonyms` wrote."""
    content = json.loads(zlib.decompress(data))
    names = {code: tuple(found) for code, found in content["names"].items()}
    return Synonyms(
        names, tuple((term, tuple(words), quality) for term, words, quality in content["aliases"])
    )


def merged(parts: Iterable[Synonyms]) -> Synonyms:
    """Several indexes as one. A term that an earlier one has is not taken from a later one."""
    names: dict[str, dict[str, None]] = {}
    aliases: dict[tuple[str, tuple[str, ...]], float] = {}
    for part in parts:
        before = {term for term, _ in aliases}
        for code, found in part.names.items():
            names.setdefault(code, {}).update(dict.fromkeys(found))
        for term, words, quality in part.aliases:
            if term not in before:
                aliases.setdefault((term, words), quality)
    return Synonyms(
        {code: tuple(found) for code, found in names.items()},
        tuple((term, words, quality) for (term, words), quality in _telling(aliases).items()),
    )


def _telling(
    aliases: Mapping[tuple[str, tuple[str, ...]], float],
) -> dict[tuple[str, tuple[str, ...]], float]:
    """The aliases without those that say less than another one of the same term."""
    said: dict[str, list[set[str]]] = {}
    for term, words in aliases:
        said.setdefault(term, []).append(set(words))
    return {
        (term, words): quality
        for (term, words), quality in aliases.items()
        if not any(set(words) < other for other in said[term])
    }


def alias(term: str, said: str, quality: float = INDEX_QUALITY) -> Alias | None:
    """An alias of a term as typed; None when either side has no word, or the term already says it."""
    key = " ".join(fold(term).replace("-", " ").replace("/", " ").split())
    words = tuple(dict.fromkeys(title_words(said).words))
    own = set(title_words(term).words)
    if not key or not words or key.count(" ") >= LONGEST_ALIAS or own >= set(words):
        return None
    return key, words, quality
