"""The built wheel works by itself: code, definitions, schemas, templates, from an empty folder."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from axonwatch import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("axonwatch-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and with our dependencies by path: without axonwatch's own."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet",
         "--disable-pip-version-check", "--no-deps", "--no-index", str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    (packages,) = folder.glob("lib/python*/site-packages")
    # A path in a .pth file is searched; the .pth files there (our editable install) are not read.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(installed / "bin" / "axonwatch"), *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip


def test_the_wheel_brings_what_is_not_code(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for wanted in (
        "axonwatch/py.typed",
        "axonwatch/definitions/stack.yaml",
        "axonwatch/definitions/inventory.json",
        "axonwatch/definitions/alarms/database.yaml",
        "axonwatch/definitions/dashboards/on_call.yaml",
        "axonwatch/definitions/log_insights/database-symptoms.yaml",
        "axonwatch/catalog/schema/alarms.schema.json",
        "axonwatch/catalog/data/metrics.json",
    ):
        assert wanted in names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]


def test_it_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    version = run(installed, "--version", cwd=tmp_path)
    assert version.stdout.split()[-1] == __version__
    where = subprocess.run(
        [str(installed / "bin" / "python"), "-c", "import axonwatch; print(axonwatch.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(installed)), "the wheel's own code runs"


def test_it_checks_the_definitions_that_it_brings(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_synthesizes(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "synth", "--out", "templates", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "templates").iterdir())) == 6


@pytest.mark.slow
def test_it_installs_from_an_index_with_everything_it_needs(wheel: Path, tmp_path: Path) -> None:
    env = tmp_path / "env"
    venv.create(env, with_pip=True, symlinks=True)
    subprocess.run(
        [str(env / "bin" / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[deploy]"],
        check=True, capture_output=True,
    )  # fmt: skip
    work = tmp_path / "work"
    work.mkdir()
    assert run(env, "check", cwd=work).returncode == 0
    assert run(env, "synth", cwd=work).returncode == 0
