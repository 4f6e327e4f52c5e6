"""The second opinion on a file before it goes out: ``pyx12`` reads it by the guide's own maps.

It shares no code with the writer.  What it finds is placed on the claim that lies there.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyx12.errors
import pyx12.params
import pyx12.x12n_document

from claims.rules.x12.parts import Problem
from claims.rules.x12.write_837 import Placed

# It logs what it finds together with the value, which can be a patient's name.
_log = logging.getLogger("pyx12")
_log.addHandler(logging.NullHandler())
_log.propagate = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the validator refuses.

    Attributes:
        control_number: the claim it lies in; empty when it concerns the file.
        problem: code ``validator.<999 error code>``, place, and words that repeat no value of the file.
    """

    control_number: str
    problem: Problem


def validate(text: str, placed: Sequence[Placed]) -> tuple[Finding, ...]:
    """What ``pyx12`` refuses in an interchange that we wrote, in file order; empty when it passes."""
    found = io.StringIO()
    try:
        passes = pyx12.x12n_document.x12n_document(
            pyx12.params.ParamsBase(), io.StringIO(text), None, None, fd_json=found
        )
    except (pyx12.errors.EngineError, pyx12.errors.X12Error):
        return (_of_file("engine", "file", "The validator could not read the file."),)
    findings = tuple(_findings(json.loads(found.getvalue()), placed)) if found.getvalue() else ()
    if not passes and not findings:
        return (_of_file("refused", "file", "The validator refused the file and did not say where."),)
    return findings


def _findings(document: Mapping[str, Any], placed: Sequence[Placed]) -> Iterator[Finding]:
    for interchange in document["interchanges"]:
        yield from _of_envelope(interchange["errors"], "ISA")
        for group in interchange["groups"]:
            yield from _of_envelope(group["errors"], "GS")
            for transaction in group["transactions"]:
                number = transaction["trn_set_control_num"]
                yield from _of_envelope(transaction["errors"], f"ST {number}")
                here = [one for one in placed if one.transaction_number == number]
                for segment in transaction["segments"]:
                    yield from _of_segment(segment, here)


def _of_envelope(errors: Sequence[Mapping[str, Any]], place: str) -> Iterator[Finding]:
    for error in errors:
        yield _of_file(str(error["err_cde"]), place, "The envelope does not fit the standard.")


def _of_file(code: str, place: str, message: str) -> Finding:
    return Finding("", Problem(f"validator.{code}", place, message))


def _of_segment(segment: Mapping[str, Any], placed: Sequence[Placed]) -> Iterator[Finding]:
    """Errors of a segment and of its elements; the validator's own words may quote the value, so they stay
    here and only its codes and names go on."""
    offset = segment["seg_count"]
    claim = next((one for one in placed if one.first_segment <= offset <= one.last_segment), None)
    number = claim.control_number if claim else ""
    place = f"segment {offset}, {segment['seg_id']}" + (f", {segment['name']}" if segment["name"] else "")
    for error in segment["errors"]:
        words = "A segment is missing, or does not belong here."
        yield Finding(number, Problem(f"validator.{error['err_cde']}", place, words))
    for element in segment["elements"]:
        where = f"{place}, element {element['ele_pos']:02d}"
        for error in element["errors"]:
            words = f"“{element['name']}” is missing or not as the guide has it."
            yield Finding(number, Problem(f"validator.{error['err_cde']}", where, words))
