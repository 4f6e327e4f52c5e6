"""A handmade tabular list and order file of a few codes, in the publishers' formats."""

from __future__ import annotations

from pathlib import Path

TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2026</version>
  <introduction><introSection type="title"><title>TABULAR LIST</title></introSection></introduction>
  <chapter>
    <name>9</name>
    <desc>Diseases of the circulatory system (I00-I99)</desc>
    <sectionIndex>
      <sectionRef first="I10" last="I1A" id="I10-I1A">Hypertensive diseases</sectionRef>
    </sectionIndex>
    <section id="I10-I1A">
      <desc>Hypertensive diseases (I10-I1A)</desc>
      <excludes1><note>hypertensive disease complicating pregnancy (O10-O11)</note></excludes1>
      <diag>
        <name>I10</name>
        <desc>Essential (primary) hypertension</desc>
        <includes><note>high blood pressure</note><note>hypertension (arterial) (benign)</note></includes>
      </diag>
      <diag>
        <name>I15</name>
        <desc>Secondary hypertension</desc>
        <diag><name>I15.0</name><desc>Renovascular hypertension</desc></diag>
        <diag><name>I15.9</name><desc>Secondary hypertension, unspecified</desc></diag>
      </diag>
    </section>
  </chapter>
  <chapter>
    <name>19</name>
    <desc>Injury (S00-T88)</desc>
    <sectionIndex>
      <sectionRef first="S50" last="S59" id="S50-S59">Injuries to the elbow and forearm</sectionRef>
    </sectionIndex>
    <section id="S50-S59">
      <desc>Injuries to the elbow and forearm (S50-S59)</desc>
      <diag>
        <name>S52</name>
        <desc>Fracture of forearm</desc>
        <sevenChrDef>
          <extension char="A">initial encounter for closed fracture</extension>
          <extension char="D">subsequent encounter for fracture with routine healing</extension>
        </sevenChrDef>
        <diag>
          <name>S52.5</name>
          <desc>Fracture of lower end of radius</desc>
          <diag>
            <name>S52.50</name>
            <desc>Unspecified fracture of the lower end of radius</desc>
            <diag><name>S52.501</name>
            <desc>Unspecified fracture of the lower end of right radius</desc></diag>
          </diag>
        </diag>
        <diag><name>S52.9</name><desc>Unspecified fracture of forearm</desc></diag>
      </diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""

CODES = ("I10", "I150", "I159", "S52501A", "S52501D", "S529XXA", "S529XXD")

ORDER_ROWS = (
    ("I10", True, "Essential (primary) hypertension"),
    ("I15", False, "Secondary hypertension"),
    ("I150", True, "Renovascular hypertension"),
    ("I159", True, "Secondary hypertension, unspecified"),
    ("S52", False, "Fracture of forearm"),
    ("S525", False, "Fracture of lower end of radius"),
    (
        "S52501A",
        True,
        "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture",
    ),
    ("S52501D", True, "Unspecified fracture of the lower end of right radius, subsequent encounter"),
    ("S529XXA", True, "Unspecified fracture of forearm, initial encounter for closed fracture"),
    ("S529XXD", True, "Unspecified fracture of forearm, subsequent encounter"),
)


def order_text(rows: tuple[tuple[str, bool, str], ...] = ORDER_ROWS) -> str:
    """Rows in the layout of icd10cm_order_YYYY.txt."""
    return "".join(
        f"{number:05} {code:<7} {int(valid)} {title[:60]:<60} {title}\n"
        for number, (code, valid, title) in enumerate(rows, 1)
    )


def tabular_file(folder: Path, text: str = TABULAR) -> Path:
    path = folder / "icd10cm-tabular-2026.xml"
    path.write_text(text, encoding="utf-8")
    return path


def order_file(folder: Path, rows: tuple[tuple[str, bool, str], ...] = ORDER_ROWS) -> Path:
    path = folder / "icd10cm_order_2027.txt"
    path.write_text(order_text(rows), encoding="utf-8")
    return path
