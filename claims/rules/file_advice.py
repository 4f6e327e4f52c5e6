"""What a person does about a problem of a file, by its code; the most exact words that are known."""

from __future__ import annotations

from typing import Final

_ASK_AGAIN = "Ask the sender for the file once more and send that. Nothing of this one was posted."
_ACCEPT = (
    "Ask the sender for a correct file. If you know that nothing is missing, dismiss this with the reason "
    "and read the file again: it is then posted as it is."
)
_BALANCE = (
    "Ask the payer for a corrected remittance. This payment is not posted, because its amounts cannot be "
    "trusted."
)
_NOT_SENT = (
    "Open Claims, Submissions and mark the file with this claim as sent. The answer is matched within a "
    "minute; then dismiss this or read the file again."
)

ADVICE: Final = {
    "file.empty": "Send the file again from the system that made it.",
    "file.encoding": "Unpack or decrypt it first, then send the text file that lies in it.",
    "file.no_transactions": _ASK_AGAIN,
    "file.kind": "Nothing to do if the file came here by mistake: dismiss it with that reason.",
    "file.version": "Ask the sender for the version that is read here.",
    "file.mixed": "Split it into one file a kind, or ask the sender to.",
    "file.fault": "Read it again later. If it happens again, tell support the number of the interchange.",
    "envelope.not_x12": "Send the X12 file itself. Charts (FHIR, HL7, CSV) go to Charts, Files.",
    "envelope.delimiters": _ASK_AGAIN,
    "envelope.truncated": _ASK_AGAIN,
    "envelope.misplaced": _ASK_AGAIN,
    "envelope.count": _ACCEPT,
    "envelope.control_number": _ACCEPT,
    "envelope.control_number_twice": _ACCEPT,
    "envelope.after_end": _ACCEPT,
    "claims.not_self_billed": "Dismiss it if the file came by mistake; otherwise change the set-up first.",
    "remit.duplicate": "Nothing is lost: the payment stands already. Dismiss it, or ask the payer whether it "
    "paid twice.",
    "remit.procedure": "The payment is posted; this line of it is not tied to a line of ours.",
    "remit.not_sent": _NOT_SENT,
    "status.not_sent": _NOT_SENT,
    "receipt.unknown": "Nothing to do if the file that it answers was sent by another system: dismiss it.",
}
_BY_FAMILY: Final = {
    "envelope": _ASK_AGAIN,
    "balance": _BALANCE,
    "remit": _BALANCE,
    "line": "Mend it where the claim is made, and send a file with this claim again.",
    "claim": "Mend it where the claim is made, and send a file with this claim again.",
}
_OTHERWISE: Final = "Ask the sender what was meant; dismiss this with the answer, or send a corrected file."


def advice(code: str) -> str:
    """What to do, one or two sentences; never empty."""
    return ADVICE.get(code) or _BY_FAMILY.get(code.partition(".")[0], _OTHERWISE)
