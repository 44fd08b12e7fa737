from __future__ import annotations

from typing import Any

import pytest
from tests.unit.simulate.alarm_cases import EPOCH, minute, run_case, transitions

from axonwatch.model.alarms import (
    Actions,
    Alarm,
    Comparison,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    State,
)
from axonwatch.model.metrics import Metric, MetricQuery, MetricStat
from axonwatch.simulate.answers.why import drawing, sentence
from axonwatch.simulate.evaluation.actions import deliveries
from axonwatch.simulate.evaluation.evaluate import Settings, evaluate
from axonwatch.simulate.evaluation.logs import LogResult
from axonwatch.simulate.evaluation.window import Rule
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import Series, SeriesStore

METRIC = Metric("N", "m")
TOPIC = "arn:aws:sns:us-east-1:111122223333:page"


def metric_alarm(name: str = "a", **changes: Any) -> MetricAlarm:
    given: dict[str, Any] = {
        "comparison": Comparison.GT,
        "threshold": 5.0,
        "evaluation_periods": 1,
        "stat": MetricStat(METRIC, "Average", 60),
        "actions": Actions(alarm=(TOPIC,)),
    }
    return MetricAlarm(name=name, **(given | changes))


def composite(name: str, rule: str, **changes: Any) -> CompositeAlarm:
    return CompositeAlarm(name=name, rule=rule, **changes)


def store(*values: float) -> SeriesStore:
    return SeriesStore.of(
        [Series.of(METRIC, 60, [EPOCH + 60 * at for at in range(len(values))], values)]
    )


def refused(*alarms: Alarm, data: SeriesStore | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        evaluate(alarms, data or store(1.0), start=EPOCH + 60, end=EPOCH + 120)
    return caught.value


@pytest.mark.parametrize(
    ("alarms", "code", "named"),
    [
        ((composite("c", "ALARM(d)"), composite("d", "ALARM(c)")), "composite-cycle", "d"),
        ((composite("c", "ALARM(c)"),), "composite-cycle", "c"),
        ((composite("c", "ALARM(zz)"),), "unknown-alarm", "zz"),
        ((composite("c", "TRUE", suppressor="zz"),), "unknown-alarm", "zz"),
        ((composite("c", "ALARM(a) AND"),), "unexpected-token", ""),
        ((metric_alarm(), metric_alarm()), "duplicate-alarm", ""),
        ((metric_alarm(stat=None),), "no-metric", ""),
        (
            (metric_alarm(stat=None, queries=(MetricQuery("e", expression="TIME_SERIES(1)"),)),),
            "no-metric",
            "",
        ),
        ((metric_alarm(stat=MetricStat(METRIC, "Mean", 60)),), "unknown-statistic", ""),
        ((metric_alarm(wall_clock="Nowhere/Land"),), "bad-window", ""),
        ((metric_alarm(wall_clock="UTC", stat=MetricStat(METRIC, "Sum", 120)),), "bad-window", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_names_the_alarm_and_what_offends(
    alarms: tuple[Alarm, ...], code: str, named: str
) -> None:
    found = refused(*alarms)
    assert found.code == code
    assert found.alarm == alarms[0].name
    assert f"`{alarms[0].name}`" in found.message or " -> " in found.message
    if named:
        assert found.id == named
    assert found.exit_code == 2


def test_a_longer_circle_is_spelled_out() -> None:
    found = refused(
        metric_alarm(),
        composite("top", "ALARM(x) OR ALARM(a)"),
        composite("x", "ALARM(y)"),
        composite("y", "ALARM(z)"),
        composite("z", "NOT OK(x)"),
    )
    assert found.message == "composite alarms stand in a circle: x -> y -> z -> x"


def test_a_series_of_another_statistic_names_the_alarm() -> None:
    data = SeriesStore.of([Series.of(METRIC, 60, [EPOCH], [1.0], stat="Maximum")])
    found = refused(metric_alarm(), data=data)
    assert (found.code, found.alarm) == ("other-statistic", "a")
    assert found.message == "alarm `a`: Average of N m cannot be had from Maximum"


def test_a_suppressor_may_stand_above_what_it_suppresses() -> None:
    alarms = [
        metric_alarm(),
        composite("c", "ALARM(a)", suppressor="top", actions=Actions(alarm=(TOPIC,))),
        composite("top", "ALARM(c)"),
    ]
    found = evaluate(alarms, store(9.0), start=EPOCH + 60, end=EPOCH + 120)
    assert [action.alarm.name for action in found.actions] == ["a"]
    assert [(a.alarm.name, a.withheld_by) for a in found.withheld] == [("c", "Alarm")]


def test_the_arn_that_the_account_gave_is_used() -> None:
    settings = Settings(arns={"a": "arn:aws:cloudwatch:eu-west-1:1:alarm:a"}, region="eu-west-1")
    found = evaluate(
        [metric_alarm(), composite("c", "ALARM(a)")],
        store(1.0, 9.0),
        start=EPOCH + 60,
        end=EPOCH + 120,
        settings=settings,
    )
    assert found.evaluations["c"][1].reason.startswith("arn:aws:cloudwatch:eu-west-1:1:alarm:a ")
    assert found.evaluations["c"][0].reason.startswith(
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:c was created"
    )


def test_every_tick_has_an_entry_on_request() -> None:
    found = evaluate(
        [metric_alarm(), composite("c", "ALARM(a)")],
        store(1.0, 9.0, 9.0),
        start=EPOCH + 60,
        end=EPOCH + 180,
        settings=Settings(every=True),
    )
    for name in ("a", "c"):
        states = [(minute(e.time), e.state, e.is_transition) for e in found.evaluations[name]]
        assert states == [
            ("1", State.OK, True),
            ("2", State.ALARM, True),
            ("3", State.ALARM, False),
        ]


def test_the_state_between_entries() -> None:
    found = evaluate([metric_alarm()], store(1.0, 9.0), start=EPOCH + 60, end=EPOCH + 180)
    assert found.state_at("a", EPOCH) is State.INSUFFICIENT_DATA
    assert found.state_at("a", EPOCH + 119) is State.OK
    assert found.state_at("a", EPOCH + 10_000) is State.ALARM
    with pytest.raises(KeyError):
        found.state_at("zz", EPOCH)


def test_why_nothing_ran() -> None:
    silent = metric_alarm("silent", actions=Actions(alarm=(TOPIC,), enabled=False))
    found = evaluate([silent], store(9.0), start=EPOCH + 60, end=EPOCH + 60)
    assert found.actions == ()
    assert [(a.alarm.name, a.withheld_by) for a in found.withheld] == [("silent", "disabled")]


def test_contributors_are_told_of_one_by_one() -> None:
    case = {
        "initial": "OK",
        "range": "N",
        "series": {
            "one": {"metric": "cpu", "dimensions": {"host": "one"}, "values": "9 9 1 1"},
            "two": {"metric": "cpu", "dimensions": {"host": "two"}, "values": "1 9 9"},
        },
        "alarms": {
            "a": {
                "when": "> 5",
                "for": "1",
                "Metrics": [
                    {
                        "Id": "q",
                        "Period": 60,
                        "Expression": "SELECT MAX(cpu) FROM SCHEMA(N, host) GROUP BY host",
                    }
                ],
            }
        },
        "to": 4,
    }
    found = run_case(case)
    assert transitions(found, "a") == "1 ALARM, 4 OK"
    told = [(minute(a.time), a.state, a.contributor) for a in found.actions]
    assert told == [
        ("1", State.ALARM, ""),
        ("2", State.ALARM, "two"),
        ("3", State.OK, "one"),
        ("4", State.OK, ""),
    ]
    assert found.actions[1].evaluation.reason == (
        "Threshold Crossed: 1 datapoint was greater than the threshold (5.0). The most recent "
        "datapoint which crossed the threshold: [9.0 (01/01/26 00:01:00)]."
    )
    assert found.evaluations["a"][0].explanation.contributors == (
        ("one", State.ALARM),
        ("two", State.OK),
    )


def test_a_query_limits_its_series_to_the_first_by_its_order() -> None:
    series = {
        host: {"metric": "cpu", "dimensions": {"host": host}, "values": value}
        for host, value in (("one", "1"), ("two", "2"), ("three", "3"))
    }
    query = "SELECT MAX(cpu) FROM N GROUP BY host ORDER BY MAX() DESC LIMIT 2"
    alarms = {"a": {"when": "> 0", "Metrics": [{"Id": "q", "Period": 60, "Expression": query}]}}
    found = run_case({"series": series, "alarms": alarms, "range": "N", "to": 1})
    assert found.evaluations["a"][0].reason == "2 out of 2 time series evaluated to ALARM"


def test_more_than_a_hundred_series() -> None:
    series = {
        f"h{at}": {"metric": "cpu", "dimensions": {"host": f"h{at}"}, "values": "9"}
        for at in range(101)
    }
    query = "SELECT MAX(cpu) FROM N GROUP BY host"
    alarms = {"a": {"when": "> 0", "Metrics": [{"Id": "q", "Period": 60, "Expression": query}]}}
    found = run_case({"series": series, "alarms": alarms, "range": "N", "to": 1})
    assert found.evaluations["a"][0].reason == "100+ time series evaluated to ALARM"


class Runs:
    """A log engine that gives what the test says, by minute."""

    def __init__(self, results: dict[int, LogResult]) -> None:
        self.results = results
        self.asked: list[int] = []

    def run(self, alarm: LogAlarm, at: int) -> LogResult:
        del alarm
        self.asked.append(at)
        return self.results.get((at - EPOCH) // 60, LogResult())


def log_alarm(**changes: Any) -> LogAlarm:
    given: dict[str, Any] = {
        "query": "filter @message like /x/",
        "log_groups": ("g",),
        "aggregation": "count(*)",
        "comparison": Comparison.GT,
        "threshold": 0.0,
        "results_to_evaluate": 2,
        "results_to_alarm": 2,
        "every": 300,
        "log_line_count": 1,
        "actions": Actions(alarm=(TOPIC,)),
    }
    return LogAlarm(name="logs", **(given | changes))


def counts(**minutes: float) -> Runs:
    return Runs(
        {int(at[1:]): LogResult((("", value),), ("a", "b")) for at, value in minutes.items()}
    )


def test_a_log_alarm_is_judged_when_its_query_has_run() -> None:
    runs = counts(m0=0, m5=3, m10=2, m15=0)
    found = evaluate([log_alarm()], store(), start=EPOCH + 60, end=EPOCH + 900, log_runner=runs)
    assert transitions(found, "logs") == "5 OK, 10 ALARM, 15 OK"
    entry = found.evaluations["logs"][1]
    assert entry.reason == (
        "Threshold Crossed: 2 out of the last 2 datapoints [2.0 (01/01/26 00:10:00), 3.0 (01/01/26 "
        "00:05:00)] were greater than the threshold (0.0) (minimum 2 datapoints for OK -> ALARM "
        "transition)."
    )
    assert len(runs.asked) == len(set(runs.asked))


def test_any_group_of_a_log_alarm_may_alarm() -> None:
    runs = Runs({5: LogResult((("one", 0.0), ("two", 4.0)))})
    alarm = log_alarm(results_to_evaluate=1, results_to_alarm=1)
    found = evaluate([alarm], store(), start=EPOCH + 300, end=EPOCH + 300, log_runner=runs)
    (entry,) = found.evaluations["logs"]
    assert entry.state is State.ALARM
    assert entry.explanation.contributors == (("one", State.OK), ("two", State.ALARM))


def test_a_log_alarm_without_logs_is_refused() -> None:
    assert refused(log_alarm()).code == "no-logs"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (TOPIC, ""),
        ("arn:aws:sns:us-east-1:111122223333:gone", "no such topic"),
        ("arn:aws:sns:eu-west-1:111122223333:page", "is in eu-west-1, the alarm is in us-east-1"),
        ("page", "is not an ARN"),
    ],
)
def test_what_cannot_be_delivered(target: str, problem: str) -> None:
    alarm = metric_alarm(actions=Actions(alarm=(target,)))
    found = evaluate([alarm], store(9.0), start=EPOCH + 60, end=EPOCH + 60)
    told = deliveries(found.actions[0], region="us-east-1", topics=frozenset({TOPIC}))
    assert [d.problem for d in told] == [problem]


def test_what_only_some_alarms_and_states_may_do() -> None:
    recover = "arn:aws:automate:us-east-1:ec2:recover"
    item = "arn:aws:ssm:us-east-1:111122223333:opsitem:1"
    alarms = [
        metric_alarm(actions=Actions(ok=(item,))),
        composite("c", "OK(a)", actions=Actions(alarm=(recover,))),
    ]
    found = evaluate(alarms, store(1.0), start=EPOCH + 60, end=EPOCH + 60)
    problems = [d.problem for a in found.actions for d in deliveries(a, region="us-east-1")]
    assert problems == ["runs for ALARM only", "only metric alarms may do this"]


def test_a_stand_in_for_a_band_says_that_it_is_one() -> None:
    alarm = metric_alarm(
        stat=None,
        threshold=None,
        threshold_query="ad",
        comparison=Comparison.OUTSIDE_BAND,
        queries=(
            MetricQuery("m", MetricStat(METRIC, "Average", 60)),
            MetricQuery("ad", expression="ANOMALY_DETECTION_BAND(m, 3)"),
        ),
    )
    values = [10.0, 11.0, 9.0] * 40 + [50.0, 10.0]
    found = evaluate(
        [alarm], store(*values), start=EPOCH + 60 * 60, end=EPOCH + 60 * 122, settings=Settings()
    )
    assert transitions(found, "a") == "60 OK, 121 ALARM, 122 OK"
    assert "is a stand-in" in found.evaluations["a"][0].explanation.notes[0]
    assert found.notes[0].startswith("alarm `a`: the band of `m` is a stand-in")


def test_why_in_one_sentence_with_the_window() -> None:
    case = {
        "series": {"m": "1 9 _ 8"},
        "alarms": {"a": {"metric": "m", "when": "> 5", "for": "2 of 3"}},
        "to": 4,
    }
    entry = run_case(case).evaluations["a"][-1]
    assert sentence(entry, since=entry.time) == (
        "a became ALARM at 2026-01-01T00:04:00Z, because 2 of 3 datapoints that count breach "
        "(> 5.0) and 2 of 3 must."
    )
    assert drawing(entry.explanation) == [
        "  2025-12-31T23:59:00Z  -                            missing",
        "  2026-01-01T00:00:00Z  1  ###                       ok         counts",
        "  2026-01-01T00:01:00Z  9  ########################  breaching  counts",
        "  2026-01-01T00:02:00Z  -                            missing",
        "  2026-01-01T00:03:00Z  8  #####################     breaching  counts",
        "  M of N: 2 of 3 must breach; 2 do",
        f"  rule: {Rule.REACHED_BACK}",
    ]


def test_why_when_nothing_came() -> None:
    case = {"alarms": {"a": {"metric": "m", "when": "> 5"}}, "initial": "OK", "to": 1}
    (entry,) = run_case(case).evaluations["a"]
    assert sentence(entry, since=None) == (
        "a became INSUFFICIENT_DATA at 2026-01-01T00:01:00Z, because no datapoint in the whole "
        "evaluation range."
    )


def test_why_of_a_composite_names_the_child() -> None:
    case = {
        "series": {"m": "1 9"},
        "alarms": {"a": {"metric": "m", "when": "> 5"}},
        "composites": {"c": {"rule": "ALARM(a)"}},
        "to": 2,
    }
    entry = run_case(case).evaluations["c"][-1]
    assert sentence(entry, since=None).endswith(
        "alarm:a transitioned to ALARM at Thursday 01 January, 2026 00:02:00 UTC."
    )
    assert drawing(entry.explanation) == ["  ALARM              a  since 2026-01-01T00:02:00Z"]
