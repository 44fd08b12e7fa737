"""The project that a command works on: its option, and its definitions without errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.catalog.load import Loaded
    from axonwatch.model.alarms import Alarm
    from axonwatch.model.companion import Companion

stack_file_option: Callable[[Callable[..., int]], Callable[..., int]] = click.option(
    "--stack-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The stack.yaml to use, instead of the nearest one.",
)


def load_valid(stack_file: Path | None) -> Loaded:
    """The definitions of the project. Raises InvalidInput if anything in them is an error."""
    from axonwatch.catalog.load import load_companion
    from axonwatch.catalog.project import find_project

    loaded = load_companion(find_project(stack_file=stack_file))
    loaded.valid()
    return loaded


def find_alarm(companion: Companion, given: str) -> Alarm:
    """An alarm by name, by `component/key`, or by the key alone. Raises UsageError."""
    import difflib

    by_word: dict[str, list[Alarm]] = {}
    for alarm in companion.alarms:
        words = {alarm.name}
        if alarm.about:
            about = alarm.about
            words |= {f"{about.component}/{about.key}", f"{about.component}-{about.key}", about.key}
        for word in words:
            by_word.setdefault(word, []).append(alarm)
    found = by_word.get(given, [])
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"`{alarm.name}`" for alarm in found[:5])
        raise UsageError(f"`{given}` is the key of {len(found)} alarms", help=f"name one: {names}")
    near = difflib.get_close_matches(given, by_word, n=1, cutoff=0.6)
    hint = f"a similar one exists: `{near[0]}`" if near else "`axonwatch status --all` lists them"
    raise UsageError(f"there is no alarm `{given}`", help=hint)
