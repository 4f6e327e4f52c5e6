"""Tagged PDF from a template.  Nothing is fetched but the style sheet and the fonts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from coding_ops.core.errors import Refused

MEDIA_TYPE = "application/pdf"
VARIANT = "pdf/ua-1"
STYLES = Path(settings.BASE_DIR) / "static" / "css" / "paper.css"
NO_PANGO = (
    "This machine cannot make PDF: Pango is missing. Install libpango-1.0-0, libpangoft2-1.0-0 and "
    "libharfbuzz-subset0, or take the Excel file."
)


def pdf(template: str, context: Mapping[str, Any]) -> bytes:
    """The template as a tagged PDF (PDF/UA-1) on Letter paper.

    Raises:
        Refused: the machine has no Pango.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise Refused(NO_PANGO, code="export.no_pango") from error

    class Nothing(URLFetcher):
        """A text of a chart could name an address; nothing is fetched for it."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("Nothing is fetched while a file is made.")

    fonts = FontConfiguration()
    faces = CSS(string=_faces(), font_config=fonts, base_url=str(settings.ASSETS_DIR))
    styles = CSS(string=STYLES.read_text(encoding="utf-8"), font_config=fonts, url_fetcher=Nothing())
    page = HTML(string=render_to_string(template, dict(context)), url_fetcher=Nothing())
    made: bytes = page.write_pdf(stylesheets=[faces, styles], font_config=fonts, pdf_variant=VARIANT)
    return made


def _faces() -> str:
    """Our fonts where they were built; without them the machine's own sans serif stands in."""
    fonts = Path(settings.ASSETS_DIR) / "fonts"
    known = (("Inter", "inter.woff2"), ("JetBrains Mono", "jetbrains-mono.woff2"))
    return "\n".join(
        f'@font-face {{ font-family: "{name}"; src: url("{(fonts / file).as_uri()}"); font-weight: 400 700 }}'
        for name, file in known
        if (fonts / file).is_file()
    )
