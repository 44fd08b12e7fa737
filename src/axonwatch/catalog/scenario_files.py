"""The text of all scenarios, for the question which alarms they name; their owner reads them."""

from __future__ import annotations

from axonwatch.catalog.project import Project
from axonwatch.catalog.reading import read_text
from axonwatch.diagnostics import InvalidInput

MAX_SCENARIOS = 2_000


def scenario_texts(project: Project) -> str | None:
    """All scenario files in one text, without comments; None if the project has none."""
    folder = project.scenarios
    paths = sorted(folder.rglob("*.y*ml"))[:MAX_SCENARIOS] if folder.is_dir() else []
    if not paths:
        return None
    lines = []
    for path in paths:
        try:
            text = read_text(path, root=project.root).text
        except InvalidInput:
            continue
        lines += [line for line in text.split("\n") if not line.lstrip().startswith("#")]
    return "\n".join(lines)
