"""What every kind of alarm has: who is told, and the text of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from axonwatch.catalog.definitions.bench import Bench, Entity, flag, text, texts
from axonwatch.catalog.nodes import ScalarNode
from axonwatch.catalog.page_text import PLACEHOLDER, PLACEHOLDERS, PageText, dashboard_link, fill
from axonwatch.catalog.schema_check import suggest
from axonwatch.model.alarms import About, Actions, Severity
from axonwatch.model.notifications import Notifications

MAX_FIRST = 200

# Facts of an alarm that any kind may state, by the model's word; the rest stands with its kind.
ABOUT_WORDS: Mapping[str, str] = {
    "severity": "severity",
    "because": "because",
    "summary": "summary",
    "impact": "impact",
    "first": "first",
    "look": "look",
    "dashboard": "dashboard",
    "runbook": "runbook",
    "actions": "notify",
}


@dataclass(frozen=True)
class Told:
    """About, actions and description of one alarm."""

    about: About
    actions: Actions
    description: str


def tell(
    bench: Bench,
    entity: Entity,
    notifications: Notifications,
    values: Mapping[str, str],
    shape: str = "",
) -> Told:
    """Who is told what of an alarm; `values` fill the summary's placeholders.

    An alarm that does not notify has a composite to speak for it, which sees ALARM only: that its
    data cannot be judged any more would reach nobody. So that alone goes to the ticket topic.
    """
    node = entity.node
    severity = Severity(text(node, "severity"))
    target = _target(bench, notifications, severity)
    notify = flag(node, "notify", default=True)
    when_ok = flag(node, "ok", default=severity is Severity.PAGE)
    blind = () if notify or "rule" in node else (_target(bench, notifications, Severity.TICKET),)
    actions = Actions(
        alarm=(target,) if notify else (),
        ok=(target,) if notify and when_ok else (),
        insufficient_data=blind,
    )
    first = tuple(step.text for step in texts(node.get("first")))
    runbook = text(node, "runbook")
    about = About(
        component=entity.component,
        key=entity.key,
        severity=severity,
        summary=_summary(bench, entity, values),
        because=text(node, "because"),
        runbook=runbook,
        impact=text(node, "impact"),
        first=first,
        look=text(node, "look") or None,
        dashboard=text(node, "dashboard") or bench.dashboard_of(entity.component),
    )
    if sum(map(len, first)) > MAX_FIRST:
        title = f"the first steps have {sum(map(len, first))} characters; at most {MAX_FIRST}"
        bench.error("too-long", title, node.value_span("first"), help="the runbook has the rest")
    page = PageText(
        summary=about.summary,
        impact=about.impact,
        shape=shape,
        first=first,
        runbook=_runbook_link(bench, runbook),
        dashboard=_dashboard_link(bench, about.dashboard),
        look=about.look,
        severity=str(severity),
        component=entity.component,
        stack=bench.names.stack,
    )
    return Told(about, actions, page.text())


def _target(bench: Bench, notifications: Notifications, severity: Severity) -> str:
    """The topic of a severity: the user's own, or ours."""
    topics = {topic.severity: topic for topic in notifications.topics}
    return topics[severity].arn or bench.names.topic_arn(
        severity, partition=bench.inventory.partition, region=bench.inventory.region
    )


def _summary(bench: Bench, entity: Entity, values: Mapping[str, str]) -> str:
    node = entity.node
    known = {**values, "stack": bench.names.stack}
    written = text(node, "summary")
    for match in PLACEHOLDER.finditer(written):
        if match[1] in known:
            continue
        if match[1] in PLACEHOLDERS:
            title = f"`{{{match[1]}}}` has no value for `{entity.path}`"
            cure = "only a threshold that is a share of a limit has a percentage and a capacity"
        else:
            title = f"`{{{match[1]}}}` is not filled in by anything"
            cure = suggest(match[1], PLACEHOLDERS) or "one of " + ", ".join(PLACEHOLDERS)
        scalar = node.get("summary")
        span = node.value_span("summary")
        if isinstance(scalar, ScalarNode):
            span = scalar.span_of(match.start(), match.end())
        bench.error("unknown-placeholder", title, span, help=cure)
    return fill(written, known)


def _runbook_link(bench: Bench, runbook: str) -> str:
    if not bench.runbook_url:
        return runbook
    return bench.runbook_url.replace("{name}", PurePosixPath(runbook).stem)


def _dashboard_link(bench: Bench, key: str | None) -> str:
    if key is None:
        return ""
    return dashboard_link(
        bench.names.dashboard(key),
        partition=bench.inventory.partition,
        region=bench.inventory.region,
    )
