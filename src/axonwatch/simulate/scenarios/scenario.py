"""A scenario's tests as values: what goes in, and what must come out.

Made by `reader` from YAML; run by `runner`. Every time is in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Severity, State
from axonwatch.model.metrics import Metric
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.scenarios.expectations import Expectation
from axonwatch.simulate.series.series import Series

DEFAULT_START = "2026-01-01T00:00:00Z"
OTHERS = "others"


class Channel(StrEnum):
    """The lists of messages that a test may give: each is exact."""

    PAGES = "pages"
    TICKETS = "tickets"
    RECOVERIES = "recoveries"

    @property
    def severity(self) -> Severity | None:
        """The topic that the messages go to; None for either."""
        return {Channel.PAGES: Severity.PAGE, Channel.TICKETS: Severity.TICKET}.get(self)

    @property
    def state(self) -> State:
        """What the messages tell."""
        return State.OK if self is Channel.RECOVERIES else State.ALARM


@dataclass(frozen=True)
class ExpectedMessage:
    """A message that must go out, within bounds if it has some."""

    alarm: str
    span: Span
    start: int | None = None
    end: int | None = None
    contains: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExpectedMessages:
    """All messages of one channel, in order."""

    channel: Channel
    span: Span
    messages: tuple[ExpectedMessage, ...]


@dataclass(frozen=True, eq=False)
class ScenarioTest:
    """One test. `events` has a key for each log group that was given, also if it is silent.

    `others` are sentences about every alarm with input that no other sentence names.
    """

    name: str
    file: str
    origin: Span
    start: int
    end: int
    zone: str = "UTC"
    initial: State = State.OK
    series: tuple[Series, ...] = ()
    bands: Mapping[Metric, tuple[Series, Series]] = field(default_factory=dict)
    calls: Mapping[str, Series] = field(default_factory=dict)
    events: Mapping[str, tuple[LogEvent, ...]] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
    others: tuple[Expectation, ...] = ()
    messages: tuple[ExpectedMessages, ...] = ()

    @property
    def title(self) -> str:
        """How the test is called in lists: `file: name`."""
        return f"{self.file}: {self.name}"
