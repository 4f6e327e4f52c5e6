"""Which kind a file is and whether it is whole, by its segments alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.file_advice import advice
from claims.rules.payer_files import ACCEPTABLE, MEANINGS, Kind, glance, recognize
from tests.shared_data import shared_path

REMITTANCE = (
    "HP",
    "835",
    "005010X221A1",
    ["BPR*I*0*C*NON************20261102", "CLP*A1*1*100*100**12*P9*11"],
)
RECEIPT = ("FA", "999", "005010X231A1", ["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", "IK5*A"])
STATUS = ("HN", "277", "005010X214", ["BHT*0085*08*1*20261102*1200*TH", "STC*A1:20*20261102*WQ*100"])


def interchange(
    *groups: tuple[str, str, str, list[str]], number: str = "000000007", end: str = "~", element: str = "*"
) -> str:
    """A whole interchange of one transaction a group."""
    blank = " " * 10
    isa = (
        f"ISA*00*{blank}*00*{blank}*ZZ*{'PAYER':<15}*ZZ*{'CODINGOPS':<15}*261102*1200*^*00501*{number}*0*T*:"
    )
    segments = [isa]
    for place, (functional, code, version, inner) in enumerate(groups, start=1):
        segments.append(f"GS*{functional}*PAYER*CODINGOPS*20261102*1200*{place}*X*{version}")
        segments += [
            f"ST*{code}*{place:04d}*{version}",
            *inner,
            f"SE*{len(inner) + 2}*{place:04d}",
            f"GE*1*{place}",
        ]
    segments.append(f"IEA*{len(groups)}*{number}")
    return "".join(one.replace("*", element) + end for one in segments)


@pytest.mark.parametrize(
    ("group", "kind"), [(REMITTANCE, Kind.REMITTANCE), (RECEIPT, Kind.RECEIPT), (STATUS, Kind.STATUS)]
)
@pytest.mark.parametrize("signs", [("~", "*"), ("~\n", "*"), ("'", "|"), ("\n", "+")])
def test_a_whole_file_is_known_by_its_segments_whatever_signs_divide_it(
    group: tuple[str, str, str, list[str]], kind: Kind, signs: tuple[str, str]
) -> None:
    content = interchange(group, end=signs[0], element=signs[1]).encode()
    found = recognize(content)
    assert (found.kind, found.sender_id, found.interchange_number) == (kind, "PAYER", "000000007")
    assert (found.entry_count, found.problems) == (1, ())
    assert glance(b"\xef\xbb\xbf\r\n" + content) == glance(content)
    assert glance(content).kind == kind


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", {"file.empty"}),
        (b" \r\n", {"file.empty"}),
        (b"\xef\xbb\xbf", {"file.empty"}),
        (b"PK\x03\x04\x00\x00", {"file.encoding"}),
        (b"MRN,family_name\n1,x\n", {"envelope.not_x12"}),
        (interchange(REMITTANCE).partition("SE*")[0].encode(), {"envelope.truncated"}),
        (interchange(REMITTANCE).replace("IEA*1*000000007", "IEA*1*8").encode(), {"envelope.control_number"}),
        (interchange(REMITTANCE).replace("IEA*1*", "IEA*2*").encode(), {"envelope.count"}),
        (interchange(REMITTANCE).replace("*ZZ*PAYER", "*ZZ*PA", 1).encode(), {"envelope.delimiters"}),
        (interchange().encode(), {"file.no_transactions"}),
        (interchange(("BE", "834", "005010X220A1", ["BGN*00"])).encode(), {"file.kind"}),
        (interchange(("HP", "835", "004010X091", ["BPR*I"])).encode(), {"file.version"}),
        (interchange(RECEIPT, STATUS).encode(), {"file.mixed"}),
    ],
)
def test_what_cannot_be_posted_as_a_whole_says_why_and_what_to_do(content: bytes, codes: set[str]) -> None:
    found = recognize(content)
    assert {one.code for one in found.problems} == codes
    assert all(one.place and advice(one.code) for one in found.problems)


def test_a_person_may_accept_a_wrong_count_but_not_a_file_that_was_cut() -> None:
    wrong = recognize(interchange(REMITTANCE).replace("IEA*1*", "IEA*2*").encode())
    (problem,) = wrong.problems
    assert wrong.stops([]) == (problem,)
    assert wrong.stops([("another place", problem.code)]) == (problem,)
    assert wrong.stops([(problem.place, problem.code)]) == ()
    cut = recognize(interchange(REMITTANCE).partition("SE*")[0].encode())
    assert cut.stops([(one.place, one.code) for one in cut.problems]) == cut.problems
    assert not ACCEPTABLE & MEANINGS.keys()


def test_no_problem_repeats_the_file() -> None:
    text = interchange(REMITTANCE).replace("PAYER", "QUILLFEATHER").replace("IEA*1*", "IEA*2*")
    for one in recognize(text.encode()).problems:
        assert "QUILL" not in one.place + one.message


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    for tried in (content, b"ISA*" + content, interchange(REMITTANCE).encode() + content):
        found = recognize(tried)
        assert glance(tried).kind in Kind
        assert found.problems or found.kind is not Kind.UNKNOWN


def test_files_of_others_are_told_apart() -> None:
    folder = shared_path("reference/edi/x12")
    kinds = {Kind.CLAIMS: 0, Kind.RECEIPT: 0, Kind.STATUS: 0, Kind.REMITTANCE: 0, Kind.UNKNOWN: 0}
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        found = recognize(path.read_bytes())
        kinds[found.kind] += 1
        assert found.kind is not Kind.UNKNOWN or found.problems, path.name
    assert kinds[Kind.CLAIMS] > 40 and kinds[Kind.REMITTANCE] == 7
    assert (kinds[Kind.RECEIPT], kinds[Kind.STATUS]) == (3, 2)
