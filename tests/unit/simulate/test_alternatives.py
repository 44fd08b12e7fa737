"""`--try`: an alarm changed in the words of definitions."""

from __future__ import annotations

import pytest
from tests.unit.simulate.scenario_samples import PREFIX, addresses, suite

from axonwatch.model.alarms import Comparison, MetricAlarm, Missing
from axonwatch.simulate.answers.alternatives import change_alarm
from axonwatch.simulate.refusal import Refusal


def alarm(name: str) -> MetricAlarm:
    found = next(one for one in suite().alarms if one.name == f"{PREFIX}database-{name}")
    assert isinstance(found, MetricAlarm)
    return found


def change(text: str, name: str = "connections-high") -> MetricAlarm:
    return change_alarm(alarm(name), text, addresses().inventory)


def test_a_threshold_in_the_metric_s_own_words() -> None:
    assert change("when=> 300").threshold == 300
    assert change("when=> 300").comparison is Comparison.GT
    assert change("when=>= 50% of max_connections").threshold == 405 * 0.5
    assert change("when=> 0.5 s", "latency-high").threshold == 0.5
    assert change("when=<= 20 ms", "latency-high").threshold == 0.02


def test_several_changes() -> None:
    found = change(" for = 4 of 5 ;missing=breaching; period=5m;statistic=p90")
    assert (found.datapoints_to_alarm, found.evaluation_periods) == (4, 5)
    assert found.missing is Missing.BREACHING
    assert found.stat is not None
    assert (found.stat.period, found.stat.stat) == (300, "p90")


def test_a_band_instead_of_a_threshold_and_back() -> None:
    band = change("when=outside band 3")
    assert band.threshold is None
    assert band.threshold_query is not None
    assert [query.expression for query in band.queries] == [None, "ANOMALY_DETECTION_BAND(m1, 3)"]
    back = change("when=> 90", "connections-odd")
    assert (back.threshold, back.threshold_query, back.queries) == (90, None, ())
    assert back.stat is not None
    assert back.stat.metric.name == "DatabaseConnections"
    slower = change("period=5m", "connections-odd")
    assert slower.queries[0].stat is not None
    assert slower.queries[0].stat.period == 300


def test_what_is_not_named_stays() -> None:
    before, after = alarm("connections-high"), change("for=2 of 5")
    assert (after.name, after.stat, after.threshold) == (before.name, before.stat, before.threshold)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("when", "--try `when`: `when` is not of the form key=value"),
        ("when=", "--try `when=`: `when=` is not of the form key=value"),
        ("whem=> 1", "--try `whem=> 1`: `whem` cannot be changed"),
        ("for=3", "--try `for=3`: `3` is not M of N, such as `3 of 5`"),
        ("for=6 of 5", "--try `for=6 of 5`: `6 of 5` is not M of N, such as `3 of 5`"),
        ("for=0 of 5", "--try `for=0 of 5`: `0 of 5` is not M of N, such as `3 of 5`"),
        ("period=45s", "--try `period=45s`: a period of 45s does not exist"),
        (
            "missing=x",
            "--try `missing=x`: `x` is no policy: missing, ignore, breaching, not_breaching",
        ),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        change(text)
    assert caught.value.message == message
    assert caught.value.help


@pytest.mark.parametrize("text", ["statistic=p0x", "when=above 3", "when=> 3 parsecs"])
def test_refused_by_the_words_readers(text: str) -> None:
    with pytest.raises(Refusal, match="--try"):
        change(text, "latency-high")
