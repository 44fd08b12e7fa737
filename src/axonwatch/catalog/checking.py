"""Run every check over definitions or over a template.

Checks are the modules of `catalog.checks`, found by the folder: each has a CODE (its own name), a
LEVEL, and `check(evidence)`. ERROR is what AWS refuses or what cannot be built; WARNING what works
and lies; INFO what is lost.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from axonwatch.catalog import checks
from axonwatch.catalog.codes import OTHER_CODES
from axonwatch.catalog.evidence import (
    Evidence,
    evidence_of_definitions,
    evidence_of_template,
)
from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import Project
from axonwatch.catalog.suppression import apply_ignores, ignores_of_template, ignores_of_text
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Diagnostic, Level


@dataclass(frozen=True)
class Check:
    """One check. `ignorable` is False for what must be cured.

    `needs_all` marks those that ask what is missing: with gaps they would call a consequence a
    cause.
    """

    code: str
    level: Level
    summary: str
    ignorable: bool
    needs_all: bool
    run: Callable[[Evidence], Iterable[Diagnostic]]


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check of the folder, by code."""
    found = []
    for module in pkgutil.iter_modules(checks.__path__):
        loaded = importlib.import_module(f"{checks.__name__}.{module.name}")
        found.append(
            Check(
                code=loaded.CODE,
                level=loaded.LEVEL,
                summary=(loaded.__doc__ or "").partition("\n")[0].rstrip("."),
                ignorable=getattr(loaded, "IGNORABLE", True),
                needs_all=getattr(loaded, "NEEDS_ALL", False),
                run=loaded.check,
            )
        )
    return tuple(sorted(found, key=lambda check: check.code))


def all_codes() -> dict[str, bool]:
    """Every code that a finding may have, and whether it may be ignored."""
    codes = {check.code: check.ignorable for check in all_checks()}
    return dict(sorted({**dict.fromkeys(OTHER_CODES, True), **codes}.items()))


def _run(evidence: Evidence) -> Iterator[Diagnostic]:
    """All checks; those that ask what is missing wait until everything could be built."""
    has_gaps = evidence.loaded is not None and bool(evidence.loaded.errors)
    for check in all_checks():
        if not (check.needs_all and has_gaps):
            yield from check.run(evidence)


def check_definitions(project: Project, *, today: date) -> list[Diagnostic]:
    """Everything that is wrong with a project's definitions.

    Raises InvalidInput, with every finding, if the files cannot be read as definitions at all.
    """
    loaded = load_companion(project)
    evidence = evidence_of_definitions(loaded, today)
    findings = [*loaded.diagnostics, *_run(evidence)]
    ignores = [one for f, text in evidence.sources.items() for one in ignores_of_text(f, text)]
    return apply_ignores(findings, ignores, today=today, codes=all_codes())


def check_template(template: Template, *, today: date) -> list[Diagnostic]:
    """Everything that is wrong with a template, as far as the template alone tells."""
    evidence = evidence_of_template(template, today)
    findings = [*template.diagnostics, *_run(evidence)]
    ignores = ignores_of_text(template.file, template.root.source.text)
    ignores += ignores_of_template(template)
    return apply_ignores(findings, ignores, today=today, codes=all_codes())
