from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from tests.unit.preview.samples import END, HOSTILE, START, preview

from axonwatch.preview.markdown import to_html
from axonwatch.preview.page import render_page
from axonwatch.preview.view import Preview


class Outline(HTMLParser):
    """Collects elements, and what stands inside scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.raw.append((self.cdata_elem, data))


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    parser.close()
    return parser


def test_the_policy_names_exactly_the_script_and_style_of_the_page() -> None:
    html = render_page(preview())
    policy = next(
        attributes["content"]
        for tag, attributes in outline(html).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    script = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(script) == len(style) == 1
    for text in (script[0], style[0]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_hostile_text_makes_no_element_and_no_attribute() -> None:
    plain, hostile = outline(render_page(preview())), outline(render_page(preview(HOSTILE)))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    for _, attributes in hostile.elements:
        assert not any(name.startswith("on") for name in attributes)
        assert "style" not in attributes


def test_hostile_text_stays_inside_the_data_block() -> None:
    html = render_page(preview(HOSTILE))
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert block is not None
    assert "<" not in block[1]
    assert "\u2028" not in block[1]
    assert json.loads(block[1])["charts"]["chart-0-2"]["traces"][0]["label"] == HOSTILE


def test_nothing_is_loaded_from_anywhere() -> None:
    for tag, attributes in outline(render_page(preview(HOSTILE))).elements:
        assert tag not in {"link", "iframe", "img", "object", "embed", "base"}
        assert "src" not in attributes


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
    ],
)
def test_a_link_with_another_scheme_is_no_link(link: str) -> None:
    assert "<a" not in to_html(f"[x]({link})")


@pytest.mark.parametrize(
    "link", ["https://example.com/a", "#look", "other.md", "mailto:a@example.com"]
)
def test_a_safe_link_is_a_link_that_tells_nobody(link: str) -> None:
    assert f'<a rel="noopener noreferrer" href="{link}"' in to_html(f"[x]({link})")


def test_headings_of_a_runbook_fit_below_the_alarm() -> None:
    assert "<h3>Impact</h3>" in to_html("# Impact")


def test_an_empty_preview_is_a_page_too() -> None:
    assert "<main" in render_page(Preview("s", "nothing", START, END))
