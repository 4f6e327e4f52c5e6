"""How files, their problems and their payments are written."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from claims.models import FileKind, FileProblem, FileState, PayerFile
from claims.rules.file_advice import advice
from claims.views.files.dto import FileRow, ProblemRow, Progress
from claims.views.tabs import claims_href
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import moment

TONES = {
    FileState.RECEIVED: "warn",
    FileState.READING: "warn",
    FileState.DONE: "ok",
    FileState.PROBLEMS: "warn",
    FileState.QUARANTINED: "bad",
}
STATES = {state: str(state.label) for state in FileState} | {FileState.PROBLEMS: "Read in part"}
PROBLEM_TONES = {
    FileProblem.State.OPEN: "warn",
    FileProblem.State.RETRIED: "ok",
    FileProblem.State.DISMISSED: "",
}
ENTRY_WORDS = {
    FileKind.CLAIMS: ("claim", "claims"),
    FileKind.RECEIPT: ("transaction", "transactions"),
    FileKind.STATUS: ("status", "statuses"),
    FileKind.REMITTANCE: ("claim paid or denied", "claims paid or denied"),
    FileKind.UNKNOWN: ("entry", "entries"),
}


def list_href(slug: str) -> str:
    """The room's address."""
    return f"{claims_href(slug)}files/"


def file_href(slug: str, file_id: UUID) -> str:
    """The page of one file."""
    return f"{list_href(slug)}{file_id}/"


def dollars(amount: Decimal | None) -> str:
    """``$1,234.50``, ``-$3.00``; empty for none."""
    if amount is None:
        return ""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def count(number: int) -> str:
    """``1,234``."""
    return f"{number:,}"


def size(number: int) -> str:
    """``812 B``, ``14 kB``, ``3.2 MB``."""
    if number < 1024:
        return f"{number} B"
    return f"{number / 1024:.0f} kB" if number < 1024 * 1024 else f"{number / (1024 * 1024):.1f} MB"


def name_of(row: PayerFile) -> str:
    """As the sender named it."""
    return row.filename or "(no name)"


def sender_of(row: PayerFile) -> str:
    """Who brought it: a person, or the way it came."""
    if row.received_by is not None:
        return str(row.received_by.full_name)
    return str(row.get_door_display())


def state_of(row: PayerFile) -> tuple[str, str]:
    """The state in words, and its tone.  What was set aside and closed asks nobody any more."""
    state = FileState(row.state)
    if state == FileState.QUARANTINED and not row.problem_count:
        return "Set aside and closed", ""
    return STATES[state], TONES[state]


def file_row(row: PayerFile, client: ReachedClient) -> FileRow:
    """One line of the list; the file's name is opened, so the look must be noted."""
    state, tone = state_of(row)
    return FileRow(
        href=file_href(client.slug, row.pk),
        name=name_of(row),
        kind=str(row.get_kind_display()),
        received=moment(row.received_at, client.timezone),
        sender=sender_of(row),
        size=size(row.byte_count),
        state=state,
        tone=tone,
        entries=count(row.entry_count),
        posted=count(row.posted_count),
        unmatched=count(row.unmatched_count),
        duplicates=count(row.duplicate_count),
        problems=count(row.problem_count),
    )


def problem_row(row: FileProblem, client: ReachedClient) -> ProblemRow:
    """One line of what was set aside."""
    state = FileProblem.State(row.state)
    return ProblemRow(
        file_href=file_href(client.slug, row.file_id),
        dismiss_href=f"{list_href(client.slug)}problems/{row.pk}/dismiss/",
        place=row.place[:1].upper() + row.place[1:],
        message=row.message,
        advice=advice(row.code) if state == FileProblem.State.OPEN else "",
        difference=dollars(row.difference_amount),
        state=str(state.label),
        tone=PROBLEM_TONES[state],
        resolution=row.resolution,
        is_open=state == FileProblem.State.OPEN,
    )


def progress_of(row: PayerFile, client: ReachedClient) -> Progress:
    """The card that a page asks for again while the file is being read.  No name of the file in it."""
    state, tone = state_of(row)
    pending = row.state in (FileState.RECEIVED, FileState.READING)
    one, many = ENTRY_WORDS[FileKind(row.kind)]
    noun = one if row.entry_count == 1 else many
    words = "It is read in a moment."
    if row.state == FileState.READING:
        words = f"{row.read_count:,} of {row.entry_count:,} {noun} so far."
    facts = [
        ("In the file", f"{row.entry_count:,} {noun}"),
        ("Posted", count(row.posted_count)),
        ("Claim not known yet", count(row.unmatched_count)),
        ("Known from another file", count(row.duplicate_count)),
        ("Set aside", count(row.problem_count)),
    ]
    if row.interchange_number:
        facts += [("Interchange", row.interchange_number), ("Sender's id", row.sender_id)]
    return Progress(
        href=file_href(client.slug, row.pk),
        title="What became of it",
        state=state,
        tone=tone,
        is_pending=pending,
        done=row.read_count,
        total=row.entry_count,
        words=words,
        facts=tuple(facts),
    )
