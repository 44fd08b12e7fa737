"""`axonwatch mute` and `unmute`: a while without pages, with a reason, that ends by itself."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import print_json, print_table
from axonwatch.cli.project import find_alarm, load_valid, stack_file_option
from axonwatch.durations import parse_duration
from axonwatch.errors import UsageError
from axonwatch.model.masking import for_person


@click.command()
@click.argument("name", required=False)
@click.option("--for", "length", metavar="TIME", help="How long, as in 2h; at most 15d.")
@click.option("--why", metavar="TEXT", help="The reason, for whoever wonders at the silence.")
@click.option("--list", "listed", is_flag=True, help="Show what is muted, now and later.")
@click.option("--json", "as_json", is_flag=True, help="With --list: one JSON document.")
@stack_file_option
@account_options
def mute(
    *,
    name: str | None,
    length: str | None,
    why: str | None,
    listed: bool,
    as_json: bool,
    stack_file: Path | None,
    account: Account,
) -> int:
    """Mute an alarm for a while, with a reason.

    Its state goes on changing; its actions do not run. If it is in ALARM when the mute ends, they
    run then.
    """
    from axonwatch.live.mute import mute as make_mute
    from axonwatch.live.mute import read_mutes

    companion = load_valid(stack_file).companion
    if listed:
        aws = open_account(account, inventory=companion.inventory)
        found = read_mutes(aws, companion.names)
        rows = [
            [
                one.status,
                f"{one.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
                if one.until
                else "again and again",
                ", ".join(one.alarms),
                for_person(one.why),
            ]
            for one in found
        ]
        columns = ["status", "until", "alarms", "why"]
        if as_json:
            print_json([dict(zip(columns, row, strict=True)) for row in rows])
        else:
            print_table(columns, rows)
        return 0
    if name is None:
        raise UsageError("which alarm?", help="axonwatch mute NAME --for 2h --why TEXT")
    alarm = find_alarm(companion, name)
    if length is None or why is None:
        raise UsageError(
            "a mute needs its length and its reason",
            help=f"axonwatch mute {name} --for 2h --why ...",
        )
    try:
        seconds = parse_duration(length)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong
    aws = open_account(account, inventory=companion.inventory, writes=True)
    made = make_mute(aws, companion.names, alarm, seconds, why)
    end = f" until {made.until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if made.until else ""
    click.echo(f"{alarm.name} is muted{end}: {for_person(why)}")
    click.echo(f"end it early: axonwatch unmute {name}")
    return 0


@click.command()
@click.argument("name")
@stack_file_option
@account_options
def unmute(*, name: str, stack_file: Path | None, account: Account) -> int:
    """End a mute early."""
    from axonwatch.live.mute import unmute as end_mute

    companion = load_valid(stack_file).companion
    alarm = find_alarm(companion, name)
    aws = open_account(account, inventory=companion.inventory, writes=True)
    rule = end_mute(aws, companion.names, alarm)
    click.echo(f"{alarm.name} is no longer muted ({rule} was deleted)")
    return 0
