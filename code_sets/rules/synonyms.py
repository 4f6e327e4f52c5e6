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
    """Several indexes as one; a name or alias that two of them give is kept once, where it came first."""
    names: dict[str, dict[str, None]] = {}
    aliases: dict[tuple[str, tuple[str, ...]], float] = {}
    for part in parts:
        for code, found in part.names.items():
            names.setdefault(code, {}).update(dict.fromkeys(found))
        for term, words, quality in part.aliases:
            aliases.setdefault((term, words), quality)
    return Synonyms(
        {code: tuple(found) for code, found in names.items()},
        tuple((term, words, quality) for (term, words), quality in aliases.items()),
    )


def alias(term: str, said: str, quality: float = INDEX_QUALITY) -> Alias | None:
    """An alias of a term as typed; None when either side has no word, or the term already says it."""
    key = " ".join(fold(term).replace("-", " ").replace("/", " ").split())
    words = tuple(dict.fromkeys(title_words(said).words))
    own = set(title_words(term).words)
    if not key or not words or key.count(" ") >= LONGEST_ALIAS or own >= set(words):
        return None
    return key, words, quality
