"""Everybody and every place of the demo.  All invented; the NPIs pass their check digit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from coding_ops.tenancy.models import Client, Role

VENDOR_MAIL, PASSWORD = "coding.example", "open-the-demo-charts"


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A clinician; ``specialties`` are those whose visits they see."""

    npi: str
    name: str
    specialties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoQueue:
    """A worklist; empty tuples take everything."""

    name: str
    specialties: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A client with its sites, worklists (the last takes what no other accepts), clinicians and visits."""

    slug: str
    name: str
    kind: Client.Kind
    zone: str
    turnaround_hours: int
    clock: Client.Clock
    facilities: tuple[str, ...]
    queues: tuple[DemoQueue, ...]
    providers: tuple[DemoProvider, ...]
    visits: tuple[tuple[str, int], ...]
    payers: tuple[tuple[str, str], ...]
    prefix: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A sign-in.  ``credentials``: body and certificate; ``npi`` ties a provider to their visits."""

    name: str
    email: str
    roles: tuple[tuple[str, Role], ...]
    credentials: tuple[tuple[str, str], ...] = ()
    specialties: tuple[str, ...] = ()
    npi: str = ""


SPECIALTIES = {
    "IM": "Internal medicine",
    "FM": "Family medicine",
    "PEDS": "Pediatrics",
    "OBGYN": "Obstetrics and gynecology",
    "BH": "Behavioral health",
    "ORTHO": "Orthopaedics",
    "CARD": "Cardiology",
    "EM": "Emergency medicine",
    "HOSP": "Hospital medicine",
    "SURG": "General surgery",
    "UC": "Urgent care",
}

CYPRESS, HARBOR, BRANNOC = "cypress-ridge", "harbor-light", "st-brannoc"

CLIENTS = (
    DemoClient(
        slug=CYPRESS,
        name="Cypress Ridge Internal Medicine",
        kind=Client.Kind.PRACTICE,
        zone="America/Chicago",
        turnaround_hours=48,
        clock=Client.Clock.CLOCK,
        facilities=("Cypress Ridge, Main Street", "Cypress Ridge, Lakeside"),
        queues=(DemoQueue("Procedures", ("ORTHO",)), DemoQueue("Office visits")),
        providers=(
            DemoProvider("1888888884", "Ngozi Okafor", ("IM", "UC")),
            DemoProvider("1888888801", "Leland Marsh", ("IM", "UC")),
            DemoProvider("1888888819", "Priya Venkat", ("ORTHO",)),
        ),
        visits=(("im_followup", 6), ("awv", 3), ("knee_injection", 3), ("uti", 2)),
        payers=(("Medicare", "MB"), ("Gulf Mutual", "PPO"), ("Pelican Health Plan", "HMO")),
        prefix="CR",
    ),
    DemoClient(
        slug=HARBOR,
        name="Harbor Light Community Health Center",
        kind=Client.Kind.FQHC,
        zone="America/New_York",
        turnaround_hours=27,
        clock=Client.Clock.BUSINESS,
        facilities=("Harbor Light, Wharf Street", "Harbor Light, School-Based Clinic"),
        queues=(DemoQueue("Behavioral health", ("BH",)), DemoQueue("Health center visits")),
        providers=(
            DemoProvider("1888888827", "Amara Diallo", ("FM", "IM")),
            DemoProvider("1888888835", "Joaquin Reyes", ("PEDS", "FM")),
            DemoProvider("1888888843", "Hannah Lindqvist", ("OBGYN",)),
            DemoProvider("1888888850", "Samuel Adeyemi", ("BH",)),
        ),
        visits=(
            *(("fqhc_adult", 4), ("otitis", 3), ("prenatal", 3), ("behavioral", 3)),
            ("im_followup", 2),
        ),
        payers=(
            ("State Medicaid", "Medicaid"),
            ("Bay Community Plan", "Medicaid MCO"),
            ("Self-pay", "Sliding fee"),
        ),
        prefix="HL",
    ),
    DemoClient(
        slug=BRANNOC,
        name="St. Brannoc Regional Hospital",
        kind=Client.Kind.HOSPITAL,
        zone="America/New_York",
        turnaround_hours=72,
        clock=Client.Clock.CLOCK,
        facilities=("St. Brannoc, Main Campus", "St. Brannoc, North Pavilion"),
        queues=(DemoQueue("Inpatient", kinds=("inpatient",)), DemoQueue("Emergency and outpatient")),
        providers=(
            DemoProvider("1888888868", "Walter Kimbrough", ("EM", "UC")),
            DemoProvider("1888888876", "Ingrid Solberg", ("HOSP",)),
            DemoProvider("1888888892", "Dev Chaudhary", ("CARD",)),
            DemoProvider("1888888900", "Constance Beaulieu", ("SURG",)),
        ),
        visits=(
            *(("laceration", 4), ("pneumonia", 3), ("echo_read", 3), ("post_op", 2), ("uti", 2)),
            ("gallbladder", 3),
        ),
        payers=(("Medicare", "Part A"), ("Harbor Mutual", "PPO"), ("Commonwealth Health", "HMO")),
        prefix="SB",
    ),
)

EVERYWHERE = tuple(client.slug for client in CLIENTS)


def _at(role: Role, *slugs: str) -> tuple[tuple[str, Role], ...]:
    return tuple((slug, role) for slug in slugs)


PEOPLE = (
    DemoPerson(
        "Rosalind Ames", f"rosalind.ames@{VENDOR_MAIL}", _at(Role.CODER, CYPRESS),
        (("AAPC", "CPC"), ("AAPC", "CRC")), ("IM", "UC", "CARD"),
    ),
    DemoPerson(
        "Marcus Bell", f"marcus.bell@{VENDOR_MAIL}", _at(Role.CODER, CYPRESS, HARBOR),
        (("AAPC", "CPC"), ("AAPC", "COSC")), ("IM", "ORTHO", "FM", "PEDS", "OBGYN", "BH", "UC"),
    ),
    DemoPerson(
        "Ines Calderon", f"ines.calderon@{VENDOR_MAIL}", _at(Role.CODER, HARBOR),
        (("AAPC", "CPC"), ("AAPC", "CPEDC")), ("FM", "PEDS", "OBGYN", "BH", "IM"),
    ),
    DemoPerson(
        "Hollis Tremaine", f"hollis.tremaine@{VENDOR_MAIL}", _at(Role.CODER, BRANNOC),
        (("AHIMA", "CCS"), ("AAPC", "CIC")), ("HOSP", "SURG", "CARD"),
    ),
    DemoPerson(
        "Tobias Wren", f"tobias.wren@{VENDOR_MAIL}", _at(Role.CODER, BRANNOC),
        (("AAPC", "COC"), ("AAPC", "CEDC")), ("EM", "UC", "SURG", "CARD"),
    ),
    DemoPerson(
        "Quentin Drake", f"quentin.drake@{VENDOR_MAIL}", _at(Role.QA_REVIEWER, *EVERYWHERE),
        (("AAPC", "CPMA"),),
    ),
    DemoPerson(
        "Sunita Rao", f"sunita.rao@{VENDOR_MAIL}", _at(Role.CDI_SPECIALIST, *EVERYWHERE), (("other", "CCDS"),)
    ),
    DemoPerson("Marguerite Lowell", f"marguerite.lowell@{VENDOR_MAIL}", _at(Role.MANAGER, *EVERYWHERE)),
    DemoPerson("Adaeze Obi", f"adaeze.obi@{VENDOR_MAIL}", _at(Role.VENDOR_ADMIN, *EVERYWHERE)),
    DemoPerson("Nora Vance", "nora.vance@cypress-ridge.example", _at(Role.CLIENT_VIEWER, CYPRESS)),
    DemoPerson(
        "Ngozi Okafor", "ngozi.okafor@cypress-ridge.example", _at(Role.PROVIDER, CYPRESS), npi="1888888884"
    ),
    DemoPerson("Paul Whitaker", "paul.whitaker@cypress-ridge.example", _at(Role.CLIENT_ADMIN, CYPRESS)),
    DemoPerson("Beatriz Souza", "beatriz.souza@harbor-light.example", _at(Role.CLIENT_ADMIN, HARBOR)),
    DemoPerson("Garrick Penhale", "garrick.penhale@st-brannoc.example", _at(Role.CLIENT_ADMIN, BRANNOC)),
    DemoPerson("Ellis Grant", "ellis.grant@audit.example", _at(Role.EXTERNAL_AUDITOR, CYPRESS)),
)  # fmt: skip

_NAMES = tomllib.loads((Path(__file__).resolve().parent / "names.toml").read_text(encoding="utf-8"))
GIVEN: dict[str, list[str]] = {sex: _NAMES[sex] for sex in "FM"}
FAMILY: list[str] = _NAMES["family"]
