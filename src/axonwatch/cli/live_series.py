"""Series of the account for commands that otherwise read recordings: `backtest --since`, `preview`.

What was read is kept for an hour in the user's cache folder: the next alternative costs no call.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from axonwatch.cli.account import Account, open_account
from axonwatch.cli.output import note, progress
from axonwatch.durations import HOUR, parse_duration
from axonwatch.errors import CouldNotRun, UsageError

if TYPE_CHECKING:
    from axonwatch.cli.subjects import Subjects
    from axonwatch.model.metrics import MetricStat

CACHE = "XDG_CACHE_HOME"


def fetch_series(account: Account, subjects: Subjects, since: str) -> Path:
    """The metrics of all alarms and dashboards since then, as a file of series.

    Raises UsageError for a duration that is none, CouldNotRun if there is no datapoint at all, and
    whatever the account refuses.
    """
    from axonwatch.catalog.inventory import write_atomically
    from axonwatch.live.recording import record
    from axonwatch.model.links import Window

    try:
        seconds = parse_duration(since)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong
    stats = sorted(set(_stats(subjects)), key=repr)
    inventory = subjects.inventory
    aws = open_account(account, inventory=inventory)
    # Not the inventory's check: an example has none, and an emulator's data are not the account's.
    path = _place([aws.identity.account, aws.endpoint, aws.region, since, *map(repr, stats)])
    if path.exists() and time.time() - path.stat().st_mtime < HOUR:
        note(f"series of the last {since} as read less than an hour ago ({path})")
        return path
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    with progress() as bar:
        task = bar.add_task("reading metrics", total=len(stats))
        found = record(
            aws,
            stats,
            Window(end - timedelta(seconds=seconds), end),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    filled = sum(1 for one in found if one["values"])
    if not filled:
        raise CouldNotRun(
            f"the account has no datapoint of the last {since}, of any of {len(found)} metrics",
            help="`axonwatch verify --only metrics` says why; or ask for a longer --since",
        )
    note(f"read {len(found)} series of the last {since}, {filled} of them with data")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(found))
    return path


def _stats(subjects: Subjects) -> Iterator[MetricStat]:
    from axonwatch.model.alarms import MetricAlarm
    from axonwatch.model.dashboards import MetricWidget

    for alarm in subjects.alarms:
        if isinstance(alarm, MetricAlarm):
            queries = (alarm.stat, *(query.stat for query in alarm.queries))
            yield from (stat for stat in queries if stat is not None)
    for dashboard in subjects.loaded.companion.dashboards:
        for widget in dashboard.widgets:
            if isinstance(widget, MetricWidget):
                lines = (line.query.stat for line in widget.lines)
                yield from (stat for stat in lines if stat is not None)


def _place(parts: Sequence[str]) -> Path:
    home = os.environ.get(CACHE)
    folder = Path(home) if home else Path.home() / ".cache"
    name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    return folder / "axonwatch" / f"series-{name}.json"
