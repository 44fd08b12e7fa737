"""Warnings about queries that the service accepts and people regret."""

from __future__ import annotations

import re
from collections.abc import Iterator

from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.parser import late_comments
from axonwatch.syntax.insights.periods import clamp_bin
from axonwatch.syntax.insights.tree import walk
from axonwatch.syntax.text import SyntaxFault, TextSpan

NEGATIVE_TEST = "negative-test"
NO_LIMIT = "no-limit"
_INDEXED = {
    "@logStream",
    "@aws.region",
    "@aws.account",
    "@source.log",
    "@data_source_name",
    "@data_source_type",
    "@data_format",
    "traceId",
    "severityText",
    "attributes.session.id",
}
_NEVER_MISSING = {"ispresent", "isempty", "isblank", "concat", "now", "isnumeric"}
_CAPPED = {"bin", "datefloor", "dateceil"}
_LAZY_END = re.compile(r"\*\?\)$|\+\?\)$|\?\?\)$")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def give_advice(query: n.Query, text: str) -> Iterator[SyntaxFault]:
    """All warnings about a query that is not wrong."""
    for command in query.commands:
        yield from _spelling(command, text)
        for node in walk(command, queries=False):
            yield from _node(node, text)
    yield from _negative_tests(query)
    yield from _rows(query, text)
    for span in late_comments(text):
        yield SyntaxFault(
            "late-comment",
            "a comment behind other words is not documented",
            span,
            label="does not begin its line",
            help="put it on a line of its own",
        )


def _spelling(command: n.Node, text: str) -> Iterator[SyntaxFault]:
    word = command.word if isinstance(command, (c.Limit, c.Sort)) else ""
    now = {"head": "limit", "tail": "sort .. desc | limit", "order by": "sort"}.get(word)
    if now is not None:
        found = re.compile(r"\w+(\s+by\b)?", re.IGNORECASE).match(text, command.span.start)
        end = found.end() if found is not None else command.span.end
        yield SyntaxFault(
            "old-spelling",
            f"`{text[command.span.start : end]}` is an old spelling",
            TextSpan(command.span.start, end),
            label="no longer documented",
            help=f"write `{now}`",
        )


def _node(node: n.Node, text: str) -> Iterator[SyntaxFault]:
    match node:
        case n.Call(function, (*_, n.Duration() as period)) if function.lower() in _CAPPED:
            used = clamp_bin(period)
            if used.count != period.count:
                yield SyntaxFault(
                    "clamped-bin",
                    f"`{function}` counts in {used.count}{used.unit} here, not in "
                    f"{period.count}{period.unit}",
                    period.span,
                    label=f"the service cuts it to {used.count}{used.unit} without a word",
                    help="use a larger unit: 300s is 5m",
                )
        case n.Arithmetic("-", n.Field() as left, n.Field() as right):
            if text[left.span.end : right.span.start] == "-":
                yield SyntaxFault(
                    "unquoted-hyphen",
                    f"`{left.name}-{right.name}` is a subtraction",
                    node.span,
                    label="two fields, one minus the other",
                    help=f"write `` `{left.name}-{right.name}` `` for the field, or blanks round "
                    "the minus",
                )
        case n.Like(n.Field() as field, _, _) if field.name in _INDEXED:
            yield SyntaxFault(
                "like-on-index",
                f"`like` does not use the index on `{field.name}`",
                node.span,
                label="scans every log group",
                help="compare with `=` or `in`",
            )
        case n.Comparison(_, left, right):
            yield from _comparison(node, left, right)
        case c.ParseRegex(_, pattern):
            if _LAZY_END.search(pattern.pattern):
                yield SyntaxFault(
                    "lazy-tail",
                    "the last group takes as little as it can: nothing",
                    pattern.span,
                    label="ends with a lazy group",
                    help="make it greedy, `.*`, or put behind it what ends the value",
                )


def _comparison(node: n.Node, left: n.Expression, right: n.Expression) -> Iterator[SyntaxFault]:
    for one, other in ((left, right), (right, left)):
        if isinstance(other, n.Field) and other.name.lower() in {"true", "false"}:
            digit = "1" if other.name.lower() == "true" else "0"
            yield SyntaxFault(
                "boolean-word",
                f"`{other.name}` is read as the name of a field",
                other.span,
                label="no such constant",
                help=f"compare with {digit}: JSON booleans are 1 and 0",
            )
        is_time = isinstance(one, n.Field) and one.name in {"@timestamp", "@ingestionTime"}
        if is_time and isinstance(other, n.String) and _ISO.match(other.value):
            yield SyntaxFault(
                "time-as-text",
                "a time compared with a text matches nothing",
                node.span,
                label="times are milliseconds",
                help="give the query a time range, or compare with milliseconds",
            )


def _negative_tests(query: n.Query) -> Iterator[SyntaxFault]:
    """`!=`, `not like`, `not in` on what may be missing."""
    sure: set[str] = set()
    for command in query.commands:
        if isinstance(command, c.Filter):
            sure |= _guards(command.condition)
            for node in _negatives(command.condition):
                sides = (
                    (node.left, node.right) if isinstance(node, n.Comparison) else (node.subject,)
                )
                name = next(filter(None, (_optional(side, sure) for side in sides)), None)
                if name is None:
                    continue
                yield SyntaxFault(
                    NEGATIVE_TEST,
                    f"whether this holds for events without `{name}` is not documented",
                    node.span,
                    label="the field may be missing",
                    help=f"write `not ispresent({name}) or ..`, or `ispresent({name}) and ..`",
                )
        elif isinstance(command, (c.Fields, c.Display)):
            items = [item for item in command.items if item.alias is not None]
            sure |= {item.column for item in items if _optional(item.expression, sure) is None}
        elif isinstance(command, c.Stats):
            sure |= {item.column for item in (*command.by, *command.items)}


def _optional(node: n.Node, sure: set[str]) -> str | None:
    """The field that makes an expression missing when it is, unless it is surely there."""
    if isinstance(node, n.Field):
        is_system = node.name.startswith("@") and not node.name.startswith("@@")
        return None if is_system or node.name in sure else node.name
    if isinstance(node, n.Call):
        function = node.function.lower()
        if function in _NEVER_MISSING:
            return None
        arguments = node.arguments
        if function in {"if", "case"}:
            last = arguments[-1:] if len(arguments) % 2 else ()
            arguments = (*arguments[1::2], *last)
        found = [_optional(argument, sure) for argument in arguments]
        if function == "coalesce" and None in found:
            return None
    else:
        found = [_optional(part, sure) for part in node.inner() if isinstance(part, n.Node)]
    return next(filter(None, found), None)


def _negatives(node: n.Expression) -> Iterator[n.Comparison | n.Like | n.In | n.InQuery]:
    for one in walk(node, queries=False):
        if isinstance(one, n.Comparison):
            if one.operator == "!=":
                yield one
        elif isinstance(one, (n.Like, n.In, n.InQuery)):
            if one.negated:
                yield one
        elif isinstance(one, n.Not) and isinstance(one.operand, (n.Comparison, n.Like, n.In)):
            yield one.operand


def _guards(node: n.Expression) -> set[str]:
    """Fields about whose presence the condition speaks."""
    return {
        one.arguments[0].name
        for one in walk(node, queries=False)
        if isinstance(one, n.Call)
        and one.function.lower() in {"ispresent", "isempty", "isblank"}
        and one.arguments
        and isinstance(one.arguments[0], n.Field)
    }


def _rows(query: n.Query, text: str) -> Iterator[SyntaxFault]:
    ends = (c.Limit, c.Stats, c.CountFrequent, c.Estimate, c.Opaque)
    if not any(isinstance(command, ends) for command in query.commands):
        yield SyntaxFault(
            NO_LIMIT,
            "without a limit the service shows 10,000 rows at most, and does not say so",
            TextSpan(max(len(text.rstrip()) - 1, 0), len(text.rstrip())),
            label="ends without a limit",
            help="end it with `| limit 1000`, or group with stats",
        )
