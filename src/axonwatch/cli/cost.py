"""`axonwatch cost`: the monthly price of the companion, by alarm, dashboard and habit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note, print_json, print_table
from axonwatch.cli.project import load_valid, stack_file_option
from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.live.cost import Item
    from axonwatch.model.companion import Companion

DAYS = 7


@click.command()
@click.option("--each", is_flag=True, help="A line for every alarm, dashboard and query.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--logs-gb-a-day",
    metavar="GB",
    type=click.FloatRange(min=0),
    help="Logs of each service a day, for what scans them.",
)
@click.option("--measure", is_flag=True, help="Read the logs' volume of the last week from AWS.")
@click.option(
    "--minutes-a-day",
    type=click.FloatRange(min=0, max=1440),
    default=60.0,
    show_default=True,
    help="How long dashboards are open.",
)
@click.option(
    "--queries-a-day",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="How many saved queries are run, each over an hour.",
)
@stack_file_option
@account_options
def cost(
    *,
    each: bool,
    as_json: bool,
    logs_gb_a_day: float | None,
    measure: bool,
    minutes_a_day: float,
    queries_a_day: float,
    stack_file: Path | None,
    account: Account,
) -> int:
    """The monthly price of the companion, before it is deployed; no account is needed.

    List prices, without the free tier. What scans logs needs their volume: --logs-gb-a-day, or
    --measure.
    """
    from axonwatch.live.cost import Habits, price_companion
    from axonwatch.live.prices import GIGABYTE, money, prices_of

    if measure and logs_gb_a_day is not None:
        raise UsageError("--measure and --logs-gb-a-day say the same", help="leave one away")
    companion = load_valid(stack_file).companion
    prices = prices_of(account.region or companion.inventory.region)
    volume: dict[str, float] | None = None
    if measure:
        volume = _measure(companion, account)
    elif logs_gb_a_day is not None:
        groups = [service.log_group for service in companion.inventory.services]
        volume = dict.fromkeys(groups, logs_gb_a_day * GIGABYTE)
    habits = Habits(dashboard_minutes_a_day=minutes_a_day, queries_a_day=queries_a_day)
    items = price_companion(companion, prices, bytes_a_day=volume, habits=habits)
    total = sum(item.dollars or 0 for item in items)
    open_items = [item for item in items if item.dollars is None]
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "currency": "USD",
                "region_of_prices": prices.region,
                "checked": prices.checked,
                "month": round(total, 4),
                "without_volume": [item.name for item in open_items],
                "items": [item.__dict__ for item in items],
            }
        )
    else:
        rows = _each(items) if each else _by_group(items)
        print_table(["what", "count" if not each else "basis", "a month"], rows)
        click.echo(
            f"together {money(total)} a month ({prices.checked}, {prices.region}, list prices)"
        )
    if open_items:
        note(f"not added up: {len(open_items)} that scan logs; give --logs-gb-a-day, or --measure")
    if prices.remark:
        note(f"note: {prices.remark}")
    return 0


def _each(items: list[Item]) -> list[list[str]]:
    from axonwatch.live.prices import money

    return [
        [item.name, item.basis, "by volume" if item.dollars is None else money(item.dollars)]
        for item in items
    ]


def _by_group(items: list[Item]) -> list[list[str]]:
    from axonwatch.live.prices import money

    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    rows = []
    for group, members in groups.items():
        known = [item.dollars for item in members if item.dollars is not None]
        rest = len(members) - len(known)
        text = money(sum(known)) if known else "by volume"
        rows.append(
            [group, str(len(members)), text + (f" + {rest} by volume" if rest and known else "")]
        )
    return rows


def _measure(companion: Companion, account: Account) -> dict[str, float]:
    """Bytes a day of each service's log group, over the last week."""
    from axonwatch.live.logs import estimate_bytes
    from axonwatch.model.links import Window

    aws = open_account(account, inventory=companion.inventory)
    now = datetime.now(UTC)
    window = Window(now - timedelta(days=DAYS), now)
    volume = {}
    for service in companion.inventory.services:
        size = estimate_bytes(aws, [service.log_group], window)
        if size is None:
            note(f"note: `{service.log_group}` took nothing in for {DAYS} days")
        volume[service.log_group] = (size or 0) / DAYS
    return volume
