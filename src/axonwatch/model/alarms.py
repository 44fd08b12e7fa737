"""Alarms of every kind, metric filters and mute rules, as CloudWatch holds them.

One model for our definitions, for any CloudFormation template and for `describe-alarms` output:
what is tested is what is deployed. `About` holds what only our definitions know.
Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html,
API_PutCompositeAlarm, API_PutLogAlarm, API_PutAlarmMuteRule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from axonwatch.diagnostics import Span
from axonwatch.model.ignored import Ignored
from axonwatch.model.metrics import MetricQuery, MetricStat


class State(StrEnum):
    """The three states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Severity(StrEnum):
    """PAGE wakes someone; TICKET waits for the morning."""

    PAGE = "page"
    TICKET = "ticket"


class Missing(StrEnum):
    """TreatMissingData, in the API's spelling."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


class Comparison(StrEnum):
    """ComparisonOperator, in the API's spelling."""

    GE = "GreaterThanOrEqualToThreshold"
    GT = "GreaterThanThreshold"
    LT = "LessThanThreshold"
    LE = "LessThanOrEqualToThreshold"
    OUTSIDE_BAND = "LessThanLowerOrGreaterThanUpperThreshold"
    BELOW_BAND = "LessThanLowerThreshold"
    ABOVE_BAND = "GreaterThanUpperThreshold"

    @property
    def is_band(self) -> bool:
        """Whether the threshold is an anomaly band."""
        return self in {Comparison.OUTSIDE_BAND, Comparison.BELOW_BAND, Comparison.ABOVE_BAND}


@dataclass(frozen=True)
class Actions:
    """Who is told on which transition: ARNs, at most five a state."""

    alarm: tuple[str, ...] = ()
    ok: tuple[str, ...] = ()
    insufficient_data: tuple[str, ...] = ()
    enabled: bool = True

    def on(self, state: State) -> tuple[str, ...]:
        """The targets of a transition into `state`."""
        return {
            State.ALARM: self.alarm,
            State.OK: self.ok,
            State.INSUFFICIENT_DATA: self.insufficient_data,
        }[state]


@dataclass(frozen=True)
class About:
    """What only a definition knows of an alarm; None on alarms read from elsewhere.

    `look` is a saved query's short name, `dashboard` a dashboard's key, `first` what to do first.
    """

    component: str
    key: str
    severity: Severity
    summary: str
    because: str
    runbook: str
    impact: str = ""
    first: tuple[str, ...] = ()
    look: str | None = None
    dashboard: str | None = None


@dataclass(frozen=True)
class WarmUp:
    """WarmUpConfiguration: minutes in INSUFFICIENT_DATA after creation."""

    minutes: int
    wait_full_time: bool = False


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What every kind of alarm has. `origin` is where its definition stands, if it has one."""

    name: str
    description: str = ""
    actions: Actions = field(default_factory=Actions)
    about: About | None = None
    origin: Span | None = field(default=None, compare=False)
    ignored: tuple[Ignored, ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class MetricAlarm(Alarm):
    """A metric alarm: over one `stat`, or over `queries` (metric math, anomaly band, Insights).

    `datapoints_to_alarm` is None when it is not set (CloudWatch then takes `evaluation_periods`,
    and writes its reasons differently). `threshold` is None for bands, whose query id is
    `threshold_query`. `wall_clock` is a time zone, or None for the sliding window. With
    `missing_is_set` False TreatMissingData was left out: it is then `missing`, but notifications
    show nothing.
    """

    comparison: Comparison
    evaluation_periods: int
    threshold: float | None = None
    threshold_query: str | None = None
    datapoints_to_alarm: int | None = None
    missing: Missing = Missing.MISSING
    missing_is_set: bool = True
    stat: MetricStat | None = None
    queries: tuple[MetricQuery, ...] = ()
    ignore_low_samples: bool = False
    wall_clock: str | None = None
    warm_up: WarmUp | None = None

    @property
    def needed(self) -> int:
        """M of M out of N."""
        return self.datapoints_to_alarm or self.evaluation_periods

    @property
    def period(self) -> int:
        """Seconds of one datapoint: the longest period among what the alarm reads.

        For an expression its own period, else its metrics' longest. Raises ValueError if the
        alarm has neither.
        """
        if self.stat is not None:
            return self.stat.period
        periods = [q.stat.period for q in self.queries if q.stat] + [
            q.period for q in self.queries if q.period
        ]
        if not periods:
            message = f"alarm {self.name} reads no metric"
            raise ValueError(message)
        return max(periods)


@dataclass(frozen=True, kw_only=True)
class CompositeAlarm(Alarm):
    """An alarm over other alarms' states. `suppressor` is a name or an ARN; periods in seconds."""

    rule: str
    suppressor: str | None = None
    suppressor_wait: int = 0
    suppressor_extension: int = 0


@dataclass(frozen=True, kw_only=True)
class LogAlarm(Alarm):
    """An alarm on a scheduled Logs Insights query.

    Every `every` seconds the query runs from `start_offset` to `end_offset` seconds before;
    `aggregation` makes values of its rows; M of the last N results must breach.
    """

    query: str
    log_groups: tuple[str, ...]
    aggregation: str
    comparison: Comparison
    threshold: float
    results_to_evaluate: int
    results_to_alarm: int
    every: int = 300
    start_offset: int = 360
    end_offset: int = 60
    missing: Missing = Missing.MISSING
    log_line_count: int = 0


@dataclass(frozen=True, kw_only=True)
class MetricFilter:
    """A metric made of log events that match a filter pattern.

    `value` is the number or `$field` to publish; `default` what a minute without a match gives
    (None: nothing). `dimensions` are (name, `$field`) pairs and exclude a default.
    """

    name: str
    log_group: str
    pattern: str
    namespace: str
    metric: str
    value: str = "1"
    default: float | None = None
    unit: str | None = None
    dimensions: tuple[tuple[str, str], ...] = ()
    origin: Span | None = field(default=None, compare=False)
    ignored: tuple[Ignored, ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class MuteRule:
    """A window in which actions do not run. `schedule` is `cron(...)` or `at(...)`.

    `duration` in seconds; `start` and `expire` are ISO 8601 local times, or None.
    """

    name: str
    schedule: str
    duration: int
    alarm_names: tuple[str, ...]
    timezone: str = "UTC"
    description: str = ""
    start: str | None = None
    expire: str | None = None
    origin: Span | None = field(default=None, compare=False)
    ignored: tuple[Ignored, ...] = field(default=(), compare=False)
