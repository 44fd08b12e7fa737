"""Metrics and the queries that alarms and widgets make of them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Dimension:
    """One name and value that tell a metric's source."""

    name: str
    value: str


@dataclass(frozen=True)
class Metric:
    """A metric's identity. Dimensions match exactly, in any order: they are kept sorted."""

    namespace: str
    name: str
    dimensions: tuple[Dimension, ...] = ()

    def __post_init__(self) -> None:
        """Sort the dimensions, so that equal metrics compare equal."""
        object.__setattr__(self, "dimensions", tuple(sorted(self.dimensions)))


@dataclass(frozen=True)
class MetricStat:
    """A metric with a statistic (`Average`, `p99`, `TM(10%:90%)`) over a period in seconds."""

    metric: Metric
    stat: str
    period: int
    unit: str | None = None


@dataclass(frozen=True)
class MetricQuery:
    """One entry of an alarm's or widget's `Metrics`: a metric or an expression, never both.

    `expression` may be metric math or a Metrics Insights query; `period` belongs to expressions.
    """

    id: str
    stat: MetricStat | None = None
    expression: str | None = None
    label: str | None = None
    period: int | None = None
    return_data: bool = True
    account_id: str | None = None
