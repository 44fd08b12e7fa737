"""What notes findings while it reads: the builders of definitions, the readers of scenarios."""

from __future__ import annotations

from axonwatch.diagnostics.diagnostic import Diagnostic, Label, Level, Span


class TakesFindings:
    """A reader's own list of `findings`, and how grave those are that make its file unusable."""

    findings: list[Diagnostic]
    level: Level = Level.ERROR

    def error(
        self,
        code: str,
        title: str,
        span: Span | None,
        label: str = "",
        help: str = "",
        *,
        others: tuple[Label, ...] = (),
    ) -> None:
        """Note that what is read cannot be used as it is."""
        self.findings.append(Diagnostic(code, self.level, title, span, label, help, others))
