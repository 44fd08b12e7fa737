"""The demo, as `make demo` runs it: the main job on a real incident, and the report at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from axonwatch.cli.demo import MARKER, STACK
from axonwatch.cli.main import main


def test_it_ends_with_a_report_of_the_incident(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # What an earlier demo left is replaced.
    (tmp_path / MARKER).touch()
    (tmp_path / "left-over.txt").write_text("x")
    assert main(["demo", "--out", str(tmp_path)]) == 0
    assert not (tmp_path / "left-over.txt").exists()
    assert "database-incident" in capsys.readouterr().out
    assert len(list((tmp_path / "templates").glob("*.json"))) >= 2
    assert len(list((tmp_path / "dashboard-bodies").glob("*.json"))) == 5
    page = (tmp_path / "preview.html").read_text(encoding="utf-8")
    assert f"{STACK}-on-call" in page
    assert "Dashboard: https://" in page
    assert "INSUFFICIENT_DATA -&gt; OK" not in page


def test_a_folder_of_the_users_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inventory.json").write_text("{}")
    assert main(["demo", "--out", str(tmp_path)]) == 3
    assert "holds other files" in capsys.readouterr().err
    assert (tmp_path / "inventory.json").read_text() == "{}"
