"""What a check looks at: definitions or a template, in one form, with the text of the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from axonwatch.catalog.cloudformation.values import reference
from axonwatch.catalog.load import Loaded
from axonwatch.catalog.metrics import Catalogue, MetricFacts, load_catalogue
from axonwatch.catalog.subject import Subject
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Diagnostic, Label, Level, Span
from axonwatch.model.alarms import (
    Alarm,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    MetricFilter,
    MuteRule,
)
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.metrics import MetricStat
from axonwatch.model.queries import SavedQuery


@dataclass(frozen=True)
class Evidence:
    """Everything that checks may look at. Exactly one of `loaded` and `template` is set."""

    alarms: tuple[Subject[Alarm], ...]
    metric_filters: tuple[Subject[MetricFilter], ...]
    mute_rules: tuple[Subject[MuteRule], ...]
    dashboards: tuple[Subject[Dashboard], ...]
    queries: tuple[Subject[SavedQuery], ...]
    today: date
    loaded: Loaded | None = None
    template: Template | None = None
    catalogue: Catalogue = field(default_factory=load_catalogue)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def metric_alarms(self) -> Iterator[tuple[Subject[Alarm], MetricAlarm]]:
        """The metric alarms with their subjects."""
        for subject in self.alarms:
            if isinstance(subject.piece, MetricAlarm):
                yield subject, subject.piece

    @property
    def composite_alarms(self) -> Iterator[tuple[Subject[Alarm], CompositeAlarm]]:
        """The composite alarms with their subjects."""
        for subject in self.alarms:
            if isinstance(subject.piece, CompositeAlarm):
                yield subject, subject.piece

    @property
    def log_alarms(self) -> Iterator[tuple[Subject[Alarm], LogAlarm]]:
        """The log alarms with their subjects."""
        for subject in self.alarms:
            if isinstance(subject.piece, LogAlarm):
                yield subject, subject.piece

    def facts(self, stat: MetricStat) -> MetricFacts | None:
        """What the catalogue knows of a metric; None if it does not know it."""
        return self.catalogue.by_name.get((stat.metric.namespace, stat.metric.name))


def evidence_of_definitions(loaded: Loaded, today: date) -> Evidence:
    """The evidence of loaded definitions."""
    return Evidence(
        alarms=loaded.alarms,
        metric_filters=loaded.metric_filters,
        mute_rules=loaded.mute_rules,
        dashboards=loaded.dashboards,
        queries=loaded.queries,
        today=today,
        loaded=loaded,
        sources=loaded.documents.sources,
    )


def evidence_of_template(template: Template, today: date) -> Evidence:
    """The evidence of a template."""
    return Evidence(
        alarms=template.subjects,
        metric_filters=template.filter_subjects,
        mute_rules=template.mute_subjects,
        dashboards=template.dashboard_subjects,
        queries=template.query_subjects,
        today=today,
        template=template,
        sources={template.file: template.root.source.text},
    )


def tells_people(evidence: Evidence, subject: Subject[Alarm]) -> bool:
    """Whether an alarm's actions are more than scaling policies; True without actions, too."""
    targets = subject.piece.actions.alarm
    resources = evidence.template.resources if evidence.template else {}
    for target in targets:
        name = reference(target)
        resource = resources.get(name) if name is not None else None
        scaling = resource is not None and "AutoScaling::" in resource.type
        if not scaling and ":autoscaling:" not in target and ":automate:" not in target:
            return True
    return not targets


def stats_of(subject: Subject[Alarm]) -> Iterator[tuple[MetricStat, str]]:
    """The metrics of an alarm, each with the suffix of its facts: `metric` or `metric ID`."""
    alarm = subject.piece
    if not isinstance(alarm, MetricAlarm):
        return
    if alarm.stat is not None:
        yield alarm.stat, ""
    for query in alarm.queries:
        if query.stat is None:
            continue
        own = f"metric {query.id}" in subject.places or f"id {query.id}" in subject.places
        yield query.stat, f" {query.id}" if own else ""


def finding(  # noqa: PLR0917 - in the order in which a message shows them
    code: str,
    level: Level,
    title: str,
    span: Span,
    label: str = "",
    help: str = "",
    *,
    others: tuple[Label, ...] = (),
) -> Diagnostic:
    """A finding of a check."""
    return Diagnostic(code, level, title, span, label, help, others)


def called(subject: Subject[Alarm]) -> str:
    """How messages call an alarm: by its full name."""
    return f"alarm `{subject.piece.name}`"
