"""Findings as data: what is wrong in the user's files, where, and what to do about it."""

from axonwatch.diagnostics.diagnostic import Diagnostic, Label, Level, Span

__all__ = ["Diagnostic", "Label", "Level", "Span"]
