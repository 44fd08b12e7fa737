"""What a scenario expects of an alarm, as a sentence: parsed here, judged against a timeline.

ALARM at 8m                    the state at a moment
ALARM by 8m                    first in ALARM then or earlier
ALARM between 4m and 8m        first in ALARM within these bounds
OK again by 20m                first OK after having been in another state
never ALARM [from 5m] [to 9m]  in no tick of the stretch; `until 9m` is `to 9m`
always OK [from 5m] [to 9m]    in every tick of the stretch
not evaluated                  the scenario gives the alarm nothing to read
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from axonwatch.diagnostics import Span
from axonwatch.model.alarms import State
from axonwatch.syntax.text import SyntaxFault, TextSpan

ReadTime = Callable[[str], int]  # the word of a sentence -> epoch seconds; ValueError says why not
_WORD = re.compile(r"\S+")
_FORMS = (
    "ALARM at 8m, ALARM by 8m, ALARM between 4m and 8m, OK again by 20m, never ALARM, "
    "always OK until 5m, not evaluated"
)


class Kind(StrEnum):
    """What a sentence says."""

    AT = "at"
    FIRST = "first"
    AGAIN = "again"
    NEVER = "never"
    ALWAYS = "always"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True)
class Expectation:
    """One sentence. `start` and `end` are moments, None for the test's own bounds."""

    alarm: str
    text: str
    kind: Kind
    state: State = State.ALARM
    start: int | None = None
    end: int | None = None
    span: Span | None = None

    @property
    def latest(self) -> int | None:
        """The last moment that the sentence names."""
        moments = [m for m in (self.start, self.end) if m is not None]
        return max(moments, default=None)


def parse_expectation(
    text: str, alarm: str, read_time: ReadTime, span: Span | None = None
) -> Expectation:
    """Parse a sentence about an alarm. Raises SyntaxFault, with code `bad-expectation`."""
    return _Sentence(text, alarm, read_time, span).parse()


class _Sentence:
    def __init__(self, text: str, alarm: str, read_time: ReadTime, span: Span | None) -> None:
        self.text = text
        self.alarm = alarm
        self.read_time = read_time
        self.span = span
        self.words = [(m[0], m.start()) for m in _WORD.finditer(text)]
        self.at = 0

    def parse(self) -> Expectation:
        first = self.peek()
        if first in {Kind.NEVER, Kind.ALWAYS}:
            self.at += 1
            state = self.state()
            start, end = self.stretch()
            return self.done(Kind(first), state, start, end)
        if first == "not":
            self.at += 1
            self.word("evaluated")
            return self.done(Kind.NOT_EVALUATED)
        state = self.state()
        verb = self.peek()
        if verb == "at":
            self.at += 1
            moment = self.time()
            return self.done(Kind.AT, state, moment, moment)
        kind = Kind.FIRST
        if verb == "again":
            self.at += 1
            kind = Kind.AGAIN
            verb = self.peek()
        if verb == "by":
            self.at += 1
            return self.done(kind, state, None, self.time())
        if verb == "between":
            self.at += 1
            start = self.time()
            self.word("and")
            return self.done(kind, state, start, self.time())
        raise self.fault("`at`, `by` or `between`")

    def done(
        self,
        kind: Kind,
        state: State = State.ALARM,
        start: int | None = None,
        end: int | None = None,
    ) -> Expectation:
        if self.at < len(self.words):
            raise self.fault("the end")
        if start is not None and end is not None and end < start:
            raise SyntaxFault(
                "bad-expectation",
                f"`{self.text}` ends before it begins",
                TextSpan(0, len(self.text)),
                label="the second moment is the earlier one",
            )
        return Expectation(self.alarm, self.text, kind, state, start, end, self.span)

    def stretch(self) -> tuple[int | None, int | None]:
        start = end = None
        if self.peek() in {"from", "after"}:
            self.at += 1
            start = self.time()
        if self.peek() in {"to", "until"}:
            self.at += 1
            end = self.time()
        return start, end

    def peek(self) -> str:
        return self.words[self.at][0] if self.at < len(self.words) else ""

    def state(self) -> State:
        word = self.peek()
        if word not in set(State):
            raise self.fault("a state (OK, ALARM, INSUFFICIENT_DATA), `never` or `always`")
        self.at += 1
        return State(word)

    def word(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise self.fault(f"`{wanted}`")
        self.at += 1

    def time(self) -> int:
        if self.at >= len(self.words):
            raise self.fault("a time")
        try:
            moment = self.read_time(self.peek())
        except ValueError as wrong:
            word, start = self.words[self.at]
            raise SyntaxFault(
                "bad-expectation",
                str(wrong),
                TextSpan(start, start + len(word)),
                label="not a time of the test",
            ) from None
        self.at += 1
        return moment

    def fault(self, wanted: str) -> SyntaxFault:
        here = f"`{self.peek()}`" if self.peek() else "the end"
        word, start = self.words[self.at] if self.at < len(self.words) else ("", len(self.text))
        return SyntaxFault(
            "bad-expectation",
            f"expected {wanted}, found {here}",
            TextSpan(start, start + max(len(word), 1)),
            label="not part of an expectation",
            help=_FORMS,
        )


@dataclass(frozen=True)
class Outcome:
    """Whether an expectation holds; if not, at which moment it fails and what was there instead.

    `actual` is the alarm's state at `moment`, None if it was not evaluated at all.
    """

    holds: bool
    expected: str = ""
    actual: State | None = None
    moment: int = 0
    note: str = ""


Timeline = tuple[tuple[int, State], ...]  # (moment, state) from which on the state holds


def state_at(timeline: Timeline, moment: int) -> State:
    """The state at a moment; before the first entry, the first one's."""
    found = timeline[0][1]
    for begin, state in timeline:
        if begin > moment:
            break
        found = state
    return found


def stretches(timeline: Timeline, end: int) -> list[tuple[int, int, State]]:
    """(begin, end, state) of each stretch between transitions; ends are exclusive."""
    ends = [begin for begin, _ in timeline[1:]] + [end]
    return [(b, e, s) for (b, s), e in zip(timeline, ends, strict=True)]


def judge(
    expectation: Expectation, timeline: Timeline | None, start: int, end: int, step: int = 60
) -> Outcome:
    """Hold an expectation against the states of its alarm, between a test's start and end.

    `timeline` is None for an alarm that was not evaluated. `step` is the distance between ticks.
    """
    wanted = expectation.state
    if expectation.kind is Kind.NOT_EVALUATED:
        if timeline is None:
            return Outcome(holds=True)
        return Outcome(False, "no input", timeline[-1][1], end, "the scenario gives it input")
    if timeline is None:
        return Outcome(False, str(wanted), None, start, "the scenario gives it nothing to read")
    first = start if expectation.start is None else expectation.start
    last = end if expectation.end is None else expectation.end
    match expectation.kind:
        case Kind.AT:
            actual = state_at(timeline, last)
            return Outcome(actual is wanted, str(wanted), actual, last)
        case Kind.NEVER | Kind.ALWAYS:
            barred = expectation.kind is Kind.NEVER
            for begin, stop, state in stretches(timeline, end + step):
                inside = max(begin, first)
                if inside < stop and inside <= last and (state is wanted) is barred:
                    word = f"never {wanted}" if barred else str(wanted)
                    return Outcome(False, word, state, inside)
            return Outcome(holds=True)
        case _:
            return _judge_first(expectation, timeline, first, last)


def _judge_first(expectation: Expectation, timeline: Timeline, first: int, last: int) -> Outcome:
    wanted = expectation.state
    left = expectation.kind is Kind.FIRST
    for begin, state in timeline:
        if state is wanted and left:
            if begin < first:
                return Outcome(False, f"{wanted} not yet", state, begin, "too early")
            if begin > last:
                actual = state_at(timeline, last)
                return Outcome(False, str(wanted), actual, last, "too late")
            return Outcome(holds=True)
        left = left or state is not wanted
    actual = state_at(timeline, last)
    note = "it was never in another state" if not left else "not at all"
    return Outcome(False, str(wanted), actual, last, note)
