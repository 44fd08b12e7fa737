"""Saved Logs Insights queries.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

from __future__ import annotations

from dataclasses import dataclass, field

from axonwatch.diagnostics import Span
from axonwatch.model.ignored import Ignored


@dataclass(frozen=True)
class QueryParameter:
    """A `{{name}}` of a query's text; `default` is what stands there when none is given."""

    name: str
    default: str | None = None
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class QueryTest:
    """A query's own test: events by log group, and the rows that must come out.

    Each event is a mapping with `timestamp` (ms), `message` and perhaps `logStream`; each row a
    mapping of column to text. With `ordered` False rows are compared as a multiset.
    """

    name: str
    events: tuple[tuple[str, tuple[dict[str, object], ...]], ...]
    rows: tuple[dict[str, str], ...]
    ordered: bool = False
    parameters: tuple[tuple[str, str], ...] = ()
    origin: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class SavedQuery:
    """A saved query. `name` is the short one (`agent-traffic`), `folder` groups it in the console.

    `log_groups` are full names; all are queried, as CloudWatch queries those of a saved query.
    """

    name: str
    text: str
    log_groups: tuple[str, ...]
    folder: str = ""
    title: str = ""
    description: str = ""
    parameters: tuple[QueryParameter, ...] = ()
    tests: tuple[QueryTest, ...] = ()
    origin: Span | None = field(default=None, compare=False)
    text_origin: Span | None = field(default=None, compare=False)
    ignored: tuple[Ignored, ...] = field(default=(), compare=False)
