"""Making frozen dataclasses by the million.

A frozen dataclass sets each field through ``object.__setattr__``, which costs ten times a plain assignment:
for a claim of thirty fields it was the largest part of reading an 837.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar, cast

Kind = TypeVar("Kind")


def quick(kind: type[Kind]) -> type[Kind]:
    """A constructor that takes what ``kind`` takes and gives real, frozen instances of ``kind``.

    Args:
        kind: a frozen dataclass with slots, without ``__post_init__`` and with plain defaults.

    It fills a mutable twin with the same slots and then says that it is a ``kind``, which Python allows
    for classes of one layout (and refuses with a TypeError for others).  The ``__init__`` of the twin is
    written out as source, as ``dataclasses`` does for its own.
    """
    names = [one.name for one in fields(cast(Any, kind))]
    given = {one.name: one.default for one in fields(cast(Any, kind)) if one.default is not MISSING}
    header = ", ".join(f"{name}=_given[{name!r}]" if name in given else name for name in names)
    body = "".join(f"    self.{name} = {name}\n" for name in names)
    made: dict[str, Any] = {"_given": given, "_kind": kind}
    source = f"def __init__(self, {header}):\n{body}    self.__class__ = _kind\n"
    exec(source, made)  # noqa: S102 - made of the names of fields alone
    twin = type(f"Quick{kind.__name__}", (), {"__slots__": tuple(names), "__init__": made["__init__"]})
    return cast("type[Kind]", twin)
