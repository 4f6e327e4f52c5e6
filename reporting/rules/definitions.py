"""The registry: every KPI there is, by name and version.

A later family adds its module with a ``KPIS`` tuple and one line here.  A changed meaning is a new version
beside the old one, which stays, so that last quarter can be shown under either.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from coding_ops.core.errors import NotFound
from reporting.rules import (
    backlog,
    denials,
    dnfb,
    dnfc,
    first_pass,
    productivity,
    queries,
    turnaround,
)
from reporting.rules.kpi import Audience, Kpi

FAMILIES: Final = (
    turnaround.KPIS,
    dnfc.KPIS,
    productivity.KPIS,
    backlog.KPIS,
    queries.KPIS,
    first_pass.KPIS,
    denials.KPIS,
    dnfb.KPIS,
)


def _index(families: Iterable[Iterable[Kpi]]) -> MappingProxyType[tuple[str, int], Kpi]:
    found: dict[tuple[str, int], Kpi] = {}
    for kpi in (kpi for family in families for kpi in family):
        if kpi.definition.key in found:
            raise ValueError(f"{kpi.definition.key} is defined twice.")
        found[kpi.definition.key] = kpi
    return MappingProxyType(found)


REGISTRY: Final = _index(FAMILIES)


def get(name: str, version: int | None = None) -> Kpi:
    """The KPI of this name, its newest version unless one is asked for.

    Raises:
        NotFound: no such name or version.
    """
    versions = [key[1] for key in REGISTRY if key[0] == name]
    if not versions or (version is not None and version not in versions):
        raise NotFound("There is no such measure.")
    return REGISTRY[name, max(versions) if version is None else version]


def current(audience: Audience | None = None) -> tuple[Kpi, ...]:
    """The newest version of every KPI, in the registry's order, that this audience may see.

    ``None`` gives all; ``CLIENT`` those for clients and both; ``VENDOR`` those for the vendor and both.
    """
    newest = dict(sorted(REGISTRY))  # the last of a name is its newest version
    return tuple(
        kpi
        for (name, version), kpi in REGISTRY.items()
        if newest[name] == version and _may_see(kpi.definition.audience, audience)
    )


def _may_see(of: Audience, audience: Audience | None) -> bool:
    return audience is None or of in (audience, Audience.BOTH)
