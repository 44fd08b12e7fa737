"""Two widgets in one place: CloudWatch moves one of them, and the layout is another."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.dashboards import Place

CODE = "overlapping-widgets"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """The first overlap of each dashboard; widgets without a place are laid out by CloudWatch."""
    for subject in evidence.dashboards:
        taken: list[tuple[int, Place]] = []
        for index, widget in enumerate(subject.piece.widgets[:500]):
            if not subject.knows(f"place {index}"):
                continue
            other = next((n for n, place in taken if _overlap(place, widget.place)), None)
            if other is not None:
                names = f"number {other + 1} and number {index + 1}"
                title = f"widgets {names} of `{subject.piece.name}` overlap"
                span = subject.at(f"widget {index}", "body")
                yield finding(CODE, LEVEL, title, span, "", "give them places of their own")
                break
            taken.append((index, widget.place))


def _overlap(one: Place, other: Place) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
