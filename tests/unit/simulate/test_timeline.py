"""Composites, suppression and mutes, moment by moment, against a loop over every minute."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.simulate.alarm_cases import EPOCH, run_case

from axonwatch.model.alarms import Actions, Comparison, CompositeAlarm, MetricAlarm, MuteRule, State
from axonwatch.model.metrics import Metric, MetricStat
from axonwatch.simulate.evaluation.clock import Range
from axonwatch.simulate.evaluation.evaluate import Settings, evaluate
from axonwatch.simulate.series.series import Series, SeriesStore

MINUTES = 20
TOLD = Actions(alarm=("arn:aws:sns:us-east-1:1:a",), ok=("arn:aws:sns:us-east-1:1:o",))


def follows(name: str, actions: Actions) -> MetricAlarm:
    """An alarm that is in ALARM at minute t when its series was hot in the minute before."""
    return MetricAlarm(
        name=name,
        comparison=Comparison.GT,
        threshold=0.5,
        evaluation_periods=1,
        stat=MetricStat(Metric("N", name), "Average", 60),
        actions=actions,
    )


def naive(
    child: list[bool], suppressor: list[bool], wait: int, extension: int, mute: tuple[int, int]
) -> list[tuple[int, State]]:
    """The actions of the composite, by walking over every minute with AWS's text beside it."""
    state, suppressing = State.OK, False
    phase, until = "", None
    ran = []
    for minute in range(1, MINUTES + 1):
        time = 60 * minute
        new = State.ALARM if child[minute - 1] else State.OK
        was, suppressing = suppressing, suppressor[minute - 1]
        changed, state = new is not state, new
        if suppressing and not was:
            phase, until = "alarm", None
        elif was and not suppressing:
            phase, until = "extension", time + extension
        if changed and phase != "alarm":
            phase, until = "wait", time + wait
        muted = 60 * mute[0] <= time < 60 * mute[1]
        over = time == 60 * mute[1]
        ends = until is not None and time >= until
        if ends:
            phase, until = "", None
        if (ends and not muted) or (over and state is State.ALARM and not changed and not phase):
            ran.append((minute, state))
    return ran


@settings(max_examples=200, deadline=None)
@given(
    child=st.lists(st.booleans(), min_size=MINUTES, max_size=MINUTES),
    suppressor=st.lists(st.sampled_from([False, False, True]), min_size=MINUTES, max_size=MINUTES),
    wait=st.integers(0, 8).map(lambda n: 30 * n),
    extension=st.integers(0, 8).map(lambda n: 30 * n),
    mute=st.tuples(st.integers(2, 18), st.integers(1, 6)).map(lambda m: (m[0], m[0] + m[1])),
)
def test_actions_are_those_of_a_loop_over_every_minute(
    child: list[bool],
    suppressor: list[bool],
    wait: int,
    extension: int,
    mute: tuple[int, int],
) -> None:
    silent = Actions(enabled=False)
    composite = CompositeAlarm(
        name="c",
        rule="ALARM(child)",
        suppressor="suppressor",
        suppressor_wait=wait,
        suppressor_extension=extension,
        actions=TOLD,
    )
    begin = datetime.fromtimestamp(EPOCH + 60 * mute[0], UTC).strftime("%Y-%m-%dT%H:%M")
    rule = MuteRule(
        name="w", schedule=f"at({begin})", duration=60 * (mute[1] - mute[0]), alarm_names=("c",)
    )
    store = SeriesStore.of(
        Series.of(Metric("N", name), 60, [EPOCH + 60 * at for at in range(MINUTES)], values)
        for name, values in (("child", child), ("suppressor", suppressor))
    )
    found = evaluate(
        [follows("child", silent), follows("suppressor", silent), composite],
        store,
        start=EPOCH + 60,
        end=EPOCH + 60 * MINUTES,
        settings=Settings(range=Range.EXACT, initial_state=State.OK),
        mute_rules=[rule],
    )
    told = [((action.time - EPOCH) // 60, action.state) for action in found.actions]
    assert told == naive(child, suppressor, wait, extension, mute)


def test_what_is_withheld_says_why() -> None:
    case = {
        "initial": "OK",
        "range": "N",
        "series": {"child": "1 9 9 9", "s": "9x4"},
        "alarms": {
            name: {"metric": name, "when": "> 5", "ActionsEnabled": False}
            for name in ("child", "s")
        },
        "composites": {"c": {"rule": "ALARM(child)", "suppressor": "s", "wait": 60}},
        "to": 4,
    }
    (withheld,) = [action for action in run_case(case).withheld if action.alarm.name == "c"]
    assert withheld.withheld_by == "Alarm"
    assert withheld.suppressed_reason == "Actions suppressed by Alarm"
