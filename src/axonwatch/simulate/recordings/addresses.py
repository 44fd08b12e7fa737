"""What the short words of a scenario stand for: alarms, metrics, log groups of the main stack.

`database/connections-high` is an alarm, `database/DatabaseConnections` a metric with the
inventory's dimensions, `filter/agent-blocks` what a metric filter publishes, `agent` a log group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from axonwatch.catalog.metrics import load_catalogue, resolve_metric
from axonwatch.catalog.schema_check import suggest
from axonwatch.model.alarms import Alarm, LogAlarm, MetricFilter
from axonwatch.model.companion import Companion
from axonwatch.model.inventory import Inventory
from axonwatch.model.metrics import Metric
from axonwatch.model.stack import Names
from axonwatch.simulate.recordings.metric_filters import filter_metric
from axonwatch.simulate.series.statistics import parse_statistic

FILTER = "filter"


class UnknownName(Exception):
    """A word that stands for nothing: `title` says so, `help` what is near."""

    def __init__(self, code: str, title: str, help: str) -> None:
        super().__init__(title)
        self.code = code
        self.title = title
        self.help = help


@dataclass(frozen=True, eq=False)
class Addresses:
    """The names of one set of alarms over one main stack.

    The alarms may be those of our definitions or of any template; `names` and `inventory` say what
    a component's metrics are.
    """

    alarms: Sequence[Alarm]
    filters: Sequence[MetricFilter]
    names: Names
    inventory: Inventory

    @classmethod
    def of_companion(cls, companion: Companion) -> Addresses:
        """The addresses of our definitions."""
        return cls(companion.alarms, companion.metric_filters, companion.names, companion.inventory)

    @cached_property
    def by_name(self) -> dict[str, Alarm]:
        """The alarms by full name."""
        return {alarm.name: alarm for alarm in self.alarms}

    @cached_property
    def short_names(self) -> dict[str, str]:
        """`component/key` -> full name, for alarms whose definition we know."""
        return {
            f"{alarm.about.component}/{alarm.about.key}": alarm.name
            for alarm in self.alarms
            if alarm.about is not None
        }

    def short(self, name: str) -> str:
        """How a person calls an alarm: `component/key` where it has one, else its name."""
        alarm = self.by_name.get(name)
        about = alarm.about if alarm else None
        return f"{about.component}/{about.key}" if about else name

    def alarm(self, word: str, component: str = "") -> str:
        """The full name of an alarm. Raises UnknownName."""
        if word in self.by_name:
            return word
        path = word if "/" in word or not component else f"{component}/{word}"
        if path in self.short_names:
            return self.short_names[path]
        owner, _, key = path.partition("/")
        built = self.names.alarm(owner.replace("_", "-"), key)
        if built in self.by_name:
            return built
        raise UnknownName(
            "unknown-alarm",
            f"there is no alarm `{word}`",
            suggest(path, self.short_names or self.by_name),
        )

    def metric(self, word: str, component: str = "") -> tuple[Metric, str | None]:
        """The metric of `component/Metric` or `component/Metric STATISTIC`. Raises UnknownName."""
        path, _, statistic = word.partition(" ")
        if statistic:
            try:
                parse_statistic(statistic.strip())
            except ValueError as wrong:
                raise UnknownName("unknown-metric", str(wrong), "") from None
        owner, slash, key = path.partition("/")
        if not slash:
            owner, key = component, path
        if owner == FILTER:
            return self._filtered(key), statistic.strip() or None
        catalogue = load_catalogue()
        known = catalogue.metrics(owner)
        if not known:
            choices = [*(c for c in catalogue.components if catalogue.metrics(c)), FILTER]
            title = f"there is no component `{owner}`" if owner else f"`{word}` names no component"
            raise UnknownName("unknown-metric", title, suggest(owner, choices))
        facts = known.get(key) or next((one for one in known.values() if one.name == key), None)
        if facts is None:
            raise UnknownName(
                "unknown-metric", f"`{owner}` has no metric `{key}`", suggest(key, known)
            )
        found = resolve_metric(facts, owner, self.inventory, self.names)
        if isinstance(found, str):
            raise UnknownName("unknown-metric", f"`{word}`: {found}", "give the metric in full")
        return found, statistic.strip() or None

    def _filtered(self, key: str) -> Metric:
        for one in self.filters:
            if key in {one.metric, one.name}:
                return filter_metric(one)
        raise UnknownName(
            "unknown-metric",
            f"there is no metric filter `{key}`",
            suggest(key, [one.metric for one in self.filters]),
        )

    def log_group(self, word: str) -> str:
        """The full name of a component's log group. Raises UnknownName.

        A word with a slash is one, and so is one that a filter or a log alarm reads.
        """
        if "/" in word or word in self._log_groups:
            return word
        for service in self.inventory.services:
            if service.component == word:
                return service.log_group
        if word == "database" and self.inventory.database.log_group:
            return self.inventory.database.log_group
        known = [service.component for service in self.inventory.services]
        raise UnknownName(
            "unknown-log-group",
            f"there is no log group of `{word}`",
            suggest(word, [*known, *sorted(self._log_groups)]),
        )

    @cached_property
    def _log_groups(self) -> set[str]:
        read = {one.log_group for one in self.filters}
        return read.union(*(one.log_groups for one in self.alarms if isinstance(one, LogAlarm)))
