"""The account of the live commands' tests, and how they are run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.fakes.account import Account, loaded

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
