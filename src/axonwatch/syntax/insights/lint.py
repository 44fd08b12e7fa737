"""The rules of Logs Insights that surprise people, checked on the tree: errors and warnings.

    lint_query(text)          everything that can be said of a saved query, for `axonwatch check`
    check_query(tree, text)   the same for a tree that the engine is about to compile

An error is what the service, or the language, refuses; a warning what it accepts and people regret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights.advice import give_advice
from axonwatch.syntax.insights.commands import BY_WORD
from axonwatch.syntax.insights.flow import NameFlow
from axonwatch.syntax.insights.known_lines import LogFacts, doubt_names_and_texts
from axonwatch.syntax.insights.nodes import Query
from axonwatch.syntax.insights.order import check_order
from axonwatch.syntax.insights.parameters import MAXIMUM, fill, parameters_of
from axonwatch.syntax.insights.parser import parse_query, refuse_length
from axonwatch.syntax.insights.tree import walk_commands
from axonwatch.syntax.text import SyntaxFault, TextSpan


@dataclass(frozen=True)
class Findings:
    """Errors, which the service or we refuse, and warnings; each list in the text's order."""

    errors: tuple[SyntaxFault, ...] = ()
    warnings: tuple[SyntaxFault, ...] = ()


def check_query(query: Query, text: str, facts: LogFacts | None = None) -> Findings:
    """What is wrong in a tree, or will be regretted; `text` is what it was parsed from."""
    flow = NameFlow()
    flow.follow(query)
    errors = [*check_order(query), *flow.errors]
    warnings = [*flow.warnings, *give_advice(query, text)]
    warnings += doubt_names_and_texts(query, facts or LogFacts())
    return Findings(_sorted(errors), _sorted(warnings))


def _sorted(faults: list[SyntaxFault]) -> tuple[SyntaxFault, ...]:
    unique: dict[tuple[str, TextSpan], SyntaxFault] = {}
    for fault in sorted(faults, key=lambda fault: fault.span):
        unique.setdefault((fault.code, fault.span), fault)
    return tuple(unique.values())


def lint_query(
    text: str,
    *,
    declared: Mapping[str, str | None] | None = None,
    facts: LogFacts | None = None,
) -> Findings:
    """All that can be said of a saved query's text.

    `declared` are its parameters with their defaults. A parameter without a default is linted as
    the word `x`. Spans are of `text` as it stands, parameters unfilled.
    """
    declared = declared or {}
    errors: list[SyntaxFault] = []
    warnings: list[SyntaxFault] = []
    used = parameters_of(text)
    warnings += [_unused(name, text) for name in declared if name not in used]
    if len(declared) > MAXIMUM:
        errors.append(
            SyntaxFault(
                "too-many-parameters",
                f"a saved query has at most {MAXIMUM} parameters, not {len(declared)}",
                TextSpan(0, min(len(text), 1)),
            )
        )
    try:
        refuse_length(text)
        values = {name: "x" if value is None else value for name, value in declared.items()}
        filled = fill(text, values)
    except SyntaxFault as fault:
        return Findings((*errors, fault), tuple(warnings))
    try:
        query = parse_query(filled.text)
        found = check_query(query, filled.text, facts)
    except SyntaxFault as fault:
        found = Findings((fault,))
    else:
        warnings += _refused(query)
    for kept, new in ((errors, found.errors), (warnings, found.warnings)):
        kept += [_moved(fault, filled.origin(fault.span)) for fault in new]
    return Findings(tuple(errors), tuple(warnings))


def _unused(name: str, text: str) -> SyntaxFault:
    return SyntaxFault(
        "unused-parameter",
        f"the parameter `{name}` is declared but not used",
        TextSpan(0, min(len(text), 1)),
        label=f"no `{{{{{name}}}}}` in this query",
        help="use it, or remove its declaration",
    )


def _moved(fault: SyntaxFault, span: TextSpan) -> SyntaxFault:
    return SyntaxFault(fault.code, fault.title, span, label=fault.label, help=fault.help)


def _refused(query: Query) -> list[SyntaxFault]:
    """Commands that the service takes and we cannot evaluate."""
    return [
        SyntaxFault(
            "refused-command",
            f"`{command.word}` cannot be tested offline: {BY_WORD[command.word.lower()].reason}",
            command.span,
            label="only the service can evaluate it",
            help="run it on the account",
        )
        for command in walk_commands(query)
        if isinstance(command, c.Opaque)
    ]
