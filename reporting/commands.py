"""The statistics as rules by name: a JSON object in, a JSON object with its trace out.

``settings.RULES`` names them for ``manage.py rule``.  Bad input raises ``InvalidInput`` with the JSON path
of the culprit in ``details["path"]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from coding_ops.core import statistics
from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import IntervalMethod

_CITATIONS: Final = {
    IntervalMethod.WILSON: "Wilson, JASA 22 (1927) 209",
    IntervalMethod.CLOPPER_PEARSON: "Clopper and Pearson, Biometrika 26 (1934) 404",
}
_SAMPLE_CITATION: Final = (
    "Cochran, Sampling Techniques, 3rd ed., 4.4: n0 = z^2 p(1-p)/d^2, n = n0/(1+(n0-1)/N)"
)


def interval(payload: Mapping[str, Any]) -> dict[str, Any]:
    """``stats.interval``: numerator, denominator, method and confidence to rate, low and high."""
    numerator, denominator = _whole(payload, "numerator"), _whole(payload, "denominator")
    confidence = _decimal(payload, "confidence")
    method = _method(payload)
    found = statistics.interval(numerator, denominator, confidence=confidence, method=method)
    inputs = {"numerator": numerator, "denominator": denominator, "confidence": str(confidence)}
    return {
        "rate": str(found.rate),
        "low": str(found.low),
        "high": str(found.high),
        "trace": [{"rule": f"stats.{method.value}", "citation": _CITATIONS[method], "inputs": inputs}],
    }


def sample_size(payload: Mapping[str, Any]) -> dict[str, Any]:
    """``stats.sample_size``: population (or null), expected error, precision and confidence to n."""
    population = None if payload.get("population") is None else _whole(payload, "population")
    asked = {name: _decimal(payload, name) for name in ("expected_error", "precision", "confidence")}
    n = statistics.sample_size(
        population,
        expected_error=asked["expected_error"],
        precision=asked["precision"],
        confidence=asked["confidence"],
    )
    inputs = {"population": population} | {name: str(value) for name, value in asked.items()}
    return {
        "n": n,
        "trace": [{"rule": "stats.sample_size", "citation": _SAMPLE_CITATION, "inputs": inputs}],
    }


def _whole(payload: Mapping[str, Any], path: str) -> int:
    value = payload.get(path)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unreadable(path, "must be a whole number")
    return value


def _decimal(payload: Mapping[str, Any], path: str) -> Decimal:
    value = payload.get(path)
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise _unreadable(path, 'must be a decimal, such as "0.95"')
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise _unreadable(path, 'must be a decimal, such as "0.95"') from None


def _method(payload: Mapping[str, Any]) -> IntervalMethod:
    try:
        return IntervalMethod(payload.get("method", IntervalMethod.WILSON.value))
    except ValueError:
        names = " or ".join(method.value for method in IntervalMethod)
        raise _unreadable("method", f"must be {names}") from None


def _unreadable(path: str, what: str) -> InvalidInput:
    return InvalidInput(f"{path} {what}.", code="input.unreadable", details={"path": path})
