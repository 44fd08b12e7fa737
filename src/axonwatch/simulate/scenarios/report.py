"""Results of tests as text for people, and as JSON, JUnit, annotations and Markdown for machines.

A failed test's text is `style.md`'s third example: the reason is the message. Text from outside
(log lines in page texts, names) is masked and made visible before it reaches a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from axonwatch.diagnostics import Diagnostic, Label, Level, Span
from axonwatch.durations import format_duration
from axonwatch.model.masking import for_person
from axonwatch.simulate.moments import iso
from axonwatch.simulate.scenarios.coverage import Coverage
from axonwatch.simulate.scenarios.runner import ScenarioResult, show_moment
from axonwatch.simulate.scenarios.verdicts import Failure, number

SCHEMA_VERSION = 1
SHOWN_FAILURES = 8
# Characters that XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNSURE = "the verdict depends on how many periods CloudWatch looks back, which it does not disclose"


@dataclass(frozen=True)
class Case:
    """One test of any kind, as reports show it: a scenario's, or a saved query's."""

    file: str
    name: str
    span: Span
    seconds: float
    status: str  # passed, failed or refused
    text: str = ""
    unsure: bool = False
    findings: tuple[Diagnostic, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return self.status == "passed"


def case_of(result: ScenarioResult, short: Callable[[str], str]) -> Case:
    """A scenario test's result as a case."""
    test = result.test
    status = "refused" if result.refused else "passed" if result.passed else "failed"
    failures = result.failures
    text = ""
    if result.refused:
        text = f"  refused   {for_person(result.refused)}\n"
    elif failures:
        blocks = [_block(failure, result) for failure in failures[:SHOWN_FAILURES]]
        text = "\n".join(blocks)
        if len(failures) > SHOWN_FAILURES:
            text += f"\n  +{len(failures) - SHOWN_FAILURES} more like this\n"
    details: dict[str, Any] = {
        "start": iso(test.start),
        "end": iso(test.end),
        "failures": [_record(failure) for failure in failures],
    }
    if result.refused:
        details["refused"] = result.refused
    if result.selection is not None:
        details["evaluated"] = [short(alarm.name) for alarm in result.selection.evaluated]
    return Case(
        test.file,
        test.name,
        test.origin,
        result.seconds,
        status,
        text,
        result.depends_on_range,
        tuple(_finding(failure, result) for failure in failures)
        or ((_refusal(result),) if result.refused else ()),
        details,
    )


def heading(case: Case) -> str:
    """`FAIL file:line  "name"`."""
    word = "FAIL" if case.status == "failed" else case.status.upper()
    return f'{word} {case.span.file}:{case.span.line}  "{for_person(case.name)}"'


def _block(failure: Failure, result: ScenarioResult) -> str:
    test = result.test
    into = format_duration(max(failure.moment - test.start, 0))
    at = f"{show_moment(failure.moment, test)} ({into} into the test)"
    place = f"  {failure.place.file}:{failure.place.line}" if failure.place else ""
    lines = [
        f"  alarm     {failure.subject}{place}",
        f"  at        {at}",
        f"  expected  {failure.expected}",
        f"  actual    {failure.actual}",
        f"  because   {failure.because}",
    ]
    if failure.span.line != test.origin.line:
        lines.insert(1, f"  asked at  {failure.span.file}:{failure.span.line}")
    if failure.rows:
        values = [number(row.value) if row.value is not None else "-" for row in failure.rows]
        width = max(len(value) for value in values)
        lines.append("")
        lines += [
            f"    {show_moment(row.time, test)}   {value:>{width}}   {row.mark}"
            for row, value in zip(failure.rows, values, strict=True)
        ]
    if failure.help:
        lines += ["", f"  help      {failure.help}"]
    return for_person("\n".join(lines) + "\n", lines=True)


def _record(failure: Failure) -> dict[str, Any]:
    return {
        "file": failure.span.file,
        "line": failure.span.line,
        "alarm": failure.subject,
        "time": iso(failure.moment),
        "expected": failure.expected,
        "actual": failure.actual,
        "because": failure.because,
        "datapoints": [
            {"timestamp": iso(row.time), "value": row.value, "mark": row.mark}
            for row in failure.rows
        ],
        "help": failure.help,
    }


def _finding(failure: Failure, result: ScenarioResult) -> Diagnostic:
    title = f"{failure.subject}: expected {failure.expected}, was {failure.actual}"
    others = (Label(failure.place, "defined here"),) if failure.place else ()
    label = f"{result.test.name}: {failure.because}"
    return Diagnostic("test-failed", Level.ERROR, title, failure.span, label, failure.help, others)


def _refusal(result: ScenarioResult) -> Diagnostic:
    return Diagnostic("test-refused", Level.ERROR, result.refused, result.test.origin)


def coverage_lines(
    coverage: Coverage, short: Callable[[str], str], *, shown: int = 12
) -> list[str]:
    """The coverage in one line, and what no test has seen."""
    seen, total = coverage.points
    gaps = coverage.gaps()
    head = f"coverage {coverage.percent:.0f} % ({seen} of {total}: each alarm fired, each "
    lines = [head + "stayed quiet, each branch of a composite decided)"]
    names = {alarm.name: short(alarm.name) for alarm in coverage.alarms}
    lines += [f"  {short(gap.alarm)} {_said(str(gap), names)}" for gap in gaps[:shown]]
    if len(gaps) > shown:
        lines.append(f"  +{len(gaps) - shown} more; see --json or a report")
    return lines


def _said(text: str, names: dict[str, str]) -> str:
    for name, brief in names.items():
        text = text.replace(f'"{name}"', brief).replace(f"({name})", f"({brief})")
    return text


def summary(cases: Sequence[Case], seconds: float) -> str:
    """`12 tests, 11 passed, 1 failed in 0.8 s`."""
    counts = {s: sum(case.status == s for case in cases) for s in ("passed", "failed", "refused")}
    parts = [f"{count} {status}" for status, count in counts.items() if count]
    noun = "test" if len(cases) == 1 else "tests"
    return f"{len(cases)} {noun}{', ' if parts else ''}{', '.join(parts)} in {seconds:.2f} s"


def as_json(
    cases: Sequence[Case],
    coverage: Coverage | None,
    short: Callable[[str], str],
    findings: Iterable[Diagnostic] = (),
) -> dict[str, Any]:
    """All results as one document."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tests": [
            {
                "file": case.file,
                "line": case.span.line,
                "name": case.name,
                "status": case.status,
                "seconds": round(case.seconds, 4),
                "depends_on_range": case.unsure,
                **case.details,
            }
            for case in cases
        ],
        "invalid": [
            {"code": f.code, "title": f.title, "place": str(f.span) if f.span else None}
            for f in findings
        ],
    }
    if coverage is not None:
        seen, total = coverage.points
        document["coverage"] = {
            "percent": round(coverage.percent, 2),
            "seen": seen,
            "total": total,
            "gaps": [
                {"alarm": short(gap.alarm), "what": gap.what}
                | ({"branch": gap.branch} if gap.branch else {})
                for gap in coverage.gaps()
            ],
        }
    return document


def as_junit(cases: Sequence[Case]) -> str:
    """JUnit XML: one suite a file."""
    root = ET.Element("testsuites", {"name": "axonwatch"})
    files = dict.fromkeys(case.file for case in cases)
    for file in files:
        mine = [case for case in cases if case.file == file]
        suite = ET.SubElement(
            root,
            "testsuite",
            {
                "name": _xml(file),
                "tests": str(len(mine)),
                "failures": str(sum(case.status == "failed" for case in mine)),
                "errors": str(sum(case.status == "refused" for case in mine)),
                "time": f"{sum(case.seconds for case in mine):.4f}",
            },
        )
        for case in mine:
            element = ET.SubElement(
                suite,
                "testcase",
                {
                    "name": _xml(case.name),
                    "classname": _xml(file),
                    "file": _xml(case.span.file),
                    "line": str(case.span.line),
                    "time": f"{case.seconds:.4f}",
                },
            )
            if not case.passed:
                tag = "failure" if case.status == "failed" else "error"
                message = case.findings[0].title if case.findings else case.status
                ET.SubElement(element, tag, {"message": _xml(message)}).text = _xml(case.text)
            if case.unsure:
                ET.SubElement(element, "system-out").text = UNSURE
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def as_markdown(
    cases: Sequence[Case],
    coverage: Coverage | None,
    short: Callable[[str], str],
    seconds: float,
) -> str:
    """A page for a pull request or a job summary."""
    lines = ["# axonwatch test", "", summary(cases, seconds), ""]
    lines += ["| | test | where |", "|---|---|---|"]
    for case in cases:
        name = escape(for_person(case.name), quote=False).replace("|", "\\|")
        mark = "pass" if case.passed else f"**{case.status}**"
        mark += " (unsure)" if case.unsure else ""
        lines.append(f"| {mark} | {name} | {case.span.file}:{case.span.line} |")
    for case in cases:
        if not case.passed:
            title = escape(heading(case), quote=False)
            longest = max(map(len, re.findall("`+", case.text)), default=0)
            fence = "`" * max(longest + 1, 3)
            lines += ["", f"## {title}", "", fence, case.text.rstrip("\n"), fence]
    if coverage is not None:
        lines += ["", "## Coverage", ""]
        lines += [
            line if line.startswith("  ") is False else f"-{line[1:]}"
            for line in coverage_lines(coverage, short, shown=10_000)
        ]
    return "\n".join(lines) + "\n"
