"""Gives plain text its paragraphs, as the old system did only when it showed a page."""

import re

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_BLOCK = re.compile(r"<(?:p|div|blockquote|pre|ul|ol|li|table|h[1-6]|hr)\b", re.IGNORECASE)


def with_paragraphs(text: str) -> str:
    """Turn blank lines into paragraphs and line ends into breaks. What has blocks of its own keeps them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "\n".join(_paragraph(each) for each in _BLANK_LINES.split(text)) if text else ""


def _paragraph(text: str) -> str:
    if "<pre" in text.lower():
        return text
    broken = text.replace("\n", "<br>\n")
    return broken if _BLOCK.search(text) else f"<p>{broken}</p>"
