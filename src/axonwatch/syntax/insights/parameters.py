"""Parameters of saved queries: `{{name}}`, filled in before the query is parsed.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_QueryParameter.html
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from axonwatch.syntax.text import SyntaxFault, TextSpan

PARAMETER = re.compile(r"\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}")
MAXIMUM = 20
LONGEST_NAME = 128


@dataclass(frozen=True)
class Filled:
    """A text with its parameters filled in; `pieces` say which stretch came from where."""

    text: str
    pieces: tuple[tuple[TextSpan, TextSpan], ...] = ()

    def origin(self, span: TextSpan) -> TextSpan:
        """The span of the original text that became `span`."""
        return TextSpan(self._place(span.start, at_end=False), self._place(span.end, at_end=True))

    def _place(self, offset: int, *, at_end: bool) -> int:
        shift = 0
        for new, old in self.pieces:
            if offset < new.start or (offset == new.start and at_end):
                break
            if offset < new.end or (offset == new.end and at_end):
                return old.end if at_end else old.start
            shift = old.end - new.end
        return offset + shift


def parameters_of(text: str) -> tuple[str, ...]:
    """The names of the parameters in a text, each once."""
    return tuple(dict.fromkeys(found[1] for found in PARAMETER.finditer(text)))


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """The text with each parameter's value in its place."""
    parts: list[str] = []
    pieces: list[tuple[TextSpan, TextSpan]] = []
    at = length = 0
    for found in PARAMETER.finditer(text):
        name = found[1]
        span = TextSpan(found.start(), found.end())
        if name not in values:
            raise _undeclared(name, span, values)
        before, value = text[at : found.start()], values[name]
        start = length + len(before)
        parts += [before, value]
        length = start + len(value)
        pieces.append((TextSpan(start, length), span))
        at = found.end()
    parts.append(text[at:])
    return Filled("".join(parts), tuple(pieces))


def _undeclared(name: str, span: TextSpan, values: Mapping[str, str]) -> SyntaxFault:
    near = difflib.get_close_matches(name, values, n=1)
    return SyntaxFault(
        "undeclared-parameter",
        f"the parameter `{name}` has no value",
        span,
        label="no value and no default",
        help=f"did you mean `{near[0]}`?"
        if near
        else f"declare it with a default, or give it with --param {name}=..",
    )
