"""The account's side of `axonwatch query`: priced, followed, stopped by Ctrl-C, counted after.

The rows come out in the same forms as with `--local`.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import open_account
from axonwatch.cli.output import note, progress
from axonwatch.cli.project import load_valid
from axonwatch.cli.query_local import print_rows
from axonwatch.cli.query_request import Request, say
from axonwatch.cli.times import parse_window, say_window
from axonwatch.durations import parse_duration
from axonwatch.errors import CallDenied, CouldNotRun, UsageError
from axonwatch.query.rows import QueryResult
from axonwatch.query.rows import Statistics as RowStatistics

if TYPE_CHECKING:
    from axonwatch.live.clients import Aws
    from axonwatch.live.logs import QueryRun, Question, Runner, Statistics
    from axonwatch.model.companion import Companion
    from axonwatch.model.links import Window

INTERRUPTED = 130
STOPPED = 3
# Without --max-cost a query that costs more than this is asked about first.
ASK_ABOVE = 1.0
_PATIENCE = 1.0
_PARAMETER = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")


def run_live(request: Request) -> int:
    """Run the query on the account, print its rows, and say what they cost."""
    from axonwatch.live.logs import Question

    _refuse_local_options(request)
    companion = load_valid(request.stack_file).companion
    window = parse_window(
        since=request.since,
        start=request.start,
        end=request.end,
        around=request.around,
        tz=request.zone,
    )
    question = Question(_filled(request), _groups(request, companion), window, limit=request.limit)
    if request.link:
        from axonwatch.model.links import Console

        inventory = companion.inventory
        region = request.account.region or inventory.region
        console = Console(region, inventory.partition)
        click.echo(console.insights(question.text, question.log_groups, window))
        return 0
    aws = open_account(request.account, inventory=companion.inventory)
    say(say_window(window, request.zone))
    _price(aws, request, question.log_groups, window)
    if request.follow is not None:
        return _follow(aws, request, question)
    began = time.monotonic()
    with _told() as told:
        run = _runner(aws, request, told).run(question)
    print_rows(request, _result(run, request))
    _say_end(aws, run, time.monotonic() - began)
    if run.stopped:
        note(f"stopped: {run.stopped}; the rows are those found until then")
        return INTERRUPTED if run.stopped.startswith("interrupted") else STOPPED
    return 0


def _refuse_local_options(request: Request) -> None:
    """What only the local engine can do is refused, never ignored."""
    given = {
        "--lookup": request.lookups,
        "--explain": request.explain,
        "--keep-missing": request.keep_missing,
        "--max-bytes": request.max_bytes,
        "--now": request.now,
    }
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} goes with --local only", help="name files with --local")


def _filled(request: Request) -> str:
    """The text with its parameters. Raises UsageError for one without a value."""
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        found = request.parameters.get(match[1])
        if found is None:
            missing.append(match[1])
            return match[0]
        return found

    text = _PARAMETER.sub(value, request.text)
    if missing:
        raise UsageError(
            f"the query has no value for `{missing[0]}`", help=f"give --param {missing[0]}=..."
        )
    return text


def _groups(request: Request, companion: Companion) -> tuple[str, ...]:
    """The log groups: those named (a component stands for its own), else the saved query's."""
    services = {service.component: service.log_group for service in companion.inventory.services}
    if request.log_groups:
        return tuple(services.get(name, name) for name in request.log_groups)
    if request.saved is not None:
        return request.saved.log_groups
    if request.text.lstrip().upper().startswith("SOURCE"):
        return ()
    raise UsageError(
        "which log groups?", help=f"--log-group {' or '.join(services)}, or a whole name"
    )


def _price(aws: Aws, request: Request, groups: tuple[str, ...], window: Window) -> None:
    """Say what it will scan and cost; refuse what is dearer than allowed, ask where nothing is."""
    from axonwatch.live.logs import estimate_bytes
    from axonwatch.live.prices import money, prices_of, size_in_words

    prices = prices_of(aws.region)
    try:
        size = estimate_bytes(aws, groups, window) if groups else None
    except CallDenied as denied:
        say(f"price not known beforehand: needs {denied.action}")
        return
    if size is None:
        say("price not known beforehand: CloudWatch has no figures of these groups")
        return
    cost = prices.scanned(size)
    say(f"will scan about {size_in_words(size)}, {money(cost)}" + _remark(prices.remark))
    if request.max_cost is not None:
        if cost > request.max_cost:
            allowed = money(request.max_cost)
            raise CouldNotRun(
                f"it would cost about {money(cost)}, more than --max-cost {allowed}",
                help="ask for a shorter window, or raise --max-cost",
            )
        return
    if cost > ASK_ABOVE:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise CouldNotRun(
                f"it would cost about {money(cost)}, and nobody is there to agree",
                help=f"agree beforehand: --max-cost {cost * 1.2:.2f}",
            )
        if not click.confirm(f"Run it for about {money(cost)}?", err=True):
            raise click.Abort


def _remark(text: str) -> str:
    return f" ({text})" if text else ""


def _runner(aws: Aws, request: Request, told: Told | None) -> Runner:
    from axonwatch.live.logs import Runner
    from axonwatch.live.stacks import Watch

    watch = Watch(every=1.0, limit=request.timeout or 3600.0)
    return Runner(aws, watch, told=told or (lambda _: None), max_cost=request.max_cost)


class Told:
    """Shows what is read, once it takes long, on a terminal."""

    def __init__(self) -> None:
        self._bar = progress()
        self._began = time.monotonic()
        self._task = self._bar.add_task("waiting for CloudWatch", total=None)

    def __call__(self, read: Statistics) -> None:
        """One look's figures."""
        from axonwatch.live.prices import size_in_words

        if time.monotonic() - self._began < _PATIENCE:
            return
        self._bar.start()
        shown = f"{read.matched:,} of {read.scanned:,} events, {size_in_words(read.bytes)}"
        self._bar.update(self._task, description=shown)

    def stop(self) -> None:
        """Take the display away."""
        self._bar.stop()


@contextmanager
def _told() -> Iterator[Told | None]:
    if not sys.stderr.isatty():
        yield None
        return
    told = Told()
    try:
        yield told
    finally:
        told.stop()


def _result(run: QueryRun, request: Request) -> QueryResult:
    """The rows as the local engine gives them; `@ptr` only where machines read."""
    shown = request.output in {"json", "jsonl"}
    columns = tuple(name for name in run.columns if shown or name != "@ptr")
    counts = run.statistics
    return QueryResult(
        columns, run.rows, RowStatistics(counts.matched, counts.scanned, counts.bytes)
    )


def _say_end(aws: Aws, run: QueryRun, seconds: float) -> None:
    from axonwatch.live.prices import money, prices_of, size_in_words

    counts = run.statistics
    rows = "1 row" if len(run.rows) == 1 else f"{len(run.rows):,} rows"
    cost = money(prices_of(aws.region).scanned(counts.bytes))
    say(
        f"{rows}; {counts.matched:,} of {counts.scanned:,} events matched, "
        f"{size_in_words(counts.bytes)} scanned, {cost}, {seconds:.1f} s"
    )
    if run.is_cut:
        say(f"note: cut at {len(run.rows):,} rows; --limit gives 100,000, or narrow the window")


def _follow(aws: Aws, request: Request, question: Question) -> int:
    """Rows as they come, until Ctrl-C; what it costs is said at the end."""
    from axonwatch.live.logs import Follower
    from axonwatch.live.prices import money, prices_of, size_in_words

    every = _seconds(request.follow or "30s")
    follower = Follower(_runner(aws, request, None), question)
    read = 0
    try:
        run = follower.first()
        while True:
            read += run.statistics.bytes
            if run.rows:
                print_rows(request, _result(run, request))
                sys.stdout.flush()
            if run.stopped:
                break
            time.sleep(every)
            run = follower.next(datetime.now(UTC))
    except KeyboardInterrupt:
        pass
    say(f"{size_in_words(read)} scanned, {money(prices_of(aws.region).scanned(read))} in all")
    return 0


def _seconds(text: str) -> int:
    try:
        return max(parse_duration(text), 5)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong
