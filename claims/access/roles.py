"""Who may do what with claims.

Leaders keep the set-up and send files; they and coders work denials; reviewers and CDI specialists
look.  A client's people see what was billed, answered and paid, and nothing of the vendor's inside.
"""

from __future__ import annotations

from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role

LEADERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
WORKERS = LEADERS | {Role.CODER}
"""Who works denials: a coder those of the clients they code for."""
CLIENT_READERS = frozenset({Role.CLIENT_VIEWER, Role.CLIENT_ADMIN})
INSIDE_READERS = WORKERS | {Role.QA_REVIEWER, Role.CDI_SPECIALIST}
READERS = INSIDE_READERS | CLIENT_READERS
"""Who may open claims and denials."""
SENDERS = LEADERS | {Role.CLIENT_ADMIN}
"""Who may hand in files of payers."""
FILE_READERS = LEADERS | CLIENT_READERS
SETTERS = LEADERS | {Role.CLIENT_ADMIN}
"""Who keeps billing profile, payers and charges; the reading of reasons is the leaders' own."""


def is_inside(actor: Actor) -> bool:
    """Whether the person may see coders, edits, causes and credits: the vendor's people only."""
    return actor.is_vendor
