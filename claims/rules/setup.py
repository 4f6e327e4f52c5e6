"""What a client's billing needs to be told right: who it bills as, whom it bills.  Pure checks.

Every check answers with the field and what to do about it; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from encounters.rules.intake.values import is_npi

# Signs that end an element, a part, a repetition or a segment of X12 would break the file they stand in.
_NAME = re.compile(r"[A-Za-z0-9 !\"&'()+,\-./;?=#%@_]+")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .\-_/]*")
_TAXONOMY = re.compile(r"[0-9]{3}[0-9A-Z]{6}X")
_EIN = re.compile(r"([0-9]{2})-?([0-9]{7})")
_ZIP = re.compile(r"([0-9]{5})-?([0-9]{4})")
_NOT_A_DIGIT = re.compile(r"[\s().\-]")
_PHONE = re.compile(r"[2-9][0-9]{9}")
_PLAIN: Final = "Use letters, digits and plain signs only; * : ^ ~ cannot stand in a claim."
FEDERAL_KINDS: Final = ("medicare", "medicare_advantage", "medicaid", "medicaid_mco")


@dataclass(frozen=True, slots=True)
class SetupTerms:
    """Codes, bounds and limits the checks take; see ``data/setup.toml``.  Amounts in dollars."""

    states: frozenset[str]
    filing_codes: Mapping[str, str]
    bounds: Mapping[str, tuple[int, int]]
    most_amount: Decimal
    most_rows: int
    most_bytes: int
    most_problems: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the client bills as, as wanted.  ``tax_id``: nine digits, ``postal_code``: nine, phone: ten.

    ``bills_from_on``: first day of service that is billed here, ``None``: every visit.
    """

    name: str
    npi: str
    tax_id: str = ""
    taxonomy_code: str = ""
    address_line: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    submitter_name: str = ""
    submitter_id: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    is_self_billed: bool = False
    is_test: bool = True
    bill_hold_days: int = 3
    maturity_days: int = 45
    systemic_count: int = 3
    bills_from_on: date | None = None


@dataclass(frozen=True, slots=True)
class PayerTerms:
    """A payer as wanted.  ``aliases``: other names and ids under which coverages and files name it."""

    name: str
    kind: str
    payer_id: str
    filing_code: str
    receiver_name: str
    receiver_id: str
    aliases: tuple[str, ...] = ()
    timely_filing_days: int = 365
    correction_days: int = 365
    appeal_days: int = 120
    terms_source: str = ""
    is_active: bool = True


def digits(pattern: re.Pattern[str], text: str) -> str:
    """The digits of a number that may be written with a hyphen; the text itself if it is none."""
    found = pattern.fullmatch(text.strip())
    return "".join(found.groups()) if found else text.strip()


def normal_profile(profile: Profile) -> Profile:
    """As it is stored: no hyphens in numbers, codes in capitals, no outer spaces."""
    return replace(
        profile,
        name=_words(profile.name),
        npi=profile.npi.strip(),
        tax_id=digits(_EIN, profile.tax_id),
        taxonomy_code=profile.taxonomy_code.strip().upper(),
        address_line=_words(profile.address_line),
        city=_words(profile.city),
        state=profile.state.strip().upper(),
        postal_code=digits(_ZIP, profile.postal_code),
        submitter_name=_words(profile.submitter_name),
        submitter_id=profile.submitter_id.strip(),
        contact_name=_words(profile.contact_name),
        contact_phone=_NOT_A_DIGIT.sub("", profile.contact_phone),
    )


def normal_payer(payer: PayerTerms) -> PayerTerms:
    """As it is stored: outer spaces gone, an alias once, none that the name or id says already."""
    name, payer_id = _words(payer.name), payer.payer_id.strip().upper()
    kept: dict[str, str] = {}
    for alias in map(_words, payer.aliases):
        if alias and alias.casefold() not in {name.casefold(), payer_id.casefold()}:
            kept.setdefault(alias.casefold(), alias)
    return replace(
        payer,
        name=name,
        payer_id=payer_id,
        filing_code=payer.filing_code.strip().upper(),
        receiver_name=_words(payer.receiver_name),
        receiver_id=payer.receiver_id.strip(),
        aliases=tuple(kept.values()),
        terms_source=_words(payer.terms_source),
    )


def profile_problems(profile: Profile, terms: SetupTerms) -> dict[str, str]:
    """What is wrong, by field.  A client that bills by itself needs its name and NPI only.

    Args:
        profile: as :func:`normal_profile` gives it.
    """
    found: dict[str, str] = {}
    needed = {"name", "npi"} if profile.is_self_billed else set(_MISSING)
    for field in _MISSING:
        if field in needed and not getattr(profile, field):
            found[field] = _MISSING[field]
    for field, wrong in _forms(profile, terms).items():
        if getattr(profile, field) and wrong:
            found[field] = wrong
    for field, most in _LENGTHS.items():
        text = getattr(profile, field)
        if text and field not in found and (len(text) > most or not _NAME.fullmatch(text)):
            found[field] = f"At most {most} characters." if len(text) > most else _PLAIN
    return found | _numbers(profile, ("bill_hold_days", "maturity_days", "systemic_count"), terms)


_MISSING: Final = {
    "name": "Write the name the client bills under.",
    "npi": "Write the client’s own NPI, ten digits.",
    "tax_id": "Write the employer identification number, nine digits.",
    "address_line": "Write street and number. A post office box is no billing address.",
    "city": "Write the city.",
    "state": "Write the state in two letters.",
    "postal_code": "Write the ZIP code with all nine digits.",
    "submitter_name": "Write the name the clearinghouse knows the sender by.",
    "submitter_id": "Write the id the clearinghouse gave the sender.",
    "contact_name": "Write whom the clearinghouse may call.",
    "contact_phone": "Write their telephone number, ten digits.",
}
_LENGTHS: Final = {
    "name": 60,
    "address_line": 55,
    "city": 30,
    "submitter_name": 60,
    "contact_name": 60,
}
_BOX = re.compile(r"(?i)\b(p\.?\s*o\.?\s*box|post office box|lock\s?box)\b")


def _forms(profile: Profile, terms: SetupTerms) -> dict[str, str]:
    """What each filled field is wrong by, empty where it is right."""

    def unless(holds: object, words: str) -> str:
        return "" if holds else words

    return {
        "npi": unless(is_npi(profile.npi), "This is no NPI: ten digits, and the check digit must fit."),
        "tax_id": unless(
            _EIN.fullmatch(profile.tax_id) and not profile.tax_id.startswith("00"),
            "This is no employer identification number: nine digits, as 12-3456789.",
        ),
        "taxonomy_code": unless(
            _TAXONOMY.fullmatch(profile.taxonomy_code),
            "A taxonomy code has ten characters and ends with X, as 207R00000X.",
        ),
        "address_line": unless(
            not _BOX.search(profile.address_line),
            "A post office box is no billing address. Write street and number.",
        ),
        "state": unless(profile.state in terms.states, "Write the state in two letters, as TX."),
        "postal_code": unless(
            _ZIP.fullmatch(profile.postal_code), "Write the ZIP code with all nine digits, as 73301-0001."
        ),
        "submitter_id": unless(
            2 <= len(profile.submitter_id) <= 15 and _ID.fullmatch(profile.submitter_id),
            "Two to fifteen letters and digits.",
        ),
        "contact_phone": unless(
            _PHONE.fullmatch(profile.contact_phone), "Write ten digits, as 512-555-0134."
        ),
    }


def payer_problems(
    payer: PayerTerms, terms: SetupTerms, *, kinds: frozenset[str], names: Mapping[str, str]
) -> dict[str, str]:
    """What is wrong, by field.

    Args:
        payer: as :func:`normal_payer` gives it.
        kinds: the kinds of payers there are.
        names: names and aliases of the client's other payers in ``casefold``, each with its payer's name.
    """
    found: dict[str, str] = {}
    if not 1 <= len(payer.name) <= 60 or not _NAME.fullmatch(payer.name):
        found["name"] = _PLAIN if 1 <= len(payer.name) <= 60 else "Write a name of at most 60 characters."
    elif payer.name.casefold() in names:
        found["name"] = f"{names[payer.name.casefold()]} goes by this name already."
    if payer.kind not in kinds:
        found["kind"] = "Choose what kind of payer it is."
    if not 2 <= len(payer.payer_id) <= 20 or not _ID.fullmatch(payer.payer_id):
        found["payer_id"] = "Write the payer’s electronic id: two to twenty letters and digits."
    if payer.filing_code not in terms.filing_codes:
        found["filing_code"] = "Choose how claims are filed with it."
    if not payer.receiver_name or len(payer.receiver_name) > 60 or not _NAME.fullmatch(payer.receiver_name):
        found["receiver_name"] = "Write who takes the files, at most 60 plain characters."
    if not 2 <= len(payer.receiver_id) <= 15 or not _ID.fullmatch(payer.receiver_id):
        found["receiver_id"] = "Write the id of who takes the files: two to fifteen letters and digits."
    if len(payer.terms_source) > 200:
        found["terms_source"] = "At most 200 characters."
    wrong = _aliases(payer, terms, names)
    if wrong:
        found["aliases"] = wrong
    return found | _numbers(payer, ("timely_filing_days", "correction_days", "appeal_days"), terms)


def _aliases(payer: PayerTerms, terms: SetupTerms, names: Mapping[str, str]) -> str:
    _, most = terms.bounds["aliases"]
    if len(payer.aliases) > most:
        return f"At most {most} other names."
    for alias in payer.aliases:
        if len(alias) > 120:
            return "Each other name has at most 120 characters."
        if alias.casefold() in names:
            return f"{names[alias.casefold()]} goes by “{alias}” already. A name leads to one payer."
    return ""


def _numbers(wanted: object, fields: tuple[str, ...], terms: SetupTerms) -> dict[str, str]:
    found = {}
    for field in fields:
        least, most = terms.bounds[field]
        if not least <= getattr(wanted, field) <= most:
            found[field] = f"Write a whole number from {least} to {most}."
    return found


def _words(text: str) -> str:
    return " ".join(text.split())
