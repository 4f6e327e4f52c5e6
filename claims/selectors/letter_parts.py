"""The named parts of a letter of appeal, read from the denial, the claim as it was sent, and the chart."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from claims.models import BillingProfile, Denial
from claims.rules.appeals import Level
from claims.rules.content import ClaimContent, Person, from_json
from claims.selectors.cited import support_of, with_dots
from coding_ops.tenancy.models import Client


def letter_parts(denial: Denial, level: Level, *, signer: str) -> dict[str, str]:
    """Every part that the paragraphs name; an empty text where nothing is known.

    ``denial`` comes with its claim, line and payer.
    """
    claim, line = denial.claim, denial.claim_line
    content = from_json(claim.content) if claim.content else None
    support = support_of(claim, line)
    client = Client.objects.get(pk=denial.client_id)
    sent_on = claim.submitted_at.astimezone(ZoneInfo(client.timezone)).date() if claim.submitted_at else None
    profile = BillingProfile.objects.filter(client_id=denial.client_id).first()
    service = "-".join((line.code, *line.modifiers)) if line is not None and line.code else ""
    return {
        "level": level.name,
        "to_whom": denial.payer.name if denial.payer is not None and level.number == 1 else level.to_whom,
        "control_number": claim.control_number,
        "payer_number": f", your number {claim.payer_control_number}" if claim.payer_control_number else "",
        "patient": _patient_name(denial, content),
        "member": content.subscriber.identifier if content else "",
        "service_dates": _days(claim.service_from_on, claim.service_through_on),
        "provider": _provider(denial, content),
        "service": service or "the whole claim",
        "amount": f"${denial.denied_amount:,.2f}",
        "reasons": reasons_of(denial),
        "received_on": f"{denial.received_on:%m/%d/%Y}",
        "sent_on": f"{sent_on:%m/%d/%Y}" if sent_on else "",
        "codes": with_dots(support.codes),
        "quotes": "\n".join(f"- “{one.quote.strip()}” ({one.source})" for one in support.cited),
        "guidelines": "\n".join(f"- {section}: {text}" for section, text in support.notes),
        "signer": signer,
        "practice": profile.name if profile else client.name,
        "contact": f"{profile.contact_name}, {_phone(profile.contact_phone)}" if profile else "",
    }


def reasons_of(denial: Denial) -> str:
    """``CO-97, remarks N19, M15``, or the status of a rejection."""
    if not denial.carc:
        return denial.status_codes
    reason = f"{denial.group_code}-{denial.carc}" if denial.group_code else denial.carc
    return f"{reason}, remarks {', '.join(denial.remarks)}" if denial.remarks else reason


def _patient_name(denial: Denial, content: ClaimContent | None) -> str:
    """As registered, for a claim is written in capitals; as billed, where we have no chart."""
    chart = denial.claim.encounter
    if chart is not None:
        return f"{chart.patient.given_name} {chart.patient.family_name}".strip()
    return _name(content.patient or content.subscriber) if content else ""


def _name(person: Person) -> str:
    return " ".join(part for part in (person.given_name, person.family_name) if part)


def _provider(denial: Denial, content: ClaimContent | None) -> str:
    chart = denial.claim.encounter
    if chart is not None and chart.rendering_provider is not None:
        provider = chart.rendering_provider
        return f"{provider.name}, NPI {provider.npi}" if provider.npi else str(provider.name)
    if content is None:
        return ""
    person = content.rendering or content.attending
    if person is None:
        return f"{content.billing.name}, NPI {content.billing.identifier}"
    return f"{_name(person)}, NPI {person.identifier}"


def _days(first: date, last: date) -> str:
    return f"{first:%m/%d/%Y}" if first == last else f"{first:%m/%d/%Y} to {last:%m/%d/%Y}"


def _phone(digits: str) -> str:
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == 10 else digits
