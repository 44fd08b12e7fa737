"""Which command may stand where, and what a function may be called with."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.functions import (
    AGGREGATE,
    BY_NAME,
    FOREIGN_FUNCTIONS,
    MANY,
    FunctionRule,
)
from axonwatch.syntax.insights.regex import read_regex
from axonwatch.syntax.insights.tree import walk
from axonwatch.syntax.text import SyntaxFault, TextSpan

MAXIMUM_STATS = 10
MAXIMUM_PREFIXES = 5


def check_order(query: n.Query, *, inside: bool = False) -> Iterator[SyntaxFault]:
    """Faults of order, of calls and of patterns, in a query and the queries inside it."""
    commands = query.commands
    stats = [place for place, one in enumerate(commands) if isinstance(one, c.Stats)]
    last_stats = stats[-1] if stats else -1
    for place, command in enumerate(commands):
        before = commands[:place]
        if isinstance(command, (c.Sort, c.Limit)) and place < last_stats:
            yield _early(command, commands[last_stats])
        yield from _after(before, command)
        yield from _calls(command)
    if len(stats) > MAXIMUM_STATS:
        yield SyntaxFault(
            "too-many-stats",
            f"a query has at most {MAXIMUM_STATS} stats, not {len(stats)}",
            commands[stats[MAXIMUM_STATS]].span,
            label="one too many",
        )
    joins = [one for one in commands if isinstance(one, c.Join)]
    if len(joins) > 1:
        yield SyntaxFault(
            "second-join",
            "a query has at most one join",
            joins[1].span,
            label="the second one",
            help="join in two queries",
        )
    yield from _source(query.source)
    for inner, is_nested in _inner_queries(query):
        if inside or is_nested:
            yield SyntaxFault(
                "nested-query",
                "queries inside a query cannot be nested",
                inner.span,
                label="inside another subquery",
                help="run them one after the other",
            )
        else:
            yield from check_order(inner, inside=True)


def _inner_queries(query: n.Query) -> Iterator[tuple[n.Query, bool]]:
    for command in query.commands:
        for node in walk(command, queries=False):
            if isinstance(node, (n.InQuery, c.Join, c.AppendCols)):
                yield node.query, False


def _early(command: c.Sort | c.Limit, stats: n.Node) -> SyntaxFault:
    word = command.word
    return SyntaxFault(
        f"{'limit' if isinstance(command, c.Limit) else 'sort'}-before-stats",
        f"`{word}` cannot stand before the last stats",
        command.span,
        label=f"the last stats begins at character {stats.span.start + 1}",
        help=f"move `{word}` behind it",
    )


def _after(before: tuple[n.Node, ...], command: n.Node) -> Iterator[SyntaxFault]:
    """What some commands forbid behind them, and what some need before them."""
    if any(isinstance(one, c.Dedup) for one in before) and not isinstance(command, c.Limit):
        yield SyntaxFault(
            "after-dedup",
            "only `limit` can stand behind `dedup`",
            command.span,
            label="refused by the service here",
            help="move it before `dedup`: sort decides which rows dedup keeps",
        )
    if any(isinstance(one, c.Estimate) for one in before):
        yield SyntaxFault(
            "after-estimate",
            "`estimate` must be the last command",
            command.span,
            label="stands behind it",
            help="remove it, or `estimate`",
        )
    if isinstance(command, c.Opaque):
        words = [one.word for one in before if isinstance(one, c.Opaque)]
        needs = {"diff": "pattern", "anomaly": "pattern"}.get(command.word)
        if needs is not None and needs not in words:
            yield SyntaxFault(
                f"{command.word}-without-{needs}",
                f"`{command.word}` needs `{needs}` before it",
                command.span,
                label=f"no `{needs}` before it",
                help=f"write `{needs} @message | {command.word}`",
            )


def _source(source: n.Source | None) -> Iterator[SyntaxFault]:
    if source is not None and len(source.prefixes) > MAXIMUM_PREFIXES:
        yield SyntaxFault(
            "too-many-prefixes",
            f"`namePrefix` takes at most {MAXIMUM_PREFIXES} prefixes, not {len(source.prefixes)}",
            source.span,
            label="too many",
            help="use fewer, shorter prefixes",
        )


def _calls(command: n.Node) -> Iterator[SyntaxFault]:
    for node in walk(command, queries=False):
        if isinstance(node, n.Call):
            yield from _call(node)
        elif isinstance(node, n.Regex):
            try:
                read_regex(node.pattern, node.span)
            except SyntaxFault as fault:
                yield fault
    yield from _places(command)
    if isinstance(command, c.ParseRegex):
        yield from _groups(command)


def _call(node: n.Call) -> Iterator[SyntaxFault]:
    rule = BY_NAME.get(node.function.lower())
    span = TextSpan(node.span.start, node.span.start + len(node.function))
    if rule is None:
        yield _unknown_function(node.function, span)
        return
    count = len(node.arguments)
    starred = any(isinstance(argument, n.Star) for argument in node.arguments)
    if starred and rule.name not in {"count", "countOverTime"}:
        yield SyntaxFault(
            "misplaced-star",
            f"`{rule.name}` does not take `*`",
            node.span,
            label="only count does",
            help=f"write `{rule.name}({rule.arguments})`",
        )
    elif not rule.least <= count <= rule.most:
        yield SyntaxFault(
            "argument-count",
            f"`{rule.name}` takes {_how_many(rule)}, not {count}",
            node.span,
            label=f"{count} given",
            help=f"write `{rule.name}({rule.arguments})`",
        )


def _how_many(rule: FunctionRule) -> str:
    if rule.most == MANY:
        return f"{rule.least} or more arguments"
    if rule.least == rule.most:
        return (
            ("no argument", "1 argument")[rule.most] if rule.most < 2 else f"{rule.most} arguments"
        )
    return f"{rule.least} to {rule.most} arguments"


def _unknown_function(name: str, span: TextSpan) -> SyntaxFault:
    near = difflib.get_close_matches(name.lower(), BY_NAME, n=1)
    help_text = FOREIGN_FUNCTIONS.get(name.lower(), "")
    if not help_text and near:
        help_text = f"did you mean `{BY_NAME[near[0]].name}`?"
    return SyntaxFault(
        "unknown-function",
        f"`{name}` is not a Logs Insights function",
        span,
        label="not a function",
        help=help_text or "all functions are listed in docs/insights-dialect.md",
    )


def _places(command: n.Node) -> Iterator[SyntaxFault]:
    """Aggregates belong into stats, and only there; an index takes values only."""
    if isinstance(command, c.Filter) and command.word == "filterIndex":
        yield from _index_form(command.condition)
    if isinstance(command, c.Stats):
        for item in command.items:
            if not any(_is_aggregate(node) for node in walk(item, queries=False)):
                names = {alias.alias.name for alias in command.items if alias.alias is not None}
                read = {node.name for node in walk(item) if isinstance(node, n.Field)}
                if not read & names:
                    yield _no_aggregate(item)
            yield from _nested_aggregates(item)
        return
    for node in walk(command, queries=False):
        if _is_aggregate(node):
            assert isinstance(node, n.Call)  # noqa: S101  # _is_aggregate says so
            yield SyntaxFault(
                "misplaced-function",
                f"`{node.function}` is a function of `stats`",
                node.span,
                label="not allowed here",
                help="name its result in stats, `.. as name`, and use the name here",
            )


def _index_form(node: n.Expression) -> Iterator[SyntaxFault]:
    """An index is asked for values, and for nothing else."""
    match node:
        case n.And(terms) | n.Or(terms):
            for term in terms:
                yield from _index_form(term)
        case n.Comparison("=", n.Field(), _) | n.In(n.Field(), _, False):
            pass
        case _:
            yield SyntaxFault(
                "index-form",
                "`filterIndex` compares a field with `=` or `in`",
                node.span,
                label="an index cannot answer this",
                help="write `filterIndex f = v` or `filterIndex f in [..]`, the rest in `filter`",
            )


def _no_aggregate(item: n.Item) -> SyntaxFault:
    return SyntaxFault(
        "not-aggregated",
        "stats computes aggregates; this is none",
        item.span,
        label="no aggregate in it",
        help="write `latest(f)`, or put the field after `by`",
    )


def _nested_aggregates(item: n.Item) -> Iterator[SyntaxFault]:
    for node in walk(item, queries=False):
        if not _is_aggregate(node):
            continue
        assert isinstance(node, n.Call)  # noqa: S101  # _is_aggregate says so
        for argument in node.arguments:
            for inner in walk(argument, queries=False):
                if _is_aggregate(inner):
                    yield SyntaxFault(
                        "nested-aggregate",
                        "an aggregate cannot stand inside another",
                        inner.span,
                        label=f"inside `{node.function}`",
                        help="aggregate twice: `stats .. by a | stats ..`",
                    )


def _is_aggregate(node: object) -> bool:
    if not isinstance(node, n.Call):
        return False
    rule = BY_NAME.get(node.function.lower())
    return rule is not None and rule.kind == AGGREGATE


def _groups(command: c.ParseRegex) -> Iterator[SyntaxFault]:
    try:
        facts = read_regex(command.pattern.pattern, command.pattern.span)
    except SyntaxFault:
        return  # said already
    if command.names:
        if len(facts.groups) != len(command.names):
            yield SyntaxFault(
                "regex-names",
                f"the pattern has {len(facts.groups)} groups, but {len(command.names)} names",
                command.pattern.span,
                label="groups are the parts in parentheses",
                help="give one name for each group, or name the groups: `(?<name>..)`",
            )
    elif not facts.names:
        code = "multi-without-groups" if command.multi else "no-named-group"
        yield SyntaxFault(
            code,
            "the pattern has no named group, so nothing is extracted",
            command.pattern.span,
            label="no `(?<name>..)` in it",
            help="name what is to be extracted: `(?<name>..)`",
        )
