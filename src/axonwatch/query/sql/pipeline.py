"""A SELECT under construction: layers of computed columns, conditions, groups, one in the other.

All columns have names of our own (`c1`, `c2`, ..), so no text of a query ever becomes an
identifier. An expression that is used twice becomes a column first (`let`), because DuckDB
evaluates what it is told twice, twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from axonwatch.query.connection import quote_text

__all__ = ["Order", "Pipeline", "quote_text"]

_COLUMN = re.compile(r"\bc\d+\b")
_ATOM = re.compile(r"c\d+")


@dataclass(frozen=True)
class Order:
    """One key of an order; NULLs are last in both directions."""

    column: str
    descending: bool = False

    @property
    def sql(self) -> str:
        """The key as ORDER BY takes it."""
        return f"{self.column} {'DESC' if self.descending else 'ASC'} NULLS LAST"


def order_by(keys: Sequence[Order]) -> str:
    """The ORDER BY clause of `keys`; empty without any."""
    return f" ORDER BY {', '.join(key.sql for key in keys)}" if keys else ""


@dataclass
class Names:
    """Numbers the columns of one statement."""

    last: int = 0

    def new(self) -> str:
        """A name that no other column of the statement has."""
        self.last += 1
        return f"c{self.last}"


@dataclass
class Pipeline:
    """The statement so far, and the columns that the next layers will add to it.

    A column goes into the first layer in which it can be computed: few layers with many columns
    are planned much sooner than many layers, each of which carries all columns of those below.
    """

    names: Names
    sql: str
    _pending: list[dict[str, str]] = field(default_factory=list)
    _conditions: list[str] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def let(self, sql: str, *, volatile: bool = False) -> str:
        """The name of a column with this value.

        A `volatile` column is one that conditions above must not repeat: DuckDB moves conditions
        below the columns that they use, and so evaluates these twice, unless it thinks that they
        change from one time to the next.
        """
        if _ATOM.fullmatch(sql):
            return sql
        if sql in self._known:
            return self._known[sql]
        if self._conditions:
            self.flush()
        used = set(_COLUMN.findall(sql)) if self._pending else set()
        place = len(self._pending)
        while place and used.isdisjoint(self._pending[place - 1]):
            place -= 1
        if place == len(self._pending):
            self._pending.append({})
        name = self.names.new()
        self._pending[place][name] = f"CASE WHEN random() < 2 THEN {sql} END" if volatile else sql
        self._known[sql] = name
        return name

    def flush(self) -> None:
        """Close the layers: what follows can use their columns."""
        if self._conditions:
            tests = " AND ".join(f"({condition})" for condition in self._conditions)
            self.sql = f"SELECT * FROM ({self.sql}) WHERE {tests}"
            self._conditions.clear()
        for layer in self._pending:
            added = ", ".join(f"{sql} AS {name}" for name, sql in layer.items())
            self.sql = f"SELECT *, {added} FROM ({self.sql})"
        self._pending.clear()

    def where(self, condition: str) -> None:
        """Keep the rows for which `condition` is true."""
        if self._pending:
            self.flush()
        self._conditions.append(condition)

    def limit(self, order: Sequence[Order], count: int) -> None:
        """Keep the first `count` rows in this order."""
        self.flush()
        self.sql = f"SELECT * FROM ({self.sql}){order_by(order)} LIMIT {count}"

    def replace(self, sql: str) -> None:
        """Go on with another statement, made from this one's `sql`: earlier columns are gone."""
        self.sql = sql
        self._pending.clear()
        self._conditions.clear()
        self._known.clear()

    def wrap(self, sql: str) -> None:
        """Go on with a statement that keeps all columns of this one, as `*`."""
        self.sql = sql
        self._pending.clear()
