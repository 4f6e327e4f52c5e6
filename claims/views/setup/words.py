"""Labels and helps of the set-up, and how its values are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from claims.models import PayerKind
from claims.selectors.setup import Change, names_of
from claims.terms.setup import setup_terms
from claims.views.setup.dto import ChangeRow
from claims.views.tabs import claims_href
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.models import VENDOR_ROLES
from coding_ops.web.client_pages import moment

PROVIDER: Final = {
    "name": ("Name", "As the payers have it.", 60),
    "npi": ("NPI", "Ten digits. The NPI of the practice or center, not of a person.", 10),
    "tax_id": ("Employer identification number", "Nine digits, as 12-3456789.", 10),
    "taxonomy_code": ("Taxonomy code", "Ten characters, as 207R00000X. Empty if no payer asks for it.", 10),
    "address_line": ("Street and number", "Not a post office box.", 55),
    "city": ("City", "", 30),
    "state": ("State", "Two letters.", 2),
    "postal_code": ("ZIP code", "All nine digits, as 73301-0001.", 10),
}
SENDER: Final = {
    "submitter_name": ("Sender’s name", "As the clearinghouse has it.", 60),
    "submitter_id": ("Sender’s id", "The clearinghouse gave it.", 15),
    "contact_name": ("Contact", "Whom the clearinghouse may call.", 60),
    "contact_phone": ("Their telephone", "Ten digits.", 20),
}
TERMS: Final = {
    "bill_hold_days": ("Bill-hold days", "An account older than this counts as not billed."),
    "maturity_days": ("Days until a month’s first pass is mature", "Counted from its last claim."),
    "systemic_count": ("Errors of one cause that are systemic", "From so many on a credit covers the cause."),
}
PAYER_NAMES: Final = {
    "name": ("Name", "As coverages name it.", 60),
    "payer_id": ("Payer id", "Its electronic id, on every claim.", 20),
    "receiver_name": ("Files go to", "The clearinghouse, or the payer itself.", 60),
    "receiver_id": ("Receiver’s id", "As agreed with whom the files go to.", 15),
}
PAYER_DAYS: Final = {
    "timely_filing_days": ("Days to file", "From service."),
    "correction_days": ("Days to correct", "From the payer’s answer."),
    "appeal_days": ("Days to appeal", "From the payer’s answer."),
}
SOURCE: Final = (
    "Where these days are written",
    "Contract or manual with its section. Empty: not verified.",
    200,
)
OTHERS: Final = {
    "kind": "Kind",
    "filing_code": "Filed as",
    "aliases": "Other names",
    "terms_source": SOURCE[0],
    "is_active": "In use",
    "is_self_billed": "Bills by itself",
    "is_test": "Test files",
    "bills_from_on": "First day of service billed here",
    "code": "Code",
    "modifier": "Modifier",
    "amount": "Dollars",
    "revenue_code": "Revenue code",
    "starts_on": "First day",
    "ends_on": "Last day",
}
LABELS: Final = {
    **{name: found[0] for name, found in (*PROVIDER.items(), *SENDER.items(), *PAYER_NAMES.items())},
    **{name: found[0] for name, found in (*TERMS.items(), *PAYER_DAYS.items())},
    **OTHERS,
}
_HYPHENS: Final = {"tax_id": (2,), "postal_code": (5,), "contact_phone": (3, 6)}


def setup_href(slug: str) -> str:
    """``/c/<client>/claims/setup/``"""
    return f"{claims_href(slug)}setup/"


def shown(name: str, value: Any) -> str:
    """A stored value as people write it."""
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return dollars(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name == "kind":
        return str(PayerKind(value).label)
    if name == "filing_code":
        return f"{value}, {setup_terms().filing_codes.get(value, value)}"
    return with_hyphens(name, str(value))


def with_hyphens(name: str, text: str) -> str:
    """``12-3456789`` of an employer's number, and the like."""
    if name not in _HYPHENS or not text.isdecimal():
        return text
    cuts = (0, *_HYPHENS[name], len(text))
    return "-".join(text[first:last] for first, last in pairwise(cuts) if text[first:last])


def bounds(name: str) -> str:
    """``0 to 60.``"""
    least, most = setup_terms().bounds[name]
    return f"{least} to {most}."


def whole(text: str) -> int:
    """A typed whole number; -1, which no bound takes, for anything else."""
    text = text.strip()
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else -1


def dollars(value: Decimal) -> str:
    """``$1,234.50``"""
    return f"{'−' if value < 0 else ''}${abs(value):,.2f}"


def day(value: date | None) -> str:
    """``11/19/2026``; empty for none."""
    return f"{value:%m/%d/%Y}" if value else ""


def change_rows(changes: Iterable[Change], client: ReachedClient, *, inside: bool) -> tuple[ChangeRow, ...]:
    """Changes as rows.  Outside the vendor its people have no names."""
    changes = list(changes)
    names = names_of({one.by_id for one in changes if one.by_id is not None})
    return tuple(
        ChangeRow(
            at=moment(one.at, client.timezone),
            who=_who(one, names, inside),
            what=", ".join(part for part in (one.title, "new" if one.is_new else "") if part),
            fields=tuple(
                (LABELS[name], "" if one.is_new else shown(name, before), shown(name, after))
                for name, (before, after) in one.fields.items()
                if name in LABELS and not (one.is_new and after in (None, "", []))
            ),
        )
        for one in changes
    )


def _who(change: Change, names: dict[int, str], inside: bool) -> str:
    if change.by_id is None:
        return "The application"
    if not inside and change.role in VENDOR_ROLES:
        return "The coding team"
    return names.get(change.by_id, "Somebody")
