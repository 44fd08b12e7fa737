"""`when:` is read exactly, or refused at the place that is wrong."""

from __future__ import annotations

import pytest

from axonwatch.catalog.thresholds import Condition, human, parse_condition
from axonwatch.model.alarms import Comparison
from axonwatch.syntax.text import SyntaxFault

LIMITS = {"max_connections": 405, "memory": 4 * 1024**3, "iops": 3000, "desired_count": 5}


@pytest.mark.parametrize(
    ("text", "unit", "threshold"),
    [
        ("> 5", "Count", 5),
        (">5 requests", "Count", 5),
        ("> 1,000", "Count", 1000),
        (">= 20 ms", "Seconds", 0.02),
        ("> 2 s", "Milliseconds", 2000),
        ("> 80 percent", "Percent", 80),
        ("> 80 %", "Percent", 80),
        ("< 10 GiB", "Bytes", 10 * 1024**3),
        ("< 1.5 GB", "Bytes", 1.5e9),
        ("> 125 MB/s", "Bytes/Second", 125e6),
        ("> 5 percent", None, 5),
        (">= 80% of max_connections", "Count", 324),
        (">= 90% of max_connections", "Count", 364.5),
        ("< 10% of memory", "Bytes", 429496729.6),
        ("< 50 percent of memory", "Megabytes", 2048),
        ("< desired_count", "Count", 5),
        ("> -1.5e3", "None", -1500),
    ],
)
def test_numbers_shares_and_units(text: str, unit: str | None, threshold: float) -> None:
    assert parse_condition(text, unit=unit, limits=LIMITS).threshold == threshold


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("above band 2", Condition(Comparison.ABOVE_BAND, band=2)),
        ("below band", Condition(Comparison.BELOW_BAND, band=2)),
        ("outside band 3.5", Condition(Comparison.OUTSIDE_BAND, band=3.5)),
    ],
)
def test_bands(text: str, condition: Condition) -> None:
    assert parse_condition(text, unit="Count", limits={}) == condition


@pytest.mark.parametrize(
    ("text", "unit", "code", "pointed"),
    [
        ("5", "Count", "bad-condition", "5"),
        ("", "Count", "bad-condition", ""),
        ("== 5", "Count", "bad-condition", "== 5"),
        ("> five", "Count", "unknown-limit", "five"),
        ("> 5 ms", "Count", "wrong-unit", "ms"),
        ("> 5 GB", "Seconds", "wrong-unit", "GB"),
        ("> 5 fortnights", "Seconds", "wrong-unit", "fortnights"),
        ("> 80% of max_connection", "Count", "unknown-limit", "max_connection"),
        ("> 80% of memory", "Count", "wrong-unit", "memory"),
        ("> 80% of iops", "Bytes", "wrong-unit", "iops"),
        ("above band 0", "Count", "bad-condition", "0"),
        ("above band 1e400", "Count", "bad-condition", "1e400"),
        ("> 1e400", "Count", "bad-condition", "1e400"),
    ],
)
def test_what_is_wrong_is_pointed_at(text: str, unit: str, code: str, pointed: str) -> None:
    with pytest.raises(SyntaxFault) as caught:
        parse_condition(text, unit=unit, limits=LIMITS)
    fault = caught.value
    assert fault.code == code
    assert text[fault.span.start : fault.span.end] == pointed


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (324, "Count", "324"),
        (1234567, "Count", "1,234,567"),
        (0.02, "Seconds", "20 ms"),
        (90, "Seconds", "90 s"),
        (80, "Percent", "80 %"),
        (10 * 1024**3, "Bytes", "10 GiB"),
        (131072000, "Bytes/Second", "125 MiB/s"),
        (2000, "Count/Second", "2,000/s"),
        (0.5, None, "0.5"),
    ],
)
def test_a_page_says_numbers_as_people_do(value: float, unit: str | None, words: str) -> None:
    assert human(value, unit) == words
