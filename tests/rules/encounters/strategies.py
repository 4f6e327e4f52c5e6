"""Texts that have broken annotation tools, for the property tests of these rules."""

from __future__ import annotations

from hypothesis import strategies as st

# Characters that have broken annotation tools: line ends of every kind, tabs, accents, ZWJ, flags, astral.
AWKWARD = list("ab Z9.,:;-%\t\r\n\v\f\x85\u2028\u2029\x1c\u00a0\u200b\u200d\u0301\u0308\ufe0f\u00e9\u4e2d")
AWKWARD += [
    "\r\n",
    "\U0001f600",
    "\U0001f469\u200d\u2695\ufe0f",
    "\U0001f44d\U0001f3fd",
    "\U0001f1fa\U0001f1f8",
    "7.4",
]
notes = st.lists(st.sampled_from(AWKWARD), max_size=60).map("".join)
any_text = st.one_of(notes, st.text(max_size=200))
