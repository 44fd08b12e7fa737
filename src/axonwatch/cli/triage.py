"""`axonwatch triage NAME`: one command at 03:00."""

from __future__ import annotations

from pathlib import Path

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note
from axonwatch.cli.project import find_alarm, load_valid, stack_file_option
from axonwatch.cli.times import parse_window, say_window


@click.command()
@click.argument("name")
@click.option("--since", metavar="TIME", help="The last so long, as in 1h30m.")
@click.option("--from", "start", metavar="WHEN", help="Begin of the window.")
@click.option("--until", "end", metavar="WHEN", help="End of the window.")
@click.option("--around", metavar="WHEN", help="A quarter of an hour on both sides, as in 03:12.")
@click.option("--tz", metavar="ZONE", help="The zone of times without one.")
@click.option("--no-queries", is_flag=True, help="Do not run the runbook's queries.")
@click.option(
    "--max-cost",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="USD",
    help="What all queries together may cost.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
@stack_file_option
@account_options
def triage(
    *,
    name: str,
    since: str | None,
    start: str | None,
    end: str | None,
    around: str | None,
    tz: str | None,
    no_queries: bool,
    max_cost: float,
    out: Path | None,
    stack_file: Path | None,
    account: Account,
) -> int:
    """An alarm's runbook with its queries already run, as Markdown.

    State and reason, the alarm's graph, the answers of the queries that page and runbook name, the
    last deployments, links into the console, and the runbook. Without a window: from half an hour
    before the alarm changed until now. If the network or the credentials are lost half-way, what
    was read is still written, and the exit code is 3.
    """
    from axonwatch.live.triage import Reader
    from axonwatch.live.triage_text import markdown

    loaded = load_valid(stack_file)
    companion = loaded.companion
    alarm = find_alarm(companion, name)
    window = None
    if since or start or end or around:
        window = parse_window(since=since, start=start, end=end, around=around, tz=tz)
    aws = open_account(account, inventory=companion.inventory)
    reader = Reader(
        aws,
        companion,
        note,
        max_cost=max_cost,
        run_queries=not no_queries,
        mute_rules=loaded.stack.features.mute_rules,
    )
    found = reader.read(alarm, window)
    note(say_window(found.window, tz))
    text = markdown(found)
    if out is None:
        click.echo(text, nl=False)
    else:
        from axonwatch.catalog.inventory import write_atomically

        write_atomically(out, text)
        note(f"wrote {out}")
    if found.broken:
        raise found.broken
    return 0
