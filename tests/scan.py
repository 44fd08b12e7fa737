"""Security scanners over our templates: `python -m tests.scan`, which `make scan` runs.

cdk-nag's five packs run in CDK itself, over the constructs; checkov reads the templates from a
virtual environment of its own, because its dependencies are at odds with ours.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import Project, packaged_root
from axonwatch.deploy.acknowledged import COMPANION, HARDENED, REFERENCE, Acknowledgement
from axonwatch.deploy.alarms import logical_id
from axonwatch.deploy.reference.stack import ReferenceOptions, build_reference
from axonwatch.deploy.synthesis import (
    build_companion,
    new_app,
    synthesize_companion,
    synthesize_reference,
)
from axonwatch.model.companion import Companion

ROOT = Path(__file__).parents[1]
SUBJECTS = {"reference": REFERENCE, "hardened": HARDENED, "companion": COMPANION}


@dataclass(frozen=True, order=True)
class Finding:
    """One rule that one resource breaks; `pack` is the scanner's or its pack's name."""

    pack: str
    rule: str
    resource: str


@cache
def load() -> Companion:
    """The companion of the definitions in this repository."""
    return load_companion(Project(ROOT, packaged_root() / "stack.yaml")).valid()


def nag(subject: str) -> list[Finding]:
    """What cdk-nag's five packs find."""
    import aws_cdk as cdk
    import cdk_nag

    with tempfile.TemporaryDirectory() as folder:
        app = new_app(folder)
        if subject == "companion":
            build_companion(app, load())
        else:
            hardened = subject == "hardened"
            build_reference(app, ReferenceOptions("axonflow-prod", hardened=hardened))
        cdk.Validations.of(app).add_plugins(
            cdk_nag.AwsSolutionsChecks(app),
            cdk_nag.HIPAASecurityChecks(app),
            cdk_nag.NIST80053R5Checks(app),
            cdk_nag.PCIDSS321Checks(app),
            cdk_nag.ServerlessChecks(app),
        )
        with contextlib.suppress(RuntimeError):  # findings end a synthesis
            app.synth(force=True)
        report = json.loads((Path(folder) / "validation-report.json").read_text())
    return sorted(_nag_findings(report))


def _nag_findings(report: dict[str, Any]) -> Iterator[Finding]:
    for pack in report["pluginReports"]:
        name = pack["pluginName"]
        for violation in pack["violations"]:
            for construct in violation["violatingConstructs"]:
                path = construct["constructPath"].split("/")
                # Alarms of the facade lie deeper, and are called by their name.
                made = path[-1] if path[-1] != "Resource" else _logical_id(path[-2])
                yield Finding(name, violation["ruleName"].removeprefix(f"{name}-"), made)


def _logical_id(alarm: str) -> str:
    return logical_id(alarm.removeprefix("axonflow-prod-"))


def write(subject: str, folder: Path) -> list[Path]:
    """The subject's templates as files."""
    if subject == "companion":
        templates = synthesize_companion(load())
    else:
        options = ReferenceOptions("axonflow-prod", hardened=subject == "hardened")
        templates = (synthesize_reference(options),)
    paths = []
    for template in templates:
        path = folder / f"{template.stack_name}.template.json"
        path.write_text(template.body)
        paths.append(path)
    return paths


def cfn_lint(paths: list[Path]) -> list[Finding]:
    """What cfn-lint finds."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
    return sorted(
        Finding("cfn-lint", found["Rule"]["Id"], str(found["Location"]["Path"][1]))
        for found in json.loads(done.stdout or "[]")
    )


def checkov(program: str, paths: list[Path]) -> list[Finding]:
    """What checkov finds."""
    files = [word for path in paths for word in ("--file", str(path))]
    done = subprocess.run(
        [program, *files, "--framework", "cloudformation", "--compact", "--quiet", "-o", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    reports = json.loads(done.stdout)
    return sorted(
        Finding("checkov", found["check_id"], found["resource"].rpartition(".")[2])
        for report in (reports if isinstance(reports, list) else [reports])
        for found in report.get("results", {}).get("failed_checks", ())
    )


def acknowledges(row: Acknowledgement, finding: Finding) -> bool:
    """Whether a row of the table speaks of a finding; `[...]` after a rule is what it was about."""
    return (
        finding.pack in row.packs
        and finding.rule.partition("[")[0] == row.rule
        and finding.resource == row.resource
    )


def report(subject: str, findings: list[Finding], packs: set[str]) -> list[str]:
    """Lines about a subject: each finding with its reason, and what has none."""
    rows = [row for row in SUBJECTS[subject] if set(row.packs) & packs]
    lines = [f"{subject}: {len(findings)} findings"]
    for finding in findings:
        reason = next((row.because for row in rows if acknowledges(row, finding)), None)
        lines.append(
            f"  {'ok' if reason else 'NO REASON':9}  {finding.pack} {finding.rule}"
            f" {finding.resource}" + (f": {reason}" if reason else "")
        )
    lines += [
        f"  NO FINDING for {row.rule} {row.resource}"
        for row in rows
        if not any(acknowledges(row, finding) for finding in findings)
    ]
    return lines


def main() -> int:
    """Scan everything; 1 if a finding has no reason, or a reason no finding."""
    program = sys.argv[1] if len(sys.argv) > 1 and Path(sys.argv[1]).is_file() else None
    clean = True
    for subject, rows in SUBJECTS.items():
        with tempfile.TemporaryDirectory() as folder:
            paths = write(subject, Path(folder))
            findings = [*nag(subject), *cfn_lint(paths)]
            packs = {pack for row in rows for pack in row.packs} - {"checkov"}
            if program:
                findings += checkov(program, paths)
                packs.add("checkov")
        lines = report(subject, findings, packs)
        clean = clean and not any(line.lstrip().startswith("NO ") for line in lines)
        sys.stdout.write("\n".join(lines) + "\n")
    if not program:
        sys.stdout.write("checkov did not run: no program was given\n")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
