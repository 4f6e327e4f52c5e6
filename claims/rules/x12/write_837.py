"""Claims as an interchange of X12 837: professional 005010X222A1, institutional 005010X223A2.

Every loop is made with the write models of ``x12sdk``, which refuse what the guide does not allow.  Each
claim gets a subscriber level of its own, so that a fault in one never touches another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from x12sdk.v5010 import segments as plain_segments
from x12sdk.v5010.x12_837_005010X222A2 import loops as professional_loops
from x12sdk.v5010.x12_837_005010X223A3 import loops as institutional_loops

from claims.rules.content import ClaimContent, ClaimForm, Organization, Person
from claims.rules.x12.write_institutional import institutional
from claims.rules.x12.write_parts import (
    CannotWrite,
    Envelope,
    Fields,
    address_fields,
    demographics,
    organization_name,
    person_name,
    refuse_delimiters,
    taxonomy,
    ymd,
)
from claims.rules.x12.write_professional import professional

VERSIONS: Final = {ClaimForm.PROFESSIONAL: "005010X222A1", ClaimForm.INSTITUTIONAL: "005010X223A2"}
_LOOPS: Final[dict[ClaimForm, Any]] = {
    ClaimForm.PROFESSIONAL: professional_loops,
    ClaimForm.INSTITUTIONAL: institutional_loops,
}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a claim lies: transaction set, order in the file from 1, its first and last segment counted from
    ST as 1."""

    control_number: str
    transaction_number: str
    position: int
    first_segment: int
    last_segment: int


@dataclass(frozen=True, slots=True)
class Written:
    """A whole interchange, one segment a line."""

    text: str
    placed: tuple[Placed, ...]
    transaction_count: int


def write_837(
    claims: Sequence[ClaimContent],
    envelope: Envelope,
    *,
    most_per_transaction: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Written:
    """One interchange with one group of transactions of at most ``most_per_transaction`` claims each.

    Args:
        claims: all of one form; they keep their order.
        progress: called with the number of claims written, after each.

    Raises:
        CannotWrite: names the first claim that does not fit, and where.
        ValueError: no claims, claims of two forms, or an envelope the standard cannot carry.
    """
    forms = {one.form for one in claims}
    if len(forms) != 1:
        raise ValueError("A file carries claims of one form, and at least one.")
    form = forms.pop()
    refuse_delimiters("", (envelope.submitter, envelope.receiver, envelope.sender_id, envelope.receiver_id))
    placed: list[Placed] = []
    with _placed(None, "envelope"):
        parts = [_opening(form, envelope)]
    starts = range(0, len(claims), most_per_transaction)
    for number, start in enumerate(starts, start=1):
        these = claims[start : start + most_per_transaction]
        parts.append(_transaction(these, envelope, f"{number:04d}", placed, progress))
    parts.append(_closing(len(starts), envelope))
    return Written("\n".join(parts) + "\n", tuple(placed), len(starts))


def check_one(content: ClaimContent) -> None:
    """Whether a file could carry this claim.

    Raises:
        CannotWrite: what does not fit, and where.
    """
    for _ in _levels(content, 2, "1"):
        pass
    _provider_level(content, 1)


def _transaction(
    claims: Sequence[ClaimContent],
    envelope: Envelope,
    number: str,
    placed: list[Placed],
    progress: Callable[[int], None],
) -> str:
    form = claims[0].form
    with _placed(None, "submitter or receiver"):
        parts = [_header(form, envelope, number)]
    count = _segments(parts[0])
    level, provider_level, provider = 0, 0, None
    for content in claims:
        if content.billing != provider:
            level += 1
            provider, provider_level = content.billing, level
            parts.append(_provider_level(content, level))
            count += _segments(parts[-1])
        first = count + 1
        for text in _levels(content, level + 1, str(provider_level)):
            level += 1
            parts.append(text)
            count += _segments(text)
        placed.append(Placed(content.control_number, number, len(placed) + 1, first, count))
        progress(len(placed))
    footer = plain_segments.SeSegment(
        transaction_segment_count=count + 1, transaction_set_control_number=number
    )
    return "\n".join([*parts, footer.x12()])


def _segments(text: str) -> int:
    return text.count("~")


def _provider_level(content: ClaimContent, level: int) -> str:
    """Loops 2000A and 2010AA: HL 20, the taxonomy and the billing provider."""
    loops, billing = _LOOPS[content.form], content.billing
    tax = {"reference_identification_qualifier": "EI", "reference_identification": billing.tax_id}
    head = {
        "hierarchical_id_number": str(level),
        "hierarchical_level_code": "20",
        "hierarchical_child_code": "1",
    }
    prv = taxonomy("BI", billing.taxonomy_code).get("prv_segment")
    with _placed(content, "billing provider"):
        name = loops.Loop2010Aa.model_validate(
            {
                "nm1_segment": organization_name("85", billing, "XX"),
                **address_fields(billing.address),
                "ref_segment": tax if content.form == ClaimForm.INSTITUTIONAL else [tax],
                "per_segment": [_contact(billing)] if billing.contact_phone else None,
            }
        )
        segments = [
            loops.Loop2000AHlSegment(**head),
            *([loops.Loop2000APrvSegment(**prv)] if prv else []),
            name,
        ]
    return "\n".join(one.x12() for one in segments)


def _levels(content: ClaimContent, level: int, parent: str) -> Iterator[str]:
    """The subscriber's level, and the patient's under it when somebody else is the patient."""
    refuse_delimiters(content.control_number, content)
    loops = _LOOPS[content.form]
    claim = _claim(content)
    is_subscriber = content.patient is None
    if is_subscriber != (content.relationship == "18"):
        raise CannotWrite(
            content.control_number,
            "patient",
            "is named when, and only when, somebody else is the subscriber.",
        )
    with _placed(content, "subscriber"):
        subscriber = loops.Loop2000B.model_validate(
            {
                "hl_segment": _hl(level, parent, "22", has_child=not is_subscriber),
                "sbr_segment": {
                    "payer_responsibility_code": content.payer_order,
                    "individual_relationship_code": "18" if is_subscriber else None,
                    "group_policy_number": content.group_number or None,
                    "claim_filing_indicator_code": content.filing_code,
                },
                "loop_2010ba": {
                    "nm1_segment": person_name("IL", content.subscriber, "MI"),
                    **address_fields(content.subscriber.address),
                    **demographics(content.subscriber),
                },
                "loop_2010bb": {
                    "nm1_segment": organization_name("PR", content.payer, "PI"),
                    **address_fields(content.payer.address),
                },
                "loop_2300": [claim] if is_subscriber else None,
            }
        )
        yield subscriber.x12()
    if content.patient is not None:
        yield _patient_level(content, content.patient, claim, level + 1)


def _patient_level(content: ClaimContent, patient: Person, claim: Any, level: int) -> str:
    loops, parent = _LOOPS[content.form], str(level - 1)
    with _placed(content, "patient"):
        text: str = loops.Loop2000C.model_validate(
            {
                "hl_segment": _hl(level, parent, "23", has_child=False),
                "pat_segment": {"individual_relationship_code": content.relationship},
                "loop_2010ca": {
                    "nm1_segment": person_name("QC", patient, "MI"),
                    **address_fields(patient.address),
                    **demographics(patient),
                },
                "loop_2300": [claim],
            }
        ).x12()
    return text


def _claim(content: ClaimContent) -> Any:
    with _placed(content, "claim"):
        if content.form == ClaimForm.PROFESSIONAL:
            return professional(content)
        return institutional(content)


class _placed:  # noqa: N801 - read as a word of the language: with _placed(...)
    """Turns a refusal of the write models into ours: the field, never its value, which may name a patient."""

    def __init__(self, content: ClaimContent | None, loop: str) -> None:
        self._number, self._loop = content.control_number if content else "", loop

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValidationError):
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            field = ".".join(str(one) for one in first["loc"])
            message = (
                "is missing." if first["type"] in ("missing", "none_required") else "does not fit the form."
            )
            raise CannotWrite(self._number, f"{self._loop} {field}".strip(), message) from None


def _hl(level: int, parent: str, code: str, *, has_child: bool) -> Fields:
    return {
        "hierarchical_id_number": str(level),
        "hierarchical_parent_id_number": parent,
        "hierarchical_level_code": code,
        "hierarchical_child_code": "1" if has_child else "0",
    }


def _contact(one: Organization) -> dict[str, str | None]:
    return {
        "contact_function_code": "IC",
        "name": one.contact_name or None,
        "communication_number_qualifier_1": "TE",
        "communication_number_1": one.contact_phone,
    }


def _header(form: ClaimForm, envelope: Envelope, number: str) -> str:
    """ST, BHT, submitter and receiver."""
    loops = _LOOPS[form]
    head = loops.Header.model_validate(
        {
            "st_segment": {
                "transaction_set_identifier_code": "837",
                "transaction_set_control_number": number,
                "implementation_convention_reference": VERSIONS[form],
            },
            "bht_segment": {
                "hierarchical_structure_code": "0019",
                "transaction_set_purpose_code": "00",
                "submitter_transactional_identifier": f"{envelope.interchange_number:09d}{number}",
                "transaction_set_creation_date": ymd(envelope.made_at.date()),
                "transaction_set_creation_time": envelope.made_at.strftime("%H%M"),
                "transaction_type_code": "CH",
            },
        }
    )
    submitter = loops.Loop1000A.model_validate(
        {
            "nm1_segment": organization_name("41", envelope.submitter, "46"),
            "per_segment": [_contact(envelope.submitter)],
        }
    )
    receiver = loops.Loop1000B.model_validate(
        {"nm1_segment": organization_name("40", envelope.receiver, "46")}
    )
    return "\n".join(one.x12() for one in (head, submitter, receiver))


def _opening(form: ClaimForm, envelope: Envelope) -> str:
    """ISA and GS."""
    blank, day = " " * 10, ymd(envelope.made_at.date())
    interchange = plain_segments.IsaSegment(
        authorization_information_qualifier="00",
        authorization_information=blank,
        security_information_qualifier="00",
        security_information=blank,
        interchange_sender_qualifier="ZZ",
        interchange_sender_id=envelope.sender_id.ljust(15),
        interchange_receiver_qualifier="ZZ",
        interchange_receiver_id=envelope.receiver_id.ljust(15),
        interchange_date=day[2:],
        interchange_time=envelope.made_at.strftime("%H%M"),
        repetition_separator="^",
        interchange_control_version_number="00501",
        interchange_control_number=f"{envelope.interchange_number:09d}",
        acknowledgment_requested="0",
        interchange_usage_indicator="T" if envelope.is_test else "P",
        component_element_separator=":",
    )
    group = plain_segments.GsSegment(
        functional_identifier_code="HC",
        application_sender_code=envelope.sender_id,
        application_receiver_code=envelope.receiver_id,
        functional_group_creation_date=day,
        functional_group_creation_time=envelope.made_at.strftime("%H%M"),
        group_control_number=str(envelope.interchange_number),
        responsible_agency_code="X",
        version_identifier_code=VERSIONS[form],
    )
    return interchange.x12() + "\n" + group.x12()


def _closing(transactions: int, envelope: Envelope) -> str:
    """GE and IEA."""
    group = plain_segments.GeSegment(
        number_of_transaction_sets_included=transactions,
        group_control_number=str(envelope.interchange_number),
    )
    interchange = plain_segments.IeaSegment(
        number_of_included_functional_groups=1,
        interchange_control_number=f"{envelope.interchange_number:09d}",
    )
    return group.x12() + "\n" + interchange.x12()
