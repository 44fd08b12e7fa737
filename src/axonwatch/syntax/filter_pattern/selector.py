"""What points at a part of an event: `$.user.ids[0]`, `$['a.b']`, `$bytes`, `$3`.

In conditions a JSON selector may hold one `*`, in what a metric filter publishes none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from axonwatch.syntax.filter_pattern.message import Json


@dataclass(frozen=True)
class Selector:
    """Steps from the event's object inwards: a key, an index, or None for `*`."""

    text: str
    steps: tuple[str | int | None, ...]

    @property
    def has_wildcard(self) -> bool:
        """Whether it may point at several values."""
        return None in self.steps

    def find(self, value: Json) -> Iterator[Json]:
        """Every value that it points at; a `*` takes members of arrays and of objects."""
        return _find(value, self.steps)


def _find(value: Json, steps: tuple[str | int | None, ...]) -> Iterator[Json]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        members: Iterator[Json] | list[Json]
        members = iter(value.values()) if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            for member in members:
                yield from _find(member, rest)
    elif isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield from _find(value[step], rest)
    elif isinstance(value, list) and step < len(value):
        yield from _find(value[step], rest)
