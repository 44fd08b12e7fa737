"""Findings as data: what is wrong in the user's files, where, and what to do about it."""

from axonwatch.diagnostics.diagnostic import Diagnostic, Label, Level, Span
from axonwatch.diagnostics.invalid import InvalidInput

__all__ = ["Diagnostic", "InvalidInput", "Label", "Level", "Span"]
