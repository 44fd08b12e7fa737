"""The pieces of `axonwatch test`: scenario files' tests, and saved queries' own.

Pieces run in worker processes: what they give is plain data, and no error leaves them.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from axonwatch.diagnostics import Diagnostic, InvalidInput, Level, Span
from axonwatch.errors import AxonwatchError

if TYPE_CHECKING:
    from axonwatch.cli.subjects import Subjects
    from axonwatch.model.queries import QueryTest, SavedQuery
    from axonwatch.query.events import LogGroup
    from axonwatch.query.session import Session
    from axonwatch.simulate.recordings.addresses import Addresses
    from axonwatch.simulate.scenarios.coverage import Coverage
    from axonwatch.simulate.scenarios.report import Case
    from axonwatch.simulate.scenarios.runner import Suite

Select = Callable[[str], bool]
# "now" in a query's test: a day after the moment from which its events' offsets count.
_NOW_MS = 1_767_225_600_000 + 86_400_000


@dataclass
class Piece:
    """What came of one piece."""

    cases: list[Case] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    coverage: Coverage | None = None


def run_scenario_files(
    subjects: Subjects, paths: Sequence[Path], select: Select, *, is_covered: bool
) -> list[Piece]:
    """Read scenario files and run their tests: one piece a file, all over one query engine."""
    from axonwatch.cli.engines import log_engine

    with log_engine() as open_logs:
        suite = subjects.suite(open_logs)
        addresses = subjects.addresses()
        return [
            _run_scenario_file(subjects, path, select, (suite, addresses), is_covered=is_covered)
            for path in paths
        ]


def _run_scenario_file(
    subjects: Subjects,
    path: Path,
    select: Select,
    known: tuple[Suite, Addresses],
    *,
    is_covered: bool,
) -> Piece:
    from axonwatch.cli.engines import read_log, read_logs, read_table
    from axonwatch.simulate.scenarios.context import Doors
    from axonwatch.simulate.scenarios.coverage import Coverage
    from axonwatch.simulate.scenarios.reader import read_scenario
    from axonwatch.simulate.scenarios.report import case_of
    from axonwatch.simulate.scenarios.runner import run_test

    suite, addresses = known
    root = subjects.loaded.project.root
    inside = path.resolve().is_relative_to(root.resolve())
    file = read_scenario(
        path,
        root=root if inside else path.resolve().parent,
        addresses=addresses,
        doors=Doors(read_log, read_table, read_logs),
        select=select,
    )
    piece = Piece(findings=list(file.findings))
    seen = Coverage(()) if is_covered else None
    for scenario in file.tests:
        result = run_test(scenario, suite)
        piece.cases.append(case_of(result, addresses.short))
        if seen is not None:
            seen.add(result)
    piece.coverage = seen
    return piece


def run_query_tests(queries: Sequence[SavedQuery], select: Select) -> list[Piece]:
    """Run saved queries' own tests, all over one connection."""
    from axonwatch.query.connection import Limits
    from axonwatch.query.session import open_session

    chosen = []
    for query in queries:
        for test in query.tests:
            span = test.origin or query.origin or Span.point(query.name)
            if select(f"{span.file}: {test.name}"):
                chosen.append((query, test, span))
    piece = Piece()
    if not chosen:
        return [piece]
    with tempfile.TemporaryDirectory(prefix="axonwatch-") as folder:
        laid = [_lay_out(q, test, Path(folder), n) for n, (q, test, _) in enumerate(chosen)]
        opened = [group for groups in laid for group in groups]
        with open_session(opened, limits=Limits(threads=1)) as session:
            for (query, test, span), groups in zip(chosen, laid, strict=True):
                keys = [group.name for group in groups]
                piece.cases.append(_run_query_test(query, test, span, (session, keys)))
    return [piece]


def _lay_out(query: SavedQuery, test: QueryTest, folder: Path, number: int) -> list[LogGroup]:
    """The test's events in files; the groups' names begin with the test's number."""
    from axonwatch.query.events import LogGroup

    given = dict(test.events)
    groups: list[LogGroup] = []
    for name in dict.fromkeys([*query.log_groups, *given]):
        path = folder / f"{number}-{len(groups)}.jsonl"
        lines = [json.dumps(event, ensure_ascii=False) for event in given.get(name, ())]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        groups.append(LogGroup(f"{number}:{name}", (str(path),)))
    return groups


def _run_query_test(
    query: SavedQuery, test: QueryTest, span: Span, opened: tuple[Session, list[str]]
) -> Case:
    from axonwatch.query.session import Request
    from axonwatch.simulate.scenarios.query_tests import judge_rows
    from axonwatch.simulate.scenarios.report import Case
    from axonwatch.syntax.text import SyntaxFault

    begun = time.perf_counter()
    session, keys = opened
    defaults = {p.name: p.default for p in query.parameters if p.default is not None}
    request = Request(
        text=query.text,
        groups=keys,
        queried=len(query.log_groups),
        names={key: key.partition(":")[2] for key in keys},
        now_ms=_NOW_MS,
        parameters=defaults | dict(test.parameters),
    )
    refused = difference = ""
    try:
        difference = judge_rows(test, session.run(request))
    except SyntaxFault as fault:
        refused = fault.title + (f" ({fault.help})" if fault.help else "")
    except InvalidInput as invalid:
        refused = invalid.diagnostics[0].title
    except AxonwatchError as error:
        refused = error.message
    said = refused or difference
    findings: tuple[Diagnostic, ...] = ()
    if said:
        title = f"{query.name}: {said.splitlines()[0]}"
        label = "\n".join(said.splitlines()[1:])
        code = "test-refused" if refused else "test-failed"
        findings = (Diagnostic(code, Level.ERROR, title, span, label),)
    status = "refused" if refused else "failed" if difference else "passed"
    text = f"  query     {query.name}\n" + "".join(f"  {line}\n" for line in said.splitlines())
    return Case(
        span.file,
        test.name,
        span,
        time.perf_counter() - begun,
        status,
        text if said else "",
        findings=findings,
        details={"query": query.name} | ({"difference": said} if said else {}),
    )
