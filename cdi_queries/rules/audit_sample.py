"""Drawing the queries of an audit so that anybody can draw them again: same frame and seed, same list.

The draw, in full: every query of the frame gets the SHA-256 of the UTF-8 text
``coding-ops/query.audit/1`` NUL seed (decimal) NUL id; those with the smallest digests are drawn, in their
order.  Nothing of Python's or the machine's own chance is used, the order of the frame does not
matter, and a larger sample of the same seed begins with the smaller one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from coding_ops.core.errors import InvalidInput

ALGORITHM: Final = "coding-ops/query.audit/1"


def frame_of(ids: Iterable[str]) -> tuple[str, ...]:
    """The frame in the order of its hash: ascending, each id once.

    Raises:
        InvalidInput: an id with a line feed, which would let two frames read alike.
    """
    found = tuple(sorted(set(ids)))
    if any("\n" in one for one in found):
        raise InvalidInput("An id of the frame holds a line feed.", code="frame.damaged")
    return found


def frame_hash(frame: Sequence[str]) -> str:
    """SHA-256 of the ids, one a line, each line ended."""
    return hashlib.sha256("".join(f"{one}\n" for one in frame).encode()).hexdigest()


def draw(frame: Sequence[str], count: int, seed: int) -> tuple[str, ...]:
    """The first ``count`` queries in the order of their digests; all of them where there are no more.

    Raises:
        InvalidInput: a count below 1.
    """
    if count < 1:
        raise InvalidInput("Draw at least one query.", code="query_audit.count", details={"path": "count"})
    return tuple(sorted(frame, key=lambda one: (_place(one, seed), one))[:count])


def pack_frame(frame: Sequence[str]) -> bytes:
    """The ids as gzipped lines; the same frame gives the same bytes."""
    return gzip.compress("".join(f"{one}\n" for one in frame).encode(), 6, mtime=0)


def unpack_frame(data: bytes) -> tuple[str, ...]:
    """The ids that were packed.

    Raises:
        InvalidInput: the bytes are not a frame: it was changed after the draw.
    """
    try:
        return tuple(gzip.decompress(data).decode().split("\n")[:-1])
    except (OSError, EOFError, ValueError) as error:
        raise InvalidInput("The stored frame cannot be read.", code="frame.damaged") from error


def _place(one: str, seed: int) -> bytes:
    return hashlib.sha256(f"{ALGORITHM}\0{seed}\0{one}".encode()).digest()
