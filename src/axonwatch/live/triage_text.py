"""A triage as Markdown, to paste into the incident channel: masked, nothing hidden, links whole.

Values of others (log lines, reasons) go into code or table cells, so that they cannot format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from axonwatch.durations import format_duration
from axonwatch.live.graphs import Series, sparkline
from axonwatch.live.status import AlarmStatus
from axonwatch.live.triage import Answered, Triage
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.masking import for_person, hide_accounts

ROWS = 15
CELL = 160


def markdown(triage: Triage) -> str:
    """The whole text."""
    parts: list[Iterator[str]] = [
        _head(triage),
        _state(triage),
        _graph(triage),
        _queries(triage),
        _deployments(triage),
        _links(triage),
        _unknown(triage),
        _runbook(triage),
    ]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _cell(text: str) -> str:
    """A value in a table cell: masked, one line, without what Markdown would read."""
    shown = hide_accounts(for_person(text))
    shown = shown if len(shown) <= CELL else shown[: CELL - 3] + "..."
    escaped = shown.replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")
    return f"`{escaped}`" if escaped.strip() else ""


def _head(triage: Triage) -> Iterator[str]:
    about = triage.alarm.about
    state = triage.now.state if triage.now else "state unknown"
    yield f"# {state}: {triage.alarm.name}"
    yield ""
    if about is not None:
        yield f"{about.severity}, {about.component}: {for_person(_summary(triage))}"
        yield ""
    minutes = format_duration(round((triage.window.end - triage.window.start).total_seconds()))
    yield f"Window: {_utc(triage.window.start)} to {_utc(triage.window.end)} ({minutes})"
    yield ""


def _summary(triage: Triage) -> str:
    return triage.alarm.description.partition("\n")[0]


def _state(triage: Triage) -> Iterator[str]:
    now = triage.now
    if now is None:
        return
    since = f" since {_utc(now.since)}" if now.since else ""
    yield f"- state: {now.state}{since}"
    if now.reason:
        yield f"- reason: {_cell(now.reason)}"
    if now.silenced_by:
        yield f"- nobody is told: {for_person(now.silenced_by)}"
    elif now.last_page:
        yield f"- told: {_utc(now.last_page)}"
    yield ""
    if triage.children:
        yield "| child | state | since | reason |"
        yield "|---|---|---|---|"
        for child in triage.children:
            yield _child(child)
        yield ""


def _child(child: AlarmStatus) -> str:
    since = _utc(child.since) if child.since else ""
    return f"| {child.name} | {child.state} | {since} | {_cell(child.reason)} |"


def _graph(triage: Triage) -> Iterator[str]:
    alarm = triage.alarm
    if not isinstance(alarm, MetricAlarm):
        return
    yield "## Graph"
    yield ""
    drawn = [line for series in triage.series if (line := _line(series, alarm.threshold))]
    if not drawn:
        yield "no data in this window"
    else:
        yield "```"
        yield from drawn
        if alarm.threshold is not None:
            yield f"threshold {_number(alarm.threshold)} ({alarm.comparison})"
        yield "```"
    yield ""


def _line(series: Series, threshold: float | None) -> str:
    if not series.values:
        return ""
    low, high, last = min(series.values), max(series.values), series.values[-1]
    drawn = sparkline(series.values, threshold)
    numbers = f"last {_number(last)}, {_number(low)} to {_number(high)}"
    return f"{for_person(series.label)}  {drawn}  {numbers}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def _queries(triage: Triage) -> Iterator[str]:
    if not triage.queries:
        return
    yield "## Queries"
    yield ""
    for one in triage.queries:
        yield from _query(one)
    if triage.spent:
        yield f"({triage.spent})"
        yield ""


def _query(one: Answered) -> Iterator[str]:
    title = one.query.title or one.query.name
    yield f"### {one.query.name}: {for_person(title)}"
    yield ""
    if one.run is None or (one.trouble and not one.run.rows):
        yield f"{for_person(one.trouble)} ([open]({one.link}))"
        yield ""
        return
    rows = one.run.rows
    if not rows:
        yield f"no row ([open]({one.link}))"
        yield ""
        return
    columns = [name for name in one.run.columns if name != "@ptr"]
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows[:ROWS]:
        yield f"| {' | '.join(_cell(row.get(name, '')) for name in columns)} |"
    more = f"{len(rows) - ROWS} more rows, " if len(rows) > ROWS else ""
    stopped = f"stopped: {one.trouble}, " if one.trouble else ""
    yield ""
    yield f"{stopped}{more}[open]({one.link})"
    yield ""


def _deployments(triage: Triage) -> Iterator[str]:
    if not triage.deployments:
        return
    yield "## Last deployments"
    yield ""
    yield "| service | begun | state | task |"
    yield "|---|---|---|---|"
    for one in triage.deployments:
        begun = _utc(one.begun) if one.begun else ""
        inside = " **in this window**" if _is_inside(one.begun, triage) else ""
        yield f"| {one.service} | {begun}{inside} | {one.state} | {one.task} |"
    yield ""


def _is_inside(moment: datetime | None, triage: Triage) -> bool:
    return moment is not None and triage.window.start <= moment <= triage.window.end


def _links(triage: Triage) -> Iterator[str]:
    yield "## Links"
    yield ""
    console = triage.console
    # In Markdown a bare `)` would end the address.
    alarm = console.alarm(triage.alarm.name, triage.window).replace("(", "%28").replace(")", "%29")
    yield f"- [alarm]({alarm})"
    if triage.dashboard:
        yield f"- [dashboard {triage.dashboard}]({console.dashboard(triage.dashboard)})"
    groups: Sequence[str] = list(
        dict.fromkeys(g for q in triage.queries for g in q.query.log_groups)
    )
    for group in groups:
        yield f"- [log group {group}]({console.log_group(group)})"
    yield ""


def _unknown(triage: Triage) -> Iterator[str]:
    if triage.unknown:
        yield "## Not known"
        yield ""
        yield from (f"- {for_person(text)}" for text in triage.unknown)
        yield ""


def _runbook(triage: Triage) -> Iterator[str]:
    if triage.runbook is None:
        return
    yield "---"
    yield ""
    yield triage.runbook.text.rstrip()
