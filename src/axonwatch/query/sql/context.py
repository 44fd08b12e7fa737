"""What the parts of one statement share: settings, groups, lookup tables, warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from axonwatch.query.sql.pipeline import Names
from axonwatch.syntax.text import SyntaxFault, TextSpan


@dataclass(frozen=True)
class Group:
    """A log group that can be queried: its name, and the SQL name of its view."""

    name: str
    view: str
    is_lambda: bool = False


@dataclass(frozen=True)
class Table:
    """A lookup table: its SQL name and its columns, c1 the first."""

    sql: str
    columns: tuple[str, ...]

    def column(self, name: str) -> str | None:
        """The SQL name of a column."""
        return f"v{self.columns.index(name) + 1}" if name in self.columns else None


@dataclass(frozen=True)
class Guard:
    """A number that must be at most `maximum` before the query runs; `fault` is raised if not."""

    sql: str
    maximum: int
    fault: SyntaxFault


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a query is evaluated.

    `start_ms`, `end_ms`: events outside are not read (both ends included). `keep_missing`: whether
    a negative test (`!=`, `not like`, `not in`) holds for a missing field. `wide`: whether events
    of more than 200 fields are cut to these by a function. `sound`: whether what looks like a JSON
    object very likely is one. `large`: whether the input is large, so
    that plans that need little memory are worth a second reading. `queried`: how many of the groups
    are queried where no SOURCE says so, as a saved query queries all of its own.
    """

    now_ms: int
    start_ms: int | None = None
    end_ms: int | None = None
    keep_missing: bool = False
    wide: bool = False
    sound: bool = False
    large: bool = False
    queried: int = 1


@dataclass
class Context:
    """Shared by a query and the queries inside it."""

    settings: Settings
    groups: Sequence[Group]
    tables: Mapping[str, Table]
    names: Names = field(default_factory=Names)
    functions: set[str] = field(default_factory=set)
    ranges: dict[str, tuple[str, str]] = field(default_factory=dict)
    guards: list[Guard] = field(default_factory=list)
    warnings: list[SyntaxFault] = field(default_factory=list)
    read: tuple[Group, ...] = ()
    scanned: list[str] = field(default_factory=list)  # what each SELECT of events reads, as FROM ..
    time_of: Callable[[str, int], int] | None = None

    def range_sql(self) -> tuple[str, str]:
        """The query's first and last millisecond; those of the events where none was given."""
        views = [f"SELECT ts FROM {group.view}" for group in self.read]
        times = " UNION ALL ".join(views or ["SELECT 0::BIGINT AS ts WHERE false"])
        ends = []
        for given, word in ((self.settings.start_ms, "min"), (self.settings.end_ms, "max")):
            found = f"(SELECT {word}(ts) FROM ({times}))"
            ends.append(found if given is None else f"{given}::BIGINT")
        return ends[0], ends[1]

    def narrowest(self, table: str, column: str) -> str:
        """The SQL name of the function that finds the narrowest range of a table's column."""
        wanted = (table, column)
        for name, known in self.ranges.items():
            if known == wanted:
                return name
        name = f"insights_narrowest_{len(self.ranges)}"
        self.ranges[name] = wanted
        return name

    def uses(self, function: str) -> str:
        """Note that the statement calls one of our Python functions; returns its SQL name."""
        self.functions.add(function)
        return function


def refuse(code: str, title: str, span: TextSpan, *, label: str = "", help: str = "") -> NoReturn:
    """Refuse a part of the query."""
    raise SyntaxFault(code, title, span, label=label, help=help)
