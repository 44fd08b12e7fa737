"""What names mean at a point of a query: made by the query, given by the service, or discovered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from axonwatch.query.sql.document import Document, Pointers, pointers_of
from axonwatch.query.sql.pipeline import Order, Pipeline
from axonwatch.query.sql.values import MISSING, Kind, Value


@dataclass
class Scope:
    """Names and their values.

    `names` are the query's own; `system` the fields with an `@` that the service gives; `document`
    what can be discovered in the event (None after stats); `sides` the two scopes of a join.
    """

    names: dict[str, Value] = field(default_factory=dict)
    system: dict[str, Value] = field(default_factory=dict)
    document: Document | None = None
    sides: dict[str, Scope] = field(default_factory=dict)
    opened: dict[str, Document] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)  # made by this very command: not to be opened yet
    wanted: dict[str, set[Pointers]] = field(default_factory=dict)

    def resolve(self, pipe: Pipeline, segments: tuple[str, ...]) -> Value:
        """The value of a name."""
        place = self.place(pipe, segments)
        if isinstance(place, Value):
            return place
        document, pointers = place
        return document.field(pipe, pointers)

    def place(self, pipe: Pipeline, segments: tuple[str, ...]) -> Value | tuple[Document, Pointers]:
        """The value of a name, or the document and the place in it where it lies."""
        name = ".".join(segments)
        if name in self.names:
            return self.names[name]
        for length in range(len(segments) - 1, 0, -1):
            prefix = ".".join(segments[:length])
            held = self.names.get(prefix)
            if held is not None and (held.kind is Kind.STRUCTURE or held.nested):
                if prefix in self.closed:
                    return MISSING
                return self.open(pipe, held, prefix), pointers_of(segments[length:])
        if self.sides:
            side = self.sides.get(segments[0])
            return MISSING if side is None else side.place(pipe, segments[1:])
        if name in self.system:
            return self.system[name]
        if self.document is None or (name.startswith("@") and not name.startswith("@@")):
            return MISSING
        return self.document, pointers_of(name.removeprefix("@").split("."))

    def open(self, pipe: Pipeline, held: Value, name: str = "") -> Document:
        """The inside of a map or list."""
        sql = f"CASE WHEN {held.sql} IS NULL THEN {held.whole} END" if held.nested else held.sql
        column = pipe.let(sql)
        if column not in self.opened:
            self.opened[column] = Document(column, self.wanted.get(name, ()), is_parsed=True)
        return self.opened[column]

    def inside(self, pipe: Pipeline, held: Value, keys: tuple[str, ...]) -> Value:
        """What lies under `keys` in a map or list."""
        return self.open(pipe, held).field(pipe, pointers_of(keys))

    def fetch(self, pipe: Pipeline, names: Iterable[tuple[str, ...]]) -> None:
        """Take out of the documents, at once, what these names need of them."""
        batches: dict[int, tuple[Document, list[Pointers]]] = {}
        for segments in names:
            place = self.place(pipe, segments)
            if not isinstance(place, Value):
                document, pointers = place
                batches.setdefault(id(document), (document, []))[1].append(pointers)
        for document, batch in batches.values():
            document.fetch(pipe, batch)

    def copy_names(self) -> Scope:
        """A scope that can get other names without a change of this one."""
        return replace(self, names=dict(self.names))


# The path of a column that is missing in every row: no field can have this name.
NOWHERE = ("@",)
Column = tuple[str, tuple[str, ...]]  # a result column: how it is called, where it is found
DEFAULT_COLUMNS: tuple[Column, ...] = (
    ("@timestamp", ("@timestamp",)),
    ("@message", ("@message",)),
)


@dataclass
class Shown:
    """The columns that the result will have: what `fields` gathered, or `display` decided."""

    names: list[Column] = field(default_factory=list)
    decided: bool = False
    asked: bool = False  # by fields, display or stats; else time and message stand in front

    def add(self, name: str, segments: tuple[str, ...] | None = None) -> None:
        """Add a column, unless it is there."""
        if all(known != name for known, _ in self.names):
            self.names.append((name, segments or (name,)))


@dataclass
class Bins:
    """What `fillmissing` must know of the last stats: the bin's column, its step, other keys."""

    name: str
    step_ms: int
    others: tuple[str, ...]


@dataclass
class State:
    """A query half compiled: its statement, its names, its order, its columns."""

    pipe: Pipeline
    scope: Scope
    order: list[Order]
    shown: Shown = field(default_factory=Shown)
    sequence: str | None = None  # the column that numbers events, while a row is an event
    after_stats: bool = False
    limited: bool = False
    bins: Bins | None = None
    numbered: set[str] = field(default_factory=set)
    looked_up: dict[str, str] = field(default_factory=dict)
    default: list[Column] = field(default_factory=lambda: list(DEFAULT_COLUMNS))

    @property
    def columns(self) -> list[Column]:
        """The columns of the result."""
        if self.shown.asked:
            return self.shown.names
        known = {name for name, _ in self.default}
        return [*self.default, *[one for one in self.shown.names if one[0] not in known]]
