"""The account of the live commands' tests, and how they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.fakes.account import Account, loaded
from tests.fakes.aws import ACCOUNT
from tests.fakes.embedded_aws import embedded_aws
from tests.fakes.project import Project, build, credentials, publish_all, write_lines

from axonwatch.catalog import load
from axonwatch.cli.drift import _bodies
from axonwatch.cli.main import main
from axonwatch.live import clients

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account in which the companion is deployed, opened by every command of the test."""
    made = Account()
    made.dashboards = _bodies(made, made.companion)  # type: ignore[arg-type]
    monkeypatch.setattr(clients, "connect", made.opened())
    monkeypatch.setattr(load, "load_companion", lambda _: loaded())
    return made


@pytest.fixture
def run(account: Account, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line against that account: exit code, standard output, standard error."""
    del account

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project on an AWS of its own behind real HTTP, with metrics and five log lines."""
    with embedded_aws() as url, credentials():
        made = build(url, tmp_path_factory.mktemp("project"))
        publish_all(made)
        write_lines(made, [f"line {n}" for n in range(5)])
        yield made


@pytest.fixture
def over_http(
    project: Project,
    fake_credentials: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Run:
    """A command on that project; nobody sleeps between retries, no account id gets out."""
    del fake_credentials
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def command(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = project.run(*argv)
        out, err = capsys.readouterr()
        assert ACCOUNT not in out + err
        assert "Traceback" not in out + err
        assert "<html" not in out + err
        return code, out, err

    return command
