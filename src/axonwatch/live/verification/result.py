"""What verification says of one thing: fine, at fault, or not to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from axonwatch.errors import CallDenied
from axonwatch.live.faults import Refused, Unsupported


class Verdict(StrEnum):
    """FAULT makes the exit code 1; UNKNOWN could not be looked at."""

    FINE = "fine"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Result:
    """One thing that was looked at. `code` names a fault, `help` says what to do."""

    matter: str
    subject: str
    verdict: Verdict
    text: str = ""
    code: str = ""
    help: str = ""


def fine(matter: str, subject: str, text: str = "") -> Result:
    """As it should be."""
    return Result(matter, subject, Verdict.FINE, text)


def fault(matter: str, subject: str, code: str, text: str, help: str) -> Result:
    """Not as it should be."""
    return Result(matter, subject, Verdict.FAULT, text, code, help)


def attempt(matter: str, subject: str, look: Callable[[], Iterable[Result]]) -> Iterator[Result]:
    """What `look` finds; UNKNOWN with the missing permission where AWS refuses.

    Lost credentials and a lost network go up: they would be the cause of all that follows.
    """
    found: list[Result] = []
    try:
        for result in look():
            found.append(result)  # noqa: PERF402 - what came before a refusal is kept
    except CallDenied as denied:
        text = f"needs {denied.action}"
        found.append(Result(matter, subject, Verdict.UNKNOWN, text, "denied", denied.help))
    except Unsupported as unsupported:
        found.append(Result(matter, subject, Verdict.UNKNOWN, unsupported.message, "unsupported"))
    except Refused as refused:
        found.append(Result(matter, subject, Verdict.UNKNOWN, refused.message, "refused"))
    yield from found
