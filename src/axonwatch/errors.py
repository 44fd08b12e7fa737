"""The exceptions that end a run; findings about the user's files are data, see `diagnostics`.

    AxonwatchError
    ├── UsageError            wrong words on the command line                    exit 2
    ├── InvalidInput          files that cannot be used (in `diagnostics`)       exit 2
    └── CouldNotRun           the world said no                                  exit 3
        ├── MissingExtra      a part of axonwatch that is not installed
        ├── NoCredentials     no, expired or unusable credentials
        ├── CallDenied        AWS refused a call; names the action to add
        └── CallFailed        AWS or the network failed

Only `cli.main` turns them into text and exit codes.
"""

from __future__ import annotations


class AxonwatchError(Exception):
    """Base of all errors that axonwatch raises on purpose.

    `message` is the problem, `help` what to do about it (may be empty).
    """

    exit_code = 3

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(AxonwatchError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class CouldNotRun(AxonwatchError):
    """Nothing is wrong with the input, but the run could not go on."""


class MissingExtra(CouldNotRun):
    """A command needs a part of axonwatch that is not installed."""

    def __init__(self, extra: str, module: str) -> None:
        super().__init__(
            f"this command needs `{module}`, which is not installed",
            help=f"run: pip install 'axonwatch[{extra}]'",
        )
        self.extra = extra
        self.module = module


class NoCredentials(CouldNotRun):
    """No credentials, or none that AWS takes."""


class CallDenied(CouldNotRun):
    """AWS denied one call: `action` is the IAM action to add, `resource` what it was about."""

    def __init__(self, action: str, resource: str, *, help: str) -> None:
        super().__init__(f"{action} was denied for {resource}", help=help)
        self.action = action
        self.resource = resource


class CallFailed(CouldNotRun):
    """An AWS call failed for another reason than permission."""
