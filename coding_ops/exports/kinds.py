"""What can be exported.  An app writes a kind and names it in the setting ``EXPORTS``.

A kind says who may have the file (``ask``), cuts the reading into parts (``parts``, ``read``), and turns
what was read into bytes (``write``).  Each part is read in a transaction of its own, so that progress can
be seen and a long export holds nothing; ``write`` reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, checked: a title without patient data, ids and choices as texts."""

    title: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One export as its kind sees it."""

    client_id: int
    params: Mapping[str, str]
    asked_role: str
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Produced:
    """The file: its name says nothing of a patient; ``encounter_ids`` names whose charts are in it."""

    content: bytes
    file_name: str
    media_type: str
    encounter_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportKind:
    """One kind of export.

    Attributes:
        ask: actor, client id and what was sent; raises ``NotFound``, ``NotAllowed``, ``InvalidInput`` or
            ``Refused``.  Asked again with the kept params before each download, in case a right was lost.
        parts: keys of what is read, in order.
        read: one part; what it returns is handed to ``write``.
        write: all parts; outside any transaction.
    """

    ask: Callable[[Actor, int, Mapping[str, str]], Asked]
    parts: Callable[[Job], Sequence[str]]
    read: Callable[[Job, str], Any]
    write: Callable[[Job, Sequence[Any]], Produced]


@lru_cache(maxsize=32)
def kind_of(name: str) -> ExportKind:
    """The registered kind.

    Raises:
        InvalidInput: none of that name.
    """
    path = settings.EXPORTS.get(name)
    if path is None:
        raise InvalidInput("This cannot be exported.", code="export.kind")
    found: ExportKind = import_string(path)
    return found
