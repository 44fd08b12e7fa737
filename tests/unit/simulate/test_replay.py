"""Replays: states, stays, pages and what had no input."""

from __future__ import annotations

from tests.unit.simulate.scenario_samples import PREFIX, addresses, suite

from axonwatch.model.alarms import Severity, State
from axonwatch.simulate.answers.replay import Replay, as_json, replay, span_of
from axonwatch.simulate.recordings.inputs import Inputs, gather
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.series.series import Series

AGENT, ORCHESTRATOR = "/ecs/axonflow-prod/agent", "/ecs/axonflow-prod/orchestrator"
START = 1_767_225_600
REFUSED = "dial tcp 10.0.3.4:5432: connect: connection refused"


def events(minutes: range, message: str) -> list[LogEvent]:
    return [LogEvent((START + 60 * minute + 5) * 1000, message) for minute in minutes]


def outage() -> Inputs:
    """The database refuses connections from minute 5 to minute 9; the heartbeat goes on."""
    given = {
        AGENT: events(range(5, 10), REFUSED),
        ORCHESTRATOR: events(range(-10, 30), "Policy engine health"),
    }
    return gather([], given, suite().filters)


def run(inputs: Inputs, minutes: int = 25, initial: State = State.OK) -> Replay:
    return replay(suite(), inputs, (START, START + 60 * minutes), initial=initial)


def minute(moment: int) -> float:
    return (moment - START) / 60


def test_stays_in_alarm_in_the_order_of_time() -> None:
    found = run(outage())
    assert [(s.alarm.removeprefix(PREFIX), minute(s.begin), minute(s.end or 0)) for s in found.stays] == [
        ("database-refused", 7, 14),
        ("database-incident", 7, 14),
    ]  # fmt: skip
    assert found.stays[0].entry.reason.startswith("Threshold Crossed")


def test_a_stay_that_lasts_to_the_end_has_no_end() -> None:
    assert [stay.end for stay in run(outage(), minutes=9).stays] == [None, None]


def test_pages_have_their_severity_and_full_text() -> None:
    (page,) = [one for one in run(outage()).pages if one.state is State.ALARM]
    assert page.alarm == PREFIX + "database-incident"
    assert (minute(page.time), page.severity) == (7, Severity.PAGE)
    assert page.notice.subject.startswith('ALARM: "axonflow-prod-database-incident"')
    assert "the database does not answer" in page.notice.email


def test_alarms_without_input_are_named_and_not_evaluated() -> None:
    found = run(outage())
    assert PREFIX + "database-cpu-high" in found.without_input
    assert PREFIX + "database-odd-lines" in found.without_input  # there is no query engine
    document = as_json(found)
    assert document["without_input"] == list(found.without_input)
    assert set(document["alarms"]) == {
        PREFIX + name for name in ("database-refused", "database-heartbeat-lost", "database-incident")
    }  # fmt: skip
    assert {action["alarm"] for action in document["actions"]} == {PREFIX + "database-incident"}


def test_an_alarm_just_created_begins_without_data() -> None:
    found = run(outage(), initial=State.INSUFFICIENT_DATA)
    first = found.run.timeline.evaluations[PREFIX + "database-refused"][0]
    assert first.state is State.OK
    assert minute(first.time) <= 1


def test_a_stub_child_is_in_no_answer() -> None:
    inputs = gather([], {ORCHESTRATOR: events(range(-10, 5), "Policy engine health")}, suite().filters)  # fmt: skip
    found = run(inputs)
    assert PREFIX + "database-refused" in found.without_input
    assert PREFIX + "database-refused" not in as_json(found)["alarms"]
    assert [stay.alarm.removeprefix(PREFIX) for stay in found.stays] == [
        "database-heartbeat-lost",
        "database-incident",
    ]


def test_the_span_is_that_of_the_events_rounded_to_minutes() -> None:
    inputs = outage()
    assert span_of(inputs, (START * 1000 + 61_000, START * 1000 + 119_999)) == (
        START + 60,
        START + 120,
    )


def test_without_events_the_series_say_the_span() -> None:
    metric, _ = addresses().metric("database/CPUUtilization")
    inputs = gather([Series.of(metric, 300, [START, START + 300], [1.0, 2.0])], {}, ())
    assert span_of(inputs, None) == inputs.store.span()
    assert span_of(gather([], {}, ()), None) is None
