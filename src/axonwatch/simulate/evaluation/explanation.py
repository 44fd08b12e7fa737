"""Why a state: the datapoints of the window, the rule that decided, and CloudWatch's own words.

Every evaluation carries one of these, made when it is looked at; the reason text, `axonwatch why`
and a failed test's report are all written from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from axonwatch.model.alarms import Alarm, State
from axonwatch.simulate.evaluation.window import Rule


@dataclass(frozen=True)
class Datapoint:
    """One period of an evaluation range. `value` is None where data are missing.

    `counted` says that it was among those that decided; `lower` and `upper` are an anomaly band's
    edges, `samples` how many samples it rests on, where known.
    """

    time: int
    value: float | None
    breaching: bool = False
    counted: bool = False
    samples: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Child:
    """A child of a composite: its ARN, state, and since when."""

    name: str
    arn: str
    state: State
    since: int


@dataclass(frozen=True)
class Explanation:
    """What decided one evaluation.

    `breaching` of the counted datapoints breach, `needed` of `periods` must; `filled` missing ones
    were added. `reason_data` is the JSON text of StateReasonData. `children` are a composite's,
    `contributors` name a grouped query's series with the state of each.
    """

    reason: str
    rule: Rule | None = None
    datapoints: tuple[Datapoint, ...] = ()
    needed: int = 0
    periods: int = 0
    breaching: int = 0
    filled: int = 0
    reason_data: str = "{}"
    children: tuple[Child, ...] = ()
    contributors: tuple[tuple[str, State], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """An alarm at one tick. It is a transition when `state` differs from `previous`."""

    time: int
    alarm: Alarm
    previous: State
    state: State
    explain: Callable[[], Explanation] = field(repr=False, compare=False)

    @property
    def is_transition(self) -> bool:
        """Whether the state changed."""
        return self.state is not self.previous

    @cached_property
    def explanation(self) -> Explanation:
        """Why: made on first use."""
        return self.explain()

    @property
    def reason(self) -> str:
        """CloudWatch's StateReason."""
        return self.explanation.reason

    @property
    def datapoints(self) -> tuple[Datapoint, ...]:
        """The evaluation range, oldest first; empty for composites."""
        return self.explanation.datapoints
