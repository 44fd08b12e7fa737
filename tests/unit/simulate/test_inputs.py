"""Which alarms can be evaluated with what was given, and how far they look back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.simulate.scenario_samples import PREFIX, addresses, suite

from axonwatch.model.alarms import Actions, Comparison, CompositeAlarm, MetricAlarm
from axonwatch.model.metrics import Dimension, Metric, MetricQuery, MetricStat
from axonwatch.simulate.evaluation.look_back import look_back, metrics_of
from axonwatch.simulate.recordings.inputs import gather, select
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.series.series import Series

AGENT, ORCHESTRATOR = "/ecs/axonflow-prod/agent", "/ecs/axonflow-prod/orchestrator"
ALARMS = suite().alarms
START = 1_767_225_600


def series(name: str, values: list[float]) -> Series:
    metric, _ = addresses().metric(name, "database")
    times = [START + 60 * i for i in range(len(values))]
    return Series.of(metric, 60, times, values)


def names(alarms: tuple[MetricAlarm, ...] | tuple[object, ...]) -> list[str]:
    return [getattr(alarm, "name", str(alarm)).removeprefix(PREFIX) for alarm in alarms]


def test_alarms_are_evaluated_if_all_their_metrics_were_given() -> None:
    inputs = gather([series("CPUUtilization", [1.0])], {}, suite().filters)
    selection = select(ALARMS, inputs)
    assert names(selection.evaluated) == ["database-cpu-high"]
    assert len(selection.without_input) == len(ALARMS) - 1


def test_a_silent_log_group_is_input() -> None:
    """No event is an answer: heartbeat-lost reads it as missing data."""
    inputs = gather([], {ORCHESTRATOR: []}, suite().filters)
    selection = select(ALARMS, inputs)
    assert "database-heartbeat-lost" in names(selection.evaluated)
    assert "database-refused" not in names(selection.evaluated)


def test_a_composite_is_evaluated_as_soon_as_one_child_is() -> None:
    inputs = gather([], {ORCHESTRATOR: []}, suite().filters)
    selection = select(ALARMS, inputs)
    assert names(selection.evaluated) == ["database-heartbeat-lost", "database-incident"]
    assert {name.removeprefix(PREFIX) for name in selection.stubs} == {"database-refused"}
    composite = next(a for a in selection.alarms if a.name == PREFIX + "database-incident")
    assert isinstance(composite, CompositeAlarm)
    assert composite.suppressor is None  # its suppressor has nothing to read


def test_barred_alarms_are_left_out_with_those_that_only_have_them() -> None:
    inputs = gather([], {ORCHESTRATOR: []}, suite().filters)
    selection = select(ALARMS, inputs, frozenset({PREFIX + "database-heartbeat-lost"}))
    assert selection.evaluated == ()


def test_composites_of_composites() -> None:
    def composite(name: str, rule: str) -> CompositeAlarm:
        return CompositeAlarm(name=name, rule=rule, actions=Actions())

    (cpu,) = [a for a in ALARMS if a.name == PREFIX + "database-cpu-high"]
    top = composite("top", "ALARM(middle)")
    middle = composite("middle", f"ALARM({cpu.name}) OR ALARM(other)")
    other = composite("other", "FALSE")
    inputs = gather([series("CPUUtilization", [1.0])], {}, ())
    selection = select([top, middle, cpu, other], inputs)
    assert names(selection.evaluated) == ["top", "middle", "database-cpu-high"]
    assert selection.stubs == {"other"}


def test_filters_make_series_that_alarms_read() -> None:
    events = {
        AGENT: [
            LogEvent(START * 1000, "dial tcp 10.0.0.1:5432: connect: connection refused"),
            LogEvent((START + 70) * 1000, "all is well"),
        ]
    }
    inputs = gather([], events, suite().filters)
    metric, _ = addresses().metric("filter/refused")
    (made,) = inputs.store.metrics[metric]
    assert made.times.tolist() == [START, START + 60]
    assert made.values.tolist() == [1.0, 0.0]  # the default, where only other lines were


def test_a_given_series_is_taken_for_what_a_filter_would_make() -> None:
    given = series("filter/refused", [7.0])
    events = {AGENT: [LogEvent(START * 1000, ":5432: connect: connection refused")]}
    inputs = gather([given], events, suite().filters)
    assert inputs.store.metrics[given.metric] == [given]


def test_look_back_is_the_evaluation_range_and_a_period() -> None:
    cpu, connections = (addresses().metric(n, "database")[0] for n in ("CPUUtilization", "DatabaseConnections"))  # fmt: skip
    found = look_back(ALARMS)
    assert found[cpu] == (2 + 2 + 1) * 300
    assert found[connections] == (5 + 2 + 1) * 60  # the greater of two alarms
    (heartbeat,) = [a for a in ALARMS if a.name == PREFIX + "database-heartbeat-lost"]
    assert isinstance(heartbeat, MetricAlarm)
    assert look_back([heartbeat])[metrics_of(heartbeat)[0]] == (6 + 1) * 60  # six minutes at least


def test_look_back_of_long_windows_reaches_to_the_hour() -> None:
    (cpu,) = [a for a in ALARMS if a.name == PREFIX + "database-cpu-high"]
    assert isinstance(cpu, MetricAlarm)
    long = replace(cpu, evaluation_periods=24)
    assert look_back([long])[metrics_of(long)[0]] == (24 + 2 + 1) * 300 + 3600
    assert look_back([replace(cpu, stat=None)]) == {}


def test_an_unknown_metric_has_no_look_back() -> None:
    assert Metric("a", "b") not in look_back(ALARMS)


def test_a_filter_with_dimensions_in_a_silent_group_is_input_too() -> None:
    """Which values its dimensions take is not known before an event comes."""
    one = replace(
        suite().filters[0],
        namespace="N",
        metric="calls",
        dimensions=(("client", "$.client"),),
        default=None,
    )
    metric = Metric("N", "calls", (Dimension("client", "c1"),))
    alarm = plain("by-client", stat=MetricStat(metric, "Sum", 60))
    silent = gather([], {one.log_group: []}, [one])
    assert names(select([alarm], silent).evaluated) == ["by-client"]
    other = replace(metric, dimensions=(Dimension("tenant", "c1"),))
    wrong = plain("by-tenant", stat=MetricStat(other, "Sum", 60))
    assert select([wrong], silent).without_input == ("by-tenant",)
    assert select([alarm], gather([], {}, [one])).without_input == ("by-client",)


def test_a_metrics_insights_query_without_any_of_its_metric_has_no_input() -> None:
    query = MetricQuery(id="q1", expression='SELECT MAX(m) FROM SCHEMA("N", i)', period=60)
    alarm = plain("by-query", queries=(query,))
    given = Series.of(Metric("N", "m", (Dimension("i", "1"),)), 60, [START], [1.0])
    assert names(select([alarm], gather([given], {}, [])).evaluated) == ["by-query"]
    other = replace(given, metric=Metric("N", "n"))
    assert select([alarm], gather([other], {}, [])).without_input == ("by-query",)


def plain(name: str, **fields: Any) -> MetricAlarm:
    return MetricAlarm(
        name=name, comparison=Comparison.GT, evaluation_periods=1, threshold=1.0, **fields
    )
