"""`axonwatch replay`: what would we have been paged for, over recorded logs and series?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.output import note, print_json, print_table
from axonwatch.cli.project import alarm_source_options
from axonwatch.errors import UsageError
from axonwatch.model.alarms import State

if TYPE_CHECKING:
    from axonwatch.cli.subjects import Subjects
    from axonwatch.simulate.answers.replay import Page, Replay
    from axonwatch.simulate.evaluation.logs import LogQueryRunner
    from axonwatch.simulate.recordings.inputs import Inputs
    from axonwatch.simulate.recordings.log_events import LogEvent

FILE = click.Path(path_type=Path, dir_okay=False)
SHOWN = 10


@click.command()
@click.option(
    "--local",
    "local",
    multiple=True,
    metavar="GROUP=PATH",
    help="Recorded events of a log group (full name, or agent, orchestrator, database): "
    "JSON lines, gz, folders, CLI output. Repeatable.",
)
@click.option(
    "--series",
    "series_files",
    multiple=True,
    type=FILE,
    metavar="SERIES.json",
    help="Recorded metric series; see docs/evaluate.md. Repeatable.",
)
@click.option("--start", metavar="TIME", help="First tick; the first event if nothing is said.")
@click.option("--end", metavar="TIME", help="Last tick, included; the last event.")
@click.option(
    "--initial-state",
    type=click.Choice([str(state) for state in State]),
    default=str(State.INSUFFICIENT_DATA),
    show_default=True,
    help="The state of every alarm before the first tick.",
)
@click.option(
    "--inventory",
    type=FILE,
    metavar="FILE",
    help="The main stack that was recorded, instead of the project's.",
)
@alarm_source_options
@click.option("--pages/--no-pages", "with_pages", default=True, help="Print the pages' full text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, as of `evaluate`.")
def replay(
    local: tuple[str, ...],
    *,
    series_files: tuple[Path, ...],
    start: str | None,
    end: str | None,
    initial_state: str,
    inventory: Path | None,
    stack_file: Path | None,
    template: Path | None,
    alarms_file: Path | None,
    with_pages: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Replay all alarms over a recorded stretch of logs and series.

    Metric filters and log alarms read the events, all other alarms the series. Alarms whose
    metrics or groups were not given are listed, not evaluated.
    """
    from axonwatch.cli.recorded import refusing
    from axonwatch.cli.subjects import find_subjects, for_inventory

    def run() -> int:
        from axonwatch.simulate.answers.replay import as_json as document_of

        if not local and not series_files:
            help_text = "give --local GROUP=PATH or --series"
            raise UsageError("there is nothing to replay", help=help_text)
        with ExitStack() as stack:
            project_file = stack_file
            if inventory is not None:
                project_file = stack.enter_context(for_inventory(inventory, stack_file))
            subjects = find_subjects(project_file, template, alarms_file)
            found = stack.enter_context(
                run_replay(
                    subjects, local, series_files, bounds=(start, end), initial=State(initial_state)
                )
            )
            if as_json:
                print_json(document_of(found))
            else:
                _print(found, subjects, with_pages=with_pages)
        return 0

    return refusing(run, as_json=as_json)


@contextmanager
def run_replay(
    subjects: Subjects,
    local: tuple[str, ...],
    series_files: tuple[Path, ...],
    *,
    bounds: tuple[str | None, str | None] = (None, None),
    initial: State = State.INSUFFICIENT_DATA,
) -> Iterator[Replay]:
    """A replay of recorded files; the query engine stays open as long as the block lasts."""
    from axonwatch.cli.recorded_logs import open_recorded, parse_local
    from axonwatch.model.alarms import LogAlarm
    from axonwatch.simulate.answers.replay import replay as replay_alarms
    from axonwatch.simulate.recordings.log_alarms import LogAlarms

    suite = subjects.suite(None)
    groups = parse_local(local, subjects.addresses().log_group)
    log_alarms = [alarm for alarm in subjects.alarms if isinstance(alarm, LogAlarm)]
    kept = frozenset(name for alarm in log_alarms for name in alarm.log_groups)
    with ExitStack() as stack:
        runner: LogQueryRunner | None = None
        events: Mapping[str, Iterator[LogEvent]] = {}
        seen: tuple[int, int] | None = None
        if groups:
            logs = stack.enter_context(open_recorded(groups, kept))
            seen = logs.span()
            events = logs.streams()
            runner = LogAlarms(logs.runner)
        inputs = _gather(series_files, events, subjects)
        yield replay_alarms(
            suite, inputs, _span(inputs, seen, bounds), initial=initial, log_runner=runner
        )


def _gather(
    files: tuple[Path, ...], events: Mapping[str, Iterator[LogEvent]], subjects: Subjects
) -> Inputs:
    from axonwatch.cli.recorded import read_store
    from axonwatch.simulate.recordings.inputs import gather_store
    from axonwatch.simulate.series.series import SeriesStore

    store = SeriesStore()
    for path in files:
        found = read_store(path)
        store.bands.update(found.bands)
        store.calls.update(found.calls)
        for series in chain.from_iterable(found.metrics.values()):
            store.add(series)
    return gather_store(store, events, subjects.filters)


def _span(
    inputs: Inputs, seen: tuple[int, int] | None, bounds: tuple[str | None, str | None]
) -> tuple[int, int]:
    from axonwatch.cli.recorded import read_time
    from axonwatch.simulate.answers.replay import span_of

    known = span_of(inputs, seen)
    start, end = bounds
    if known is None and (start is None or end is None):
        raise UsageError("there is no event and no datapoint, so --start and --end must be given")
    first = read_time("--start", start) if start is not None else (known or (0, 0))[0]
    last = read_time("--end", end) if end is not None else (known or (0, 0))[1]
    if last < first:
        raise UsageError("--end is before --start")
    return first, last


def _print(found: Replay, subjects: Subjects, *, with_pages: bool) -> None:
    from axonwatch.model.masking import for_person
    from axonwatch.simulate.moments import iso
    from axonwatch.simulate.scenarios.verdicts import reason_of

    short = subjects.addresses().short
    told = {(page.time, page.alarm): _told(page) for page in found.pages}
    rows = []
    for stay in found.stays:
        until = iso(stay.end) if stay.end is not None else "the end"
        rows.append(
            (
                iso(stay.begin),
                until,
                short(stay.alarm),
                told.get((stay.begin, stay.alarm), "nobody"),
                for_person(reason_of(stay.entry.alarm, stay.entry.explanation)),
            )
        )
    if rows:
        print_table(("in ALARM from", "until", "alarm", "told", "reason"), rows)
    else:
        click.echo("no alarm reached ALARM")
    pages = [page for page in found.pages if page.state is State.ALARM]
    for number, page in enumerate(pages if with_pages else (), 1):
        click.echo(f"\n--- {number} of {len(pages)}: {_told(page)} at {iso(page.time)}")
        click.echo(f"Subject: {for_person(page.notice.subject)}\n")
        click.echo(for_person(page.notice.email, lines=True).rstrip())
    counts = {word: sum(_told(page) == word for page in pages) for word in ("page", "ticket")}
    said = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for word, n in counts.items())
    evaluated = len(found.run.selection.evaluated)
    note(f"{iso(found.start)} to {iso(found.end)}: {said}; {evaluated} alarms evaluated")
    if found.without_input:
        names = [short(name) for name in found.without_input]
        more = f", +{len(names) - SHOWN} more (--json)" if len(names) > SHOWN else ""
        note(
            f"without input, so not evaluated: {len(names)} alarms: "
            f"{', '.join(names[:SHOWN])}{more}"
        )


def _told(page: Page) -> str:
    return str(page.severity) if page.severity is not None else "other"
