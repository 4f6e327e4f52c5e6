"""Files of 837 claims as tests write them, professional and short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.rules.claims.x12_text import interchange


@dataclass(frozen=True)
class Billed:
    """One professional claim of one line."""

    number: str
    codes: tuple[str, ...] = ("E1122", "N1831")
    service: str = "99213"
    charge: str = "135"
    units: str = "1"
    frequency: str = "1"
    payer_number: str = ""
    member: str = "SM9999999"
    born: date = date(1959, 3, 14)
    day: date = date(2026, 9, 15)
    rendering: str = "1888888884"
    pointers: str = "1:2"
    payer: str = "SMPL1"


def claims_file(*claims: Billed, number: int = 905) -> str:
    """A whole 837P of one provider and payer; a subscriber to each claim."""
    body = (
        "BHT*0019*00*1*20260920*1200*CH~NM1*41*2*CLINIC*****46*CL1~PER*IC*DESK*TE*9855550100~"
        "NM1*40*2*SAMPLE HEALTH*****46*SMPL1~HL*1**20*1~PRV*BI*PXC*207R00000X~"
        "NM1*85*2*CYPRESS RIDGE*****XX*1234567893~N3*100 LEVEE ROAD~N4*THIBODAUX*LA*703010100~"
        "REF*EI*721234567~"
    )
    for place, one in enumerate(claims, start=2):
        body += _claim(one, place)
    return interchange("837", body, kind="HC", version="005010X222A1", number=number)


def _claim(one: Billed, level: int) -> str:
    codes = "*".join(f"{'ABF' if place else 'ABK'}:{code}" for place, code in enumerate(one.codes))
    reference = f"REF*F8*{one.payer_number}~" if one.payer_number else ""
    return (
        f"HL*{level}*1*22*0~SBR*P*18*******CI~NM1*IL*1*THERIOT*MARGUERITE****MI*{one.member}~"
        f"N3*8 BAYOU LANE~N4*THIBODAUX*LA*703010100~DMG*D8*{one.born:%Y%m%d}*F~"
        f"NM1*PR*2*SAMPLE HEALTH*****PI*{one.payer}~"
        f"CLM*{one.number}*{one.charge}***11:B:{one.frequency}*Y*A*Y*Y~{reference}HI*{codes}~"
        f"NM1*82*1*OKAFOR*N****XX*{one.rendering}~LX*1~"
        f"SV1*HC:{one.service}*{one.charge}*UN*{one.units}***{one.pointers}~DTP*472*D8*{one.day:%Y%m%d}~"
    )
