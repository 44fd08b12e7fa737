"""Every call of every live command goes wrong in turn, as SQLite does it with its I/O.

No traceback, an exit code of the contract, a cause and a cure, nothing half-written. Here the
fault is put where a call is made; `test_live_wire.py` puts it on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.account import Account, arn, loaded
from tests.fakes.aws import ACCOUNT, client_error

from axonwatch.catalog import load
from axonwatch.cli.drift import _bodies
from axonwatch.cli.main import main
from axonwatch.live import clients
from axonwatch.live.faults import Unreachable

FAULTS: dict[str, Callable[[], BaseException]] = {
    "throttled": lambda: client_error("ThrottlingException", "Rate exceeded"),
    "expired": lambda: client_error("ExpiredToken", "expired"),
    "denied": lambda: client_error("AccessDenied", action="x:Denied", about="it"),
    "internal": lambda: client_error("InternalFailure", "sorry"),
    "cut": lambda: Unreachable("the connection broke", help="check the network"),
    "not found": lambda: client_error("ResourceNotFoundException", "gone"),
    "unknown call": lambda: client_error("UnknownOperationException", "what?"),
    "Ctrl-C": KeyboardInterrupt,
}
COMMANDS = {
    "init": ["init", "--stack", "axonflow-prod", "--region", "us-east-1", "--out"],
    "status": ["status"],
    "verify": ["verify"],
    "query": ["query", "agent-outcomes", "--since", "1h"],
    "triage": ["triage", "database/incident"],
    "page-test": ["page-test", "--yes", "--wait", "1"],
    "drift": ["drift"],
    "mute": ["mute", "storage-low", "--for", "2h", "--why", "x"],
    "mute --list": ["mute", "--list"],
    "unmute": ["unmute", "storage-low"],
    "cost": ["cost", "--measure"],
}


class Run:
    """One run of a command in which the n-th call goes wrong."""

    def __init__(self, command: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.argv = list(COMMANDS[command])
        if command == "init":
            self.argv.append(str(folder))
        self.account = Account()
        self.account.dashboards = BODIES or _fill(self.account)
        if command == "unmute":
            name = "axonflow-prod-mute-by-hand-database-storage-low"
            rule = arn("cloudwatch", f"alarm-mute-rule:{name}")
            self.account.mutes[name] = {
                "Name": name,
                "AlarmMuteRuleArn": rule,
                "Status": "ACTIVE",
            }
        monkeypatch.setattr(clients, "connect", self.account.opened())
        monkeypatch.setattr(load, "load_companion", lambda _: loaded())
        monkeypatch.setattr("time.sleep", lambda _: None)
        self.count = 0

    def go(self, n: int, fault: Callable[[], BaseException]) -> int:
        real = self.account.call

        def call(service: str, operation: str, /, **given: Any) -> Any:
            self.count += 1
            if self.count == n:
                raise fault()
            return real(service, operation, **given)

        self.account.call = call  # type: ignore[method-assign]
        return main(self.argv)


BODIES: dict[str, str] = {}


def _fill(account: Account) -> dict[str, str]:
    BODIES.update(_bodies(account, account.companion))  # type: ignore[arg-type]
    return BODIES


def calls_of(command: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    run = Run(command, monkeypatch, folder)
    run.go(0, KeyboardInterrupt)
    return [action for action, _ in run.account.calls]


def check(code: int, out: str, err: str, fault: str) -> None:
    assert code in {0, 1, 2, 3, 130}
    assert "Traceback" not in out + err
    assert ACCOUNT not in out + err
    if code == 3:
        assert "error: " in err or "nothing could be looked at" in err or "stopped: " in err
    if fault == "Ctrl-C":
        assert code in {130, 0, 1}
    if fault == "expired" and "was not set back" not in err:
        assert code == 3
        assert "aws sso login --profile ops" in err


def sabotage(
    command: str,
    places: Callable[[list[str]], list[int]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    *,
    kinds: Sequence[str] = tuple(FAULTS),
) -> None:
    actions = calls_of(command, monkeypatch, folder)
    assert actions
    capsys.readouterr()
    for index in places(actions):
        for name in kinds:
            fault = FAULTS[name]
            target = folder / f"{index}-{name}"
            target.mkdir(exist_ok=True)
            code = Run(command, monkeypatch, target).go(index + 1, fault)
            out, err = capsys.readouterr()
            try:
                check(code, out, err, name)
            except AssertionError as wrong:
                at = f"{command}: {name} at call {index + 1} ({actions[index]})\n{out}{err}"
                raise AssertionError(f"{at}\n{wrong}") from wrong
            left = sorted(path.name for path in target.iterdir())
            assert left in ([], ["inventory.json", "stack.yaml"]), left


def firsts(actions: list[str]) -> list[int]:
    """The first call of each action."""
    return sorted({actions.index(action) for action in actions})


@pytest.mark.parametrize("command", COMMANDS)
def test_the_first_call_of_each_action_goes_wrong(
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    some = ("expired", "denied", "cut", "Ctrl-C")
    sabotage(command, firsts, monkeypatch, capsys, tmp_path, kinds=some)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_call_goes_wrong(
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    sabotage(command, lambda actions: list(range(len(actions))), monkeypatch, capsys, tmp_path)
