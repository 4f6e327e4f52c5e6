"""X12 files as tests write them: short, by hand, with envelopes that agree."""

from __future__ import annotations

CLAIM = "KX7Q2M9TR4WPLA"


def interchange(code: str, body: str, *, kind: str, version: str, number: int = 905) -> str:
    """A file of one transaction; ``body``: its segments between ST and SE, each with its ``~``."""
    isa = (
        f"ISA*00*          *00*          *ZZ*{'PAYER1':<15}*ZZ*{'VENDOR1':<15}*261101*1200*^*00501*"
        f"{number:09d}*0*T*:~"
    )
    count = body.count("~") + 2
    return (
        f"{isa}GS*{kind}*PAYER1*VENDOR1*20261101*1200*{number}*X*{version}~ST*{code}*0001*{version}~{body}"
        f"SE*{count}*0001~GE*1*{number}~IEA*1*{number:09d}~"
    )


def remittance(claims: str, paid: str, *, trace: str = "T100", paid_on: str = "20261102") -> str:
    """An 835 of one payer; ``claims``: CLP and what follows, and PLB."""
    return interchange(
        "835",
        f"BPR*I*{paid}*C*ACH************{paid_on}~TRN*1*{trace}*1512345678~N1*PR*HARBOR HEALTH*XV*60054~"
        f"N1*PE*CLINIC*XX*1234567893~{claims}",
        kind="HP",
        version="005010X221A1",
    )


def acknowledgement(body: str) -> str:
    """A 277CA; ``body``: from its first HL."""
    return interchange(
        "277", f"BHT*0085*08*77*20261101*1200*TH~{body}", kind="HN", version="005010X214", number=906
    )


def receipt(body: str) -> str:
    """A 999; ``body``: from AK1."""
    return interchange("999", body, kind="FA", version="005010X231A1", number=907)
