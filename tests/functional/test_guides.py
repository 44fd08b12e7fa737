"""The commands of the guides that need an account, against one in which the companion stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.functional.conftest import Run

ROOT = Path(__file__).parents[2]
INDENTED = re.compile(r"^ {4}axonwatch (.+)$", re.MULTILINE)
LINES = [
    (page, line)
    for page in ("docs/getting-started.md", "docs/on-call.md")
    for line in INDENTED.findall((ROOT / page).read_text(encoding="utf-8"))
]
# A page test asks, and waits for the proof; nobody answers here.
ALONE = {"page-test": ["--yes", "--wait", "1"]}


def test_the_guides_have_such_commands() -> None:
    assert {shlex.split(line)[0] for _, line in LINES} >= {"verify", "page-test", "status", "mute"}


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_command_of_a_guide_runs(page: str, line: str, run: Run) -> None:
    words = shlex.split(line)
    code, out, err = run(*words, *ALONE.get(words[0], []))
    assert code in {0, 1}, (page, err)
    assert out or err
