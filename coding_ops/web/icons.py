"""Our icon sprite: only the icons the pages use, cut out of the pinned ``lucide`` wheel at set-up.

The whole Lucide sprite weighs 91 KB gzip; a page that loads in 40 KB cannot carry it.  An icon that is
not named here cannot be drawn: ``icon()`` refuses it, so that a typing error is found by the first test
that renders the page instead of by a user who sees a hole.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from django.templatetags.static import static
from markupsafe import Markup

SPRITE_PATH = "icons.svg"
SVG = "{http://www.w3.org/2000/svg}"

ICONS = frozenset(
    {
        "arrow-down", "arrow-right", "arrow-up", "building-2", "check", "chevron-down", "chevron-right",
        "chevrons-up-down", "circle-check", "circle-dashed", "circle-x", "clock", "ellipsis", "file-text",
        "highlighter", "history", "inbox", "info", "keyboard", "link-2-off", "lock", "log-out", "minus",
        "monitor", "moon", "pause", "pencil", "play", "plus", "quote", "rotate-ccw", "search", "settings",
        "skip-forward", "square-check", "sun", "trash-2", "triangle-alert", "undo-2", "upload", "users",
        "wifi-off", "x",
    }
)  # fmt: skip


@lru_cache(maxsize=1)
def sprite_url() -> str:
    """Address of the sprite, hashed by the static files storage."""
    return static(SPRITE_PATH)


@lru_cache(maxsize=512)
def icon(name: str, css: str = "i") -> Markup:
    """Reference to one icon of the sprite, hidden from assistive technology.

    Raises:
        KeyError: the icon is not part of ``ICONS``.
    """
    if name not in ICONS:
        raise KeyError(f"icon {name!r} is not in coding_ops.web.icons.ICONS")
    reference = f"{sprite_url()}#{name}"
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>').format(css, reference)


def forget() -> None:
    """Ask the static files storage again: its manifest has changed (tests, a new release of assets)."""
    sprite_url.cache_clear()
    icon.cache_clear()


def build_sprite() -> bytes:
    """The sprite as UTF-8 SVG, icons in alphabetical order, the same bytes for the same wheel.

    Raises:
        KeyError: the pinned ``lucide`` has no icon of that name any more.
    """
    archive = ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
    symbols = [_symbol(name, archive.read(f"{name}.svg")) for name in sorted(ICONS)]
    return ('<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>").encode()


def _symbol(name: str, svg: bytes) -> str:
    """One ``<symbol>``: the drawing without what every Lucide file repeats."""
    drawing = ElementTree.fromstring(svg)  # noqa: S314 - our own pinned wheel, not input
    shapes = "".join(_shape(node) for node in drawing)
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def _shape(node: ElementTree.Element) -> str:
    """One path, circle or line, with no namespace prefix."""
    tag = node.tag.removeprefix(SVG)
    return f"<{tag} " + " ".join(f'{key}="{value}"' for key, value in node.attrib.items()) + "/>"
