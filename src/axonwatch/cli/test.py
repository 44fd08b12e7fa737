"""`axonwatch test`: alarms and saved queries against scenarios, with coverage."""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.output import note, print_json, progress, wants_colour
from axonwatch.cli.project import alarm_source_options
from axonwatch.cli.scenario_run import Piece, run_query_tests, run_scenario_files
from axonwatch.cli.workers import run_all, worker_count
from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.cli.subjects import Subjects
    from axonwatch.diagnostics import Diagnostic

FILE = click.Path(path_type=Path, dir_okay=False)
FORMATS = ("text", "json", "github", "junit")
REPORTS = (".xml", ".json", ".md")
_POLL_SECONDS = 0.5
_PARTS = 2  # of the scenario files for each worker
_TOGETHER = 8  # saved queries over one connection: opening one costs more than most queries


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    paths: tuple[Path, ...] = ()
    patterns: tuple[str, ...] = ()
    stack_file: Path | None = None
    template: Path | None = None
    alarms_file: Path | None = None
    form: str | None = None
    reports: tuple[Path, ...] = ()
    threshold: float | None = None
    coverage: bool = True
    verbose: bool = False
    jobs: int = 0


@dataclass
class Run(Piece):
    """What came of one run."""

    seconds: float = 0.0
    short: Callable[[str], str] = str

    def exit_code(self, threshold: float | None) -> int:
        """0 all well, 1 something failed or too little is covered, 2 scenarios are invalid."""
        if self.findings:
            return 2
        failed = any(not case.passed for case in self.cases)
        covered = self.coverage.percent if self.coverage else 100.0
        return 1 if failed or (threshold is not None and covered < threshold) else 0


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--run",
    "patterns",
    multiple=True,
    metavar="REGEX",
    help="Only tests whose `file: name` matches; repeatable.",
)
@alarm_source_options
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=None,
    help="Form of the output. Default: text, and github too inside GitHub Actions.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--report",
    "--junit",
    "reports",
    multiple=True,
    type=FILE,
    metavar="FILE",
    help="Write the results to this file too: .xml (JUnit), .json or .md. Repeatable.",
)
@click.option(
    "--coverage/--no-coverage",
    default=True,
    help="Show what no test has seen. Default: yes, for whole runs.",
)
@click.option(
    "--coverage-threshold",
    "threshold",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit 1 below this coverage.",
)
@click.option("--watch", is_flag=True, help="Run again whenever a file changes.")
@click.option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Worker processes; one a processor, at most four, if nothing is said.",
)
@click.option("-v", "--verbose", is_flag=True, help="Name every test, and what it took.")
def test(
    paths: tuple[Path, ...],
    *,
    as_json: bool,
    watch: bool,
    form: str | None,
    **rest: object,
) -> int:  # fmt: skip
    """Test alarms against scenarios, and saved queries against their own events.

    PATHS are scenario files or folders; without any, the project's scenarios/ and the tests of
    its saved queries. Exit code: 0 passed, 1 failed or too little covered, 2 invalid scenarios.
    """
    options = Options(paths=paths, form="json" if as_json else form, **rest)  # type: ignore[arg-type]
    _check_options(options)
    if watch:
        return _watch(options)
    run = run_tests(options)
    _print(run, options)
    return run.exit_code(options.threshold)


def _check_options(options: Options) -> None:
    for pattern in options.patterns:
        try:
            re.compile(pattern)
        except re.error as wrong:
            raise UsageError(f"--run `{pattern}` is not a regular expression: {wrong}") from None
    for report in options.reports:
        if report.suffix not in REPORTS:
            known = ", ".join(f"*{one}" for one in REPORTS)
            raise UsageError(f"cannot tell the kind of `{report}`", help=f"name it {known}")


def run_tests(options: Options) -> Run:
    """Run everything that the options select. Raises InvalidInput for the definitions."""
    # Recordings are many small objects that live to the end: looking for rubbish among them again
    # and again takes a tenth of the run.
    gc.unfreeze()
    gc.disable()
    try:
        return _run_tests(options)
    finally:
        gc.freeze()  # nor need the interpreter look through it when it ends
        gc.enable()


def _run_tests(options: Options) -> Run:
    from axonwatch.cli.subjects import find_subjects
    from axonwatch.simulate.scenarios.coverage import Coverage

    begun = time.perf_counter()
    subjects = find_subjects(options.stack_file, options.template, options.alarms_file)
    run = Run(short=subjects.addresses().short)
    is_whole = not options.paths and not options.patterns
    if options.threshold is not None or (options.coverage and is_whole):
        run.coverage = Coverage(subjects.alarms)
    work, places = _pieces(options, subjects, is_covered=run.coverage is not None)
    found: list[tuple[int, Piece]] = []
    with progress() as bar:
        task = bar.add_task("tests", total=len(work))
        for mine, pieces in zip(places, run_all(work, workers=options.jobs), strict=True):
            found += zip(mine, pieces, strict=True)
            bar.advance(task)
    for _, piece in sorted(found, key=itemgetter(0)):
        run.cases += piece.cases
        run.findings += piece.findings
        if run.coverage is not None and piece.coverage is not None:
            run.coverage.merge(piece.coverage)
    if not run.cases and not run.findings:
        what = f" that match {' or '.join(options.patterns)}" if options.patterns else ""
        raise UsageError(f"there are no tests{what}", help="see docs/scenarios.md")
    run.seconds = time.perf_counter() - begun
    return run


def _pieces(
    options: Options, subjects: Subjects, *, is_covered: bool
) -> tuple[list[Callable[[], list[Piece]]], list[Sequence[int]]]:
    """What can be done independently, and where what comes of it stands in the report.

    Scenario files share one query engine, so they are few parts; recordings, which take longest,
    have similar names and are spread over them.
    """
    from axonwatch.simulate.scenarios.reader import find_scenarios

    select = _selector(options)
    folder = subjects.loaded.project.scenarios
    files = find_scenarios(options.paths or ((folder,) if folder.is_dir() else ()))
    workers = worker_count(options.jobs)
    if workers > 1:
        # What every worker imports is imported once, before they are forked.
        from axonwatch.query import session  # noqa: F401
        from axonwatch.simulate.scenarios import (
            report,  # noqa: F401
            runner,  # noqa: F401
        )
    parts = min(len(files), 1 if workers == 1 else workers * _PARTS)
    places: list[Sequence[int]] = [range(part, len(files), parts) for part in range(parts)]
    work: list[Callable[[], list[Piece]]] = [
        partial(run_scenario_files, subjects, files[part::parts], select, is_covered=is_covered)
        for part in range(parts)
    ]
    if not options.paths:
        queries = subjects.queries
        some = range(0, len(queries), _TOGETHER)
        work += [partial(run_query_tests, queries[i : i + _TOGETHER], select) for i in some]
        places += [(len(files) + i,) for i in some]
    return work, places


def _selector(options: Options) -> Callable[[str], bool]:
    patterns = [re.compile(pattern) for pattern in options.patterns]
    return lambda title: not patterns or any(pattern.search(title) for pattern in patterns)


def _print(run: Run, options: Options) -> None:
    from axonwatch.diagnostics.render import render_github, render_text
    from axonwatch.simulate.scenarios.report import as_json, as_junit

    if run.findings:
        root = Path.cwd()
        sys.stderr.write(render_text(run.findings, color=wants_colour(sys.stderr), root=root))
    if options.form == "json":
        print_json(as_json(run.cases, run.coverage, run.short, run.findings))
    elif options.form == "junit":
        sys.stdout.write(as_junit(run.cases))
    elif options.form == "github":
        sys.stdout.write(render_github(_annotations(run)))
    else:
        _print_text(run, verbose=options.verbose)
        if options.form is None and os.environ.get("GITHUB_ACTIONS") == "true":
            sys.stdout.write(render_github(_annotations(run)))
    _write_reports(run, options.reports)


def _annotations(run: Run) -> list[Diagnostic]:
    return [*run.findings, *(finding for case in run.cases for finding in case.findings)]


def _print_text(run: Run, *, verbose: bool) -> None:
    from axonwatch.simulate.scenarios.report import UNSURE, coverage_lines, heading, summary

    files = dict.fromkeys(case.file for case in run.cases)
    for file in files:
        mine = [case for case in run.cases if case.file == file]
        for case in mine:
            if not case.passed:
                click.echo(f"{heading(case)}\n{case.text}")
            elif verbose:
                click.echo(
                    f"ok   {case.span.file}:{case.span.line}  {case.name}  "
                    f"{case.seconds * 1000:.0f} ms"
                )
            if case.unsure:
                click.echo(f"unsure {case.span.file}:{case.span.line}  {UNSURE}")
        if not verbose and all(case.passed for case in mine):
            click.echo(f"ok   {file}  {len(mine)}")
    if run.coverage is not None:
        click.echo("\n".join(coverage_lines(run.coverage, run.short)))
    note(summary(run.cases, run.seconds))


def _write_reports(run: Run, reports: Sequence[Path]) -> None:
    import json

    from axonwatch.catalog.inventory import write_atomically
    from axonwatch.errors import CouldNotRun
    from axonwatch.simulate.scenarios.report import as_json, as_junit, as_markdown

    for report in reports:
        if report.suffix == ".xml":
            text = as_junit(run.cases)
        elif report.suffix == ".md":
            text = as_markdown(run.cases, run.coverage, run.short, run.seconds)
        else:
            document = as_json(run.cases, run.coverage, run.short, run.findings)
            text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        try:
            write_atomically(report, text)
        except OSError as error:
            why = (error.strerror or "unwritable").lower()
            raise CouldNotRun(f"cannot write `{report}`: {why}") from error


def _watch(options: Options) -> int:
    """Run, and run again whenever something that the tests read has changed, until Ctrl-C."""
    from axonwatch.diagnostics import InvalidInput
    from axonwatch.diagnostics.render import render_text

    before: dict[Path, int] = {}
    while True:
        now = _stamps(options)
        if now != before:
            before = now
            click.clear()
            try:
                _print(run_tests(options), options)
            except InvalidInput as invalid:
                colour = wants_colour(sys.stderr)
                sys.stderr.write(render_text(invalid.diagnostics, color=colour))
            except UsageError as wrong:
                note(f"error: {wrong.message}")
            note("watching; Ctrl-C ends")
        time.sleep(_POLL_SECONDS)


def _stamps(options: Options) -> dict[Path, int]:
    """When each file that a run may read was last changed."""
    from axonwatch.catalog.project import find_project

    project = find_project(stack_file=options.stack_file)
    folders = [project.alarms, project.log_insights, project.scenarios, *options.paths]
    singles = [project.stack_file, project.inventory_file, options.template, options.alarms_file]
    files = [path for folder in folders for path in folder.rglob("*") if folder.is_dir()]
    files += [path for path in (*singles, *options.paths) if path is not None]
    stamps: dict[Path, int] = {}
    for path in files:
        try:
            stamps[path] = path.stat().st_mtime_ns
        except OSError:
            continue
    return stamps
