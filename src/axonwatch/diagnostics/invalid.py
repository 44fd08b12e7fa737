"""The exception that carries findings: the run needs files that are wrong."""

from __future__ import annotations

from collections.abc import Sequence

from axonwatch.diagnostics.diagnostic import Diagnostic
from axonwatch.errors import AxonwatchError


class InvalidInput(AxonwatchError):
    """Files that the run needs are wrong; `diagnostics` says where and why (never empty)."""

    exit_code = 2

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics[0].title)
        self.diagnostics = tuple(diagnostics)
