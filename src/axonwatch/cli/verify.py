"""`axonwatch verify`: definitions against the account, every fault told apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note, print_json, progress
from axonwatch.cli.project import load_valid, stack_file_option
from axonwatch.model.masking import for_person, hide_accounts

if TYPE_CHECKING:
    from axonwatch.live.verification.result import Result
    from axonwatch.live.verify import Matter

NAMES = ("inventory", "paging", "alarms", "metrics", "logs", "links")
SHOWN = 12


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice(NAMES), help="Only these matters. Repeatable."
)
@click.option(
    "--no-queries", is_flag=True, help="Do not run the saved queries for a minute of logs."
)
@click.option("--all", "everything", is_flag=True, help="List what is fine, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@stack_file_option
@account_options
def verify(
    *,
    only: tuple[str, ...],
    no_queries: bool,
    everything: bool,
    as_json: bool,
    stack_file: Path | None,
    account: Account,
) -> int:
    """Check definitions against the account: metrics, topics, limits.

    Read-only. Exit code 0: nothing is wrong; 1: something is; 3: nothing could be looked at.
    """
    from axonwatch.live.verify import matters

    companion = load_valid(stack_file).companion
    aws = open_account(account, inventory=companion.inventory)
    chosen = [
        matter
        for matter in matters(aws, companion, run_queries=not no_queries)
        if not only or matter.name in only
    ]
    found: dict[str, list[Result]] = {}
    with progress() as bar:
        task = bar.add_task("verifying", total=len(chosen))
        for matter in chosen:
            bar.update(task, description=matter.title)
            found[matter.name] = list(matter.look())
            bar.advance(task)
    results = [result for group in found.values() for result in group]
    if as_json:
        print_json({"schema_version": 1, "results": [_record(result) for result in results]})
    else:
        for matter in chosen:
            click.echo("\n".join(_lines(matter, found[matter.name], everything=everything)))
    return _exit_code(results)


def _record(result: Result) -> dict[str, str]:
    return {
        **{name: str(value) for name, value in result.__dict__.items()},
        "text": hide_accounts(for_person(result.text)),
    }


def _exit_code(results: list[Result]) -> int:
    from axonwatch.live.verification.result import Verdict

    if any(one.verdict is Verdict.FAULT for one in results):
        return 1
    if results and all(one.verdict is Verdict.UNKNOWN for one in results):
        note("nothing could be looked at: see the permissions above, or `axonwatch policy verify`")
        return 3
    return 0


def _lines(matter: Matter, results: list[Result], *, everything: bool) -> Iterator[str]:
    from axonwatch.live.verification.result import Verdict

    counts = {verdict: sum(1 for one in results if one.verdict is verdict) for verdict in Verdict}
    words = [f"{number} {verdict}" for verdict, number in counts.items() if number]
    mark = "x" if counts[Verdict.FAULT] else "?" if counts[Verdict.UNKNOWN] else "."
    yield f"{mark} {matter.title}: {', '.join(words) or 'nothing to look at'}"
    shown = [one for one in results if everything or one.verdict is not Verdict.FINE]
    by_code: dict[str, list[Result]] = {}
    for one in shown:
        by_code.setdefault(one.code or one.verdict, []).append(one)
    for code, group in by_code.items():
        limit = len(group) if everything or sys.stdout.isatty() is False else SHOWN
        for one in group[:limit]:
            text = f": {one.text}" if one.text else ""
            yield f"    {one.verdict:<7} {for_person(one.subject)}{hide_accounts(for_person(text))}"
        if len(group) > limit:
            yield f"            ... and {len(group) - limit} more like this (--all)"
        help_text = next((one.help for one in group if one.help), "")
        if help_text and code != Verdict.FINE:
            yield f"            help: {help_text}"
