"""Words as X12 can carry them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

DELIMITERS: Final = "*:^~"
_APART: Final = str.maketrans(
    {
        "Ø": "O",
        "ø": "o",
        "ß": "ss",
        "Æ": "AE",
        "æ": "ae",
        "Ł": "L",
        "ł": "l",
        "Đ": "D",
        "đ": "d",
        "Œ": "OE",
        "œ": "oe",
        "Þ": "TH",
        "þ": "th",
        "’": "'",
        "–": "-",
        "—": "-",
    }
)
"""Letters that Unicode does not take apart into a letter and its mark."""
_OUTSIDE: Final = re.compile(r"[^A-Z0-9!\"&'()+,\-./;?= ]+")
"""Everything beyond the basic character set; the delimiters of our files are not in it either."""


def plain(text: str, longest: int) -> str:
    """A text in capitals of the basic character set, cut to ``longest`` characters.

    Accents are dropped (José becomes JOSE), whatever else the set does not have becomes a blank: a payer's
    reader takes a stray delimiter for the end of an element.  A text in another script comes back empty.
    """
    apart = unicodedata.normalize("NFKD", text.translate(_APART)).upper()
    letters = "".join(one for one in apart if not unicodedata.combining(one))
    return " ".join(_OUTSIDE.sub(" ", letters).split())[:longest].rstrip()


def digits(text: str) -> str:
    """The digits of a text alone, as of a telephone or postal number."""
    return "".join(one for one in text if one.isascii() and one.isdigit())
