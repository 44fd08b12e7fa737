"""The printer of Logs Insights trees: tree -> text that parses to an equal tree."""

from __future__ import annotations

import re
from collections.abc import Iterable

from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.cursor import RESERVED
from axonwatch.syntax.insights.expressions import (
    ADD,
    AND,
    COMPARE,
    MINUS,
    MULTIPLY,
    NOT,
    OR,
    POWER,
    TIGHT,
)

_PLAIN_FIRST = re.compile(r"@{0,2}[^\W\d]\w*")
_PLAIN_NEXT = re.compile(r"@{0,2}\w+")
_PLAIN_KEY = re.compile(r"\d+|@{0,2}[^\W\d]\w*")
_ARITHMETIC = {
    "+": (ADD, ADD, MULTIPLY),
    "-": (ADD, ADD, MULTIPLY),
    "*": (MULTIPLY, MULTIPLY, MINUS),
    "/": (MULTIPLY, MULTIPLY, MINUS),
    "%": (MULTIPLY, MULTIPLY, MINUS),
    "^": (POWER, TIGHT, MINUS),
}


def print_query(query: n.Query) -> str:
    """The whole query, a command on each line."""
    return "\n| ".join(_parts(query))


def _inline(query: n.Query) -> str:
    return f"({' | '.join(_parts(query))})"


def _parts(query: n.Query) -> list[str]:
    source = [] if query.source is None else [_source(query.source)]
    return source + [print_command(command) for command in query.commands]


def print_name(segments: tuple[str, ...]) -> str:
    """A field's name, with backticks where they are needed."""
    if len(segments) == 1 and segments[0].lower() in RESERVED:
        return f"`{segments[0]}`"
    shown = []
    for position, segment in enumerate(segments):
        plain = _PLAIN_NEXT if position else _PLAIN_FIRST
        bare = segment.lstrip("@") if segment.startswith("@") else segment
        marks = segment[: len(segment) - len(bare)][:2]
        shown.append(segment if plain.fullmatch(segment) else f"{marks}`{segment[len(marks) :]}`")
    return ".".join(shown)


def _alias(alias: n.Alias | None) -> str:
    if alias is None:
        return ""
    plain = all(
        _PLAIN_NEXT.fullmatch(part) and (place or _PLAIN_FIRST.fullmatch(part))
        for place, part in enumerate(alias.name.split("."))
    )
    segments = tuple(alias.name.split(".")) if plain else (alias.name,)
    return f" as {print_name(segments)}"


def print_string(value: str) -> str:
    """A string in double quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _regex(pattern: str) -> str:
    shown, escaped = [], False
    for character in pattern:
        shown.append("\\/" if character == "/" and not escaped else character)
        escaped = character == "\\" and not escaped
    return f"/{''.join(shown)}/"


def print_expression(node: n.Expression, floor: int = OR) -> str:
    """An expression, in parentheses if it binds more loosely than `floor`."""
    text, level = _expression(node)
    return text if level >= floor else f"({text})"


def _expression(node: n.Expression) -> tuple[str, int]:
    match node:
        case n.Number(text):
            return text, TIGHT
        case n.String(value):
            return print_string(value), TIGHT
        case n.Duration(count, unit):
            return f"{count}{unit}", TIGHT
        case n.Regex(pattern):
            return _regex(pattern), TIGHT
        case n.Field(segments):
            return print_name(segments), TIGHT
        case n.Star():
            return "*", TIGHT
        case n.Call(function, arguments):
            return f"{print_name((function,))}({_listed(arguments)})", TIGHT
        case n.Attribute(base, name):
            return f"{print_expression(base, TIGHT)}.{_key(name)}", TIGHT
        case n.Index(base, position):
            return f"{print_expression(base, TIGHT)}[{position}]", TIGHT
        case _:
            return _operation(node)


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else f"`{name}`"


def _operation(node: n.Expression) -> tuple[str, int]:
    match node:
        case n.Negate(operand):
            return f"-{print_expression(operand, MINUS)}", MINUS
        case n.Not(operand):
            return f"not {print_expression(operand, NOT)}", NOT
        case n.Arithmetic(operator, left, right):
            level, least_left, least_right = _ARITHMETIC[operator]
            one, two = print_expression(left, least_left), print_expression(right, least_right)
            return f"{one} {operator} {two}", level
        case n.Comparison(operator, left, right):
            one, two = print_expression(left, ADD), print_expression(right, ADD)
            return f"{one} {operator} {two}", COMPARE
        case n.Like(subject, pattern, negated):
            word = "not like" if negated else "like"
            return f"{print_expression(subject, ADD)} {word} {print_expression(pattern)}", COMPARE
        case n.In(subject, items, negated):
            word = "not in" if negated else "in"
            return f"{print_expression(subject, ADD)} {word} [{_listed(items, ADD)}]", COMPARE
        case n.InQuery(subject, query, negated):
            word = "not in" if negated else "in"
            return f"{print_expression(subject, ADD)} {word} {_inline(query)}", COMPARE
        case n.And(terms):
            return " and ".join([print_expression(term, NOT) for term in terms]), AND
        case n.Or(terms):
            return " or ".join([print_expression(term, AND) for term in terms]), OR
    message = f"no expression: {node!r}"
    raise TypeError(message)


def _listed(nodes: Iterable[n.Expression], floor: int = OR) -> str:
    return ", ".join([print_expression(node, floor) for node in nodes])


def _items(items: tuple[n.Item, ...]) -> str:
    return ", ".join([print_expression(item.expression) + _alias(item.alias) for item in items])


def _fields(fields: tuple[n.Field, ...], separator: str = ", ") -> str:
    return separator.join([print_name(field.segments) for field in fields])


def _aliases(names: tuple[n.Alias, ...]) -> str:
    return ", ".join([_alias(name).removeprefix(" as ") for name in names])


def _source(source: n.Source) -> str:
    def strings(values: tuple[str, ...]) -> str:
        return f"[{', '.join([print_string(value) for value in values])}]"

    if source.selects:
        keys = [f"namePrefix: {strings(source.prefixes)}"] if source.prefixes else []
        keys += [f"{print_name((key,))}: {strings(values)}" for key, values in source.other]
        text = f"SOURCE logGroups({', '.join(keys)})"
    else:
        text = f"SOURCE {', '.join([print_string(group) for group in source.groups])}"
    for name, time in (("start", source.start), ("end", source.end)):
        text += "" if time is None else f" {name}={print_string(time)}"
    return text


def print_command(node: n.Node) -> str:
    """One command."""
    match node:
        case c.Fields(items):
            return f"fields {_items(items)}"
        case c.Display(items):
            return f"display {_items(items)}"
        case c.Filter(condition, word):
            return f"{word} {print_expression(condition)}"
        case c.Stats(items, by, offset):
            keys = f" by {_items(by)}" if by else ""
            shift = f" offset {print_expression(offset)}" if offset is not None else ""
            return f"stats {_items(items)}{keys}{shift}"
        case c.Sort(keys, word):
            words = {None: "", True: " desc", False: " asc"}
            shown = [print_expression(k.field, ADD) + words[k.descending] for k in keys]
            return f"{'order by' if word == 'order by' else 'sort'} {', '.join(shown)}"
        case c.Limit(count, some, word):
            return f"{word} {'any ' if some else ''}{count}"
        case c.Dedup(fields):
            return f"dedup {_listed(fields, ADD)}"
        case c.Unnest(subject, name):
            return f"unnest {print_expression(subject, ADD)} into {_aliases((name,))}"
        case c.Expand(subject):
            return f"expand {print_name(subject.segments)}"
        case c.ParseGlob() | c.ParseRegex() | c.ParseFormat() | c.Json():
            return _parse(node)
        case c.Lookup() | c.CidrLookup() | c.Join() | c.AppendCols():
            return _enrich(node)
        case _:
            return _window(node)


def _parse(node: c.ParseGlob | c.ParseRegex | c.ParseFormat | c.Json) -> str:
    if isinstance(node, c.Json):
        field = f"field={print_name(node.subject.segments)} " if node.subject else ""
        pairs = [f"{print_string(path.value)}{_alias(name)}" for path, name in node.pairs]
        return f"json {field}{', '.join(pairs)}"
    subject = "" if node.subject is None else f"{print_expression(node.subject, TIGHT)} "
    names = f" as {_aliases(node.names)}" if node.names else ""
    match node:
        case c.ParseGlob(_, pattern):
            return f"parse {subject}{print_string(pattern.value)}{names}"
        case c.ParseRegex(_, regex, _, multi):
            return f"parse {subject}{_regex(regex.pattern)}{' multi' if multi else ''}{names}"
        case c.ParseFormat(_, form, _, path):
            where = f" {print_string(path.value)}" if path is not None else ""
            return f"parse {subject}{form}{where}{names}"


def _outputs(outputs: tuple[c.LookupOutput, ...]) -> str:
    return ", ".join([print_name((o.column,)) + _alias(o.alias) for o in outputs])


def _table(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name) else print_string(name)


def _enrich(node: c.Lookup | c.CidrLookup | c.Join | c.AppendCols) -> str:
    match node:
        case c.Lookup(table, keys, outputs):
            shown = [
                print_name((k.column,)) + (f" as {print_name(k.field.segments)}" if k.field else "")
                for k in keys
            ]
            return f"lookup {_table(table)} {', '.join(shown)} OUTPUT {_outputs(outputs)}"
        case c.CidrLookup(table, subject, column, outputs, only_empty):
            where = f" as {print_name((column,))}" if column is not None else ""
            word = "OUTPUTNEW" if only_empty else "OUTPUT"
            field = print_name(subject.segments)
            return f"cidrlookup {_table(table)} {field}{where} {word} {_outputs(outputs)}"
        case c.Join(kind, left, right, pairs, query):
            keys_text = " and ".join(
                [f"{print_name(a.segments)} = {print_name(b.segments)}" for a, b in pairs]
            )
            sides = f"left={_aliases((left,))} right={_aliases((right,))}"
            return f"join type={kind} {sides} where {keys_text} {_inline(query)}"
        case c.AppendCols(query, override, maximum):
            return f"appendcols override={_truth(override)} max={maximum} {_inline(query)}"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _window(node: n.Node) -> str:
    match node:
        case c.Accum(subject, alias):
            return f"accum {print_name(subject.segments)}{_alias(alias)}"
        case c.Autoregress(subject, alias, first, last):
            lag = f"p={first}" + (f"-{last}" if last is not None else "")
            return f"autoregress {print_name(subject.segments)}{_alias(alias)} {lag}"
        case c.FillDown(patterns):
            return " ".join(["filldown", *[_wildcard(pattern) for pattern in patterns]])
        case c.FillMissing(values):
            pairs = [f"{print_expression(v, ADD)} for {print_name(f.segments)}" for v, f in values]
            return f"fillmissing with {', '.join(pairs)}" if pairs else "fillmissing"
        case c.AddTotals(fields, name, row, column):
            options = f"fieldname={print_name((name,))} row={_truth(row)} col={_truth(column)}"
            return f"addtotals {options} {_fields(fields)}".rstrip()
        case c.CountFrequent(fields):
            return f"countFrequent {_fields(fields)}"
        case c.Outlier(fields, action, factor, use_lower, mark):
            options = f"action={action} param={factor} uselower={_truth(use_lower)}"
            return f"outlier {options} mark={_truth(mark)} {_fields(fields, ' ')}"
        case c.Sessionize(fields, gap, alias):
            span = f" maxspan {print_expression(gap)}" if gap is not None else ""
            return f"sessionize {_fields(fields)}{span}{_alias(alias)}"
        case c.Unmask(fields):
            return f"unmask({_fields(fields)})"
        case c.Estimate():
            return "estimate"
        case c.Opaque(word, arguments):
            return " ".join([word, *arguments])
    message = f"no command: {node!r}"
    raise TypeError(message)


def _wildcard(pattern: str) -> str:
    return pattern if "*" in pattern else print_name(tuple(pattern.split(".")))
