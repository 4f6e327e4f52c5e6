"""Inter and JetBrains Mono, cut to the weights and characters the pages use.

The wheels carry whole variable families (0.9 MB and 0.2 MB).  Cut by ``fonttools`` at set-up they are
about 40 KB each, are served from our own origin, and are byte for byte the same for the same wheels.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

# Basic Latin, Latin-1, Latin Extended-A (names), punctuation, arrows, the signs of units and keys.
LATIN = (
    *range(0x20, 0x7F), *range(0xA0, 0x180), 0x192, 0x2C6, 0x2DC, *range(0x2010, 0x2028), 0x2030, 0x2032,
    0x2033, 0x2039, 0x203A, 0x2044, 0x20AC, 0x2122, *range(0x2190, 0x2194), 0x21B5, 0x21E7, 0x2212, 0x2215,
    0x2248, 0x2260, 0x2264, 0x2265, 0x2303, 0x2318, 0x2325, 0x232B, 0x23CE, 0x25CF,
)  # fmt: skip
CODES = (*range(0x20, 0x7F), 0xA0, 0xB0, 0xB7, 0xD7, 0x2013, 0x2014, 0x2022, 0x2026, 0x2192, 0x2212)


@dataclass(frozen=True, slots=True)
class Cut:
    """How one family is cut.  ``axes``: design axis to a pinned value or a range."""

    package: str
    file: str
    output: str
    characters: tuple[int, ...]
    axes: Mapping[str, float | tuple[float, float]]
    features: tuple[str, ...]


CUTS = (
    Cut(
        "fontpkg_inter", "Inter[opsz,wght].ttf", "fonts/inter.woff2", LATIN,
        {"opsz": 14, "wght": (400, 700)}, ("kern", "calt", "ccmp", "mark", "mkmk", "tnum", "locl"),
    ),
    Cut(
        "fontpkg_jetbrains_mono", "JetBrainsMono[wght].ttf", "fonts/jetbrains-mono.woff2", CODES,
        {"wght": (400, 700)}, ("ccmp", "mark"),
    ),
)  # fmt: skip


def build_fonts() -> dict[str, bytes]:
    """Output path to woff2 bytes, with each family's licence beside it.

    Raises:
        FileNotFoundError: a wheel no longer carries the file named in ``CUTS``.
    """
    # fonttools tells every glyph at INFO; set-up shows one line per step.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    built: dict[str, bytes] = {}
    for cut in CUTS:
        package = files(cut.package)
        built[cut.output] = _cut(package.joinpath("files", cut.file).read_bytes(), cut)
        built[cut.output.replace(".woff2", "-OFL.txt")] = package.joinpath("LICENSE").read_bytes()
    return built


def _cut(source: bytes, cut: Cut) -> bytes:
    """One family: glyphs dropped first (which makes the second step quick), then axes limited."""
    font = TTFont(BytesIO(source), recalcTimestamp=False)
    options = Options()
    options.layout_features = list(cut.features)
    options.hinting = False
    options.name_IDs = [0, 1, 2, 13, 14]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=list(cut.characters))
    subsetter.subset(font)
    font = instantiateVariableFont(font, dict(cut.axes), inplace=True)
    font.flavor = "woff2"
    output = BytesIO()
    font.save(output, reorderTables=True)
    return output.getvalue()
