"""Runbooks and text widgets as HTML that cannot hurt: no raw HTML, only safe links.

markdown-it's commonmark preset with `html=False` escapes tags; its link check refuses `javascript:`
and its kin, and ours leaves only http(s), mail and links without a scheme.
"""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt

_SAFE_LINK = re.compile(r"(?:https?://|mailto:|[^:]*(?:[/?#].*)?$)", re.IGNORECASE | re.DOTALL)


class _Careful(MarkdownIt):
    """The parser with our own opinion of links."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the base's name
        """Whether a link may be clicked."""
        return super().validateLink(url) and _SAFE_LINK.match(url) is not None


@cache
def _parser() -> MarkdownIt:
    # A picture would be a request that leaves the page.
    return _Careful("commonmark", {"html": False}).enable("table").disable("image")


def to_html(text: str, *, heading_offset: int = 2) -> str:
    """Markdown as HTML; headings are moved down so that they fit into the page's outline."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + heading_offset)}"
    html = parser.renderer.render(tokens, parser.options, {})
    return str(html).replace("<a href=", '<a rel="noopener noreferrer" href=')
