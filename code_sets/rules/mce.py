"""The Medicare Code Editor's edits of a stay as findings: which code each is about, and what it asks for.

The editor counts codes without naming them.  A code is named where the edit disappears without it; what only
the principal diagnosis can fail names that.

Source: CMS, Definitions of Medicare Code Edits.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from code_sets.rules import drg
from code_sets.rules.drg import Edit, Stay, Version
from code_sets.rules.edits.claim import Finding, Severity

CITATION = "CMS, Definitions of Medicare Code Edits, v{version}"
UNKNOWN = "see the Medicare Code Editor's manual"


@dataclass(frozen=True, slots=True)
class EditWords:
    """What an edit means. `covered`: the claim edit that finds the same where its tables are loaded."""

    severity: str
    message: str
    satisfy: str
    is_principal: bool
    covered: str


def parse_words(text: str) -> Mapping[str, EditWords]:
    """The words of the edits by name, from TOML."""
    return {
        name: EditWords(
            severity=entry.get("severity", "warning"),
            message=entry.get("message", ""),
            satisfy=entry.get("satisfy", ""),
            is_principal=entry.get("principal", False),
            covered=entry.get("covered", ""),
        )
        for name, entry in tomllib.loads(text).items()
    }


def stay_findings(
    stay: Stay, version: Version, words: Mapping[str, EditWords], known: Collection[str] = ()
) -> tuple[Finding, ...]:
    """The editor's findings, each with the codes it is about; rule ids are `mce.<name in lower case>`.

    `known`: rules that have found something already, so that it is not said twice.
    """
    found = []
    for edit in drg.edits(stay, version):
        meaning = words.get(edit.name) or EditWords(
            "warning", f"{edit.name.replace('_', ' ').lower()}: {UNKNOWN}", "Check the stay.", False, ""
        )
        if meaning.covered in known:
            continue
        codes = (stay.principal.code,) if meaning.is_principal else _codes_of(edit, stay, version)
        shown = f"{', '.join(codes)}: " if codes else ""
        text = f"{shown}{meaning.message}."
        found.append(
            Finding(
                rule=f"mce.{edit.name.lower()}",
                severity=cast(Severity, meaning.severity),
                lines=(),
                codes=codes,
                message=text[:1].upper() + text[1:],
                citation=CITATION.format(version=version.name),
                satisfy=meaning.satisfy,
            )
        )
    return tuple(found)


def _codes_of(edit: Edit, stay: Stay, version: Version) -> tuple[str, ...]:
    """The codes without which the editor finds less of this edit."""
    return tuple(
        code
        for code, without in _left_out(stay)
        if _count(edit.name, drg.edits(without, version)) < edit.count
    )


def _count(name: str, edits: tuple[Edit, ...]) -> int:
    return sum(one.count for one in edits if one.name == name)


def _left_out(stay: Stay) -> Iterator[tuple[str, Stay]]:
    for place, coded in enumerate(stay.secondary):
        rest = stay.secondary[:place] + stay.secondary[place + 1 :]
        yield coded.code, replace(stay, secondary=rest)
    for place, code in enumerate(stay.procedures):
        others = stay.procedures[:place] + stay.procedures[place + 1 :]
        yield code, replace(stay, procedures=others)
