"""Who is told of a transition, or why nobody is; `notices` writes what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field

from axonwatch.model.alarms import Alarm, MetricAlarm, State
from axonwatch.simulate.evaluation.explanation import Evaluation
from axonwatch.simulate.evaluation.suppression import Phase

SCALING = ":autoscaling:"


@dataclass(frozen=True)
class Action:
    """Actions of one alarm that ran, or were withheld.

    `evaluation` is the transition they tell of; `time` may be later (a wait, the end of a mute
    window). `withheld_by` is empty for what ran, else `disabled`, a suppressor's phase, or
    `mute rule NAME`. `repeated` marks an Auto Scaling action that runs again each minute;
    `contributor` is the series of a grouped query that the action is about, if it is about one.
    """

    time: int
    alarm: Alarm
    state: State
    targets: tuple[str, ...]
    evaluation: Evaluation = field(compare=False)
    after_mute: bool = False
    repeated: bool = False
    contributor: str = ""
    withheld_by: str = ""

    @property
    def suppressed_reason(self) -> str:
        """ActionsSuppressedReason, when a suppressor's phase withholds the actions."""
        is_phase = self.withheld_by in {Phase.ALARM, Phase.WAIT, Phase.EXTENSION}
        return f"Actions suppressed by {self.withheld_by}" if is_phase else ""


@dataclass(frozen=True)
class Delivery:
    """Whether an action could reach one target; `problem` is empty when it could."""

    target: str
    problem: str = ""


def deliveries(
    action: Action, *, region: str, topics: frozenset[str] | None = None
) -> tuple[Delivery, ...]:
    """What CloudWatch would meet at each target: it checks none of them when an alarm is made.

    `topics` are the ARNs of topics that exist, None when that is not known.
    """
    return tuple(
        Delivery(target, _problem(action, target, region, topics)) for target in action.targets
    )


def _problem(action: Action, target: str, region: str, topics: frozenset[str] | None) -> str:
    parts = target.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return "is not an ARN"
    service, place = parts[2], parts[3]
    if place and place != region:
        return f"is in {place}, the alarm is in {region}"
    if service == "sns" and topics is not None and target not in topics:
        return "no such topic"
    if service in {"ec2", "automate", "autoscaling"} and not isinstance(action.alarm, MetricAlarm):
        return "only metric alarms may do this"
    if service in {"ssm", "ssm-incidents"} and action.state is not State.ALARM:
        return "runs for ALARM only"
    return ""
