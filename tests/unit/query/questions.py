"""A query as it grows, command by command, with its answer in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.unit.query.oracle import Piece, Value, natural, number, text, truth


def _numbers(values: Sequence[Value]) -> list[float]:
    return [x for x in map(number, values) if x is not None]


def _count(values: Sequence[Value]) -> Value:
    there = [value for value in values if value is not None]
    return float(len(there)) if there else None


def _sum(values: Sequence[Value]) -> Value:
    found = _numbers(values)
    return sum(found) if found else None


def _average(values: Sequence[Value]) -> Value:
    found = _numbers(values)
    return sum(found) / len(found) if found else None


def _distinct(values: Sequence[Value]) -> Value:
    return float(len({text(value) for value in values if value is not None}))


def _extreme(best: Callable[..., Value]) -> Callable[[Sequence[Value]], Value]:
    def of(values: Sequence[Value]) -> Value:
        found = _numbers(values)
        if found:
            return best(found)
        return best([v for v in values if v is not None], key=natural, default=None)

    return of


AGGREGATES: dict[str, Callable[[Sequence[Value]], Value]] = {
    "count": _count,
    "sum": _sum,
    "avg": _average,
    "countDistinct": _distinct,
    "max": _extreme(max),
    "min": _extreme(min),
}


@dataclass
class Question:
    """A query as it grows: its text, and its answer over `rows`, in their order."""

    rows: list[dict[str, Value]]
    names: dict[str, bool]
    commands: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The query."""
        return " | ".join(self.commands)

    def answer(self) -> list[dict[str, str]]:
        """Its rows, as results show them."""
        found = []
        for row in self.rows:
            shown = {name: text(row.get(name)) for name in self.columns}
            found.append({name: value for name, value in shown.items() if value is not None})
        return found

    def filter(self, condition: Piece) -> None:
        """Keep the rows for which a condition holds."""
        self.commands.append(f"filter {condition.text}")
        self.rows = [row for row in self.rows if truth(condition.of(row))]

    def fields(self, piece: Piece, alias: str) -> None:
        """Add a name."""
        self.commands.append(f"fields {piece.text} as {alias}")
        self.rows = [{**row, alias: piece.of(row)} for row in self.rows]
        self.names[alias] = piece.numeric
        self.columns.append(alias)

    def sort(self, keys: Sequence[tuple[str, bool]]) -> None:
        """Sort, the missing last in both directions."""
        words = [f"{name} {'desc' if down else 'asc'}" for name, down in keys]
        self.commands.append(f"sort {', '.join(words)}")
        for name, down in reversed(keys):
            there = [row for row in self.rows if row.get(name) is not None]
            there.sort(key=lambda row, name=name: natural(row[name]), reverse=down)  # type: ignore[misc]
            self.rows = there + [row for row in self.rows if row.get(name) is None]

    def dedup(self, names: Sequence[str]) -> None:
        """Keep the first row of each key."""
        self.commands.append(f"dedup {', '.join(names)}")
        seen: set[tuple[str | None, ...]] = set()
        kept = []
        for row in self.rows:
            key = tuple(text(row.get(name)) for name in names)
            if None in key or key not in seen:
                kept.append(row)
            seen.add(key)
        self.rows = kept

    def limit(self, count: int) -> None:
        """Keep the first rows."""
        self.commands.append(f"limit {count}")
        self.rows = self.rows[:count]

    def stats(self, wanted: Sequence[tuple[str, Piece | None]], by: Sequence[Piece]) -> None:
        """Group and aggregate."""
        items = [
            f"{word}({'*' if piece is None else piece.text}) as r{place}"
            for place, (word, piece) in enumerate(wanted)
        ]
        keys = [f"{piece.text} as k{place}" for place, piece in enumerate(by)]
        self.commands.append(f"stats {', '.join(items)}" + (f" by {', '.join(keys)}" * bool(by)))
        groups: dict[tuple[str | None, ...], list[dict[str, Value]]] = {}
        for row in self.rows:
            groups.setdefault(tuple(text(piece.of(row)) for piece in by), []).append(row)
        self.columns = [f"k{place}" for place in range(len(by))]
        self.columns += [f"r{place}" for place in range(len(wanted))]
        self.names = {f"k{place}": piece.numeric for place, piece in enumerate(by)}
        for place, (word, piece) in enumerate(wanted):
            as_given = piece is not None and word in {"max", "min"}
            self.names[f"r{place}"] = not as_given or (piece is not None and piece.numeric)
        self.rows = []
        for key, members in groups.items():
            made: dict[str, Value] = {f"k{place}": value for place, value in enumerate(key)}
            for place, (word, piece) in enumerate(wanted):
                if piece is None:
                    made[f"r{place}"] = float(len(members))
                else:
                    made[f"r{place}"] = AGGREGATES[word]([piece.of(one) for one in members])
            self.rows.append(made)
