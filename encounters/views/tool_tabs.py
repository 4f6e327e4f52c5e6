"""Which tools the workbench offers for a chart: the tabs above the code list."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.tenancy.models import Role
from encounters.models import EncounterKind
from encounters.views.dto import ToolTab

INPATIENT = frozenset({EncounterKind.INPATIENT})
NOT_INPATIENT = frozenset(EncounterKind) - INPATIENT


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    Attributes:
        path: address below the chart's, with its slash.
        command: id in the key table.
        kinds: visits it is offered for.
    """

    key: str
    label: str
    path: str
    command: str
    kinds: frozenset[EncounterKind]


ALL = frozenset(EncounterKind)
TOOLS: tuple[Tool, ...] = (
    Tool("em", "E/M", "em/", "em", ALL),
    Tool("hcc", "HCC", "hcc/", "hcc", ALL),
    Tool("pcs", "PCS", "pcs/", "pcs", INPATIENT),
    Tool("drg", "DRG", "drg/", "drg", INPATIENT),
    # Its pages are those of the application above: only the address is known here.
    Tool("query", "Query", "query/", "query", ALL),
)
BY_KEY = {tool.key: tool for tool in TOOLS}


def tool_tabs(href: str, kind: str) -> tuple[ToolTab, ...]:
    """The tabs of a chart; ``href`` is the chart's address, ``kind`` the encounter's."""
    return tuple(
        ToolTab(tool.key, tool.label, f"{href}{tool.path}", tool.command)
        for tool in TOOLS
        if EncounterKind(kind) in tool.kinds
    )


# Who reads claims; the application above says so too, and answers everybody else as if there were none.
_CLAIM_READERS = frozenset(Role) - {Role.PROVIDER, Role.EXTERNAL_AUDITOR}


def claim_href(href: str, role: str, version_count: int) -> str:
    """The way from a chart to its claim, once there are finished codes; ``href`` is the chart's address."""
    return f"{href}claim/" if version_count and role in _CLAIM_READERS else ""
