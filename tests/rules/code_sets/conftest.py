"""The bundled release and its index: read and built once, the index kept between runs."""

from __future__ import annotations

import pytest

from code_sets import index_store
from code_sets.loaders.base import ParsedRelease
from code_sets.loaders.bundled import bundle_of, load_bundled
from code_sets.rules.abbreviations import Abbreviations
from code_sets.rules.index import SearchIndex
from code_sets.rules.index_build import build_index

ICD10CM = "ICD-10-CM"


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="session")
def bundled() -> ParsedRelease:
    return load_bundled(ICD10CM, unwatched)


@pytest.fixture(scope="session")
def index(request: pytest.FixtureRequest) -> SearchIndex:
    bundle = bundle_of(ICD10CM)

    def build() -> bytes:
        parsed: ParsedRelease = request.getfixturevalue("bundled")
        return build_index(parsed.entries, index_store.prior(), {}, unwatched, {"release": bundle.release})

    name = index_store.index_name(ICD10CM, bundle.release, bundle.tabular_sha256)
    return index_store.ensure_index(name, build)


@pytest.fixture(scope="session")
def abbreviations() -> Abbreviations:
    return index_store.abbreviations()
