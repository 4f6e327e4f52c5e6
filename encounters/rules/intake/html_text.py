"""Plain text out of simple HTML notes.

Evidence points at characters, so the text must be what a reader of the page would read. Paragraphs, lists,
emphasis and line breaks have one obvious reading. Tables, images, forms and anything hidden do not, and
such a document is refused instead of being flattened into something the clinician never wrote.
"""

from __future__ import annotations

from html.parser import HTMLParser

_INLINE = {"b", "i", "u", "em", "strong", "span", "a", "sub", "sup", "small", "font", "html", "body", "code"}
_BLOCKS = {*("p", "div", "h1", "h2", "h3", "h4", "h5", "h6"), *("ul", "ol", "li", "pre", "section", "hr")}
_UNREAD = {"head", "title", "meta", "link"}
_HIDING = ("display:none", "visibility:hidden", "font-size:0")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.simple = True
        self.unread = 0
        self.preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        style = "".join((value or "") for name, value in attrs if name == "style").replace(" ", "").lower()
        if any(hiding in style for hiding in _HIDING) or any(name == "hidden" for name, _ in attrs):
            self.simple = False
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.preformatted += tag == "pre"
            self.parts.append("\n- " if tag == "li" else "\n")
        elif tag in ("head", "title"):
            self.unread += 1
        elif tag not in _INLINE and tag not in _UNREAD:
            self.simple = False

    def handle_endtag(self, tag: str) -> None:
        if tag in ("head", "title"):
            self.unread -= 1
        elif tag in _BLOCKS:
            self.preformatted -= tag == "pre"
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self.unread <= 0:
            self.parts.append(data if self.preformatted > 0 else " ".join(_words(data)))


def _words(data: str) -> list[str]:
    """The words with one empty word where white space touched a tag, so that joining keeps one blank."""
    lead = [""] if data[:1].isspace() else []
    trail = [""] if data[-1:].isspace() and data.strip() else []
    return lead + data.split() + trail


def simple_html_text(markup: str) -> str | None:
    """The text of simple HTML, one line for each block; None when the markup is not simple."""
    reader = _Reader()
    try:
        reader.feed(markup)
        reader.close()
    except (AssertionError, ValueError):  # html.parser's own answer to some broken declarations
        return None
    if not reader.simple or reader.unread > 0:
        return None
    lines = [line.strip(" \t") for line in "".join(reader.parts).split("\n")]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return "\n".join(kept).strip("\n")
