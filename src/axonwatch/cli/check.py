"""`axonwatch check` and `axonwatch explain`: findings about definitions or any template."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.project import stack_file_option
from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.diagnostics import Diagnostic

FORMATS = ("text", "concise", "json", "jsonl", "github", "sarif")
LEVELS = ("error", "warning", "info", "never")
REPORTS = {".json": "json", ".jsonl": "jsonl", ".sarif": "sarif", ".txt": "concise"}


@click.command()
@click.option(
    "--template",
    "templates",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Check this CloudFormation template (YAML or JSON) instead. Repeatable: templates that "
    "are deployed together are followed together.",
)
@stack_file_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=None,
    help="Form of the output. Default: text, and github as well inside GitHub Actions.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the findings to this file too: .json, .jsonl, .sarif or .txt. Repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice(LEVELS),
    default="warning",
    show_default=True,
    help="The least level that makes the exit code 1.",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found: for reports only.")
def check(
    *,
    templates: Sequence[Path],
    stack_file: Path | None,
    form: str | None,
    reports: Sequence[Path],
    fail_on: str,
    exit_zero: bool,
) -> int:
    """Find what is wrong in the definitions, or in any CloudFormation template.

    Exit code: 0 clean, 1 findings, 2 invalid definitions or wrong usage.
    """
    from axonwatch.diagnostics import InvalidInput

    for report in reports:
        if report.suffix not in REPORTS:
            known = ", ".join(REPORTS)
            raise UsageError(f"cannot tell the kind of `{report}`", help=f"name it *{known}")
    checked = ""
    root: Path | None = None
    try:
        if templates:
            findings = _check_templates(templates)
            checked = f"{len(templates)} template{'s' if len(templates) > 1 else ''}"
        else:
            from axonwatch.catalog.checking import check_definitions
            from axonwatch.catalog.project import find_project

            project = find_project(stack_file=stack_file)
            root = project.root
            findings = check_definitions(project, today=datetime.now(UTC).date())
            checked = f"the definitions in {project.root}"
    except InvalidInput as invalid:
        findings = list(invalid.diagnostics)
    _print(findings, form, root, checked)
    _write_reports(findings, reports)
    return _exit_code(findings, fail_on, exit_zero=exit_zero)


def _check_templates(paths: Sequence[Path]) -> list[Diagnostic]:
    """The findings of all templates; together, for a page may lead from one into another."""
    from dataclasses import replace

    from axonwatch.catalog.checking import check_template
    from axonwatch.catalog.template import Template, read_template
    from axonwatch.diagnostics import InvalidInput

    found: list[Diagnostic] = []
    read: list[Template] = []
    for path in paths:
        try:
            read.append(read_template(path))
        except InvalidInput as invalid:
            found += invalid.diagnostics
    for template in read:
        siblings = tuple(one for one in read if one is not template)
        joined = replace(template, siblings=siblings)
        found += check_template(joined, today=datetime.now(UTC).date())
    return found


def _print(findings: list[Diagnostic], form: str | None, root: Path | None, checked: str) -> None:
    from axonwatch.cli.output import note, wants_colour
    from axonwatch.diagnostics.render import (
        RENDERERS,
        render_concise,
        render_github,
        render_text,
        sort_findings,
        summarize,
    )

    ordered = sort_findings(findings)
    colour = wants_colour(sys.stdout)
    if form in {None, "text"}:
        sys.stdout.write(render_text(ordered, color=colour, root=root))
        if form is None and os.environ.get("GITHUB_ACTIONS") == "true":
            sys.stdout.write(render_github(ordered))
    elif form == "concise":
        sys.stdout.write(render_concise(ordered, color=colour))
    else:
        sys.stdout.write(RENDERERS[form or "text"](ordered))
    if ordered:
        note(summarize(ordered))
    else:
        note(f"no findings in {checked}")


def _write_reports(findings: list[Diagnostic], reports: Sequence[Path]) -> None:
    from axonwatch.catalog.inventory import write_atomically
    from axonwatch.diagnostics.render import RENDERERS, sort_findings
    from axonwatch.errors import CouldNotRun

    for report in reports:
        text = RENDERERS[REPORTS[report.suffix]](sort_findings(findings))
        try:
            write_atomically(report, text)
        except OSError as error:
            raise CouldNotRun(f"cannot write `{report}`: {error.strerror}") from error


def _exit_code(findings: list[Diagnostic], fail_on: str, *, exit_zero: bool) -> int:
    from axonwatch.diagnostics import Level

    if exit_zero:
        return 0
    levels = {one.level for one in findings}
    if Level.ERROR in levels and fail_on != "never":
        return 2
    counted = {
        "error": set(),
        "warning": {Level.WARNING},
        "info": {Level.WARNING, Level.INFO},
        "never": set(),
    }[fail_on]
    return 1 if levels & counted else 0


@click.command()
@click.argument("code", required=False)
@click.option("--all", "everything", is_flag=True, help="List every code.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def explain(code: str | None, everything: bool, form: str) -> int:
    """Explain a check: why it matters, an example, the cure."""
    from axonwatch.catalog.pages import all_pages, read_page
    from axonwatch.catalog.schema_check import suggest
    from axonwatch.cli.output import print_json, print_table

    if everything == (code is not None):
        raise UsageError("name one code, or write --all", help="axonwatch explain --all")
    if everything:
        pages = all_pages()
        if form == "json":
            print_json([page.record() for page in pages])
        else:
            print_table(("code", "level", "what"), [(p.code, p.level, p.summary) for p in pages])
        return 0
    page = read_page(code or "")
    if page is None:
        hint = suggest(code or "", [one.code for one in all_pages()])
        raise UsageError(f"there is no check `{code}`", help=hint or "axonwatch explain --all")
    if form == "json":
        print_json(page.record())
    else:
        sys.stdout.write(page.text)
    return 0
