"""The house keeps its shape: size of modules, authors of names, doors of the wings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "axonwatch"
MODULES = sorted(SOURCE.rglob("*.py"))
CAP = 400
BANNED = {"utils", "helpers", "common", "core", "base", "manager", "service", "misc"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_is_longer_than_400_lines(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= CAP


def test_no_drawer_is_named_for_what_does_not_fit_elsewhere() -> None:
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}
    assert not names & BANNED


def test_every_module_says_its_place_in_the_flow() -> None:
    texts = {path: path.read_text() for path in MODULES}
    assert [path for path, text in texts.items() if not re.match(r'r?"""|$', text)] == []


def test_names_have_one_author() -> None:
    """Whoever else spells the companion's suffix builds a name outside `model/stack.py`."""
    spelled = [
        str(path.relative_to(SOURCE))
        for path in MODULES
        if re.search(r"""["'}]-observability""", path.read_text())
    ]
    assert [p for p in spelled if p != "model/stack.py"] == []


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (
            ["--help"],
            ["aws_cdk", "boto3", "botocore", "_duckdb", "numpy", "yaml", "rich", "jinja2"],
        ),
        (["check", "--help"], ["aws_cdk", "boto3", "_duckdb", "numpy"]),
        (["check"], ["aws_cdk", "constructs", "boto3", "botocore"]),
        (["test"], ["aws_cdk", "constructs", "boto3", "botocore", "duckdb"]),
    ],
    ids=" ".join,
)
def test_commands_import_only_what_they_use(arguments: list[str], absent: list[str]) -> None:
    code = (
        "import sys\n"
        "from axonwatch.cli.main import main\n"
        f"main({arguments!r})\n"
        f"loaded = [name for name in {absent!r} if name in sys.modules]\n"
        "sys.stderr.write('LOADED ' + ' '.join(loaded) + '\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == "LOADED ", done.stderr
