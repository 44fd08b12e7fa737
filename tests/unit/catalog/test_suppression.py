"""Ignores: where they hold, until when, and what is wrong with them."""

from __future__ import annotations

from datetime import date

import pytest

from axonwatch.catalog.suppression import apply_ignores, ignores_of_text
from axonwatch.diagnostics import Diagnostic, Level, Span

CODES = {"short-period": True, "secret-in-text": False, "bad-period": True}
TODAY = date(2026, 11, 24)
TEXT = """\
alarms:
  one:
    period: 1m  # axonwatch: ignore[short-period] the metric is new
    other: x
  # axonwatch: ignore[short-period] until 2027-01-31 the whole alarm
  two:
    period: 1m

    other: x
  three:
    period: 1m
"""


def found(line: int, code: str = "short-period", level: Level = Level.WARNING) -> Diagnostic:
    return Diagnostic(code, level, f"line {line}", Span.point("a.yaml", line))


def left(text: str, *findings: Diagnostic, today: date = TODAY) -> list[str]:
    kept = apply_ignores(findings, ignores_of_text("a.yaml", text), today=today, codes=CODES)
    return [one.title if one.code in CODES else one.code for one in kept]


@pytest.mark.parametrize(
    ("line", "ignored"),
    [(2, False), (3, True), (4, False), (6, True), (7, True), (9, True), (10, False), (11, False)],
)
def test_an_ignore_covers_its_line_or_the_block_below(line: int, ignored: bool) -> None:
    covered = [found(3), found(7)]
    titles = left(TEXT, *covered, found(line))
    assert (f"line {line}" not in titles) == ignored


def test_another_code_stays() -> None:
    assert left(TEXT, found(3), found(7), found(3, "bad-period")) == ["line 3"]


def test_an_error_stays() -> None:
    assert left(TEXT, found(3, level=Level.ERROR), found(7)) == ["line 3"]


def test_the_last_day_counts() -> None:
    assert left(TEXT, found(3), found(7), today=date(2027, 1, 31)) == []
    assert left(TEXT, found(3), found(7), today=date(2027, 2, 1)) == ["line 7", "expired-ignore"]


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("ignore[short-period]", "ignore-without-reason"),
        ("ignore[short-perod] x", "bad-ignore"),
        ("ignore[secret-in-text] x", "bad-ignore"),
        ("ignore[short-period] until soon x", "bad-ignore"),
        ("ignore[bad-period] x", "unused-ignore"),
    ],
)
def test_what_is_wrong_with_an_ignore_is_a_finding(comment: str, code: str) -> None:
    text = f"a: 1  # axonwatch: {comment}\n"
    assert code in left(text, found(1))
    assert "line 1" in left(text, found(1))


def test_several_codes_share_a_comment() -> None:
    text = "a: 1  # axonwatch: ignore[short-period, bad-period] both for one reason\n"
    assert left(text, found(1), found(1, "bad-period")) == []
