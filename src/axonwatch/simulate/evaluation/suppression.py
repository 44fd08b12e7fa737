"""The suppressor of a composite alarm: when its actions wait, and when they run.

Every transition while the suppressor is not in ALARM opens a wait; the suppressor entering ALARM
drops it. The suppressor leaving ALARM opens an extension; a transition drops that for a new wait.
When either ends, the actions of the state of that moment run. Source: https://docs.aws.amazon.com/
AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from axonwatch.model.alarms import State


class Phase(StrEnum):
    """ActionsSuppressedBy, in the API's spelling."""

    NONE = ""
    ALARM = "Alarm"
    WAIT = "WaitPeriod"
    EXTENSION = "ExtensionPeriod"


@dataclass
class Suppression:
    """The timers of one composite. `until` is when the running one ends."""

    wait: int
    extension: int
    suppressor: State
    phase: Phase = Phase.NONE
    until: int | None = None

    def __post_init__(self) -> None:
        """A suppressor that begins in ALARM suppresses from the start."""
        if self.suppressor is State.ALARM:
            self.phase = Phase.ALARM

    def advance(self, time: int, suppressor: State, *, transition: bool) -> bool:
        """One tick. Whether the actions of the composite's current state run now."""
        if suppressor is not self.suppressor:
            if suppressor is State.ALARM:
                self.phase, self.until = Phase.ALARM, None
            elif self.suppressor is State.ALARM:
                self.phase, self.until = Phase.EXTENSION, time + self.extension
            self.suppressor = suppressor
        if transition and self.phase is not Phase.ALARM:
            self.phase, self.until = Phase.WAIT, time + self.wait
        if self.until is not None and time >= self.until:
            self.phase, self.until = Phase.NONE, None
            return True
        return False
