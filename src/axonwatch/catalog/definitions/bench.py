"""What every builder of definitions works with: the stack's facts, and where findings go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from axonwatch.catalog.metrics import Catalogue, MetricFacts, load_catalogue
from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode
from axonwatch.catalog.schema_check import correction
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.diagnostics.findings import TakesFindings
from axonwatch.durations import is_alarm_period, parse_duration
from axonwatch.model.inventory import Inventory
from axonwatch.model.stack import Names


@dataclass(frozen=True)
class Features:
    """Resources of 2026 that can be switched off for a region that lacks them."""

    log_alarms: bool = True
    mute_rules: bool = True
    query_parameters: bool = True
    warm_up: bool = True


@dataclass(frozen=True, eq=False)
class Entity:
    """One entry of a definition file: an alarm, a composite, a filter or a mute rule."""

    component: str
    key: str
    name: ScalarNode
    node: MapNode

    @property
    def path(self) -> str:
        """`component/key`."""
        return f"{self.component}/{self.key}"

    @property
    def origin(self) -> Span:
        """Where its key is written."""
        return self.name.span


@dataclass
class Bench(TakesFindings):
    """The facts of the stack, and the findings so far."""

    names: Names
    inventory: Inventory
    features: Features = field(default_factory=Features)
    runbook_url: str | None = None
    catalogue: Catalogue = field(default_factory=load_catalogue)
    findings: list[Diagnostic] = field(default_factory=list)
    broken_filters: set[str] = field(default_factory=set)
    dashboards: tuple[str, ...] = ()

    def note(
        self, code: str, title: str, span: Span, label: str = "", help: str = "", *, level: Level
    ) -> None:
        """Note a finding that does not make the definitions invalid."""
        self.findings.append(Diagnostic(code, level, title, span, label, help))

    def unknown(
        self, code: str, kind: str, name: str, span: Span, choices: Mapping[str, object] | list[str]
    ) -> None:
        """Note a name that means nothing, with the nearest that does."""
        self.error(code, f"there is no {kind} `{name}`", span, help=correction(name, list(choices)))

    def metrics(self, component: str) -> Mapping[str, MetricFacts]:
        """The metrics of a component; any other ECS service has those of the orchestrator."""
        known = self.catalogue.metrics(component)
        if not known and any(one.component == component for one in self.inventory.services):
            return self.catalogue.metrics("orchestrator")
        return known

    def dashboard_of(self, component: str) -> str | None:
        """The dashboard of a component, else the one for on-call; None if there is neither."""
        return next((key for key in (component, "on_call") if key in self.dashboards), None)

    def log_group(self, component: str, span: Span) -> str | None:
        """The log group of a component, or a finding."""
        if component.startswith("/"):
            return component
        service = next((s for s in self.inventory.services if s.component == component), None)
        if service is not None:
            return service.log_group
        if component == "database":
            if self.inventory.database.log_group is None:
                title = "the inventory has no log group of the database"
                self.error("unknown-log-group", title, span, help="export the PostgreSQL log")
            return self.inventory.database.log_group
        known = [*(s.component for s in self.inventory.services), "database"]
        self.unknown("unknown-log-group", "log group of", component, span, known)
        return None


def text(node: MapNode, key: str, default: str = "") -> str:
    """The text of a key; numbers as they were written."""
    value = node.get(key)
    return value.text if isinstance(value, ScalarNode) else default


def flag(node: MapNode, key: str, *, default: bool) -> bool:
    """The boolean of a key."""
    value = node.get(key)
    return (
        value.value if isinstance(value, ScalarNode) and isinstance(value.value, bool) else default
    )


def seconds(node: MapNode, key: str, default: int) -> int:
    """The duration of a key in seconds."""
    value = node.get(key)
    return parse_duration(value.text) if isinstance(value, ScalarNode) else default


def texts(node: Node | None) -> list[ScalarNode]:
    """The scalars of a list."""
    items = node.items if isinstance(node, ListNode) else ()
    return [item for item in items if isinstance(item, ScalarNode)]


def period_of(bench: Bench, node: MapNode, default: int = 60) -> int:
    """The period of a metric or alarm, with a finding if CloudWatch does not take it."""
    value = seconds(node, "period", default)
    if not is_alarm_period(value):
        title = f"a period of {text(node, 'period')} does not exist"
        cure = "write 10s, 20s, 30s or whole minutes"
        bench.error("bad-period", title, node.value_span("period"), help=cure)
        return 60
    return value


def places(node: MapNode, words: Mapping[str, str]) -> dict[str, Span]:
    """The spans of the facts that are written, by the model's word for them."""
    return {fact: node.value_span(key) for fact, key in words.items() if key in node}
