"""Claims of an 837: every field, every level, and the wrong person never."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from x12sdk.generate import generate_837i, generate_837p

from claims.rules.content import Address, ClaimContent, ClaimForm, Diagnosis, Frequency, Procedure
from claims.rules.x12.claims_837 import UNREADABLE, ReadClaim, form_of, read_claims
from claims.rules.x12.parts import Problem
from claims.rules.x12.quick import quick
from claims.rules.x12.reader import read_file
from tests.rules.claims.x12_claims import Billed, claims_file
from tests.rules.claims.x12_text import interchange
from tests.shared_data import shared_path

D = Decimal
STAY = (
    "BHT*0019*00*1*20260920*1200*CH~NM1*41*2*HOSPITAL*****46*H1~NM1*40*2*PAYER*****46*P1~HL*1**20*1~"
    "PRV*BI*PXC*282N00000X~NM1*85*2*BAYOU HOSPITAL*****XX*1234567893~N3*1 CANAL~N4*HOUMA*LA*70360-1000~"
    "REF*EI*721234567~PER*IC*DESK*TE*9855550100~HL*2*1*22*1~SBR*P**GRP7******MA~"
    "NM1*IL*1*THERIOT*PAUL****MI*M1~N3*8 BAYOU~N4*HOUMA*LA*70360~DMG*D8*19590314*M~"
    "NM1*PR*2*MEDICARE*****PI*00430~HL*3*2*23*0~PAT*01~NM1*QC*1*THERIOT*ANNE*B~N3*8 BAYOU*APT 2~"
    "N4*HOUMA*LA*70360~DMG*D8*19610102*F~CLM*S1*900.5***11:A:7*Y*A*Y*Y~DTP*434*RD8*20260901-20260904~"
    "DTP*435*DT*202609011130~CL1*1*2*01~REF*F8*ICN9~REF*G1*AUTH1~HI*ABK:I214:::::::Y~HI*ABJ:R079~"
    "HI*ABF:N179:::::::N*ABF:Z7901~HI*BBR:02703DZ:D8:20260902~HI*DR:247~HI*BH:11:D8:20260901~"
    "NM1*71*1*OKAFOR*N****XX*1888888884~PRV*AT*PXC*207R00000X~NM1*77*2*ANNEX*****XX*1999999992~"
    "SBR*S*18*******CI~AMT*D*10~NM1*IL*1*OTHER*SOMEBODY****MI*X~NM1*82*1*WRONG*X****XX*1000000004~"
    "LX*1~SV2*0120**900.5*DA*3~DTP*472*D8*20260901~"
)


def read(text: str) -> tuple[list[ReadClaim], list[Problem]]:
    problems: list[Problem] = []
    return [one for part in read_file(text).transactions() for one in read_claims(part, problems)], problems


def only(text: str) -> ClaimContent:
    ((claim,), problems) = read(text)
    assert problems == []
    return claim.content


def institutional(body: str) -> str:
    return interchange("837", body, kind="HC", version="005010X223A2")


def test_a_professional_claim_is_read_with_all_it_says() -> None:
    claim = only(
        claims_file(Billed("A1", service="99213:25:95", units="2", payer_number="ICN1", frequency="7"))
    )
    assert (claim.form, claim.control_number, claim.frequency) == (
        ClaimForm.PROFESSIONAL, "A1", Frequency.REPLACEMENT,
    )  # fmt: skip
    assert (claim.facility_code, claim.total_charge_amount, claim.payer_control_number) == (
        "11",
        D(135),
        "ICN1",
    )
    assert (claim.billing.identifier, claim.billing.tax_id, claim.billing.taxonomy_code) == (
        "1234567893", "721234567", "207R00000X",
    )  # fmt: skip
    assert claim.billing.address == Address("100 LEVEE ROAD", "THIBODAUX", "LA", "703010100")
    assert (claim.subscriber.birth_on, claim.subscriber.sex) == (date(1959, 3, 14), "F")
    assert (claim.payer.name, claim.payer.identifier, claim.filing_code) == ("SAMPLE HEALTH", "SMPL1", "CI")
    assert claim.patient is None and claim.relationship == "18"
    assert claim.diagnoses == (Diagnosis("E1122", "principal"), Diagnosis("N1831"))
    (line,) = claim.lines
    assert (line.code, line.modifiers, line.units, line.pointers) == ("99213", ("25", "95"), D(2), (1, 2))
    assert (line.service_on, line.service_through_on) == (date(2026, 9, 15), None)
    assert claim.rendering is not None and claim.rendering.identifier == "1888888884"


def test_a_stay_of_a_dependent_is_read_and_other_payers_do_not_leak_into_it() -> None:
    claim = only(institutional(STAY))
    assert (claim.form, claim.facility_code, claim.frequency.value) == (ClaimForm.INSTITUTIONAL, "11", "7")
    assert claim.patient is not None and claim.patient.middle_name == "B"
    assert (claim.patient.given_name, claim.subscriber.given_name) == ("ANNE", "PAUL")
    assert (claim.relationship, claim.group_number, claim.filing_code, claim.payer_order) == (
        "01", "GRP7", "MA", "P",
    )  # fmt: skip
    assert claim.diagnoses == (
        Diagnosis("I214", "principal", "Y"), Diagnosis("R079", "admitting"), Diagnosis("N179", "other", "N"),
        Diagnosis("Z7901"),
    )  # fmt: skip
    assert claim.procedures == (Procedure("02703DZ", date(2026, 9, 2)),)
    assert (claim.drg_code, claim.admitted_on) == ("247", date(2026, 9, 1))
    assert (claim.statement_from_on, claim.statement_through_on) == (date(2026, 9, 1), date(2026, 9, 4))
    assert (claim.admission_type, claim.admission_source, claim.discharge_status_code) == ("1", "2", "01")
    assert (claim.payer_control_number, claim.prior_authorization) == ("ICN9", "AUTH1")
    assert claim.attending is not None and claim.attending.taxonomy_code == "207R00000X"
    assert claim.rendering is None
    assert claim.service_facility is not None and claim.service_facility.name == "ANNEX"
    (line,) = claim.lines
    assert (line.revenue_code, line.code, line.charge_amount, line.units) == ("0120", "", D("900.5"), D(3))
    assert claim.billing.address is not None and claim.billing.address.postal_code == "703601000"


@pytest.mark.parametrize(
    ("before", "after", "code", "place"),
    [
        ("HL*3*2*23*0", "HL*3*9*23*0", "claim.levels", "loop 2000, segment"),
        ("HL*2*1*22*1", "HL*2*7*22*1", "claim.levels", "CLM"),
        ("NM1*QC*", "NM1*ZZ*", "claim.levels", "CLM"),
        ("11:A:7", "11>A>7", "claim.location", "(CLM05)"),
        ("11:A:7", "11:A:4", "claim.frequency", "(CLM05-3)"),
        ("CLM*S1*900.5", "CLM*S1*NINE", "claim.charge", "(CLM02)"),
        ("CLM*S1*", "CLM**", "claim.control_number", "(CLM01)"),
    ],
)
def test_a_claim_that_cannot_be_read_is_told_once_and_not_given_to_anybody(
    before: str, after: str, code: str, place: str
) -> None:
    claims, problems = read(institutional(STAY.replace(before, after, 1)))
    fatal = [one for one in problems if one.code in UNREADABLE]
    assert claims == [] and [one.code for one in fatal] == [code] and place in fatal[0].place


@pytest.mark.parametrize(
    ("before", "after", "code", "place"),
    [
        ("SV2*0120**900.5", "SV2*0120**900", "claim.line_sum", "(CLM02)"),
        ("DTP*472*D8*20260901", "DTP*472*D8*20261301", "line.date", "segment 48 (DTP03)"),
        ("SV2*0120**900.5*DA*3", "SV2*0120**900.5*DA*X", "line.units", "(SV205)"),
        ("HI*ABK:I214:::::::Y", "HI*ABK", "claim.code", "(HI)"),
        ("CL1*1*2*01~", "CL1*1*2*01~ZZZ*1~", "claims.segment", "segment 31 (ZZZ)"),
        ("DMG*D8*19610102", "DMG*D8*1961", "claims.birth", "loop 2010CA"),
    ],
)
def test_what_else_cannot_be_read_is_told_at_its_place_and_the_claim_kept(
    before: str, after: str, code: str, place: str
) -> None:
    claims, problems = read(institutional(STAY.replace(before, after, 1)))
    assert len(claims) == 1 and code in [one.code for one in problems]
    assert place in next(one.place for one in problems if one.code == code)
    words = " ".join(one.message for one in problems)
    assert not any(secret in words for secret in ("THERIOT", "I214", "1961"))


def test_the_difference_of_lines_and_total_is_told_in_dollars() -> None:
    _, problems = read(institutional(STAY.replace("SV2*0120**900.5", "SV2*0120**900.25", 1)))
    assert [(one.code, one.amount) for one in problems] == [("claim.line_sum", D("0.25"))]


def test_another_implementation_guide_is_not_read_as_if_it_were_this_one() -> None:
    claims, problems = read(interchange("837", STAY, kind="HC", version="004010X096A1"))
    assert claims == [] and [one.code for one in problems] == ["claims.version"]
    assert form_of("005010X224A2") is None


def test_a_file_that_ends_within_a_claim_still_gives_the_claims_before_it() -> None:
    text = claims_file(Billed("A1"), Billed("A2"))
    claims, _ = read(text[: text.index("SV1*", text.index("CLM*A2"))])
    assert [one.content.control_number for one in claims] == ["A1", "A2"]
    assert [len(one.content.lines) for one in claims] == [1, 0]


def test_what_the_library_writes_is_read_without_a_problem() -> None:
    for seed in range(12):
        for generate, form in ((generate_837p, "837P"), (generate_837i, "837I")):
            claims, problems = read(generate(seed=seed, claims=3))
            assert problems == [] and [one.content.form.value for one in claims] == [form] * 3


def test_a_quick_instance_is_a_frozen_one_like_any_other() -> None:
    made = quick(Diagnosis)("E1122", role="principal")
    assert made == Diagnosis("E1122", "principal") and type(made) is Diagnosis
    with pytest.raises(AttributeError):
        made.code = "I10"  # type: ignore[misc]


def test_of_every_sample_each_claim_is_read_or_told() -> None:
    facts = json.loads(shared_path("reference/edi/x12_expected_facts_dev.json").read_text("utf-8"))
    wrong, seen = [], 0
    for row in facts:
        known = row["facts"] or {}
        if not any(form_of(version) for version in known.get("gs08", ())):
            continue
        if not known.get("claims"):
            continue
        claims, problems = read(shared_path(f"reference/edi/x12/{row['file']}").read_text("utf-8"))
        seen += known["claims"]
        unreadable = [one for one in problems if one.code in UNREADABLE]
        if len(claims) + len(unreadable) != known["claims"]:
            wrong.append(row["file"])
        elif not problems:
            found = (
                [one.content.control_number for one in claims],
                str(sum(one.content.total_charge_amount for one in claims)),
                sum(len(one.content.lines) for one in claims),
            )
            if found != (known["claim_ids"], known["total_charge"], known["service_lines"]):
                wrong.append(row["file"])
    assert wrong == [] and seen > 800
