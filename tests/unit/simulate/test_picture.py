"""The picture of a backtest: what is drawn where, and that nothing from outside becomes markup."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from tests.unit.simulate.test_backtest import BUSY, START, alarm, recording, run

from axonwatch.simulate.answers.backtest import Recording
from axonwatch.simulate.answers.picture import LEFT, LINE, RIGHT, WIDTH, WINDOW, draw
from axonwatch.simulate.series.series import Series, SeriesStore

SVG = "{http://www.w3.org/2000/svg}"


def picture(*panels: Recording) -> ET.Element:
    return ET.fromstring(draw([(one, [run(one)]) for one in panels]))  # noqa: S314 - our own


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def rects(root: ET.Element, fill: str) -> list[tuple[float, float]]:
    return [
        (float(one.get("x", 0)), float(one.get("width", 0)))
        for one in root.iter(f"{SVG}rect")
        if one.get("fill") == fill
    ]


def test_series_threshold_stays_and_windows() -> None:
    root = picture(recording(BUSY, windows=((START + 6000, START + 9000), (0, 10))))
    assert len(list(root.iter(f"{SVG}polyline"))) == 1
    (window,) = rects(root, WINDOW)
    assert LEFT < window[0] < WIDTH - RIGHT
    stays = rects(root, "#c62828")
    assert len(stays) == 2
    assert stays[0][0] > window[0]  # the alarm comes after the window's begin
    said = texts(root)
    assert "r: axonflow-prod-database-cpu-high" in said
    assert "2x, 55 min  as it is" in said
    assert any("shaded: windows that people labelled" in text for text in said)


def test_alternatives_have_a_strip_and_a_dashed_line_each() -> None:
    one = recording(BUSY)
    lower = replace(run(one, replace(alarm(), threshold=40.0)), label="when=> 40")
    root = ET.fromstring(draw([(one, [run(one), lower])]))  # noqa: S314 - our own
    assert any(text.startswith("1x, ") and text.endswith("when=> 40") for text in texts(root))
    dashed = [line for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray")]
    assert len(dashed) == 1


def test_panels_stand_below_each_other() -> None:
    one = picture(recording(BUSY))
    two = picture(recording(BUSY), recording(BUSY))
    assert int(two.get("height", 0)) > 1.8 * int(one.get("height", 0))
    assert two.get("viewBox") == f"0 0 {WIDTH} {two.get('height')}"


def test_the_line_is_broken_where_data_are_missing() -> None:
    times = [START + 300 * i for i in (*range(10), *range(40, 50))]
    metric = next(iter(recording([1.0]).store.metrics))
    gap = Recording("gap", SeriesStore.of([Series.of(metric, 300, times, [50.0] * 20)]))
    assert len(list(picture(gap).iter(f"{SVG}polyline"))) == 2


def test_a_single_or_constant_or_missing_series_is_drawn_too() -> None:
    for values in ([5.0], [5.0] * 9, [0.0] * 9, [1e12] * 9):
        assert texts(picture(recording(values)))
    metric = next(iter(recording([1.0]).store.metrics))
    nothing = Recording("none", SeriesStore.of([Series.of(metric, 300, [], [])]))
    assert texts(picture(nothing))


def test_a_band_is_a_polygon() -> None:
    metric = next(s.stat.metric for s in alarm("connections-odd").queries if s.stat)
    times = [START + 60 * i for i in range(300)]
    store = SeriesStore.of([Series.of(metric, 60, times, [50.0 + i % 7 for i in range(300)])])
    one = Recording("band", store)
    root = ET.fromstring(draw([(one, [run(one, alarm("connections-odd"))])]))  # noqa: S314
    assert [p.get("fill") for p in root.iter(f"{SVG}polygon")] == [LINE]


def test_names_from_outside_are_text() -> None:
    one = replace(recording(BUSY), name='</text><script>alert("1")</script>\x1b[1m\u202e')
    text = draw([(one, [run(one)])])
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    ET.fromstring(text)  # noqa: S314 - our own
