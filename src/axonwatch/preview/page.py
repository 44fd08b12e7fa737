"""One self-contained HTML file: strict policy, nothing loaded, everything escaped.

The policy allows exactly our own script and style, by hash; data travels in a JSON block that no
browser runs. Works from `file://`.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from axonwatch.preview.markdown import to_html
from axonwatch.preview.view import AlarmCard, Board, Preview

ROW_HEIGHT = 52
_ASSETS = "axonwatch.preview.assets"


def render_page(preview: Preview, *, reload_token: str | None = None) -> str:
    """The page as text. With `reload_token` it asks its own server when to reload."""
    script = _asset("vendor/uplot/uPlot.iife.min.js") + "\n" + _asset("page.js")
    style = _asset("vendor/uplot/uPlot.min.css") + _asset("page.css") + _placement(preview.boards)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "connect-src 'self'" if reload_token else "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            preview=preview,
            policy=policy,
            script=Markup(script),  # noqa: S704 - our own file, covered by the policy's hash
            style=Markup(style),  # noqa: S704 - our own file and numbers
            data=Markup(_embed(_data(preview, reload_token))),  # noqa: S704 - escaped by _embed
        )
    )


def _placement(boards: tuple[Board, ...]) -> str:
    """A rule per tile: inline styles would need a weaker policy."""
    rules = []
    for b, board in enumerate(boards):
        for t, tile in enumerate(board.tiles):
            rules.append(
                f"#tile-{b}-{t}{{grid-column:{tile.x + 1}/span {tile.width};"
                f"grid-row:{tile.y + 1}/span {tile.height};"
                f"--height:{tile.height * ROW_HEIGHT}px}}"
            )
    return "\n@media (min-width:820px){" + "".join(rules) + "}" if rules else ""


def _data(preview: Preview, reload_token: str | None) -> dict[str, Any]:
    """What the script draws: charts by the id of their element."""
    charts = {}
    for b, board in enumerate(preview.boards):
        for t, tile in enumerate(board.tiles):
            if tile.chart is not None:
                charts[f"chart-{b}-{t}"] = dataclasses.asdict(tile.chart)
    for a, alarm in enumerate(preview.alarms):
        if alarm.chart is not None:
            charts[f"alarm-chart-{a}"] = dataclasses.asdict(alarm.chart)
    return {
        "start": preview.start,
        "end": preview.end,
        "charts": charts,
        "reload": reload_token,
    }


def _embed(value: object) -> str:
    """JSON that may stand in a script element: no `<`, `>`, `&` nor line separators."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return resources.files(_ASSETS).joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("axonwatch.preview", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = _clock
    environment.filters["markdown"] = lambda text: Markup(to_html(text))  # noqa: S704 - raw HTML is escaped there
    environment.filters["short"] = lambda name, stack: name.removeprefix(f"{stack}-")
    environment.filters["strip_of"] = _strip
    return environment


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _strip(alarm: AlarmCard, preview: Preview) -> list[dict[str, Any]]:
    """The alarm's states as shares of the whole time, for the strip under its name."""
    whole = max(1, preview.end - preview.start)
    return [
        {
            "x": round(1000 * (max(i.start, preview.start) - preview.start) / whole, 2),
            "width": round(
                1000 * (min(i.end, preview.end) - max(i.start, preview.start)) / whole, 2
            ),
            "state": i.state,
        }
        for i in alarm.intervals
        if i.end > preview.start and i.start < preview.end
    ]
