"""Whatever a file says: the readers of payers' answers raise nothing and repeat nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.rules.balance import imbalances, words
from claims.rules.x12.ack_999 import read_999
from claims.rules.x12.reader import read_file
from claims.rules.x12.remit_835 import Remittance, read_835
from claims.rules.x12.status_277ca import read_277ca
from tests.rules.claims.x12_text import interchange

IDS = (
    "BPR", "TRN", "N1", "REF", "LX", "CLP", "CAS", "NM1", "SVC", "DTM", "AMT", "LQ", "MIA", "MOA", "PLB",
    "BHT", "HL", "STC", "QTY", "DTP", "AK1", "AK2", "IK3", "CTX", "IK4", "IK5", "AK9",
)  # fmt: skip
SECRET = "ZZSECRET"
elements = st.sampled_from(
    ["", "1", "22", "-5", "1e9", "9" * 40, "NaN", "٣", "20261301", "HC:99213:25", ":::", "CO", "45", "12.345",
     "PT", "21", "A7:562:85", "CLM01:X", "R", "2", "PR", "RD8", "20260101-20260102", SECRET]
)  # fmt: skip
segments = st.lists(
    st.tuples(st.sampled_from(IDS), st.lists(elements, max_size=21)).map(
        lambda one: "*".join([one[0], *one[1]]) + "~"
    ),
    max_size=40,
).map("".join)


@pytest.mark.parametrize(
    ("code", "kind", "version", "read"),
    [
        ("835", "HP", "005010X221A1", read_835),
        ("277", "HN", "005010X214", read_277ca),
        ("999", "FA", "005010X231A1", read_999),
    ],
)
@settings(max_examples=80, deadline=None)
@given(body=segments)
def test_nothing_is_raised_and_nothing_is_repeated(
    code: str, kind: str, version: str, read: Any, body: str
) -> None:
    found = read(next(iter(read_file(interchange(code, body, kind=kind, version=version)).transactions())))
    told = [one.place + one.message for one in found.problems]
    if isinstance(found, Remittance):
        told += [words(one) for one in imbalances(found)]
    assert SECRET not in "".join(told)
