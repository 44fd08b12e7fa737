"""The account's side of `axonwatch query`: to be filled by `live`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.cli.query import Request


def run_live(request: Request) -> NoReturn:
    """Run the query on the account and print its rows."""
    del request
    raise UsageError(
        "queries on the account are not wired yet", help="name files with --local GROUP=PATH"
    )
