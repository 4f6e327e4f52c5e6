"""The rooms of a client's QA programme, as tabs above each of its pages."""

from __future__ import annotations

from coding_ops.tenancy.models import Role
from coding_ops.web.tabs import Room, Tab, tabs_of

LEADERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
REVIEWERS = LEADERS | {Role.QA_REVIEWER}
CLIENT = frozenset({Role.CLIENT_ADMIN})


ROOMS = (
    Room("programme", "Overview", "", REVIEWERS | CLIENT),
    Room("reviews", "Reviews", "reviews/", REVIEWERS | CLIENT),
    Room("findings", "Findings", "findings/", REVIEWERS | CLIENT | {Role.CODER}),
    Room("plans", "Plans and draws", "plans/", REVIEWERS | CLIENT),
    Room("training", "Training", "training/", REVIEWERS | {Role.CODER}),
    Room("calibration", "Calibration", "calibration/", REVIEWERS),
    Room("drift", "Drift", "drift/", REVIEWERS),
    Room("rehearsals", "Audit rehearsals", "rehearsals/", REVIEWERS),
)


def quality_href(slug: str) -> str:
    """``/c/<client>/quality/``"""
    return f"/c/{slug}/quality/"


def quality_tabs(role: Role | str, slug: str, current: str) -> tuple[Tab, ...]:
    """The rooms that answer this role; ``current`` is the key of the room the page belongs to."""
    return tabs_of(ROOMS, role, quality_href(slug), current)


def own_tabs(current: str) -> tuple[Tab, ...]:
    """A coder's own pages across clients: ``findings`` and ``accuracy``."""
    return tuple(
        Tab(label, f"/work/{key}/", key == current)
        for key, label in (("findings", "Findings"), ("accuracy", "Accuracy"))
    )
