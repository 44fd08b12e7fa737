"""The cases of `tests/cases/definitions`: the good definitions, and each with one thing broken."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from axonwatch.catalog.checking import check_definitions, check_template
from axonwatch.catalog.project import find_project
from axonwatch.catalog.reading import read_text
from axonwatch.catalog.template import parse_template, template_of
from axonwatch.diagnostics import Diagnostic, InvalidInput
from axonwatch.diagnostics.render import render_text

CASES = Path(__file__).parents[2] / "cases" / "definitions"
BASE = CASES / "good" / "base"
BAD = sorted((CASES / "bad").glob("*.yaml"))
TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Outcome:
    findings: list[Diagnostic]
    text: str

    @property
    def codes(self) -> set[str]:
        return {one.code for one in self.findings}


def lay_out(case: dict[str, Any], folder: Path) -> None:
    """The files of a case: the good ones, with its changes."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    for name, old, new in case.get("change", ()):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    for name, text in case.get("files", {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = "# large\n" * 1_400_000 if text == "10 MB" else text
        path.write_text(content, encoding="utf-8")
    for name, data in case.get("bytes", {}).items():
        (folder / name).write_bytes(bytes(data))
    for name in case.get("remove", ()):
        (folder / name).unlink()


def run_case(path: Path, folder: Path) -> Outcome:
    """Everything that is found in a case, as data and as it is printed."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        if case["kind"] == "template":
            file = folder / "template.yaml"
            file.write_text(case["template"], encoding="utf-8")
            node, faults = parse_template(read_text(file, root=folder))
            findings = list(faults)
            if node is not None and not faults:
                findings = check_template(template_of(node), today=TODAY)
        else:
            lay_out(case, folder)
            project = find_project(stack_file=folder / "stack.yaml")
            findings = check_definitions(project, today=TODAY)
    except InvalidInput as invalid:
        findings = list(invalid.diagnostics)
    return Outcome(findings, render_text(findings, root=folder))
