"""The door of the command line: finds the command, prints, decides exit codes.

Commands are imported when they run, so that `--help` stays quick. Each command returns its exit
code or raises an `AxonwatchError`, and this module alone turns that into text.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from axonwatch import __version__
from axonwatch.errors import AxonwatchError, InvalidInput

INTERRUPTED = 130

# name -> (module, attribute, one line for the list). tests/test_docs.py holds it against the folder.
COMMANDS: Mapping[str, tuple[str, str, str]] = {}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table: the order in which a user meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"axonwatch.cli.{module}"), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - our own table
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, with a suggestion when the word is close to one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"a similar command exists: `{near[0]}`" if near else "see `axonwatch --help`"
            ctx.fail(f"no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="axonwatch")
def cli() -> None:
    """Alarms, dashboards and saved log queries for an AxonFlow stack, tested before they page."""


def main(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    0 clean, 1 findings, failed tests or drift, 2 wrong usage or invalid definitions, 3 could not
    run, 130 interrupted.
    """
    try:
        outcome: Any = cli.main(args=list(argv), prog_name="axonwatch", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as wrong:
        wrong.show()
        return 2
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except InvalidInput as invalid:
        from axonwatch.diagnostics.render import render_text

        click.echo(render_text(invalid.diagnostics, color=_colours()), err=True, nl=False)
        return invalid.exit_code
    except AxonwatchError as error:
        click.echo(f"error: {error.message}", err=True)
        if error.help:
            click.echo(f"  = help: {error.help}", err=True)
        return error.exit_code
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return outcome if isinstance(outcome, int) else 0


def _colours() -> bool:
    """Whether standard error takes colours: a terminal, and neither NO_COLOR nor a dumb one."""
    import os

    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stderr.isatty()


def entry() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))
