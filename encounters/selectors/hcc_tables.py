"""Risk adjustment as data: when a category is supported, when an encounter counts, which models are shown."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from code_sets.hcc_tables import ModelYear, model_years
from encounters.rules.hcc_eligibility import EligibilityTables
from encounters.rules.hcc_support import Policy
from encounters.rules.sections import SectionKind

DATA = Path(__file__).resolve().parents[1] / "data"


@cache
def _support() -> dict[str, Any]:
    return tomllib.loads((DATA / "hcc_support.toml").read_text("utf-8"))


@cache
def support_policy() -> Policy:
    """Which sections do not support a category, and how loud each finding is."""
    tables = _support()
    sections = tables["sections"]
    return Policy(
        history=frozenset(SectionKind(name) for name in sections["history"]),
        problem_list=frozenset(SectionKind(name) for name in sections["problem_list"]),
        levels=tables["levels"],
        citations=tables["citations"],
    )


@cache
def eligibility_tables() -> EligibilityTables:
    """The lists by which an encounter is judged."""
    tables = tomllib.loads((DATA / "hcc_eligibility.toml").read_text("utf-8"))
    provider, source, seen = tables["provider"], tables["source"], tables["face_to_face"]
    return EligibilityTables(
        accepted_credentials=frozenset(provider["accepted"]),
        refused_credentials=frozenset(provider["refused"]),
        refused_specialties=frozenset(tables["specialty"]["refused"]),
        refused_documents=frozenset(source["refused_documents"]),
        refused_places=frozenset(source["refused_places"]),
        in_person_kinds=frozenset(seen["kinds"]),
        in_person_places=frozenset(seen["places"]),
        telehealth_kinds=frozenset(seen["telehealth_kinds"]),
        telehealth_places=frozenset(seen["telehealth_places"]),
        video_modifiers=frozenset(seen["video_modifiers"]),
        audio_modifiers=frozenset(seen["audio_modifiers"]),
        remote_services=frozenset(seen["remote_services"]),
        remote_modifiers=frozenset(seen["remote_modifiers"]),
        citations=tables["citations"],
    )


def interaction_words(names: Iterable[str]) -> tuple[str, ...]:
    """Interactions in words; the model's mere count of categories is left out."""
    words: dict[str, str] = _support()["interactions"]
    return tuple(
        words.get(name, name) for name in names if not name.rstrip("P").removeprefix("D").isdecimal()
    )


@lru_cache(maxsize=16)
def models_shown(payment_year: int) -> tuple[ModelYear | str, ...]:
    """One entry a model, in the order of the file: its newest tables up to the payment year, or its name
    where none are loaded."""
    found: list[ModelYear | str] = []
    for name in _support()["models"]["shown"]:
        years = [
            one for one in model_years() if one.model.startswith(name) and one.payment_year <= payment_year
        ]
        found.append(max(years, key=lambda one: one.payment_year) if years else name)
    return tuple(found)
