"""Everything that on-call looks at first, read in one go: state, graph, queries, last deployment.

Each part stands by itself: what may not be read says which permission is missing, and the rest is
there. `live.triage_text` writes it as Markdown for the incident channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from axonwatch.errors import CallDenied, CouldNotRun, NoCredentials, UsageError
from axonwatch.live.clients import Calls
from axonwatch.live.faults import NotFound, Refused, Throttled, Unreachable
from axonwatch.live.graphs import Series, read_series
from axonwatch.live.logs import QueryRun, Question, Runner, estimate_bytes
from axonwatch.live.prices import money, prices_of, size_in_words
from axonwatch.live.status import AlarmStatus, read_status
from axonwatch.live.verification.logs import filled_in
from axonwatch.model.alarms import Alarm, CompositeAlarm, MetricAlarm
from axonwatch.model.companion import Companion, Runbook
from axonwatch.model.links import Console, Window
from axonwatch.model.queries import SavedQuery
from axonwatch.syntax.alarm_rule import children, parse_rule

BEFORE = timedelta(minutes=30)
LONGEST = timedelta(hours=6)
_NAMED = re.compile(r"axonwatch query ([a-z][a-z0-9-]*)")


@dataclass(frozen=True)
class Answered:
    """A saved query with its rows, or why there are none."""

    query: SavedQuery
    link: str
    run: QueryRun | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Deployment:
    """The newest deployment of a service."""

    service: str
    begun: datetime | None
    state: str
    task: str


@dataclass(frozen=True)
class Triage:
    """What was read, and what could not be; `broken` ended the reading half-way."""

    alarm: Alarm
    window: Window
    console: Console
    now: AlarmStatus | None = None
    children: tuple[AlarmStatus, ...] = ()
    series: tuple[Series, ...] = ()
    queries: tuple[Answered, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    runbook: Runbook | None = None
    dashboard: str = ""
    spent: str = ""
    unknown: tuple[str, ...] = field(default=())
    broken: CouldNotRun | None = None


def runbook_of(companion: Companion, alarm: Alarm) -> Runbook | None:
    """The runbook of an alarm, by its path or its name."""
    if alarm.about is None:
        return None
    name = f"{alarm.about.component}-{alarm.about.key}".replace("_", "-")
    for one in companion.runbooks:
        if one.name == name or one.path.endswith(alarm.about.runbook):
            return one
    return None


def queries_of(companion: Companion, alarm: Alarm) -> list[SavedQuery]:
    """The saved queries that the page and its runbook name, in that order, each once."""
    runbook = runbook_of(companion, alarm)
    text = alarm.description + "\n" + (runbook.text if runbook else "")
    known = {query.name: query for query in companion.queries}
    return [known[name] for name in dict.fromkeys(_NAMED.findall(text)) if name in known]


def default_window(status: AlarmStatus | None, now: datetime) -> Window:
    """From half an hour before the alarm changed until now, six hours at most; else an hour."""
    if status is None or status.since is None or status.state != "ALARM":
        return Window(now - timedelta(hours=1), now)
    return Window(max(status.since - BEFORE, now - LONGEST), now)


@dataclass
class Reader:
    """Reads the parts. `tell` is told what is being done; `max_cost` in USD for all queries."""

    aws: Calls
    companion: Companion
    tell: Callable[[str], None] = lambda _: None
    max_cost: float = 1.0
    run_queries: bool = True
    mute_rules: bool = True

    def read(self, alarm: Alarm, window: Window | None = None) -> Triage:
        """All parts, or those before the network or the credentials were lost.

        Raises what stops the first call already: then there is nothing to show.
        """
        unknown: list[str] = []
        status, below = self._status(alarm, unknown)
        moment = datetime.now(UTC)
        chosen = window or default_window(status, moment)
        console = Console(self.aws.region, self.aws.partition)
        series: tuple[Series, ...] = ()
        answered: list[Answered] = []
        deployments: tuple[Deployment, ...] = ()
        broken: CouldNotRun | None = None
        try:
            series = self._series(alarm, chosen, unknown)
            queries = queries_of(self.companion, alarm)
            self._queries(queries, chosen, console, unknown, answered)
            deployments = self._deployments(unknown)
        except CouldNotRun as lost:
            broken = lost
            unknown.append(f"the rest: {lost.message}")
        about = alarm.about
        return Triage(
            alarm=alarm,
            window=chosen,
            console=console,
            now=status,
            children=below,
            series=series,
            queries=tuple(answered),
            deployments=deployments,
            runbook=runbook_of(self.companion, alarm),
            dashboard=self._dashboard(about.component if about else ""),
            spent=self._spent(answered),
            unknown=tuple(unknown),
            broken=broken,
        )

    def _status(
        self, alarm: Alarm, unknown: list[str]
    ) -> tuple[AlarmStatus | None, tuple[AlarmStatus, ...]]:
        known = {one.name: one for one in self.companion.alarms}
        below: list[Alarm] = []
        if isinstance(alarm, CompositeAlarm):
            names = dict.fromkeys(child.name for child in children(parse_rule(alarm.rule)))
            below = [known[name] for name in names if name in known]
        self.tell("alarm states ...")
        try:
            found = read_status(self.aws, [alarm, *below], mute_rules=self.mute_rules)
        except CallDenied as denied:
            unknown.append(f"alarm states: needs {denied.action}")
            return None, ()
        unknown += found.unknown
        own = next((one for one in found.alarms if one.name == alarm.name), None)
        return own, tuple(one for one in found.alarms if one.name != alarm.name)

    def _series(self, alarm: Alarm, window: Window, unknown: list[str]) -> tuple[Series, ...]:
        if not isinstance(alarm, MetricAlarm):
            return ()
        self.tell("the alarm's series ...")
        try:
            return tuple(read_series(self.aws, alarm, window))
        except CallDenied as denied:
            unknown.append(f"graph: needs {denied.action}")
        except (NotFound, Refused) as refused:
            unknown.append(f"graph: {refused.message}")
        return ()

    def _queries(
        self,
        queries: Sequence[SavedQuery],
        window: Window,
        console: Console,
        unknown: list[str],
        answered: list[Answered],
    ) -> None:
        """Each query over the window, as long as the price of all stays below `max_cost`.

        One by one into `answered`: what came before a lost network is kept.
        """
        prices = prices_of(self.aws.region)
        left = self.max_cost
        if queries and self.run_queries:
            groups = [group for query in queries for group in query.log_groups]
            left = self._allowance(groups, window, unknown)
        for query in queries:
            text = filled_in(query)
            link = console.insights(text, query.log_groups, window)
            if not self.run_queries or left <= 0:
                why = "not run" if not self.run_queries else "not run: --max-cost is reached"
                answered.append(Answered(query, link, trouble=why))
                continue
            self.tell(f"query {query.name} ...")
            runner = Runner(self.aws, max_cost=left)
            try:
                run = runner.run(Question(text, query.log_groups, window))
            except CallDenied as denied:
                answered.append(Answered(query, link, trouble=f"needs {denied.action}"))
                continue
            except (Refused, UsageError) as refused:
                answered.append(Answered(query, link, trouble=refused.message))
                continue
            except CouldNotRun as ended:
                # Lost while a query ran: its own error says how to stop it, this one is the cause.
                if isinstance(ended.__cause__ or ended, NoCredentials | Unreachable):
                    raise
                answered.append(Answered(query, link, trouble=ended.message))
                continue
            left -= prices.scanned(run.statistics.bytes)
            answered.append(Answered(query, link, run, run.stopped))
            if run.stopped.startswith("interrupted"):
                left = 0

    def _spent(self, answered: Sequence[Answered]) -> str:
        read = sum(one.run.statistics.bytes for one in answered if one.run)
        cost = prices_of(self.aws.region).scanned(read)
        return f"{size_in_words(read)} scanned, {money(cost)}" if read else ""

    def _allowance(self, groups: Sequence[str], window: Window, unknown: list[str]) -> float:
        """`max_cost`, or nothing if the queries would cost more than that."""
        try:
            sizes = {group: estimate_bytes(self.aws, [group], window) for group in set(groups)}
        except CallDenied as denied:
            unknown.append(f"the queries' price beforehand: needs {denied.action}")
            return self.max_cost  # each run is watched all the same
        except (NotFound, Refused):
            return self.max_cost
        total = prices_of(self.aws.region).scanned(sum(sizes[group] or 0 for group in groups))
        if total > self.max_cost:
            unknown.append(
                f"queries would cost {money(total)}, more than --max-cost {money(self.max_cost)}"
            )
            return 0.0
        return self.max_cost

    def _deployments(self, unknown: list[str]) -> tuple[Deployment, ...]:
        self.tell("last deployments ...")
        names = [service.name for service in self.companion.inventory.services]
        cluster = self.companion.inventory.cluster
        try:
            answer = self.aws.call(
                "ecs",
                "DescribeServices",
                about=f"services of `{cluster}`",
                cluster=cluster,
                services=names,
            )
        except CallDenied as denied:
            unknown.append(f"last deployment: needs {denied.action}")
            return ()
        except Throttled:
            raise
        except (NotFound, Refused) as refused:
            unknown.append(f"last deployment: {refused.message}")
            return ()
        found = []
        for service in answer.get("services") or ():
            newest = max(
                service.get("deployments") or (),
                key=lambda one: str(one.get("createdAt", "")),
                default=None,
            )
            if newest is not None:
                task = str(newest.get("taskDefinition", "")).rsplit("/", 1)[-1]
                state = str(newest.get("rolloutState") or newest.get("status") or "")
                begun = newest.get("createdAt")
                found.append(Deployment(str(service["serviceName"]), begun, state, task))
        return tuple(found)

    def _dashboard(self, component: str) -> str:
        key = component.replace("_", "-")
        for dashboard in self.companion.dashboards:
            if dashboard.key.replace("_", "-") == key:
                return dashboard.name
        return self.companion.dashboards[0].name if self.companion.dashboards else ""
