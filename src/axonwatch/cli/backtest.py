"""`axonwatch backtest`: how often alarms, and alternatives of them, would have fired."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import Account, account_options
from axonwatch.cli.live_series import fetch_series
from axonwatch.cli.output import note, print_json, print_table
from axonwatch.cli.project import alarm_source_options
from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.cli.subjects import Subjects
    from axonwatch.model.alarms import MetricAlarm
    from axonwatch.simulate.answers.backtest import Interval, Outcome, Recording

FILE = click.Path(path_type=Path, dir_okay=False)
Panels = list[tuple["Recording", list["Outcome"]]]


@click.command()
@click.argument("alarms", nargs=-1, metavar="[ALARM]...")
@click.option(
    "--series",
    "series_files",
    multiple=True,
    type=FILE,
    metavar="FILE",
    help="A recording: JSON series (docs/evaluate.md), or CSV `timestamp,value`. "
    "Repeatable; each CSV file is a recording of its own.",
)
@click.option("--since", metavar="DURATION", help="Read the account's series instead: 14d.")
@click.option(
    "--metric",
    metavar="COMPONENT/METRIC",
    help="What the values of CSV files are, with a statistic if they are no averages: "
    "`database/CPUUtilization`, `load_balancer/RequestCount Sum`.",
)
@click.option(
    "--try",
    "tries",
    multiple=True,
    metavar="CHANGES",
    help="An alternative, such as `when=>= 85%` or `when=> 70%; for=5 of 5`. Repeatable.",
)
@click.option(
    "--windows",
    type=FILE,
    metavar="FILE",
    help="Labelled windows: {recording: [[from, to], ...]}; gives precision and recall.",
)
@click.option(
    "--zone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="The zone of times in CSV files and windows that name none.",
)
@click.option("--svg", type=FILE, metavar="FILE", help="Draw it: one panel a recording and alarm.")
@alarm_source_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@account_options
def backtest(
    alarms: tuple[str, ...],
    *,
    series_files: tuple[Path, ...],
    since: str | None,
    metric: str | None,
    tries: tuple[str, ...],
    windows: Path | None,
    zone: str,
    svg: Path | None,
    stack_file: Path | None,
    template: Path | None,
    alarms_file: Path | None,
    as_json: bool,
    account: Account,
) -> int:  # fmt: skip
    """Say how often alarms would have fired on recorded series, and alternatives beside them.

    Without ALARM, all metric alarms that the recordings have everything for. With labelled
    windows: precision (stays in ALARM that touch a window) and recall (windows found).
    """
    from axonwatch.cli.recorded import refusing
    from axonwatch.cli.subjects import find_subjects

    if bool(series_files) == (since is not None):
        raise UsageError("the series come from --series FILE or from --since, one of them")

    def run() -> int:
        from axonwatch.simulate.answers.backtest import as_json as document_of

        subjects = find_subjects(stack_file, template, alarms_file)
        files = series_files
        if since is not None:
            files = (fetch_series(account, subjects, since),)
        labels = _read_windows(windows, zone) if windows is not None else None
        recordings = list(_read_recordings(files, metric, zone, subjects, labels))
        panels = _run(subjects, alarms, tries, recordings)
        if svg is not None:
            _draw(panels, svg)
        if as_json:
            print_json(document_of(_joined(panels)))
        else:
            _print(panels, subjects)
        return 0

    return refusing(run, as_json=as_json)


def _read_windows(path: Path, zone_name: str) -> dict[str, list[Interval]]:
    """Labelled windows by recording; a bare list is for every recording (``)."""
    from axonwatch.simulate.moments import read_zone
    from axonwatch.simulate.series.local_times import read_instant

    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read `{path}`: {error}") from None
    listed = document if isinstance(document, dict) else {"": document}
    found: dict[str, list[Interval]] = {}
    try:
        zone = read_zone(zone_name)
        for name, windows in listed.items():
            found[Path(name).stem if name else ""] = [
                (read_instant(begin, zone), read_instant(end, zone)) for begin, end in windows
            ]
    except (TypeError, ValueError) as wrong:
        raise UsageError(
            f"`{path}` holds no windows: {wrong}",
            help='write {"recording": [["2026-01-01 10:00:00", "2026-01-01 11:00:00"]]}',
        ) from None
    return found


def _read_recordings(
    files: Sequence[Path],
    metric: str | None,
    zone_name: str,
    subjects: Subjects,
    labels: dict[str, list[Interval]] | None,
) -> Iterator[Recording]:
    """One recording of all JSON files, and one of each CSV file."""
    from itertools import chain

    from axonwatch.cli.recorded import read_store
    from axonwatch.simulate.answers.backtest import Recording
    from axonwatch.simulate.moments import read_zone
    from axonwatch.simulate.recordings.addresses import UnknownName
    from axonwatch.simulate.series.files import as_series, read_csv
    from axonwatch.simulate.series.series import SeriesStore

    def windows_of(name: str) -> tuple[Interval, ...] | None:
        if labels is None:
            return None
        return tuple(labels.get(name, labels.get("", ())))

    tables = [path for path in files if path.suffix == ".csv"]
    documents = [path for path in files if path.suffix != ".csv"]
    if documents:
        store = SeriesStore()
        for path in documents:
            found = read_store(path)
            store.bands.update(found.bands)
            store.calls.update(found.calls)
            for series in chain.from_iterable(found.metrics.values()):
                store.add(series)
        yield Recording(documents[0].stem, store, windows_of(documents[0].stem))
    if tables and metric is None:
        raise UsageError(
            f"`{tables[0]}` does not say which metric it holds",
            help="add --metric database/CPUUtilization",
        )
    for path in tables:
        try:
            zone = read_zone(zone_name)
            known, stat = subjects.addresses().metric(metric or "")
        except UnknownName as unknown:
            raise UsageError(f"--metric: {unknown.title}", help=unknown.help) from None
        except ValueError as wrong:
            raise UsageError(f"--zone: {wrong}") from None
        table = read_csv(path, str(path), zone)
        series = as_series(table, known, stat=stat or "Average", period=None)
        yield Recording(path.stem, SeriesStore.of([series]), windows_of(path.stem))


def _run(
    subjects: Subjects,
    names: Sequence[str],
    tries: Sequence[str],
    recordings: Sequence[Recording],
) -> Panels:
    """Each alarm with its alternatives over each recording that has its metrics."""
    from axonwatch.simulate.answers.alternatives import change_alarm
    from axonwatch.simulate.answers.backtest import backtest as run_alarm

    panels: Panels = []
    settings = subjects.settings()
    for alarm in _wanted(subjects, names):
        reached = [one for one in recordings if one.reaches(alarm)]
        if names and not reached:
            short = subjects.addresses().short(alarm.name)
            raise UsageError(
                f"no recording has the metrics of `{short}`",
                help="give its series with --series, and --metric for CSV files",
            )
        if not reached:
            continue
        variants = [("", alarm)]
        variants += [(text, change_alarm(alarm, text, subjects.inventory)) for text in tries]
        for recording in reached:
            outcomes = [run_alarm(one, label, recording, settings) for label, one in variants]
            panels.append((recording, outcomes))
    if not panels:
        raise UsageError("no alarm reads what was recorded")
    return panels


def _wanted(subjects: Subjects, names: Sequence[str]) -> list[MetricAlarm]:
    from axonwatch.model.alarms import MetricAlarm
    from axonwatch.simulate.recordings.addresses import UnknownName

    if not names:
        return [alarm for alarm in subjects.alarms if isinstance(alarm, MetricAlarm)]
    addresses = subjects.addresses()
    found = []
    for name in names:
        try:
            alarm = addresses.by_name[addresses.alarm(name)]
        except UnknownName as unknown:
            raise UsageError(unknown.title, help=unknown.help) from None
        if not isinstance(alarm, MetricAlarm):
            raise UsageError(f"`{name}` is no metric alarm", help="replay runs all kinds")
        found.append(alarm)
    return found


def _joined(panels: Panels) -> Panels:
    """One entry a recording, with the outcomes of all alarms."""
    found: dict[str, tuple[Recording, list[Outcome]]] = {}
    for recording, outcomes in panels:
        found.setdefault(recording.name, (recording, []))[1].extend(outcomes)
    return list(found.values())


def _draw(panels: Panels, path: Path) -> None:
    from axonwatch.catalog.inventory import write_atomically
    from axonwatch.errors import CouldNotRun
    from axonwatch.simulate.answers.picture import draw

    try:
        write_atomically(path, draw(panels))
    except OSError as error:
        why = (error.strerror or "unwritable").lower()
        raise CouldNotRun(f"cannot write `{path}`: {why}") from error
    note(f"drew {path}")


def _print(panels: Panels, subjects: Subjects) -> None:
    from axonwatch.durations import format_duration

    short = subjects.addresses().short
    scored = any(outcome.score is not None for _, outcomes in panels for outcome in outcomes)
    columns = ["recording", "alarm", "try", "fired", "a week", "minutes in ALARM"]
    if scored:
        columns += ["windows found", "precision", "recall", "delay", "false a week"]
    rows = []
    notes: dict[str, None] = {}
    for recording, outcomes in panels:
        for outcome in outcomes:
            notes.update(dict.fromkeys(outcome.notes))
            row = [
                recording.name,
                short(outcome.alarm.name),
                outcome.label or "as it is",
                str(len(outcome.stays)),
                f"{outcome.per_week:.2f}",
                str(outcome.minutes),
            ]
            one = outcome.score
            if one is not None:
                row += [
                    f"{one.found} of {one.windows}",
                    _share(one.precision),
                    _share(one.recall),
                    "-" if one.delay is None else format_duration(int(one.delay) // 60 * 60),
                    f"{one.false_per_week:.2f}",
                ]
            elif scored:
                row += ["-"] * 5
            rows.append(row)
    print_table(columns, rows)
    for text in notes:
        note(f"note: {text}")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"
