"""`docs/iam.md`: what each command may ask of AWS, written from the table that the tests prove."""

from __future__ import annotations

import json
from collections.abc import Iterator

from axonwatch.live.handlers import HANDLERS
from axonwatch.live.policy import COMMANDS, in_your_name, policy_of
from axonwatch.model.companion import Companion

SCHEMA = "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html"


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
        yield json.dumps(policy_of([command], companion, for_cloudformation=False), indent=2)
        yield "```"
        yield ""
        yield "</details>"
    yield ""
    yield "## What CloudFormation does in the deployer's name"
    yield ""
    yield (
        "`deploy` and `destroy` need these too, unless CloudFormation has a role of its own; "
        "`axonwatch policy deploy` leaves out what your companion has no resource for. They are "
        "the permissions that AWS publishes with each resource type (`handlers` of its "
        f"[schema]({SCHEMA})), "
        "held by a test against AWS's schemas and against the templates. No emulator asks for "
        "permissions, so that they were never tried one by one. `iam:PassRole` is for the role "
        f"under which log alarms run their queries (`{companion.names.log_alarm_role()}`), and "
        "for that of chat."
    )
    yield ""
    yield "| action | on | for |"
    yield "|---|---|---|"
    for grant in in_your_name():
        yield f"| `{grant.action}` | {grant.on} | {grant.why} |"
    yield ""
    yield "AWS's schemas list these too, for what our templates never ask:"
    yield ""
    yield "| action | type | not needed, because |"
    yield "|---|---|---|"
    for kind, handler in HANDLERS.items():
        for action, why in handler.unneeded.items():
            yield f"| `{action}` | {kind.removeprefix('AWS::')} | {why} |"
    yield ""
    yield f"Resources are named for the stack `{stack}`; the account id is left open (`*`)."
