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

Command = Callable[..., int]

stack_file_option: Callable[[Command], Command] = click.option(
    "--stack-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The stack.yaml to use; else the nearest one above the working directory.",
)


def alarm_source_options(command: Command) -> Command:
    """Whose alarms: `--stack-file`, `--template`, `--alarms` (see `cli.subjects`)."""
    for option in (
        click.option(
            "--alarms",
            "alarms_file",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="ALARMS.json",
            help="Take the alarms that `aws cloudwatch describe-alarms` printed.",
        ),
        click.option(
            "--template",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Take the alarms of this CloudFormation template, or of a folder of them.",
        ),
        stack_file_option,
    ):
        command = option(command)
    return command


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
