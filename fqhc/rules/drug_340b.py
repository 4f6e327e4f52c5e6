"""May a drug of the 340B program be used for this patient and payer, and how is the claim marked?

Sources: patient definition 61 FR 55156 (record held, provider responsible, service in scope of the grant);
duplicate discounts PHS Act 340B(a)(5)(A): the Medicaid Exclusion File speaks of fee for service only, all or
nothing for a number; managed Medicaid follows the state's rule and is never inferred from the file.
"""

from __future__ import annotations

from dataclasses import dataclass

MEDICAID = ("medicaid_ffs", "medicaid_mco")


@dataclass(frozen=True, slots=True)
class StateRule:
    """A state's rule for Medicaid: what managed care does, whether contract pharmacies may, its modifiers.

    Each part is None where the rule does not say.
    """

    managed_care: str | None = None
    contract_pharmacy: bool = False
    modifiers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Dispense:
    """One drug given or dispensed, with what makes it eligible and how it is paid."""

    site_registered: bool
    provider_eligible: bool
    record_held: bool
    in_scope: bool
    payer: str
    from_340b_stock: bool
    listed: bool
    own_pharmacy: bool
    state: StateRule | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, or to be looked at."""

    rule: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """``carve_in`` (340B drug used), ``carve_out`` (other stock) or ``blocked``, with the modifiers due."""

    eligible: bool
    decision: str
    modifiers: tuple[str, ...]
    findings: tuple[Finding, ...]


def decide(
    dispense: Dispense, medicare_modifiers: tuple[str, ...], medicaid_modifiers: tuple[str, ...]
) -> Decision:
    """Eligibility by the prongs and the site, then the payer's rule."""
    failed = _prongs(dispense)
    if not dispense.from_340b_stock:
        return Decision(not failed, "carve_out", (), _other_stock(dispense, eligible=not failed))
    if failed:
        return Decision(False, "blocked", (), tuple(failed))
    if dispense.payer not in MEDICAID:
        modifiers = medicare_modifiers if dispense.payer == "medicare_b" else ()
        return Decision(True, "carve_in", modifiers, ())
    stop = _duplicate_discount(dispense)
    if stop is not None:
        return Decision(True, "blocked", (), (stop,))
    state = dispense.state
    if state is not None and state.modifiers is not None:
        return Decision(True, "carve_in", state.modifiers, ())
    check = Finding(
        "340b.state_modifier", "warning", "The state's modifier is not on record; check it before submission."
    )
    return Decision(True, "carve_in", medicaid_modifiers, (check,))


def _prongs(dispense: Dispense) -> list[Finding]:
    prongs = (
        (dispense.site_registered, "site", "The site is not registered for 340B on this day."),
        (dispense.record_held, "record", "The center does not hold the patient's record."),
        (dispense.provider_eligible, "provider", "The provider is not employed, contracted or referred to."),
        (dispense.in_scope, "scope", "The service is outside the scope of the grant."),
    )
    return [Finding(f"340b.{name}", "error", message) for holds, name, message in prongs if not holds]


def _other_stock(dispense: Dispense, *, eligible: bool) -> tuple[Finding, ...]:
    """Other stock is never wrong by itself, but a listed number carves in all its fee-for-service drugs."""
    if eligible and dispense.payer == "medicaid_ffs" and dispense.listed and dispense.own_pharmacy:
        message = (
            "The number is on the exclusion file, which is all or nothing: the state asks for no rebate here."
        )
        return (Finding("340b.all_or_nothing", "warning", message),)
    return ()


def _duplicate_discount(dispense: Dispense) -> Finding | None:
    state = dispense.state
    if not dispense.own_pharmacy and not (state is not None and state.contract_pharmacy):
        message = (
            "Contract pharmacies carve Medicaid out unless state, center and HRSA have agreed otherwise."
        )
        return Finding("340b.contract_pharmacy", "error", message)
    if dispense.payer == "medicaid_ffs":
        if dispense.listed:
            return None
        message = (
            "The number is not on the Medicaid exclusion file: the state would ask for a rebate as well."
        )
        return Finding("340b.duplicate_discount", "error", message)
    rule = state.managed_care if state is not None else None
    if rule == "carve_in":
        return None
    if rule == "carve_out":
        return Finding("340b.duplicate_discount", "error", "The state carves managed Medicaid out.")
    message = (
        "The state's rule for managed Medicaid is not on record; the exclusion file does not speak of it."
    )
    return Finding("340b.state_rule", "error", message)
