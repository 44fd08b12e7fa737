"""`axonwatch query`: a Logs Insights query over local files, or over the account.

`--local` names files and runs the query here; without it the query runs on the account
(`cli.query_live`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from axonwatch.cli.account import account_options
from axonwatch.cli.query_request import Request
from axonwatch.errors import AxonwatchError, UsageError

if TYPE_CHECKING:
    from axonwatch.model.queries import SavedQuery

Command = TypeVar("Command", bound=Callable[..., Any])
FORMATS = ("table", "json", "jsonl", "csv")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_GROUP = re.compile(r"[\w./#-]+")


def _options(command: Command) -> Command:
    for option in reversed(
        [
            click.option("--local", "local", multiple=True, metavar="[GROUP=]PATH",
                         help="Read these files, folders or globs; `-` is standard input."),
            click.option("--lookup", "lookups", multiple=True, metavar="NAME=CSV",
                         help="A lookup table."),
            click.option("--param", "params", multiple=True, metavar="NAME=VALUE",
                         help="The value of a {{parameter}}."),
            click.option("--start", "--from", "start", metavar="TIME",
                         help="Only events from then on: ISO 8601 with zone, or epoch ms."),
            click.option("--end", "--until", "end", metavar="TIME", help="Only events up to then."),
            click.option("--now", metavar="TIME", help="What the query takes for now."),
            click.option("--since", metavar="DURATION", help="Only the last 1h30m."),
            click.option("--around", metavar="TIME", help="Fifteen minutes before and after."),
            click.option("--tz", "zone", metavar="ZONE", help="The zone of times without one."),
            click.option("-o", "--output", type=click.Choice(FORMATS), help="Table by default."),
            click.option("--json", "as_json", is_flag=True, help="The same as -o json."),
            click.option("--explain", is_flag=True, help="Show the tree and the SQL; run nothing."),
            click.option("--keep-missing", is_flag=True,
                         help="Let !=, not like and not in hold for missing fields."),
            click.option("--csv-safe", is_flag=True,
                         help="Disarm cells that a spreadsheet would take for formulas."),
            click.option("--raw", is_flag=True, help="Do not make control characters visible."),
            click.option("--mask/--no-mask", default=None,
                         help="Hide secrets in the rows: on by default in a table on a terminal."),
            click.option("--max-bytes", type=click.IntRange(min=1), metavar="N",
                         help="Refuse logs that hold more."),
            click.option("--timeout", type=float, metavar="SECONDS", help="Give up after that."),
            click.option("--stack-file", type=click.Path(dir_okay=False, path_type=Path),
                         help="The stack.yaml whose saved queries are meant."),
            click.option("--log-group", "log_groups", multiple=True, metavar="NAME",
                         help="On the account: a group, or `agent`, `orchestrator`. Repeatable."),
            click.option("--limit", type=click.IntRange(1, 100_000), metavar="ROWS",
                         help="On the account: rows at most; the service gives 10,000."),
            click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD",
                         help="On the account: refuse, or stop, a query that costs more."),
            click.option("--follow", "--tail", metavar="EVERY", is_flag=False, flag_value="30s",
                         help="On the account: ask again for what is new, every 30s."),
            click.option("--link", is_flag=True,
                         help="Print the console's address of the query; run nothing."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("query", metavar="TEXT|NAME")
@click.argument("more", metavar="[[GROUP=]PATH ...]", nargs=-1)
@_options
@account_options
def query(  # the command line's own options
    *,
    query: str,
    more: tuple[str, ...],
    local: tuple[str, ...],
    **options: Any,  # noqa: ANN401  # as click hands them over
) -> int:
    """Run a Logs Insights query, given as text or by the name of a saved one.

    axonwatch query 'stats count(*) by bin(5m)' --local /ecs/app=events.jsonl

    axonwatch query agent-outcomes --since 1h
    """
    as_json = options.pop("as_json")
    output = options.pop("output") or ("json" if as_json else "table")
    if as_json and output != "json":
        raise UsageError(f"--json and -o {output} contradict each other")
    if more and not local:
        raise UsageError(
            f"`{more[0]}` is one word too many",
            help="put the query in quotes, and files after --local",
        )
    try:
        request = _request(query, (*local, *more), output, options)
        if request.local:
            from axonwatch.cli.query_local import run_local

            return run_local(request)
        from axonwatch.cli.query_live import run_live

        return run_live(request)
    except AxonwatchError as error:
        if output != "json" or error.exit_code != UsageError.exit_code:
            raise
        from axonwatch.cli.query_faults import print_error

        print_error(error)
        return error.exit_code


def _request(given: str, local: Sequence[str], output: str, options: dict[str, Any]) -> Request:
    saved = _saved(given, options["stack_file"])
    text = given if saved is None else saved.text
    parameters: dict[str, str] = {}
    if saved is not None:
        parameters = {p.name: p.default for p in saved.parameters if p.default is not None}
    parameters |= dict(_pair(one, "--param") for one in options.pop("params"))
    lookups = [_pair(one, "--lookup") for one in options.pop("lookups")]
    return Request(
        text=text,
        saved=saved,
        local=tuple(_local(one) for one in local),
        lookups=tuple((name, Path(path)) for name, path in lookups),
        parameters=parameters,
        output=output,
        **options,
    )


def _pair(given: str, option: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign or not name:
        raise UsageError(f"`{given}` is no {option}", help=f"write {option} name=value")
    return name, value


def _local(given: str) -> tuple[str, str]:
    """Group and path; the group is empty where none was written."""
    group, sign, path = given.partition("=")
    if sign and path and _GROUP.fullmatch(group) and not Path(given).exists():
        return group, path
    return "", given


def _saved(given: str, stack_file: Path | None) -> SavedQuery | None:
    """The saved query of this name; None for a query's text."""
    if not _NAME.fullmatch(given):
        return None
    from axonwatch.catalog.load import load_companion
    from axonwatch.catalog.project import find_project

    loaded = load_companion(find_project(stack_file=stack_file))
    by_name = {one.name: one for one in loaded.companion.queries}
    if given in by_name:
        return by_name[given]
    from axonwatch.syntax.insights.commands import BY_WORD

    if given.lower() in BY_WORD:
        return None
    import difflib

    near = difflib.get_close_matches(given, by_name, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"saved are {', '.join(sorted(by_name))}"
    raise UsageError(f"there is no saved query `{given}`", help=hint)
