"""The functions of metric math: what goes in, what comes out, and where alarms bar them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The types of metric math; UNKNOWN follows a fault, so that it is reported once."""

    SCALAR = "a scalar"
    SERIES = "a time series"
    ARRAY = "an array of time series"
    TEXT = "a text"
    WORD = "a word"
    UNKNOWN = "unknown"


class Shape(Enum):
    """How a function's result follows from its arguments."""

    SAME = "series to series, array to array"
    REDUCE = "series to scalar, array to series"
    TO_SERIES = "to a series"
    TO_SCALAR = "to a scalar"
    TO_ARRAY = "to an array"
    PICK = "one series of an array"


SERIES = frozenset({Kind.SERIES})
ARRAY = frozenset({Kind.ARRAY})
SCALAR = frozenset({Kind.SCALAR})
TEXT = frozenset({Kind.TEXT})
SERIES_OR_ARRAY = SERIES | ARRAY
VALUE = SERIES | SCALAR
ANY = SERIES | ARRAY | SCALAR | TEXT


@dataclass(frozen=True)
class Function:
    """One function: allowed kinds by argument, how many are required, the result's shape.

    `rest` are the kinds of any further arguments. `words` are the words that the argument of that
    index may be. `sees_range` says that a point's result depends on other points of the range.
    `external` functions read what only the account knows: an input series must be given.
    """

    name: str
    arguments: tuple[frozenset[Kind], ...]
    required: int
    shape: Shape
    words: tuple[tuple[int, frozenset[str]], ...] = ()
    rest: frozenset[Kind] | None = None
    sees_range: bool = False
    external: bool = False
    barred: str = ""


def _each(*names: str, **fields: object) -> dict[str, Function]:
    return {name: Function(name=name, **fields) for name in names}  # type: ignore[arg-type]


_FILLERS = frozenset({"REPEAT", "LINEAR"})
_SORTED_BY = frozenset({"AVG", "MIN", "MAX", "SUM"})
_ORDERS = frozenset({"ASC", "DESC"})

FUNCTIONS: dict[str, Function] = {
    **_each(
        "ABS", "CEIL", "FLOOR", "LOG", "LOG10",
        arguments=(SERIES_OR_ARRAY,), required=1, shape=Shape.SAME,
    ),
    **_each(
        "DIFF", "DIFF_TIME", "RATE", "RUNNING_SUM",
        arguments=(SERIES_OR_ARRAY,), required=1, shape=Shape.SAME, sees_range=True,
    ),
    **_each(
        "AVG", "SUM", "MIN", "MAX", "STDDEV", "DATAPOINT_COUNT",
        arguments=(SERIES_OR_ARRAY,), required=1, shape=Shape.REDUCE, sees_range=True,
    ),
    **_each(
        "MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH",
        arguments=(SERIES,), required=1, shape=Shape.TO_SERIES,
    ),
    **_each("FIRST", "LAST", arguments=(ARRAY,), required=1, shape=Shape.PICK),
    "ANOMALY_DETECTION_BAND": Function(
        "ANOMALY_DETECTION_BAND", (SERIES, SCALAR), 1, Shape.TO_ARRAY,
    ),
    "FILL": Function(
        "FILL", (SERIES_OR_ARRAY, VALUE), 2, Shape.SAME, words=((1, _FILLERS),), sees_range=True,
    ),
    "IF": Function("IF", (VALUE, VALUE, VALUE), 2, Shape.TO_SERIES),
    "METRIC_COUNT": Function("METRIC_COUNT", (ARRAY,), 1, Shape.TO_SCALAR),
    "METRICS": Function("METRICS", (TEXT,), 0, Shape.TO_ARRAY),
    "PERIOD": Function("PERIOD", (SERIES,), 1, Shape.TO_SCALAR),
    "REMOVE_EMPTY": Function("REMOVE_EMPTY", (ARRAY,), 1, Shape.TO_ARRAY, sees_range=True),
    "SLICE": Function("SLICE", (ARRAY, SCALAR, SCALAR), 2, Shape.TO_ARRAY),
    "SORT": Function(
        "SORT", (ARRAY, frozenset(), frozenset(), SCALAR), 3, Shape.TO_ARRAY,
        words=((1, _SORTED_BY), (2, _ORDERS)), sees_range=True,
    ),
    "TIME_SERIES": Function("TIME_SERIES", (SCALAR,), 1, Shape.TO_SERIES),
    "SERVICE_QUOTA": Function("SERVICE_QUOTA", (SERIES,), 1, Shape.TO_SERIES, external=True),
    "DB_PERF_INSIGHTS": Function(
        "DB_PERF_INSIGHTS", (TEXT, TEXT, TEXT), 3, Shape.TO_SERIES, external=True,
    ),
    "INSIGHT_RULE_METRIC": Function(
        "INSIGHT_RULE_METRIC", (TEXT, TEXT), 2, Shape.TO_SERIES, external=True,
    ),
    "LAMBDA": Function("LAMBDA", (TEXT,), 1, Shape.TO_SERIES, rest=ANY, external=True),
    "SEARCH": Function(
        "SEARCH", (TEXT, TEXT, SCALAR), 1, Shape.TO_ARRAY,
        barred="a search may match other metrics each time; CloudWatch refuses it in an alarm",
    ),
}  # fmt: skip
