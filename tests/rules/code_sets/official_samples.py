"""Handmade files of a few codes in the layouts of their publishers."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

from code_sets.loaders.base import SourceFile


def source(text: str | bytes, name: str) -> SourceFile:
    data = text.encode() if isinstance(text, str) else text
    return SourceFile(name, data, hashlib.sha256(data).hexdigest())


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


PCS_ROWS = (
    ("0DT", False, "Gastrointestinal System, Resection"),
    ("0DTJ0ZZ", True, "Resection of Appendix, Open Approach"),
    ("0DTJ4ZZ", True, "Resection of Appendix, Percutaneous Endoscopic Approach"),
    ("0SR", False, "Lower Joints, Replacement"),
    ("0SRC0JZ", True, "Replacement of Right Knee Joint with Synthetic Substitute, Open Approach"),
    ("0SRD0JZ", True, "Replacement of Left Knee Joint with Synthetic Substitute, Open Approach"),
    ("XW0", False, "Anatomical Regions, Introduction"),
    (
        "XW033E5",
        True,
        "Introduction of Remdesivir Anti-infective into Peripheral Vein, Percutaneous Approach",
    ),
)


def pcs_order(rows: tuple[tuple[str, bool, str], ...] = PCS_ROWS) -> str:
    """Rows in the layout of icd10pcs_order_YYYY.txt."""
    return "".join(
        f"{number:05} {code:<7} {int(valid)} {title[:60]:<60} {title}\n"
        for number, (code, valid, title) in enumerate(rows, 1)
    )


PCS_DATED = """code,valid_from,valid_to,long_title,title_source
0DTJ0ZZ,20151001,20270331,"Resection of Appendix, Open Approach",made up
0DTJ4ZZ,20151001,20270331,"Resection of Appendix, Percutaneous Endoscopic Approach",made up
0SRC0JZ,20151001,20250930,"Replacement of Right Knee Joint with Synthetic Substitute, Open Approach",made up
0SRD0JZ,20151001,20270331,"Replacement of Left Knee Joint with Synthetic Substitute, Open Approach",made up
XW033E5,20261001,20270331,,
"""

PCS_INDEX = """<?xml version="1.0" encoding="utf-8"?>
<ICD10PCS.index>
<version>2027</version><title>INDEX</title>
<letter><title>A</title>
<mainTerm><title>Appendectomy</title>
  <term level="1"><see>Excision, Appendix <codes>0DBJ</codes></see></term>
  <term level="1"><see>Resection, Appendix <codes>0DTJ</codes></see></term>
</mainTerm>
<mainTerm><title>Arthroplasty</title>
  <term level="1"><see>Replacement, Lower Joints <tab>0SR</tab></see></term>
</mainTerm>
<mainTerm><title>Veklury</title><code>XW033E5</code></mainTerm>
</letter>
</ICD10PCS.index>
"""
PCS_INDEX_JSON = """[{"title":"Appendectomy","terms":[
{"title":null,"refs":[["see","Excision, Appendix"],["codes","0DBJ"]]},
{"title":null,"refs":[["see","Resection, Appendix"],["codes","0DTJ"]]}]},
{"title":"Arthroplasty","terms":[{"title":null,"refs":[["see","Replacement, Lower Joints"],["tab","0SR"]]}]},
{"title":"Veklury","refs":[["code","XW033E5"]]}]
"""


def hcpcs_line(
    code: str, sequence: int, record: int, text: str, first: str = "", last: str = "", short: str = ""
) -> str:
    """One record of 320 columns in the layout of HCPCYYYY_QQQ_ANWEB.txt; a modifier stands in columns 4-5."""
    shown = code if len(code) == 5 else f"   {code}"
    head = f"{shown:<5}{sequence:05}{record}{text:<80}{short:<28}"
    dates = f"{first:<8}{first:<8}{last:<8}N" if first else " " * 25
    return f"{head:<268}{dates}".ljust(320) + "\n"


HCPCS_FIXED = (
    hcpcs_line("A1", 100, 7, "Dressing for one wound", "20020701")
    + hcpcs_line("A4206", 100, 3, "Syringe with needle, sterile, 1 cc or less, each", "19960101")
    + hcpcs_line("G0101", 100, 3, "Cervical or vaginal cancer screening;", "19980101")
    + hcpcs_line("G0101", 200, 4, "pelvic and clinical breast examination")
    + hcpcs_line("J0001", 100, 3, "Injection, made up drug, 1 mg", "20200101", "20260831")
    + hcpcs_line("V5008", 100, 3, "Hearing screening", "19960101")
)
HCPCS_CSV = """code,seq,record_id,long_description,short_description,code_added,changed,termination,action
A1,00100,7,Dressing for one wound,Dressing,20020701,20020701,,N
A4206,00100,3,"Syringe with needle, sterile, 1 cc or less, each",Syringe,19960101,19960101,,N
G0101,00100,3,Cervical or vaginal cancer screening;,Screen,19980101,19980101,,N
G0101,00200,4,pelvic and clinical breast examination,,,,,
J0001,00100,3,"Injection, made up drug, 1 mg",Inj,20200101,20200101,20260831,N
V5008,00100,3,Hearing screening,Hearing,19960101,19960101,,N
"""

CPT_TAB = "99213\tLicensed text 1\n99214\tLicensed text 2\n0042T\tLicensed text 3\n"

ADDENDA = (
    "Revise from: 1 I150    {short:<60} Renovascular hypertension\n"
    "Revise to:   1 I150    {short:<60} Renal artery hypertension\n"
    "Delete:      1 I159    {short:<60} Secondary hypertension, unspecified\n"
    "Add:         0 I159    {short:<60} Secondary hypertension, unspecified\n"
    "Add:         1 I1590   {short:<60} Secondary hypertension of unknown cause\n"
    "\n"
    "Headers\n"
    "  3 headers in icd10cm_order_2027.txt\n"
    "  4 headers in icd10cm_order_2028.txt\n"
    "     1 additions\n      0 deletions\n      0 revisions\n"
    "of which\n"
    "      0 revisions to both long and short titles\n"
    "\n"
    "Codes\n"
    "  7 codes in icd10cm_order_2027.txt\n"
    "  7 codes in icd10cm_order_2028.txt\n"
    "     1 additions\n      1 deletions\n      1 revisions\n"
    "of which\n"
    "      1 revisions to both long and short titles\n"
).format(short="x")

EINDEX = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index>
<version>2027</version><title>ICD-10-CM EXTERNAL CAUSE of INJURIES INDEX</title>
<letter><title>A</title>
<mainTerm><title>Accident<nemod>(to)</nemod></title><code>X58</code>
  <term level="1"><title>boat, boating</title><see>Accident, watercraft</see></term>
  <term level="1"><title>watercraft</title><code>V94.9-</code></term>
</mainTerm>
</letter>
</ICD10CM.index>
"""
DRUGS = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index>
<version>2027</version>
<indexHeading><head col="1">Substance</head><head col="2">Poisoning Accidental (unintentional)</head>
<head col="6">Adverse effect</head></indexHeading>
<letter><title>A</title>
<mainTerm><title>Aspirin</title><cell col="2">T39.011</cell><cell col="6">T39.015</cell>
<cell col="7">--</cell>
</mainTerm></letter>
</ICD10CM.index>
"""
