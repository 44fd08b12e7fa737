"""When an alarm is evaluated, and which stretches of time its datapoints cover.

Each minute; each ten seconds below a period of 60; each hour, with data up to the last full hour,
when the evaluation spans more than a day. Over a rolling window or, with a wall-clock window, over
completed local periods. Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/
monitoring/alarm-evaluation.html and alarm-evaluation-window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from axonwatch.durations import DAY, HOUR, MINUTE, WEEK
from axonwatch.model.alarms import MetricAlarm
from axonwatch.simulate.moments import read_zone

Moments = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)
FINE_STEP = 10
EXTRA_PERIODS = 2
MOST_PERIODS = 200_000_000  # of all windows together
_LONGEST = 100 * 366 * DAY
CLOCK_PERIODS = (MINUTE, 5 * MINUTE, HOUR, DAY, WEEK)


class Range(StrEnum):
    """How many periods an evaluation looks at, which CloudWatch does not disclose.

    DOC is N + 2, as its one example says; N is exactly N.
    """

    DOC = "doc"
    EXACT = "N"


def cadence(period: int, periods: int) -> int:
    """Seconds between two evaluations, whatever the window."""
    if period < MINUTE:
        return FINE_STEP
    return HOUR if period * periods > DAY else MINUTE


def range_of(periods: int, period: int, chosen: Range | int, minimum_look_back: int = 0) -> int:
    """The evaluation range in periods; `minimum_look_back` (seconds) may lengthen it.

    A number is that many periods, but never less than the alarm's own.
    """
    if isinstance(chosen, int):
        size = max(periods, chosen)
    else:
        size = periods + EXTRA_PERIODS if chosen is Range.DOC else periods
    return max(size, -(-minimum_look_back // period))


@dataclass(frozen=True, eq=False)
class Frame:
    """The windows of one alarm: for each tick the starts and ends of its periods, oldest first.

    `visible` is the moment up to which data count at each tick. On a rolling window column i of
    tick j is `grid[j + i * stride]`, an end of `grid`; elsewhere `grid` is None.
    """

    ticks: Moments
    starts: Moments
    ends: Moments
    visible: Moments
    period: int
    step: int
    grid: Moments | None = None
    stride: int = 0

    @property
    def size(self) -> int:
        """The evaluation range, in periods."""
        return int(self.starts.shape[1])

    @cached_property
    def moments(self) -> list[int]:
        """The ticks as plain numbers; alarms with the same windows share them."""
        found: list[int] = self.ticks.tolist()
        return found


def frame_of(alarm: MetricAlarm, start: int, end: int, size: int) -> Frame:
    """The windows of a metric alarm from `start` to `end`, both included.

    Raises ValueError for a time zone or a period that a wall-clock window cannot have, and for
    more periods than memory could hold.
    """
    zone = alarm.wall_clock
    if zone is not None and alarm.period not in CLOCK_PERIODS:
        message = f"a wall-clock window has no period of {alarm.period} seconds"
        raise ValueError(message)
    step = cadence(alarm.period, alarm.evaluation_periods)
    amount = (end - start) // step + 1
    if amount * size > MOST_PERIODS or size * alarm.period > _LONGEST:
        message = f"{amount:,} times {size:,} periods of {alarm.period} s are too many to look at"
        raise ValueError(message)
    if zone is not None:
        return _wall_clock_frame(
            zone, start=start, end=end, step=step, period=alarm.period, size=size
        )
    return _rolling_frame(start, end, step, alarm.period, size)


def _newest(ticks: Moments, step: int) -> Moments:
    """The moment up to which data count at each tick."""
    return ticks - ticks % HOUR if step == HOUR else ticks


@lru_cache(maxsize=64)
def _rolling_frame(start: int, end: int, step: int, period: int, size: int) -> Frame:
    ticks = np.arange(start, end + 1, step, dtype=np.int64)
    newest = _newest(ticks, step)
    if step == HOUR or period % step:
        back = np.arange(size - 1, -1, -1, dtype=np.int64) * period
        ends = newest[:, None] - back[None, :]
        return Frame(ticks, ends - period, ends, newest, period, step)
    grid = np.arange(start - (size - 1) * period, end + 1, step, dtype=np.int64)
    shape, stride = (ticks.size, size), period // step
    starts, ends = windows(grid - period, shape, stride), windows(grid, shape, stride)
    return Frame(ticks, starts, ends, newest, period, step, grid, stride)


def windows(grid: NDArray[Number], shape: tuple[int, ...], stride: int) -> NDArray[Number]:
    """Windows of what stands at each end of a grid, as a view: nothing is copied."""
    width = grid.strides[0]
    return as_strided(grid, shape, (width, width * stride), writeable=False)


@lru_cache(maxsize=64)
def _wall_clock_frame(
    zone_name: str, *, start: int, end: int, step: int, period: int, size: int
) -> Frame:
    ticks = np.arange(start, end + 1, step, dtype=np.int64)
    newest = _newest(ticks, step)
    zone = read_zone(zone_name)
    edges = [boundary_before(end, period, zone)]
    while len(edges) <= size or edges[-1] > int(newest[0]):
        edges.append(boundary_before(edges[-1] - 1, period, zone))
    for _ in range(size):
        edges.append(boundary_before(edges[-1] - 1, period, zone))
    rising = np.array(edges[::-1], dtype=np.int64)
    last = np.searchsorted(rising, newest, side="right") - 1
    at = last[:, None] + np.arange(-size + 1, 1)[None, :]
    return Frame(ticks, rising[at - 1], rising[at], newest, period, step)


def boundary_before(moment: int, period: int, zone: tzinfo) -> int:
    """The newest boundary of a local period at or before `moment`.

    Minutes and hours begin at local full ones, days at local midnight, weeks on Monday; where the
    clock skips midnight, the day begins when the clock goes on.
    """
    local = datetime.fromtimestamp(moment, zone)
    if period <= HOUR:
        into = (local.minute * 60 + local.second) % period
        return moment - into
    back = local.weekday() if period == WEEK else 0
    midnight = datetime(local.year, local.month, local.day, tzinfo=zone) - timedelta(days=back)
    found = int(midnight.astimezone(UTC).timestamp())
    if found > moment:
        earlier = midnight - timedelta(days=7 if period == WEEK else 1)
        found = int(earlier.astimezone(UTC).timestamp())
    return found
