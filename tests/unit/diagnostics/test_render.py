"""Findings as text: whole messages, safe on a terminal, and as machines want them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from axonwatch.diagnostics import Diagnostic, Label, Level, Span
from axonwatch.diagnostics.render import (
    MAX_COLUMNS,
    render_concise,
    render_github,
    render_json,
    render_jsonl,
    render_sarif,
    render_text,
    summarize,
)


def warning(span: Span | None = None, **fields: object) -> Diagnostic:
    given: dict[str, object] = {
        "title": "alarm `x` stays OK when its metric stops",
        "label": "no data counts as healthy",
        "help": "use `breaching`",
    } | fields
    return Diagnostic("silent-missing-data", Level.WARNING, span=span, **given)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [f"line {n}" for n in range(1, 9)]
    lines += ["    metric: Heartbeat", "", "", "", "", "    treat_missing_data: not_breaching"]
    (tmp_path / "ecs.yaml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "wide.yaml").write_text("a: 日本 é\u0301x\n\tb: 1\n", encoding="utf-8")
    (tmp_path / "long.yaml").write_text("x" * 300 + "HERE" + "y" * 300, encoding="utf-8")
    return tmp_path


def test_the_form_of_the_style_guide(folder: Path) -> None:
    found = warning(
        Span("ecs.yaml", 14, 25, 14, 38),
        others=(Label(Span("ecs.yaml", 9, 13, 9, 22), "published by the service itself"),),
    )
    assert render_text([found], root=folder) == (
        "warning[silent-missing-data]: alarm `x` stays OK when its metric stops\n"
        "  --> ecs.yaml:14:25\n"
        "   |\n"
        " 9 |     metric: Heartbeat\n"
        "   |             --------- published by the service itself\n"
        "14 |     treat_missing_data: not_breaching\n"
        "   |                         ^^^^^^^^^^^^^ no data counts as healthy\n"
        "   |\n"
        "   = help: use `breaching`\n"
        "   = see: docs/checks/silent-missing-data.md\n"
    )


def test_a_finding_without_a_place(folder: Path) -> None:
    text = render_text([warning()], root=folder)
    assert "-->" not in text
    assert text.startswith("warning[silent-missing-data]: ")


def test_a_caret_stands_under_wide_and_combined_characters(folder: Path) -> None:
    text = render_text([warning(Span("wide.yaml", 1, 4, 1, 6))], root=folder).splitlines()
    assert text[3:5] == ["1 | a: 日本 é\u0301x", "  |    ^^^^ no data counts as healthy"]


def test_a_tab_is_four_columns(folder: Path) -> None:
    text = render_text([warning(Span("wide.yaml", 2, 2, 2, 3))], root=folder).splitlines()
    assert text[3:5] == ["2 |     b: 1", "  |     ^ no data counts as healthy"]


def test_a_long_line_is_cut_around_the_caret(folder: Path) -> None:
    text = render_text([warning(Span("long.yaml", 1, 301, 1, 305))], root=folder).splitlines()
    line, caret = text[3], text[4]
    assert len(line) <= MAX_COLUMNS + 6
    assert line[caret.index("^") : caret.index("^") + 4] == "HERE"


def test_control_characters_are_shown_not_sent() -> None:
    text = render_text([warning(title="\x1b]0;owned\x07 \u202e")])
    assert "\x1b" not in text
    assert "\\u001b" in text
    assert "\\u202e" in text


def test_many_of_one_kind_are_folded(folder: Path) -> None:
    many = [warning(Span("ecs.yaml", 1, n, 1, n + 1), label=str(n)) for n in range(1, 31)]
    assert "+10 more like this: silent-missing-data" in render_text(many, root=folder)


def test_colour_is_only_colour(folder: Path) -> None:
    import re

    found = [warning(Span("ecs.yaml", 14, 25, 14, 38))]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", render_text(found, color=True, root=folder))
    assert plain == render_text(found, root=folder)


def test_one_line_each() -> None:
    assert render_concise([warning(Span("a.yaml", 2, 3, 2, 4))]) == (
        "a.yaml:2:3: warning[silent-missing-data] alarm `x` stays OK when its metric stops\n"
    )


def test_nothing_in_an_annotation_can_be_a_command() -> None:
    found = warning(
        Span("a,b:c.yaml", 1, 1, 1, 2), title="x\n::error::owned\r%", label="::stop-commands::x"
    )
    text = render_github([found])
    assert text.count("\n") == 1
    assert text.startswith("::warning file=a%2Cb%3Ac.yaml,line=1,col=1,")
    assert "%0A::error::owned%0D%25" in text


def test_json_holds_everything() -> None:
    found = warning(Span("a.yaml", 2, 3, 2, 4), others=(Label(Span("b.yaml", 1, 1, 1, 2), "o"),))
    document = json.loads(render_json([found]))
    assert document["schema_version"] == 1
    (one,) = document["findings"]
    assert one["code"] == "silent-missing-data"
    assert one["span"] == {"file": "a.yaml", "line": 2, "column": 3, "end_line": 2, "end_column": 4}
    assert one["others"][0]["text"] == "o"
    assert json.loads(render_jsonl([found])) == one


def test_sarif_is_what_code_scanning_wants() -> None:
    found = warning(Span("alarms/a.yaml", 2, 3, 2, 4))
    document = json.loads(render_sarif([found, warning()]))
    assert document["version"] == "2.1.0"
    run = document["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["silent-missing-data"]
    result = run["results"][0]
    assert result["level"] == "warning"
    assert result["partialFingerprints"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "alarms/a.yaml"
    assert place["region"]["startLine"] == 2
    assert all(one["locations"] for one in run["results"])


def test_the_summary_counts_by_level() -> None:
    assert summarize([]) == "no findings"
    assert summarize([warning(), warning()]) == "2 warnings"
