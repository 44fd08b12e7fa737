"""Where the simulator and the query engine meet: wings do not import each other, `cli` wires them.

The simulator's doors (`simulate.log_events`) are filled here with what the query wing does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from axonwatch.simulate.log_events import LogEvent
    from axonwatch.simulate.series_files import Table

_GROUP = "events"


def read_log(path: Path) -> Iterator[LogEvent]:
    """The events of a log file of any shape. Raises AxonwatchError."""
    from axonwatch.query.events import LogGroup, open_events
    from axonwatch.simulate.log_events import LogEvent

    with open_events([LogGroup(_GROUP, (str(path),))]) as events:
        relation = events.relation(_GROUP)
        answer = events.run(
            f"SELECT ts, message, coalesce(stream, '') FROM {relation} ORDER BY ts, seq"
        )
    return (LogEvent(ts, message, stream) for ts, message, stream in answer.rows)  # type: ignore[arg-type]


def read_table(path: Path) -> Table:
    """The rows of a Parquet file. Raises AxonwatchError."""
    from axonwatch.errors import UsageError

    raise UsageError(f"`{path}`: Parquet files cannot be read yet", help="write it as CSV")
