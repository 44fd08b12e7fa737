"""What every command that calls AWS shares: its options, its first line, whose account it is.

`--region --profile --endpoint-url --verbose`, then one line on standard error that says where the
calls go and as whom. The inventory's region is the default; one that contradicts it is refused.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from axonwatch.cli.output import note
from axonwatch.errors import CouldNotRun

if TYPE_CHECKING:
    from axonwatch.live.clients import Aws
    from axonwatch.model.inventory import Inventory


@dataclass(frozen=True)
class Account:
    """What the command line says of the account."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    verbose: bool = False


def account_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options `--region --profile --endpoint-url --verbose`, as one argument `account`."""

    @functools.wraps(command)
    def run(
        *,
        region: str | None,
        profile: str | None,
        endpoint_url: str | None,
        verbose: bool,
        **rest: object,
    ) -> int:
        return command(account=Account(region, profile, endpoint_url, verbose), **rest)

    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Say the account id and endpoint too."),
        click.option("--endpoint-url", metavar="URL", help="Call this address instead of AWS."),
        click.option("--profile", metavar="NAME", help="A profile of the AWS configuration."),
        click.option("--region", metavar="REGION", help="The main stack's region."),
    ):
        run = option(run)
    return run


def open_account(
    account: Account, *, inventory: Inventory | None = None, writes: bool = False
) -> Aws:
    """A connection, checked against the inventory, announced on standard error.

    With `writes`, an endpoint that is not AWS's must have been named on the command line: a
    forgotten AWS_ENDPOINT_URL must not look like a good deployment. Raises AxonwatchError.
    """
    from axonwatch.live.clients import Target, connect, ensure_account

    wanted = account.region or (inventory.region if inventory else None)
    aws = connect(Target(wanted, account.profile, account.endpoint_url), tell=note)
    if writes and aws.is_foreign and account.endpoint_url is None:
        raise CouldNotRun(
            f"the calls would go to {aws.endpoint}, which is not AWS",
            help="unset AWS_ENDPOINT_URL, or name the address with --endpoint-url if you mean it",
        )
    if inventory is not None:
        if writes and not inventory.discovered_at and not aws.is_foreign:
            raise CouldNotRun(
                f"the inventory of `{inventory.stack_name}` was never discovered: it is the "
                "example that came with axonwatch",
                help="run `axonwatch init --stack NAME` in a folder of your own first; in a file "
                "that you wrote by hand, fill in `discovered_at`",
            )
        ensure_account(aws, inventory)
    announce(aws, verbose=account.verbose)
    if inventory is not None and not inventory.discovered_at:
        note(f"note: the inventory of `{inventory.stack_name}` is the example of axonwatch")
    return aws


def announce(aws: Aws, *, verbose: bool) -> None:
    """The first line on standard error: region, principal, profile; the account with --verbose."""
    who = aws.identity
    parts = [aws.region, f"as {who.principal}"]
    profile = aws.target.profile or os.environ.get("AWS_PROFILE")
    if profile:
        parts.append(f"profile {profile}")
    if verbose:
        parts.append(f"account {who.account}")
    if verbose or aws.is_foreign:
        parts.append(f"at {aws.endpoint}")
    note(", ".join(parts))
