"""P8: claims of an 837 to the fields that x12sdk gives, against x12sdk's models and against a bare split.

Files are made by x12sdk's generator in the run.  The fields of every claim must be the same over 1,000
seeds, professional and institutional, or there is no ratio.  Ours gives whole ``ClaimContent``, which is
more than those fields.  Times are the processor's, because others share it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

from x12sdk.access import SubmittedClaim
from x12sdk.generate import generate_837i, generate_837p
from x12sdk.io import X12ModelReader

from benchmarks.pairs import rate_ratio
from claims.rules.content import ClaimContent
from claims.rules.x12.claims_837 import read_claims
from claims.rules.x12.parts import Problem
from claims.rules.x12.reader import read_file

SEEDS, CLAIMS_OF_A_SEED = 1_000, 2
CLAIMS, TIMES = 2_000, 100
MODELS_RATIO, SPLIT_RATIO, LINEAR_RATIO = 25.0, 0.07, 0.9
_BUFFER = 1 << 20


def run() -> Iterator[dict[str, Any]]:
    """One line for the same fields, one for each ratio."""
    yield _same_fields()
    text = generate_837p(seed=837, claims=CLAIMS)
    ours = _rate(lambda: _read(text), CLAIMS)
    yield rate_ratio(
        "claims_837.x12sdk_models", _rate(lambda: _models(text), CLAIMS), ours, limit=MODELS_RATIO,
        unit="claims/s", claims=CLAIMS,
    )  # fmt: skip
    yield rate_ratio(
        "claims_837.bare_split", _rate(lambda: _split(text), CLAIMS), ours, limit=SPLIT_RATIO,
        unit="claims/s", claims=CLAIMS,
    )  # fmt: skip
    large = many_times(text, TIMES)
    yield rate_ratio(
        "claims_837.linear", ours, _rate(lambda: _read(large), CLAIMS * TIMES), limit=LINEAR_RATIO,
        unit="claims/s", pairs=3, claims=CLAIMS * TIMES, megabytes=round(len(large) / 1e6),
    )  # fmt: skip


def many_times(text: str, times: int) -> str:
    """The subscribers of a file repeated inside its one transaction, with the count of segments mended."""
    text = text.replace("\n", "")
    start, stop = text.index("~HL*2*") + 1, text.index("~SE*") + 1
    body = text[start:stop] * times
    trailer = text[stop:].split("*", 2)
    count = text.count("~", text.index("~ST*") + 1, start) + body.count("~") + 1
    return f"{text[:start]}{body}SE*{count}*{trailer[2]}"


def _same_fields() -> dict[str, Any]:
    claims = 0
    for seed in range(SEEDS):
        generate = generate_837i if seed % 4 == 0 else generate_837p
        text = generate(seed=seed, claims=CLAIMS_OF_A_SEED)
        problems: list[Problem] = []
        reading = read_file(text)
        ours = [one.content for part in reading.transactions() for one in read_claims(part, problems)]
        with X12ModelReader(text) as reader:
            models: Iterator[Any] = reader.models()
            theirs = [claim for model in models for claim in model.claims()]
        if reading.problems or problems or [_fields(c) for c in ours] != [_their_fields(c) for c in theirs]:
            raise AssertionError(f"Claims of seed {seed} were read to other fields: {problems[:3]}")
        claims += len(ours)
    return {
        "name": "claims_837.same_fields", "value": 1.0, "unit": "share of claims", "limit": 1.0, "ratio": 1.0,
        "n": claims, "seeds": SEEDS, "met": claims == SEEDS * CLAIMS_OF_A_SEED,
    }  # fmt: skip


def _fields(claim: ClaimContent) -> tuple[object, ...]:
    patient = claim.patient or claim.subscriber
    return (
        claim.control_number, claim.total_charge_amount, claim.patient is not None, claim.relationship,
        (patient.family_name, patient.given_name),
        (claim.subscriber.family_name, claim.subscriber.given_name), claim.subscriber.identifier,
        claim.payer.name, claim.billing.name, claim.billing.identifier,
        tuple((one.number, one.code, one.charge_amount, one.units, one.service_on) for one in claim.lines),
    )  # fmt: skip


def _their_fields(claim: SubmittedClaim) -> tuple[object, ...]:
    return (
        claim.patient_control_number, claim.charge, claim.is_dependent, claim.relationship or "",
        claim.patient_name, claim.subscriber_name, claim.member_id, claim.payer_name,
        claim.billing_provider_name, claim.billing_provider_npi,
        tuple(_their_line(one) for one in claim.service_lines),
    )  # fmt: skip


def _their_line(loop: Any) -> tuple[object, ...]:
    institutional = getattr(loop, "sv2_segment", None)
    service = institutional or loop.sv1_segment
    composite = (
        service.composite_medical_procedure_identifier
        if institutional
        else service.product_service_id_qualifier
    )
    on = next(
        (one.date_time_period for one in loop.dtp_segment or () if one.date_time_qualifier == "472"), None
    )
    return (
        int(loop.lx_segment.assigned_number), composite.split(":")[1], service.line_item_charge_amount,
        service.service_unit_count, on,
    )  # fmt: skip


def _read(text: str) -> int:
    problems: list[Problem] = []
    count = sum(1 for part in read_file(text).transactions() for _ in read_claims(part, problems))
    return count if not problems else 0


def _models(text: str) -> int:
    """What the anchor must do to have the same fields: parse, and ask for each."""
    count = 0
    with X12ModelReader(text) as reader:
        models: Iterator[Any] = reader.models()
        for model in models:
            for claim in model.claims():
                _their_fields(claim)
                count += 1
    return count


def _split(text: str) -> int:
    """Segments and elements, streamed, and nothing made of them: what Python cannot do without."""
    stream, count = StringIO(text.replace("\n", "")), 0
    rest = ""
    while block := stream.read(_BUFFER):
        *segments, rest = (rest + block).split("~")
        for segment in segments:
            count += segment.split("*")[0] == "CLM"
    return count


def _rate(work: Callable[[], int], claims: int) -> Callable[[], float]:
    def rate() -> float:
        gc.collect()
        start = time.process_time()
        if work() != claims:
            raise AssertionError("Not every claim was read.")
        return claims / (time.process_time() - start)

    return rate
