"""`docs/iam.md`: what each command may ask of AWS, written from the table that the tests prove."""

from __future__ import annotations

import json
from collections.abc import Iterator

from axonwatch.live.policy import COMMANDS, IN_YOUR_NAME, policy_of
from axonwatch.model.companion import Companion


def iam_page(companion: Companion) -> str:
    """The page, for the main stack of a companion."""
    return "\n".join(_lines(companion)).rstrip() + "\n"


def _lines(companion: Companion) -> Iterator[str]:
    stack = companion.names.stack
    yield "# IAM: what each command needs"
    yield ""
    yield "<!-- Generated from axonwatch.live.policy by `make golden`; do not edit. -->"
    yield ""
    yield (
        "`axonwatch policy COMMAND` prints a policy for your own main stack; `--explain` says what "
        "each action is for. Everything but `deploy`, `destroy`, `mute`, `unmute` and `page-test` "
        "only reads (`diff` makes change sets and deletes them again)."
    )
    yield ""
    yield (
        "Each action below is proved by a test: with all others denied the command does its work, "
        "and without it something is missing, which the command names. What *may be left out* "
        "costs only what its row says. Every command asks `sts:GetCallerIdentity`, which needs "
        "no permission. A call that is denied tells the action to add, and exit code 3."
    )
    for command, grants in COMMANDS.items():
        yield ""
        yield f"## {command}"
        yield ""
        yield "| action | on | for | |"
        yield "|---|---|---|---|"
        for grant in grants:
            rest = "" if grant.vital else "may be left out"
            yield f"| `{grant.action}` | {grant.on} | {grant.why} | {rest} |"
        yield ""
        yield "<details><summary>policy</summary>"
        yield ""
        yield "```json"
        yield json.dumps(policy_of([command], companion, in_your_name=False), indent=2)
        yield "```"
        yield ""
        yield "</details>"
    yield ""
    yield "## What CloudFormation does in the deployer's name"
    yield ""
    yield (
        "`deploy` and `destroy` need these too, unless CloudFormation has a role of its own. They "
        "were read from the resource types' documentation and are not proved by a test. "
        f"`iam:PassRole` is for the role under which log alarms run their queries "
        f"(`{companion.names.log_alarm_role()}`)."
    )
    yield ""
    yield "| action | on |"
    yield "|---|---|"
    for grant in IN_YOUR_NAME:
        yield f"| `{grant.action}` | {grant.on} |"
    yield ""
    yield f"Resources are named for the stack `{stack}`; the account id is left open (`*`)."
