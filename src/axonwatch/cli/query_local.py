"""`axonwatch query --local`: the query over files, its rows on standard output.

What only a table, a warning or an error needs is imported for it: a small query costs little more
than DuckDB's start.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from axonwatch.cli.output import json_text, print_json, print_table, progress
from axonwatch.cli.query_request import LOCAL_GROUP, Request, epoch_ms, say
from axonwatch.errors import UsageError
from axonwatch.syntax.text import SyntaxFault

if TYPE_CHECKING:
    from axonwatch.query.engine import Options
    from axonwatch.query.events import LogGroup, Progress
    from axonwatch.query.rows import QueryResult

REFUSED = 2
_PATIENCE = 1.0
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def run_local(request: Request) -> int:
    """Run, print, and say what was read."""
    from axonwatch.query.engine import explain_query, run

    groups, queried = choose_groups(request)
    try:
        with _told() as told:
            options = _engine_options(request, queried, told)
            if request.explain:
                plan = explain_query(request.text, groups, options)
                _print_plan(request, plan.tree, plan.sql)
                return 0
            began = time.monotonic()
            result = run(request.text, groups, options)
            seconds = time.monotonic() - began
    except SyntaxFault as fault:
        from axonwatch.cli.query_faults import print_fault, show_fault

        if request.output == "json":
            print_fault(fault, request.text)
        else:
            show_fault(fault, request.text, request.saved)
        return REFUSED
    print_rows(request, result)
    _say_unused(request)
    _say_warnings(request, result.warnings)
    _say_statistics(result, seconds)
    return 0


def _say_unused(request: Request) -> None:
    """Parameters of the command line that the text has no place for."""
    if not request.parameters:
        return
    from axonwatch.syntax.insights.parameters import parameters_of

    for name in sorted(request.parameters.keys() - set(parameters_of(request.text))):
        say(f"note: the query has no parameter `{name}`")


def _say_warnings(request: Request, warnings: tuple[SyntaxFault, ...]) -> None:
    if not warnings:
        return
    from axonwatch.cli.query_faults import show_fault
    from axonwatch.diagnostics import Level

    for warning in warnings:
        show_fault(warning, request.text, request.saved, Level.WARNING)


def choose_groups(request: Request) -> tuple[list[LogGroup], int]:
    """The groups, those that are queried first, and how many these are."""
    from axonwatch.query.events import LogGroup

    wanted = request.saved.log_groups if request.saved is not None else ()
    unnamed = wanted[0] if wanted else LOCAL_GROUP
    paths: dict[str, list[str]] = {}
    for group, path in request.local:
        paths.setdefault(group or unnamed, []).append(path)
    if request.saved is None:
        return [LogGroup(name, tuple(found)) for name, found in paths.items()], 1
    queried = _matches(wanted, list(paths))
    if not queried:
        listed = ", ".join(f"--local {name}=PATH" for name in wanted)
        raise UsageError(f"`{request.saved.name}` reads other groups", help=f"give {listed}")
    for name in wanted:
        if name not in queried.values():
            say(f"note: no events of {name} were given")
    names = [*queried, *(name for name in paths if name not in queried)]
    groups = [LogGroup(name, tuple(paths[name])) for name in names]
    return groups, len(queried)


def _matches(wanted: tuple[str, ...], given: list[str]) -> dict[str, str]:
    """The given groups that stand for the wanted ones: by name, else by its last part."""
    found = {name: name for name in wanted if name in given}
    if found:
        return found
    by_end = {name.rpartition("/")[2]: name for name in given}
    ends = {name.rpartition("/")[2]: name for name in wanted}
    return {by_end[end]: name for end, name in ends.items() if end in by_end}


def _engine_options(request: Request, queried: int, told: Progress | None) -> Options:
    from axonwatch.query.connection import Limits
    from axonwatch.query.engine import Options
    from axonwatch.query.lookups import read_table

    tables = {}
    for name, path in request.lookups:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read the lookup table `{path}`: {error}") from error
        tables[name] = read_table(name, text)
    now = None if request.now is None else epoch_ms(request.now, "--now")
    start, end = _window(request, now)
    limits = Limits(
        **({} if request.max_bytes is None else {"max_bytes": request.max_bytes}),
        seconds=request.timeout or 0,
    )
    return Options(
        start_ms=start,
        end_ms=end,
        now_ms=now,
        keep_missing=request.keep_missing,
        parameters=request.parameters,
        tables=tables,
        limits=limits,
        progress=told,
        queried=queried,
    )


def _window(request: Request, now: int | None) -> tuple[int | None, int | None]:
    """First and last millisecond; None where the logs themselves are the limit."""
    if request.since is None and request.around is None and request.zone is None:
        start = None if request.start is None else epoch_ms(request.start, "--start")
        end = None if request.end is None else epoch_ms(request.end, "--end")
        if start is not None and end is not None and start > end:
            raise UsageError("--start is after --end", help="give the earlier time as --start")
        return start, end
    from datetime import UTC, datetime

    from axonwatch.cli.times import parse_window, say_window

    moment = datetime.now(UTC) if now is None else datetime.fromtimestamp(now / 1000, tz=UTC)
    window = parse_window(
        since=request.since,
        start=request.start,
        end=request.end,
        around=request.around,
        tz=request.zone,
        now=moment,
    )
    say(say_window(window, request.zone))
    return round(window.start.timestamp() * 1000), round(window.end.timestamp() * 1000)


@contextmanager
def _told() -> Iterator[Progress | None]:
    """A display of the bytes read, once it takes long, on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = progress()
    began = time.monotonic()
    tasks: dict[str, object] = {}
    done: dict[str, int] = {}

    def told(file: str, count: int) -> None:
        done[file] = done.get(file, 0) + count
        if time.monotonic() - began < _PATIENCE:
            return
        if not tasks:
            bar.start()
        if file not in tasks:
            tasks[file] = bar.add_task(f"reading {file}", total=None)
        bar.update(tasks[file], completed=done[file] // 1_000_000)  # type: ignore[arg-type]

    try:
        yield told
    finally:
        bar.stop()


def _print_plan(request: Request, tree: str, sql: str) -> None:
    if request.output == "json":
        print_json({"tree": tree, "sql": sql})
        return
    sys.stdout.write(f"{tree}\n\n{sql}\n")


def print_rows(request: Request, result: QueryResult) -> None:
    """The rows on standard output, in the form that was asked for."""
    match request.output:
        case "json":
            print_json(
                {
                    "columns": list(result.columns),
                    "rows": list(result.rows),
                    "statistics": result.statistics.as_json(),
                }
            )
        case "jsonl":
            for row in result.rows:
                sys.stdout.write(json_text(row) + "\n")
        case "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(result.columns)
            writer.writerows(
                [_cell(row.get(column, ""), request) for column in result.columns]
                for row in result.rows
            )
        case _:
            from axonwatch.model.masking import visible

            shown = [
                [_shown(row.get(column, ""), request) for column in result.columns]
                for row in result.rows
            ]
            print_table([visible(column) for column in result.columns], shown)


def _cell(value: str, request: Request) -> str:
    """A CSV cell; with --csv-safe nothing that a spreadsheet would compute."""
    on_terminal = sys.stdout.isatty()
    if request.mask or on_terminal:
        value = _shown(value, request) if on_terminal else _masked(value)
    if not request.csv_safe or not value.lstrip(" \"'").startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def _shown(value: str, request: Request) -> str:
    """A table's cell: on a terminal without secrets and without control characters."""
    from axonwatch.model.masking import visible

    on_terminal = sys.stdout.isatty()
    if request.mask if request.mask is not None else on_terminal:
        value = _masked(value)
    return value if request.raw else visible(value)


def _masked(value: str) -> str:
    from axonwatch.model.masking import mask

    return mask(value)


def _say_statistics(result: QueryResult, seconds: float) -> None:
    counts = result.statistics
    about = "about " if counts.bytes_estimated else ""
    rows = "1 row" if len(result.rows) == 1 else f"{len(result.rows):,} rows"
    say(
        f"{rows}; {counts.records_matched:,} of {counts.records_scanned:,} events matched, "
        f"{about}{_size(counts.bytes_scanned)} read in {seconds:.2f} s"
    )


def _size(count: int) -> str:
    for limit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}"
    return f"{count} bytes"
