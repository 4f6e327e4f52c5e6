"""Loaders of official files: one module a code system, named here."""

from __future__ import annotations

from collections.abc import Callable

from code_sets.loaders import icd10cm
from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile

Loader = Callable[[SourceFile, str | None, Progress], ParsedRelease]

LOADERS: dict[str, Loader] = {icd10cm.SYSTEM: icd10cm.load}


def loader_of(system: str) -> Loader:
    """The loader of a code system. Raises LoadError, naming those there are."""
    try:
        return LOADERS[system]
    except KeyError as error:
        raise LoadError(
            system, 0, f"there is no loader for it; there are: {', '.join(sorted(LOADERS))}"
        ) from error
