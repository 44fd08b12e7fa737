"""What was asked of `axonwatch query`, and the few words that both its sides need."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from axonwatch.cli.account import Account
from axonwatch.cli.output import note
from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.model.queries import SavedQuery

LOCAL_GROUP = "local"
_EPOCH = re.compile(r"-?\d+")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked on the command line."""

    text: str
    saved: SavedQuery | None = None
    local: tuple[tuple[str, str], ...] = ()
    lookups: tuple[tuple[str, Path], ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    start: str | None = None
    end: str | None = None
    now: str | None = None
    since: str | None = None
    around: str | None = None
    zone: str | None = None
    output: str = "table"
    explain: bool = False
    keep_missing: bool = False
    csv_safe: bool = False
    raw: bool = False
    mask: bool | None = None
    max_bytes: int | None = None
    timeout: float | None = None
    account: Account = field(default_factory=Account)
    stack_file: Path | None = None
    log_groups: tuple[str, ...] = ()
    limit: int | None = None
    max_cost: float | None = None
    follow: str | None = None
    link: bool = False

    @property
    def name(self) -> str:
        """How errors call the query."""
        return self.saved.name if self.saved is not None else "query"


def epoch_ms(given: str, option: str) -> int:
    """ISO 8601 with zone, or epoch milliseconds."""
    if _EPOCH.fullmatch(given):
        return int(given)
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(given)
    except ValueError as wrong:
        raise UsageError(
            f"`{given}` is no time for {option}",
            help="write ISO 8601 with a zone, 2026-11-24T03:12:00Z, or milliseconds since 1970",
        ) from wrong
    if moment.tzinfo is None:
        raise UsageError(
            f"`{given}` has no time zone", help=f"write {option} {given}Z for UTC, or give --tz"
        )
    return round(moment.timestamp() * 1000)


def say(text: str) -> None:
    """A line about the run, where it does not disturb the rows."""
    note(text)
    sys.stderr.flush()
