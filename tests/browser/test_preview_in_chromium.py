"""The page in a real browser. Needs Debian's chromium: run with `-m browser`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.preview.samples import HOSTILE, preview

from axonwatch.preview.page import render_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on PATH"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


class Visit:
    """An open page, with everything that it said and asked for."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector(".uplot canvas")


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Any]:
    opened: list[Visit] = []

    def open_page(text: str = "plain", **context: Any) -> Visit:
        path = tmp_path / "preview.html"
        path.write_text(render_page(preview(text)), encoding="utf-8")
        opened.append(Visit(browser, path, **context))
        return opened[-1]

    yield open_page
    for one in opened:
        one.context.close()


def test_charts_are_drawn_without_a_word_in_the_console_or_a_request(visit: Any) -> None:
    seen = visit()
    painted = seen.page.evaluate(
        """() => [...document.querySelectorAll('#board-0 .uplot canvas')].map((canvas) => {
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.some((value) => value !== 0);
        })"""
    )
    assert painted == [True]
    assert seen.messages == []
    assert len(seen.requests) == 1


def test_dragging_zooms_and_escape_zooms_out(visit: Any) -> None:
    page = visit().page
    box = page.locator("#chart-0-2 .u-over").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 40, steps=5)
    page.mouse.up()
    assert page.locator("html").get_attribute("data-zoomed") == "yes"
    page.locator("#chart-0-2").focus()
    page.keyboard.press("Escape")
    assert page.locator("html").get_attribute("data-zoomed") == "no"


def test_the_keyboard_reads_values_and_zooms(visit: Any) -> None:
    page = visit().page
    page.locator("#chart-0-2").focus()
    page.keyboard.press("ArrowLeft")
    assert "CPU" not in page.locator("#chart-0-2-readout").inner_text()
    assert page.locator("#chart-0-2-readout").inner_text()[2] == ":"
    page.keyboard.press("+")
    assert page.locator("html").get_attribute("data-zoomed") == "yes"


def test_alarms_are_found_by_name(visit: Any) -> None:
    page = visit().page
    page.locator("#find").fill("nothing of the kind")
    assert page.locator("#count").inner_text() == "0 alarms"
    assert not page.locator(".card").first.is_visible()


def test_hostile_text_is_shown_and_does_nothing(visit: Any) -> None:
    seen = visit(HOSTILE)
    assert seen.page.title() != "owned"
    assert seen.messages == []
    assert len(seen.requests) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_no_serious_accessibility_fault(visit: Any, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(
        color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    ).page
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true }")
    found = [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]])
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
    assert found == []


def test_on_a_phone_nothing_is_wider_than_the_screen(visit: Any) -> None:
    page = visit(viewport={"width": 390, "height": 844}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_moves_while_charts_are_drawn(visit: Any) -> None:
    page = visit(viewport={"width": 1400, "height": 900}).page
    shift = page.evaluate(
        """() => new Promise((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => list.getEntries().forEach((e) => { sum += e.value; }))
                .observe({ type: 'layout-shift', buffered: true });
            window.scrollTo(0, document.body.scrollHeight);
            setTimeout(() => resolve(sum), 500);
        })"""
    )
    assert shift < 0.01
