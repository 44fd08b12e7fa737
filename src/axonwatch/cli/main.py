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
from axonwatch.diagnostics import InvalidInput
from axonwatch.errors import AxonwatchError

INTERRUPTED = 130

# name -> (module, attribute, one line). tests/test_docs.py holds it against the folder.
COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "demo": ("demo", "demo", "Run the main job on a real incident, against an embedded AWS."),
    "init": ("init", "init", "Discover a deployed main stack: inventory.json and stack.yaml."),
    "check": ("check", "check", "Find what is wrong in definitions or any template."),
    "explain": ("check", "explain", "Explain a check: why it matters, an example, the cure."),
    "test": ("test", "test", "Test alarms and queries against scenarios, with coverage."),
    "evaluate": (
        "evaluate",
        "evaluate",
        "Evaluate alarms over recorded series, as CloudWatch would.",
    ),
    "why": ("evaluate", "why", "Say why an alarm did, or did not, fire at a moment."),
    "replay": (
        "replay",
        "replay",
        "What would we have been paged for, over recorded logs and series?",
    ),
    "backtest": ("backtest", "backtest", "How often would an alarm have fired, and alternatives."),
    "query": ("query", "query", "Run a Logs Insights query on local files or on the account."),
    "preview": (
        "preview",
        "preview",
        "Show dashboards, alarms and pages in a browser, without AWS.",
    ),
    "reference": ("deploy", "reference", "Synthesize the reference main stack of the seed."),
    "synth": ("deploy", "synth", "Synthesize the companion stack's templates."),
    "deploy": ("deploy", "deploy", "Deploy the companion stack through a change set."),
    "diff": ("deploy", "diff", "Show what a deployment would change."),
    "destroy": ("deploy", "destroy", "Delete the companion stack."),
    "status": ("status", "status", "Alarms by severity: state, since when, why, muted, runbook."),
    "verify": (
        "verify",
        "verify",
        "Check definitions against the account: metrics, topics, limits.",
    ),
    "page": ("page", "page", "Show the very text that a page will carry."),
    "page-test": ("page", "page_test", "Send a labelled test page and prove that it arrives."),
    "triage": ("triage", "triage", "An alarm's runbook with its queries already run, as Markdown."),
    "drift": ("drift", "drift", "Compare the account with the definitions."),
    "cost": ("cost", "cost", "The monthly price of the companion."),
    "mute": ("mute", "mute", "Mute an alarm for a while, with a reason."),
    "unmute": ("mute", "unmute", "End a mute early."),
    "policy": ("policy", "policy", "The least-privilege IAM policy of a command."),
    "completion": ("completion", "completion", "Shell completion for bash, zsh or fish."),
}


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
        from axonwatch.cli.examples import epilog_of

        command.epilog = epilog_of(cmd_name)
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
        from axonwatch.cli.output import wants_colour
        from axonwatch.diagnostics.render import render_text

        text = render_text(invalid.diagnostics, color=wants_colour(sys.stderr))
        click.echo(text, err=True, nl=False)
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


def entry() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))
