"""`axonwatch evaluate` and `axonwatch why`: alarms over recorded series, as CloudWatch would."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

import click

from axonwatch.cli.output import note, print_json, print_table
from axonwatch.cli.recorded import read_store, read_time, refusing
from axonwatch.durations import DAY, parse_duration
from axonwatch.errors import UsageError
from axonwatch.model.alarms import Alarm, State

if TYPE_CHECKING:
    from axonwatch.simulate.evaluation.clock import Range
    from axonwatch.simulate.evaluation.evaluate import Settings
    from axonwatch.simulate.evaluation.timeline import Timeline
    from axonwatch.simulate.series.series import SeriesStore

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


class _Options(TypedDict):
    """What `evaluate` and `why` share."""

    series_file: Path
    start: str | None
    end: str | None
    range_name: str
    min_look_back: str
    initial_state: str


def _options(command: Command) -> Command:
    """What `evaluate` and `why` share."""
    for option in reversed(
        [
            click.option("--series", "series_file", type=FILE, required=True, metavar="SERIES.json",
                         help="Recorded series; see docs/evaluate.md."),
            click.option("--start", metavar="TIME", help="First tick: ISO 8601 or epoch ms."),
            click.option("--end", metavar="TIME", help="Last tick, included."),
            click.option("--range", "range_name", default="doc", show_default=True,
                         metavar="[doc|N]", help="Evaluation range: doc is N + 2 periods, N just "
                         "the alarm's own; a number so many."),
            click.option("--min-look-back", default="0s", metavar="DURATION",
                         help="Let the range reach back at least this far (360s was measured)."),
            click.option("--initial-state", type=click.Choice([str(state) for state in State]),
                         default=str(State.INSUFFICIENT_DATA), show_default=True,
                         help="The state of every alarm before the first tick."),
            click.option("--json", "as_json", is_flag=True, help="One JSON document."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("alarms_file", type=FILE, metavar="ALARMS.json")
@_options
@click.option("--every", is_flag=True, help="One entry a tick, not only transitions.")
def evaluate(alarms_file: Path, *, every: bool, as_json: bool, **options: Unpack[_Options]) -> int:
    """Evaluate alarms over recorded series, as CloudWatch would.

    ALARMS.json is what `aws cloudwatch describe-alarms` prints.
    """

    def run() -> int:
        from axonwatch.simulate.answers.answer import answer

        alarms, arns = _described(alarms_file)
        timeline = _run(alarms, arns, options, every=every)
        if as_json:
            print_json(answer(timeline))
        else:
            _print_timeline(timeline)
        return 0

    return refusing(run, as_json=as_json)


@click.command()
@click.argument("name")
@click.option("--at", required=True, metavar="TIME", help="The moment: 03:12, or ISO 8601.")
@click.option("--alarms", "alarms_file", type=FILE, metavar="ALARMS.json",
              help="What describe-alarms prints; the definitions without it.")  # fmt: skip
@_options
def why(
    name: str, *, at: str, alarms_file: Path | None, as_json: bool, **options: Unpack[_Options]
) -> int:
    """Say why an alarm did, or did not, fire at a moment.

    One sentence, then the window that decided, period by period.
    """

    def run() -> int:
        from axonwatch.simulate.answers.answer import entry_of
        from axonwatch.simulate.answers.why import drawing, sentence

        alarms, arns = _described(alarms_file) if alarms_file else _defined()
        found = _find(name, alarms)
        timeline = _run(_below(found, alarms), arns, options, every=True, at=at)
        moment = _moment_of(at, timeline.start, timeline.end)
        entry = timeline.at(found, moment)
        if entry is None:
            raise UsageError(f"`{at}` is before the first tick")
        if moment > timeline.end:
            raise UsageError(f"`{at}` is after the last tick", help="give a later --end")
        since = next(
            (e.time for e in reversed(timeline.transitions(found)) if e.time <= moment), None
        )
        text = sentence(entry, since=since)
        if as_json:
            rule = entry.explanation.rule
            why_so = {"sentence": text, "rule": None if rule is None else str(rule)}
            print_json({"alarm": found, **entry_of(entry), **why_so})
            return 0
        click.echo(text)
        click.echo()
        click.echo(f"  {entry.reason}")
        click.echo()
        for line in drawing(entry.explanation):
            click.echo(line)
        return 0

    return refusing(run, as_json=as_json)


def _described(path: Path) -> tuple[tuple[Alarm, ...], dict[str, str]]:
    from axonwatch.catalog.describe import read_described

    described = read_described(path)
    return _without_logs(described.alarms), dict(described.arns)


def _defined() -> tuple[tuple[Alarm, ...], dict[str, str]]:
    from axonwatch.catalog.load import load_companion
    from axonwatch.catalog.project import find_project

    return _without_logs(load_companion(find_project()).valid().alarms), {}


def _without_logs(alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    """The alarms without log alarms, and without the composites that need those."""
    from axonwatch.model.alarms import CompositeAlarm, LogAlarm
    from axonwatch.syntax.alarm_rule import alarm_name, children, parse_rule

    gone = {alarm.name for alarm in alarms if isinstance(alarm, LogAlarm)}
    if gone:
        note(f"left out: {len(gone)} log alarms and what stands on them; `replay` reads logs")
    while gone:
        more = {
            alarm.name
            for alarm in alarms
            if isinstance(alarm, CompositeAlarm) and alarm.name not in gone
            for child in children(parse_rule(alarm.rule))
            if child.name in gone or alarm_name(alarm.suppressor or "") in gone
        }
        if not more:
            return tuple(alarm for alarm in alarms if alarm.name not in gone)
        gone |= more
    return alarms


def _below(name: str, alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    """An alarm and all that it depends on, so that no other's lack of input matters."""
    from axonwatch.simulate.evaluation.composites import read_composites

    composites = {composite.alarm.name: composite for composite in read_composites(alarms)}
    wanted = {name}
    waiting = [name]
    while waiting:
        composite = composites.get(waiting.pop())
        if composite is not None:
            below = {*composite.children, *([composite.suppressor] if composite.suppressor else [])}
            waiting.extend(below - wanted)
            wanted |= below
    return tuple(alarm for alarm in alarms if alarm.name in wanted)


def _run(
    alarms: tuple[Alarm, ...], arns: dict[str, str], options: _Options, *, every: bool, at: str = ""
) -> Timeline:
    from axonwatch.simulate.evaluation.evaluate import evaluate as evaluate_alarms

    store = read_store(options["series_file"])
    start, end = _span(store, options["start"], options["end"])
    if at and options["end"] is None:  # the series may end before the moment that is asked about
        end = max(end, _moment_of(at, start, end))
    _note_lacking(alarms, store)
    settings = _settings(arns, options, every=every)
    timeline = evaluate_alarms(alarms, store, start=start, end=end, settings=settings)
    for text in [*timeline.notes, *_undelivered(timeline, settings.region)]:
        note(f"note: {text}")
    return timeline


def _note_lacking(alarms: tuple[Alarm, ...], store: SeriesStore) -> None:
    """A metric given only by other statistics is missing here, as a series not given is."""
    from axonwatch.model.alarms import MetricAlarm
    from axonwatch.simulate.refusal import Refusal
    from axonwatch.simulate.series.series import Series

    for alarm in alarms:
        if not isinstance(alarm, MetricAlarm):
            continue
        stats = [alarm.stat, *(query.stat for query in alarm.queries)]
        for stat in [stat for stat in stats if stat is not None]:
            try:
                store.find(stat)
            except Refusal as refusal:
                note(f"note: alarm `{alarm.name}`: {refusal.message}; taken as missing")
                store.add(Series.of(stat.metric, stat.period, [], [], stat=stat.stat))


def _undelivered(timeline: Timeline, region: str) -> list[str]:
    """Each target that CloudWatch could not reach, once."""
    from axonwatch.simulate.evaluation.actions import deliveries

    found = {
        (action.alarm.name, delivery.target, delivery.problem): None
        for action in timeline.actions
        for delivery in deliveries(action, region=region)
        if delivery.problem
    }
    return [f"alarm `{name}`: {target} {problem}" for name, target, problem in found]


def _settings(arns: dict[str, str], options: _Options, *, every: bool) -> Settings:
    from dataclasses import replace

    from axonwatch.simulate.evaluation.evaluate import Settings

    try:
        look_back = parse_duration(options["min_look_back"])
    except ValueError as wrong:
        raise UsageError(f"--min-look-back: {wrong}") from None
    settings = Settings(
        range=_range(options["range_name"]),
        minimum_look_back=look_back,
        initial_state=State(options["initial_state"]),
        arns=arns,
        every=every,
    )
    parts = next(iter(arns.values()), "").split(":", 6)
    if len(parts) == 7:
        settings = replace(settings, partition=parts[1], region=parts[3], account=parts[4])
    return settings


def _range(text: str) -> Range | int:
    from axonwatch.simulate.evaluation.clock import Range

    if text.isascii() and text.isdigit() and int(text):
        return int(text)
    if text in set(Range):
        return Range(text)
    raise UsageError(f"--range: `{text}` is no evaluation range", help="doc, N or a number")


def _span(store: SeriesStore, start: str | None, end: str | None) -> tuple[int, int]:
    known = store.span()
    if known is None and (start is None or end is None):
        raise UsageError("the series hold no point, so --start and --end must be given")
    first = read_time("--start", start) if start is not None else (known or (0, 0))[0]
    last = read_time("--end", end) if end is not None else (known or (0, 0))[1]
    if last < first:
        raise UsageError("--end is before --start")
    return first, last


def _moment_of(text: str, start: int, end: int) -> int:
    """A moment; a bare time of day is the last one within the run, in UTC."""
    hour, colon, minute = text.partition(":")
    if colon and hour.isdigit() and minute.isdigit() and len(text) <= len("00:00"):
        if int(hour) > 23 or int(minute) > 59:
            raise UsageError(f"--at: `{text}` is no time of day", help="00:00 to 23:59, in UTC")
        moment = end - end % DAY + int(hour) * 3600 + int(minute) * 60
        return moment - DAY if moment > end and moment - DAY >= start else moment
    return read_time("--at", text)


def _find(name: str, alarms: tuple[Alarm, ...]) -> str:
    """The one alarm of this name, or the only one whose name ends with it."""
    names = [alarm.name for alarm in alarms]
    if name in names:
        return name
    ending = [known for known in names if known.endswith(name)]
    if len(ending) == 1:
        return ending[0]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"there are {len(names)} alarms"
    raise UsageError(f"no alarm `{name}`", help=hint)


def _print_timeline(timeline: Timeline) -> None:
    from axonwatch.simulate.moments import iso

    entries = sorted(
        (entry for entries in timeline.evaluations.values() for entry in entries),
        key=lambda entry: entry.time,
    )
    ran = {(action.time, action.alarm.name): len(action.targets) for action in timeline.actions}
    rows = [
        (
            iso(entry.time),
            entry.alarm.name,
            str(entry.state),
            str(ran.get((entry.time, entry.alarm.name), "")),
            entry.reason,
        )
        for entry in entries
    ]
    print_table(("time", "alarm", "state", "told", "reason"), rows)
    note(f"{len(timeline.evaluations)} alarms, {len(rows)} entries, {len(ran)} notified")
