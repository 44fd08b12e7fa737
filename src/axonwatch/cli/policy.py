"""`axonwatch policy`: the least-privilege IAM policy of a command."""

from __future__ import annotations

from pathlib import Path

import click

from axonwatch.cli.output import print_json, print_table
from axonwatch.cli.project import load_valid, stack_file_option
from axonwatch.errors import UsageError


@click.command()
@click.argument("commands", nargs=-1, metavar="[COMMAND ...]")
@click.option("--explain", is_flag=True, help="A table of what each action is for, not the policy.")
@stack_file_option
def policy(*, commands: tuple[str, ...], explain: bool, stack_file: Path | None) -> int:
    """The least-privilege IAM policy of a command, or of several together; of all without one.

    Resources are those of the project's main stack. No account is needed: its id is left open.
    """
    import difflib

    from axonwatch.live.policy import COMMANDS, in_your_name, policy_of

    for given in commands:
        if given not in COMMANDS:
            near = difflib.get_close_matches(given, COMMANDS, n=1)
            raise UsageError(
                f"`{given}` is no command that calls AWS",
                help=f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(COMMANDS)}",
            )
    chosen = commands or tuple(COMMANDS)
    if explain:
        rows = [
            [command, grant.action, grant.on, grant.why, "" if grant.vital else "may be left out"]
            for command in chosen
            for grant in COMMANDS[command]
        ]
        for command in ("deploy", "destroy"):
            if command in chosen:
                rows += [
                    [command, grant.action, grant.on, f"CloudFormation: {grant.why}", ""]
                    for grant in in_your_name(load_valid(stack_file).companion)
                ]
        print_table(["command", "action", "on", "for", ""], rows)
        return 0
    print_json(policy_of(chosen, load_valid(stack_file).companion))
    return 0
