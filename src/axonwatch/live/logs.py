"""Logs Insights queries on the account: started, polled, paged, stopped when they are not wanted.

A running query costs money: whatever ends the wait, it is stopped at AWS, or its id is told.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from axonwatch.errors import AxonwatchError, CouldNotRun, UsageError
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound, Refused, Throttled, Unreachable
from axonwatch.live.interrupts import uninterrupted
from axonwatch.live.prices import money, prices_of
from axonwatch.live.stacks import Watch
from axonwatch.model.links import Window

PAGE = 10_000
# Without a limit of its own a query gives 10,000 rows, silently.
DEFAULT_LIMIT = 10_000
MAX_LIMIT = 100_000
MAX_GROUPS = 50
BROKEN_LOOKS = 5
RUNNING = frozenset({"Scheduled", "Running", "Unknown"})


@dataclass(frozen=True)
class Statistics:
    """What a query has read so far."""

    matched: int = 0
    scanned: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class QueryRun:
    """A query's answer, whole or as far as it came. Values are strings, absent ones absent."""

    id: str
    status: str
    columns: tuple[str, ...] = ()
    rows: tuple[dict[str, str], ...] = ()
    statistics: Statistics = field(default_factory=Statistics)
    stopped: str = ""

    @property
    def is_cut(self) -> bool:
        """Whether the service held rows back: as many as the limit, and more matched."""
        return len(self.rows) in {DEFAULT_LIMIT, MAX_LIMIT} and (
            self.statistics.matched > len(self.rows)
        )


@dataclass(frozen=True)
class Question:
    """What is asked: text with its parameters filled in, groups, window."""

    text: str
    log_groups: tuple[str, ...]
    window: Window
    limit: int | None = None

    def request(self) -> dict[str, object]:
        """The parameters of StartQuery. Times are inclusive, in seconds."""
        if len(self.log_groups) > MAX_GROUPS:
            raise UsageError(f"a query takes at most {MAX_GROUPS} log groups")
        asked: dict[str, object] = {
            "startTime": int(self.window.start.timestamp()),
            "endTime": int(self.window.end.timestamp()),
            "queryString": self.text,
        }
        if not self.text.lstrip().upper().startswith("SOURCE"):
            asked["logGroupNames"] = list(self.log_groups)
        if self.limit is not None:
            if not 1 <= self.limit <= MAX_LIMIT:
                raise UsageError(f"--limit is from 1 to {MAX_LIMIT:,}")
            asked["limit"] = self.limit
        return asked


def estimate_bytes(aws: Calls, groups: Sequence[str], window: Window) -> int | None:
    """What a query over a window will scan: what the groups took in meanwhile.

    None if CloudWatch has no figures. Raises CallDenied without cloudwatch:GetMetricData.
    """
    seconds = max((window.end - window.start).total_seconds(), 60)
    period = max(300, int(-(-seconds / 1440 // 60) * 60))
    queries = [
        {
            "Id": f"g{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Logs",
                    "MetricName": "IncomingBytes",
                    "Dimensions": [{"Name": "LogGroupName", "Value": group}],
                },
                "Period": period,
                "Stat": "Sum",
            },
        }
        for index, group in enumerate(groups)
    ]
    values: list[float] = []
    for answer in aws.answers(
        "cloudwatch",
        "GetMetricData",
        about="the groups' IncomingBytes",
        MetricDataQueries=queries,
        StartTime=window.start,
        EndTime=window.end,
    ):
        for result in answer.get("MetricDataResults") or ():
            values += result.get("Values") or ()
    return round(sum(values)) if values else None


@dataclass
class Runner:
    """Runs questions. `told` is called with each look's statistics; `max_cost` in USD."""

    aws: Calls
    watch: Watch = field(default_factory=lambda: Watch(every=1.0, limit=3600.0))
    told: Callable[[Statistics], None] = lambda _: None
    max_cost: float | None = None

    def run(self, question: Question) -> QueryRun:
        """The answer, with all its pages.

        Ctrl-C stops the query at AWS and gives what there is so far, `stopped` saying why; so does
        passing `max_cost`. Raises UsageError for a query that the service refuses, CouldNotRun if
        it fails, with its id if it may still be running.
        """
        query_id, pressed = uninterrupted(lambda: self._start(question))
        if pressed:
            return self._stop(query_id, {}, "interrupted")
        try:
            answer = self._look_until_done(query_id)
        except KeyboardInterrupt:
            return self._stop(query_id, {}, "interrupted")
        except _TooDear as dear:
            return self._stop(query_id, dear.answer, str(dear))
        status = str(answer.get("status", "Unknown"))
        if status != "Complete":
            raise CouldNotRun(
                f"the query ended as {status}",
                help="a shorter window, or fewer groups, may get through (60 minutes at most)",
            )
        return self._whole(query_id, answer)

    def _start(self, question: Question) -> str:
        about = ", ".join(f"log group `{group}`" for group in question.log_groups)
        try:
            answer = self.aws.call("logs", "StartQuery", about=about, **question.request())
        except Refused as refused:
            if refused.code == "MalformedQueryException":
                raise UsageError(
                    f"CloudWatch does not take the query: {refused.message.rpartition(': ')[2]}",
                    help="`axonwatch query --local` shows the place in the text; a window wholly "
                    "before the group's creation or retention is refused in the same words",
                ) from refused
            if refused.code == "LimitExceededException":
                raise CouldNotRun(
                    "too many queries are running in this region",
                    help="dashboards and log alarms count too; wait a little, or stop one",
                ) from refused
            raise
        return str(answer["queryId"])

    def _look_until_done(self, query_id: str) -> Answer:
        broken = 0
        answer: Answer = {}
        for _ in self.watch.rounds():
            try:
                answer = self._results(query_id)
                status = str(answer["status"])  # half an answer has none, and is no answer
            except (Unreachable, Throttled) as lost:
                broken += 1
                if broken >= BROKEN_LOOKS:
                    self._try_to_stop(query_id)
                    raise CouldNotRun(
                        f"the connection was lost while query {query_id} ran: {lost.message}",
                        help=f"its answer waits: aws logs get-query-results --query-id {query_id}",
                    ) from lost
                continue
            except AxonwatchError as ended:
                raise CouldNotRun(
                    f"query {query_id} may still be running: {ended.message}",
                    help=f"{ended.help}; stop it: aws logs stop-query --query-id {query_id}",
                ) from ended
            broken = 0
            read = _statistics(answer)
            self.told(read)
            if status not in RUNNING:
                return answer
            cost = prices_of(self.aws.region).scanned(read.bytes)
            if self.max_cost is not None and cost > self.max_cost:
                raise _TooDear(answer, f"it has cost {money(cost)} of {money(self.max_cost)}")
        self._try_to_stop(query_id)
        raise CouldNotRun(
            f"query {query_id} was still {answer.get('status', 'running')} after "
            f"{round(self.watch.limit)} s, and was stopped",
            help="a shorter window, or fewer groups, is quicker",
        )

    def _results(self, query_id: str, **more: object) -> Answer:
        return self.aws.call(
            "logs", "GetQueryResults", about=f"query {query_id}", queryId=query_id, **more
        )

    def _whole(self, query_id: str, answer: Answer) -> QueryRun:
        """All pages of a complete query: one holds 10,000 rows at most."""
        pages: list[Any] = list(answer.get("results") or ())
        page = answer
        stopped = ""
        try:
            while page.get("nextToken") and len(pages) < MAX_LIMIT:
                page = self._results(query_id, nextToken=page["nextToken"])
                pages += page.get("results") or ()
        except KeyboardInterrupt:
            stopped = "interrupted"
        return _run(query_id, str(answer["status"]), pages, _statistics(answer), stopped)

    def _stop(self, query_id: str, answer: Answer, why: str) -> QueryRun:
        """Stop the query; what was found so far is kept. A second Ctrl-C leaves at once."""
        trouble = self._try_to_stop(query_id)
        if trouble:
            why = f"{why}; query {query_id} may still be running: {trouble}"
        with contextlib.suppress(AxonwatchError):  # else what the last look gave is what there is
            answer = self._results(query_id)
        rows = list(answer.get("results") or ())
        return _run(query_id, "Cancelled", rows, _statistics(answer), why)

    def _try_to_stop(self, query_id: str) -> str:
        """Stop it; why that was not possible, or nothing. It may have ended by itself meanwhile."""
        try:
            self.aws.call("logs", "StopQuery", about=f"query {query_id}", queryId=query_id)
        except (Refused, NotFound) as ended:
            return "" if ended.code == "InvalidParameterException" else ended.message
        except AxonwatchError as stuck:
            return stuck.message
        return ""


class _TooDear(Exception):
    def __init__(self, answer: Answer, why: str) -> None:
        super().__init__(why)
        self.answer = answer


def _statistics(answer: Answer) -> Statistics:
    read = answer.get("statistics") or {}
    return Statistics(
        matched=int(read.get("recordsMatched") or 0),
        scanned=int(read.get("recordsScanned") or 0),
        bytes=int(read.get("bytesScanned") or 0),
    )


def _run(
    query_id: str, status: str, results: Sequence[Any], statistics: Statistics, stopped: str
) -> QueryRun:
    """Rows as mappings; columns in the order in which they are first met."""
    columns: dict[str, None] = {}
    rows = []
    for result in results:
        row = {str(cell["field"]): str(cell["value"]) for cell in result if "value" in cell}
        columns.update(dict.fromkeys(str(cell["field"]) for cell in result))
        rows.append(row)
    return QueryRun(query_id, status, tuple(columns), tuple(rows), statistics, stopped)


@dataclass
class Follower:
    """Asks again over the newest stretch only, and gives rows that were not given before.

    `overlap` seconds are read twice, because log events arrive late.
    """

    runner: Runner
    question: Question
    overlap: float = 60.0
    _seen: dict[str, float] = field(default_factory=dict)

    def first(self) -> QueryRun:
        """The rows of the question's own window."""
        return self._fresh(self.runner.run(self.question), self.question.window.end)

    def next(self, now: datetime) -> QueryRun:
        """The rows since the last time. Raises as `Runner.run`."""
        from_time = datetime.fromtimestamp(
            self.question.window.end.timestamp() - self.overlap, tz=now.tzinfo
        )
        window = Window(from_time, now)
        self.question = Question(
            self.question.text, self.question.log_groups, window, self.question.limit
        )
        return self._fresh(self.runner.run(self.question), now)

    def _fresh(self, run: QueryRun, now: datetime) -> QueryRun:
        moment = now.timestamp()
        rows = []
        for row in run.rows:
            key = row.get("@ptr") or repr(sorted(row.items()))
            if key not in self._seen:
                rows.append(row)
            self._seen[key] = moment
        forget = moment - 10 * self.overlap
        self._seen = {key: at for key, at in self._seen.items() if at >= forget}
        return QueryRun(run.id, run.status, run.columns, tuple(rows), run.statistics, run.stopped)
