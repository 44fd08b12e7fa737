"""Whether the log groups are there and take events in, and whether CloudWatch runs our queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from axonwatch.errors import UsageError
from axonwatch.live.clients import Calls
from axonwatch.live.logs import Question, Runner
from axonwatch.live.stacks import Watch
from axonwatch.live.verification.result import Result, attempt, fault, fine
from axonwatch.model.companion import Companion
from axonwatch.model.links import Window
from axonwatch.model.queries import SavedQuery

GROUP = "log group"
QUERY = "saved query"
# One minute of logs: enough to see that the query runs, next to nothing to pay.
TRIAL = timedelta(minutes=1)


def groups_of(companion: Companion) -> list[str]:
    """Every log group that something of ours reads."""
    named: list[str] = [service.log_group for service in companion.inventory.services]
    named += [one.log_group for one in companion.metric_filters]
    named += [group for query in companion.queries for group in query.log_groups]
    named += [group for alarm in companion.log_alarms for group in alarm.log_groups]
    return list(dict.fromkeys(named))


def verify_logs(
    aws: Calls, companion: Companion, *, queries: bool = True, now: datetime | None = None
) -> Iterator[Result]:
    """Results for log groups and, with `queries`, for each saved query."""
    moment = now or datetime.now(UTC)
    absent: set[str] = set()
    for name in groups_of(companion):
        for result in attempt(GROUP, name, lambda name=name: _group(aws, name)):  # type: ignore[misc]
            if result.code == "missing-log-group":
                absent.add(name)
            yield result
    if not queries:
        return
    for query in companion.queries:
        if absent & set(query.log_groups):
            continue  # its cause was told
        yield from attempt(QUERY, query.name, lambda query=query: _query(aws, query, moment))  # type: ignore[misc]


def _group(aws: Calls, name: str) -> Iterator[Result]:
    listed = aws.pages(
        "logs",
        "DescribeLogGroups",
        "logGroups",
        about=f"log group `{name}`",
        logGroupNamePrefix=name,
    )
    if any(one["logGroupName"] == name for one in listed):
        yield fine(GROUP, name)
        return
    yield fault(
        GROUP,
        name,
        "missing-log-group",
        "there is no such group: what reads it sees nothing",
        "was it renamed? `axonwatch init` reads the names again; ECS makes it with the first task",
    )


def filled_in(query: SavedQuery, given: dict[str, str] | None = None) -> str:
    """A saved query's text with its parameters: those given, else their defaults."""
    text = query.text
    for parameter in query.parameters:
        value = (given or {}).get(parameter.name, parameter.default)
        if value is not None:
            text = text.replace("{{" + parameter.name + "}}", value)
    return text


def _query(aws: Calls, query: SavedQuery, now: datetime) -> Iterator[Result]:
    runner = Runner(aws, watch=Watch(every=0.5, limit=60))
    question = Question(filled_in(query), query.log_groups, Window(now - TRIAL, now))
    try:
        run = runner.run(question)
    except UsageError as refused:
        yield fault(QUERY, query.name, "query-refused", refused.message, "run: axonwatch check")
        return
    yield fine(QUERY, query.name, f"runs ({run.statistics.scanned} events of the last minute)")
