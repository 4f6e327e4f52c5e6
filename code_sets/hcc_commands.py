"""`codes.hcc`: JSON in; categories, their factors and the risk score of one person out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from code_sets import hhs_commands, rxhcc_commands
from code_sets.hcc_loaded import read_model
from code_sets.hcc_tables import ModelYear, model_years, tables_of
from code_sets.rule_input import Fields, invalid
from code_sets.rules.hcc import Hcc, Person, Score, score
from code_sets.rules.hhs_hcc import score_hhs, shown_category
from code_sets.rules.rxhcc import RxPerson, score_rx
from coding_ops.core.errors import Refused

SEXES = ("F", "M")
#: CMS's dual eligibility codes; NA stands for none, as the package and the payment files write it.
DUAL_CODES = ("NA", "00", "01", "02", "03", "04", "05", "06", "08", "09", "10")
ENTITLEMENTS = ("0", "1", "2", "3")
ESRD = ("2", "3")
OLDEST = 130
CATEGORY_FIELDS = ("hcc", "dropped_by", "moved_to")


def hcc(request: Mapping[str, Any]) -> dict[str, Any]:
    """`codes.hcc`: a person, a model with its payment year, and diagnoses to categories and scores.

    {"model": "CMS-HCC V28", "payment_year", "age", "sex", "dual_eligibility_code", "institutional",
    "original_reason_for_entitlement", "current_reason_for_entitlement", "new_enrollee",
    "special_needs_plan", "diagnoses"; of RxHCC also "low_income" and "calibration"; of HHS-HCC
    "metal", "enrollment_months" and "cost_sharing" instead of Medicare's} ->
    {"hccs": [{"hcc", "label", "coefficient", "from"}],
    "unscored_hccs", "segment", "demographic", "interactions": [{"name", "coefficient"}], "raw_score",
    "normalized", "payment_score", "factors", "trace"}. Scores and coefficients are texts with three decimals;
    a score whose factor is not on record is null. Age is that of February 1 of the payment year.
    Raises InvalidInput with the path of the field; Refused where there are no sound tables.
    """
    fields = Fields(request)
    if request.get("model") == rxhcc_commands.MODEL:
        return _rxhcc(fields)
    if request.get("model") == hhs_commands.MODEL:
        return _hhs(fields)
    year = _model_year(fields)
    person = _person(fields)
    diagnoses = fields.codes("diagnoses", "ICD-10-CM")
    _check_scope(year, person)
    found = score(tables_of(year), person, diagnoses)
    return _answer(year, person, found)


def _rxhcc(fields: Fields) -> dict[str, Any]:
    release = rxhcc_commands.chosen_release(fields)
    who = RxPerson(_person(fields), fields.flag("low_income"))
    found = score_rx(rxhcc_commands.rx_tables(release), who, fields.codes("diagnoses", "ICD-10-CM"))
    year = ModelYear(
        model=f"{rxhcc_commands.MODEL} {release.calibration}",
        payment_year=release.payment_year,
        mapping=release.entry.file,
        status=release.status,
        source=release.source,
        normalization=release.normalization,
        note=release.note,
    )
    return _answer(year, who.person, found) | {"calibration": release.calibration}


def _hhs(fields: Fields) -> dict[str, Any]:
    entry = hhs_commands.chosen_tables(fields)
    who = hhs_commands.enrollee_of(fields)
    model = read_model(entry.file)
    if who.cost_sharing and who.cost_sharing not in model.facts["cost_sharing"]:
        raise invalid("cost_sharing", f"must be one of {', '.join(model.facts['cost_sharing'])}")
    found = score_hhs(model, who, fields.codes("diagnoses", "ICD-10-CM"))
    year = ModelYear(
        model=hhs_commands.MODEL,
        payment_year=int(entry.release),
        mapping=entry.file,
        status="unverified",
        source=f"{entry.source}, loaded as {entry.system} {entry.release}",
        note="By the tables that were loaded. Drug categories (RXC) are not scored.",
    )
    answer = _answer(year, Person(who.age, who.sex, "NA", "0"), found)
    for one in (*answer["hccs"], *answer["unscored_hccs"], *answer["trace"]):
        one |= {
            name: shown_category(one[name]) for name in ("hcc", "dropped_by", "moved_to") if one.get(name)
        }
    return answer


def _answer(year: ModelYear, person: Person, found: Score) -> dict[str, Any]:
    return {
        "hccs": [_category(one) for one in found.scored],
        "unscored_hccs": [_category(one) for one in found.unscored],
        "segment": found.segment,
        "demographic": _amount(found.demographic),
        "interactions": [{"name": name, "coefficient": _amount(value)} for name, value in found.interactions],
        "raw_score": _amount(found.raw),
        "normalized": _amount(found.normalized),
        "payment_score": _amount(found.payment),
        "factors": _factors(year),
        "trace": _trace(year, person, found),
    }


def _person(fields: Fields) -> Person:
    return Person(
        age=fields.whole("age", 0, OLDEST),
        sex=fields.choice("sex", SEXES),
        dual=fields.choice("dual_eligibility_code", DUAL_CODES, "NA"),
        original_entitlement=fields.choice("original_reason_for_entitlement", ENTITLEMENTS, "0"),
        current_entitlement=fields.choice("current_reason_for_entitlement", ENTITLEMENTS, "0"),
        institutional=fields.flag("institutional"),
        new_enrollee=fields.flag("new_enrollee"),
        special_needs_plan=fields.flag("special_needs_plan"),
    )


def _factors(year: ModelYear) -> dict[str, Any]:
    return {
        "normalization": year.normalization,
        "coding_adjustment": year.coding_adjustment,
        "share_of_blend": year.share,
        "status": year.status,
        "source": year.source,
        "note": year.note,
    }


def _model_year(fields: Fields) -> ModelYear:
    names = list(dict.fromkeys(one.model for one in model_years()))
    model = fields.choice("model", [*names, rxhcc_commands.MODEL, hhs_commands.MODEL])
    payment_year = fields.whole("payment_year", 2000, 2100)
    for one in model_years():
        if (one.model, one.payment_year) == (model, payment_year):
            return one
    known = ", ".join(str(one.payment_year) for one in model_years() if one.model == model)
    raise Refused(
        f"There are no tables of {model} for payment year {payment_year}, only for {known}.",
        code="hcc.no_tables",
        details={"path": "payment_year"},
    )


def _check_scope(year: ModelYear, person: Person) -> None:
    entitled = person.original_entitlement in ESRD or person.current_entitlement in ESRD
    if year.scope == "dialysis" and not entitled:
        raise Refused(
            f"{year.model} scores persons on dialysis: a reason for entitlement must be 2 or 3.",
            code="hcc.not_esrd",
            details={"path": "current_reason_for_entitlement"},
        )


def _category(one: Hcc) -> dict[str, Any]:
    return {
        "hcc": one.number,
        "label": one.label,
        "coefficient": _amount(one.coefficient),
        "from": list(one.diagnoses),
    }


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _trace(year: ModelYear, person: Person, found: Score) -> list[dict[str, Any]]:
    cite = {"edition": f"{year.model} {year.payment_year}", "citation": year.source}
    steps: list[dict[str, Any]] = [
        {"rule": "hcc.segment", "segment": found.segment, "variable": found.demographic_name, **cite}
    ]
    steps += [
        {
            "rule": "hcc.edit",
            "diagnosis": code,
            "moved_to": None if moved_to is None else int(moved_to),
            "why": f"age {person.age}, sex {person.sex}: "
            + ("rejected" if moved_to is None else "another category"),
            **cite,
        }
        for code, moved_to in found.edited.items()
    ]
    steps += [
        {
            "rule": "hcc.hierarchy" if above else "hcc.model_rule",
            "hcc": number,
            "dropped_by": above,
            "why": f"HCC {above} ranks above it" if above else "the model removes it when it stands alone",
            **cite,
        }
        for number, above in found.dropped.items()
    ]
    steps.append({"rule": "hcc.unmapped", "diagnoses": list(found.unmapped), **cite})
    steps.append(
        {"rule": "hcc.factors", "status": year.status, "normalized": _amount(found.normalized), **cite}
    )
    return steps
