from __future__ import annotations

from datetime import UTC, datetime

import pytest

from axonwatch.model.alarms import Comparison, MetricAlarm
from axonwatch.model.metrics import Metric, MetricStat
from axonwatch.simulate.evaluation.clock import Range, boundary_before, cadence, frame_of, range_of
from axonwatch.simulate.moments import parse_moment, read_zone


def alarm(period: int, periods: int, zone: str | None = None) -> MetricAlarm:
    return MetricAlarm(
        name="a",
        comparison=Comparison.GT,
        threshold=1.0,
        evaluation_periods=periods,
        stat=MetricStat(Metric("N", "m"), "Average", period),
        wall_clock=zone,
    )


@pytest.mark.parametrize(
    ("period", "periods", "seconds"),
    [(10, 1, 10), (30, 5, 10), (60, 1440, 60), (60, 1, 60), (3600, 24, 60), (3600, 25, 3600)],
)
def test_how_often_an_alarm_is_evaluated(period: int, periods: int, seconds: int) -> None:
    assert cadence(period, periods) == seconds


def test_a_wall_clock_of_days_is_looked_at_each_hour_with_data_up_to_the_full_one() -> None:
    frame = frame_of(
        alarm(86_400, 2, "+05:30"),
        parse_moment("2026-01-03T18:05:00Z"),
        parse_moment("2026-01-03T20:05:00Z"),
        2,
    )
    assert frame.step == 3600
    assert frame.visible.tolist() == [
        parse_moment(f"2026-01-03T{hour}:00:00Z") for hour in (18, 19, 20)
    ]
    # Midnight in the zone is 18:30: it has passed by 19:00, not by 18:00.
    midnights = [parse_moment(f"2026-01-0{day}T18:30:00Z") for day in (2, 3, 3)]
    assert frame.ends[:, -1].tolist() == midnights


@pytest.mark.parametrize(
    ("periods", "period", "chosen", "look_back", "size"),
    [
        (3, 300, Range.DOC, 0, 5),
        (3, 300, Range.EXACT, 0, 3),
        (1, 60, Range.DOC, 360, 6),
        (10, 60, Range.DOC, 360, 12),
        (1, 300, Range.EXACT, 360, 2),
    ],
)
def test_the_evaluation_range(
    periods: int, period: int, chosen: Range, look_back: int, size: int
) -> None:
    assert range_of(periods, period, chosen, look_back) == size


@pytest.mark.parametrize(
    ("moment", "period", "zone", "expected"),
    [
        ("2026-01-01T10:47:30Z", 60, "UTC", "2026-01-01T10:47:00Z"),
        ("2026-01-01T10:47:30Z", 300, "UTC", "2026-01-01T10:45:00Z"),
        ("2026-01-01T10:47:30Z", 3600, "UTC", "2026-01-01T10:00:00Z"),
        ("2026-01-01T10:47:30Z", 3600, "+05:45", "2026-01-01T10:15:00Z"),
        ("2026-01-01T10:47:30Z", 86_400, "America/New_York", "2026-01-01T05:00:00Z"),
        ("2026-01-01T04:47:30Z", 86_400, "America/New_York", "2025-12-31T05:00:00Z"),
        ("2026-01-01T10:00:00Z", 604_800, "UTC", "2025-12-29T00:00:00Z"),
        ("2026-03-29T12:00:00Z", 86_400, "Europe/Berlin", "2026-03-28T23:00:00Z"),
        ("2026-03-30T12:00:00Z", 86_400, "Europe/Berlin", "2026-03-29T22:00:00Z"),
        ("2026-10-25T23:30:00Z", 86_400, "Europe/Berlin", "2026-10-25T23:00:00Z"),
        ("2026-10-25T22:30:00Z", 86_400, "Europe/Berlin", "2026-10-24T22:00:00Z"),
        # The clock skips midnight in Beirut on 29 March 2026: the day begins at 01:00.
        ("2026-03-29T12:00:00Z", 86_400, "Asia/Beirut", "2026-03-28T22:00:00Z"),
        ("2028-02-29T12:00:00Z", 86_400, "UTC", "2028-02-29T00:00:00Z"),
    ],
)
def test_boundaries_of_local_periods(moment: str, period: int, zone: str, expected: str) -> None:
    found = boundary_before(parse_moment(moment), period, read_zone(zone))
    assert found == parse_moment(expected)


def test_the_newest_period_of_a_wall_clock_is_the_last_completed_one() -> None:
    start = parse_moment("2026-01-01T10:59:00Z")
    frame = frame_of(alarm(3600, 1, "UTC"), start, start + 60, 2)
    hours = [[datetime.fromtimestamp(s, UTC).hour for s in row] for row in frame.starts.tolist()]
    assert hours == [[8, 9], [9, 10]]


@pytest.mark.parametrize(("period", "zone"), [(120, "UTC"), (3600, "Nowhere/Land")])
def test_windows_that_cannot_be(period: int, zone: str) -> None:
    with pytest.raises(ValueError, match=r"wall-clock|time zone"):
        frame_of(alarm(period, 1, zone), 0, 60, 1)


def test_a_rolling_window_is_oldest_first() -> None:
    frame = frame_of(alarm(300, 2), 600, 660, 2)
    assert frame.starts.tolist() == [[0, 300], [60, 360]]
    assert frame.ends.tolist() == [[300, 600], [360, 660]]
