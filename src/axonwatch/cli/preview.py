"""`axonwatch preview`: dashboards, alarms and pages in a browser, without an account."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import Account, account_options
from axonwatch.cli.live_series import fetch_series
from axonwatch.cli.output import note
from axonwatch.cli.project import stack_file_option
from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.cli.subjects import Subjects
    from axonwatch.model.dashboards import LogWidget
    from axonwatch.preview.view import Grid, Preview
    from axonwatch.simulate.recordings.log_events import QueryRunner
    from axonwatch.simulate.scenarios.runner import Evaluated
    from axonwatch.simulate.scenarios.scenario import ScenarioTest

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
DEFAULT_SCENARIO = "real-database-outage.yaml"
PAGE = "preview.html"
MOST_ROWS = 200
WATCHED = ("alarms", "dashboards", "log_insights", "runbooks", "scenarios")


@dataclass(frozen=True)
class Wish:
    """What the command line asks to see."""

    scenario: Path | None
    test: str | None
    local: tuple[str, ...]
    series: tuple[Path, ...]
    template: Path | None
    stack_file: Path | None


@click.command()
@click.option("--scenario", type=FILE, metavar="FILE", help="Show this scenario's data.")
@click.option("--test", metavar="NAME", help="Which test of the scenario; the first by default.")
@click.option(
    "--local",
    multiple=True,
    metavar="GROUP=PATH",
    help="Show recorded events, as `replay` takes them. Repeatable.",
)
@click.option(
    "--series", type=FILE, multiple=True, metavar="FILE", help="Recorded series. Repeatable."
)
@click.option("--live", is_flag=True, help="Show the account's metrics.")
@click.option(
    "--since", default="3h", show_default=True, metavar="DURATION", help="With --live: how long."
)
@click.option("--template", type=FILE, metavar="FILE", help="Show this template, not ours.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("preview"),
    show_default=True,
    metavar="DIR",
    help="Where the page goes.",
)
@click.option("--png", is_flag=True, help="Also draw pictures: desktop, phone, dark.")
@click.option("--serve", is_flag=True, help="Serve on 127.0.0.1, and reload on every change.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0 takes a free port.")
@stack_file_option
@account_options
def preview(
    *,
    scenario: Path | None,
    test: str | None,
    local: tuple[str, ...],
    series: tuple[Path, ...],
    live: bool,
    since: str,
    template: Path | None,
    out: Path,
    stack_file: Path | None,
    png: bool,
    serve: bool,
    port: int,
    account: Account,
) -> int:
    """Show dashboards, alarms and the pages that go out, in one HTML file.

    The data are a scenario's, a recording's or the account's; by default the recorded database
    outage that axonwatch brings. With --live the alarms are evaluated here, on the account's
    metrics; `axonwatch status` says what they are in the account.
    """
    from axonwatch.catalog.inventory import write_atomically
    from axonwatch.preview.page import render_page

    if sum((scenario is not None, bool(local or series), live)) > 1:
        raise UsageError("the data come from a scenario, from recordings or from the account")
    if live:
        from axonwatch.cli.subjects import find_subjects

        subjects = find_subjects(stack_file, template, None)
        series = (fetch_series(account, subjects, since),)
    wish = Wish(scenario, test, local, series, template, stack_file)
    if serve:
        return _serve(wish, port)
    out.mkdir(parents=True, exist_ok=True)
    page = out / PAGE
    write_atomically(page, render_page(content_of(wish)))
    note(f"wrote {page}")
    if png:
        from axonwatch.preview.picture import take_picture

        for name, width, dark in (
            ("desktop", 1400, False),
            ("phone", 390, False),
            ("dark", 1400, True),
        ):
            picture = out / f"{name}.png"
            take_picture(page, picture, width=width, dark=dark)
            note(f"wrote {picture}")
    return 0


def content_of(wish: Wish) -> Preview:
    """Run the scenario and fill the page. Raises InvalidInput or UsageError."""
    from axonwatch.cli.subjects import find_subjects

    subjects = find_subjects(wish.stack_file, wish.template, None)
    if wish.local or wish.series:
        return _content_of_recording(wish, subjects)
    test = _find_test(wish, subjects)
    with ExitStack() as stack:
        run, runner = stack.enter_context(run_scenario(test, subjects))
        return fill(subjects, run, runner, source=f"{test.file}: {test.name}")


def _content_of_recording(wish: Wish, subjects: Subjects) -> Preview:
    from axonwatch.cli.engines import query_runner
    from axonwatch.cli.recorded_logs import parse_local
    from axonwatch.cli.replay import run_replay
    from axonwatch.model.alarms import State

    groups = parse_local(wish.local, subjects.addresses().log_group)
    shown = ", ".join(Path(path).name for path in [*wish.local, *map(str, wish.series)])
    # From OK on: what CloudWatch tells when an alarm is made is no page of an incident.
    with run_replay(subjects, wish.local, wish.series, initial=State.OK) as found:
        runner = query_runner(groups) if groups else None
        return fill(subjects, found.run, runner, source=f"recorded: {shown}")


def fill(subjects: Subjects, run: Evaluated, runner: QueryRunner | None, *, source: str) -> Preview:
    """The page's content for one run."""
    from axonwatch.cli.preview_content import Content, topic_names
    from axonwatch.model.stack import OFFLINE_ACCOUNT
    from axonwatch.preview.view import Grid
    from axonwatch.simulate.notices.notices import Sender

    def answer(widget: LogWidget) -> Grid:
        if runner is None or not run.inputs.groups.intersection(widget.log_groups):
            return Grid((), (), "its log groups are not part of this data")
        rows = runner(
            widget.query,
            widget.log_groups,
            run.timeline.start * 1000,
            run.timeline.end * 1000,
        )
        return _grid(rows)

    companion = subjects.loaded.companion
    settings = run.settings
    return Content(
        stack=companion.names.stack,
        source=source,
        alarms=subjects.alarms,
        dashboards=companion.dashboards,
        runbooks=companion.runbooks,
        store=run.inputs.store,
        timeline=run.timeline,
        evaluated=frozenset(alarm.name for alarm in run.selection.evaluated),
        sender=Sender(OFFLINE_ACCOUNT, settings.region, settings.arn, run.timeline.start),
        answer=answer,
        shown_target=topic_names({arn: str(s) for arn, s in subjects.severities().items()}),
        notes=_notes(run),
    ).preview()


@contextmanager
def run_scenario(
    test: ScenarioTest, subjects: Subjects
) -> Iterator[tuple[Evaluated, QueryRunner | None]]:
    """One scenario's run, with the query engine open over its events as long as the block lasts."""
    from dataclasses import replace

    from axonwatch.cli.engines import open_logs
    from axonwatch.simulate.recordings.inputs import gather
    from axonwatch.simulate.recordings.log_alarms import LogAlarms
    from axonwatch.simulate.scenarios.runner import evaluate_inputs

    suite = subjects.suite(open_logs)
    inputs = gather(test.series, test.events, suite.filters, bands=test.bands, calls=test.calls)
    with ExitStack() as stack:
        runner = stack.enter_context(open_logs(test.events)) if test.events else None
        yield (
            evaluate_inputs(
                suite,
                inputs,
                (test.start, test.end),
                replace(suite.settings, initial_state=test.initial),
                LogAlarms(runner) if runner else None,
            ),
            runner,
        )


def _find_test(wish: Wish, subjects: Subjects) -> ScenarioTest:
    from axonwatch.catalog.project import find_project
    from axonwatch.cli.engines import read_log, read_table
    from axonwatch.diagnostics import InvalidInput
    from axonwatch.simulate.scenarios.context import Doors
    from axonwatch.simulate.scenarios.reader import read_scenario

    project = find_project(stack_file=wish.stack_file)
    path = wish.scenario or project.scenarios / DEFAULT_SCENARIO
    if not path.is_file():
        raise UsageError(
            "this project has no scenario to show",
            help="name one with --scenario, or recordings with --local and --series",
        )
    found = read_scenario(
        path,
        root=path.resolve().parent if wish.scenario else project.scenarios.parent,
        addresses=subjects.addresses(),
        doors=Doors(read_log, read_table),
    )
    if found.findings:
        raise InvalidInput(found.findings)
    for test in found.tests:
        if wish.test in {None, test.name}:
            return test
    names = ", ".join(f"`{test.name}`" for test in found.tests)
    raise UsageError(f"`{path}` has no test `{wish.test}`", help=f"its tests: {names}")


def _grid(rows: Sequence[Mapping[str, str]]) -> Grid:
    from axonwatch.preview.view import Grid

    columns = tuple(dict.fromkeys(name for row in rows for name in row if name != "@ptr"))
    shown = tuple(tuple(row.get(name, "") for name in columns) for row in rows[:MOST_ROWS])
    return Grid(columns, shown, "no rows in this time")


def _notes(run: Evaluated) -> tuple[str, ...]:
    without = len(run.selection.without_input)
    if not without:
        return ()
    return (f"{without} alarms have no input in this data and are not evaluated",)


def _serve(wish: Wish, port: int) -> int:
    """Serve until Ctrl-C; a page that cannot be made says why instead of disappearing."""
    from axonwatch.catalog.project import find_project
    from axonwatch.diagnostics import InvalidInput
    from axonwatch.preview.page import render_page
    from axonwatch.preview.server import PreviewServer
    from axonwatch.preview.view import Preview

    root = find_project(stack_file=wish.stack_file).root

    def render(token: str) -> str:
        try:
            return render_page(content_of(wish), reload_token=token)
        except InvalidInput as invalid:
            now = int(time.time())
            said = tuple(f"{found.span}: {found.title}" for found in invalid.diagnostics)
            return render_page(
                Preview("definitions with errors", "axonwatch check", now, now, notes=said),
                reload_token=token,
            )

    server = PreviewServer(render, lambda: _version(root, wish), port=port)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    note(f"serving on {server.url} (Ctrl-C stops)")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()


def _version(root: Path, wish: Wish) -> str:
    """Changes whenever a file that the page is made of does."""
    files = [path for name in WATCHED for path in (root / name).rglob("*") if path.is_file()]
    files += [path for path in (wish.scenario, wish.template, root / "stack.yaml") if path]
    return str(max((path.stat().st_mtime_ns for path in files if path.exists()), default=0))
