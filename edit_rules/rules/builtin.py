"""The edits of the engine whose level a client may set: id, what it checks, its default level, its source.

The engine names its findings where it makes them; a test holds this list and those names together.
"""

from __future__ import annotations

from dataclasses import dataclass

from edit_rules.rules.apply import Level


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """One edit. `levels`: those that the engine gives by itself, the gravest first."""

    rule: str
    words: str
    levels: tuple[Level, ...]
    source: str


GUIDELINES = "ICD-10-CM Official Guidelines"
NCCI = "CMS NCCI Policy Manual"
MANUAL = "CMS Claims Manual, chapter 12"
MCE = "CMS Medicare Code Editor"
ERROR, WARNING, INFO = (Level.ERROR,), (Level.WARNING,), (Level.INFO,)

BUILT_IN: dict[str, BuiltIn] = {
    one.rule: one
    for one in (
        BuiltIn("code.not_in_release", "Service code not in force on its day", ERROR, "45 CFR 162.1000(a)"),
        BuiltIn(
            "code.noc_description",
            "Unlisted code without a description",
            INFO,
            "CMS Claims Manual, chapter 26",
        ),
        BuiltIn("icd.invalid", "Diagnosis code not in force on its day", ERROR, "45 CFR 162.1000(a)"),
        BuiltIn("icd.not_billable", "Diagnosis needs more characters", ERROR, f"{GUIDELINES} I.B.2"),
        BuiltIn("icd.excludes1", "Diagnoses that exclude each other", ERROR, f"{GUIDELINES} I.A.12.a"),
        BuiltIn(
            "icd.code_first", "Underlying condition first", ERROR + WARNING + INFO, f"{GUIDELINES} I.A.13"
        ),
        BuiltIn(
            "icd.manifestation_first", "Manifestation stands first", ERROR, f"{GUIDELINES} I.A.13; {MCE}"
        ),
        BuiltIn(
            "icd.first_listed", "Code that may not stand first", ERROR, f"{GUIDELINES} I.C.20.a.6; {MCE}"
        ),
        BuiltIn("icd.duplicate", "One diagnosis twice", ERROR, f"{GUIDELINES} I.B.12"),
        BuiltIn("icd.age", "Diagnosis does not fit the age", ERROR, f"{MCE}, age conflict"),
        BuiltIn("icd.sex", "Diagnosis does not fit the sex", WARNING, f"{MCE}, sex conflict"),
        BuiltIn("icd.laterality", "Sides that do not agree", ERROR + WARNING, f"{GUIDELINES} I.B.13"),
        BuiltIn("icd.unspecified", "Unspecified while the note says more", WARNING, f"{GUIDELINES} I.B.18"),
        BuiltIn("poa.missing", "No present-on-admission answer", ERROR, f"{GUIDELINES}, appendix I"),
        BuiltIn("poa.invalid", "Present-on-admission answer unknown", ERROR, f"{GUIDELINES}, appendix I"),
        BuiltIn("poa.exempt", "Answer for an exempt diagnosis", ERROR, "CMS POA exempt list"),
        BuiltIn("poa.not_exempt", "1 for a diagnosis that is not exempt", ERROR, "CMS POA exempt list"),
        BuiltIn("poa.unclear", "U on admission: ask the provider", WARNING, f"{GUIDELINES}, appendix I"),
        BuiltIn("ncci.ptp", "Two services that are not paid together", ERROR, f"{NCCI} chapter I, PTP edits"),
        BuiltIn("ncci.mue", "More units than are paid", ERROR + WARNING, f"{NCCI} chapter I, MUE"),
        BuiltIn(
            "ncci.addon",
            "Add-on code without its primary",
            ERROR + WARNING,
            f"{NCCI} chapter I, add-on codes",
        ),
        BuiltIn("modifier.invalid", "Modifier unknown or misplaced", ERROR, f"{NCCI} chapter I.E"),
        BuiltIn("modifier.25", "Modifier 25 missing or misplaced", ERROR + WARNING, f"{NCCI} chapter I.D"),
        BuiltIn("modifier.24", "Visit in a global period without 24", ERROR + WARNING, f"{MANUAL}, 30.6.6.A"),
        BuiltIn("modifier.57", "Decision for surgery without 57", ERROR + WARNING, f"{MANUAL}, 40.2.A.4"),
        BuiltIn(
            "modifier.global",
            "Procedure in a global period without 58, 78 or 79",
            ERROR + WARNING,
            f"{MANUAL}, 40.2.A and 40.4",
        ),
        BuiltIn("pos.invalid", "Place of service unknown", ERROR, "CMS place of service code set"),
        BuiltIn("pointer.missing", "Line without a diagnosis pointer", ERROR, "NUCC 1500 Manual, item 24E"),
        BuiltIn("hcc.meat", "HCC without a MEAT tag", WARNING, f"MEAT convention; {GUIDELINES} IV.J"),
        BuiltIn(
            "hcc.history_only", "HCC cited from a history only", WARNING, f"{GUIDELINES} IV.J and I.C.2.m"
        ),
        BuiltIn(
            "hcc.problem_list_only",
            "HCC cited from a problem list only",
            WARNING,
            f"CMS RADV reviewer guidance; {GUIDELINES} IV.J",
        ),
    )
}
"""By rule id, in the order in which they are offered."""
