"""parse and json: new fields out of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.document import Document, Pointers, pointer
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.pipeline import Order, quote_text
from axonwatch.query.sql.scope import State
from axonwatch.query.sql.structures import parsed
from axonwatch.query.sql.values import NULL_TEXT, Kind, Value
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.regex import Group, RegexFacts, read_regex

_WORTH_A_LOOK = 3
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def subject_value(on: Expressions, subject: n.Expression | None) -> Value:
    """The field that is parsed: @message by default."""
    if subject is None:
        return on.scope.resolve(on.pipe, ("@message",))
    return on.value(subject)


def _define(state: State, name: str, value: Value) -> None:
    state.scope.names[name] = value
    state.shown.add(name)


def apply_glob(on: Expressions, state: State, node: c.ParseGlob) -> None:
    """`*` takes as little as it can; the last one, at the end, all the rest."""
    value = subject_value(on, node.subject)
    pieces = node.pattern.value.split("*")
    pattern = _escape(pieces[0])
    for place, piece in enumerate(pieces[1:], start=1):
        is_rest = place == len(pieces) - 1 and not piece
        pattern += ("(.*)" if is_rest else "(.*?)") + _escape(piece)
    groups = tuple(Group(alias.name, False, 0) for alias in node.names)
    shortest = sum(len(piece) for piece in pieces)
    required = tuple(piece for piece in pieces if piece)
    facts = RegexFacts(f"(?s){pattern}", groups, shortest, None, required, pieces[0])
    names = [alias.name for alias in node.names]
    for name, found in zip(names, _captures(on, on.text(value), facts), strict=True):
        _define(state, name, found)


def _escape(text: str) -> str:
    return "".join(
        character
        if character.isalnum() or character in " _" or ord(character) > 127
        else "\\x00"
        if character == "\0"
        else f"\\{character}"
        for character in text
    ).replace("\\\n", "\\n")


def apply_regex(on: Expressions, state: State, node: c.ParseRegex) -> None:
    """The groups of the first match; with `multi`, a row for each match."""
    facts = read_regex(node.pattern.pattern, node.pattern.span)
    names = _group_names(node, facts)
    text = on.text(subject_value(on, node.subject))
    if node.multi:
        _apply_multi(on, state, text, facts, names)
        return
    for name, found in zip(names, _captures(on, text, facts), strict=True):
        if name is not None:
            _define(state, name, found)


def _group_names(node: c.ParseRegex, facts: RegexFacts) -> list[str | None]:
    if node.names:
        if len(node.names) != len(facts.groups):
            refuse(
                "regex-names",
                f"the pattern has {len(facts.groups)} groups, but {len(node.names)} names",
                node.pattern.span,
                label="groups are the parts in parentheses",
                help="give one name for each group, or name the groups: `(?<name>..)`",
            )
        return [alias.name for alias in node.names]
    names = [group.name for group in facts.groups]
    if not any(names):
        refuse(
            "no-named-group",
            "the pattern has no named group, so nothing is extracted",
            node.pattern.span,
            label="no `(?<name>..)` in it",
            help="name what is to be extracted: `(?<name>..)`",
        )
    return names


def _captures(on: Expressions, text: str, facts: RegexFacts) -> list[Value]:
    """The groups of the first match: absent without one, and if they took no part in it."""
    if text == NULL_TEXT:
        return [Value(Kind.TEXT, NULL_TEXT) for _ in facts.groups]
    first, column = facts.groups[0], on.let(text)
    if len(facts.groups) == 1 and first.shortest > 0:
        found = _first_match(on, column, facts)
        return [Value(Kind.TEXT, on.let(f"nullif({found}, '')"))]
    match = _first_match(on, column, facts, len(facts.groups))
    matched = f"{match}.g0 <> ''"
    if facts.shortest == 0:
        matched = f"({matched} OR regexp_matches({column}, {quote_text(facts.pattern)}))"
    matched = on.let(matched)
    return [
        Value(Kind.TEXT, on.let(_taken(f"{match}.g{place}", group, matched)))
        for place, group in enumerate(facts.groups, start=1)
    ]


def _first_match(on: Expressions, text: str, facts: RegexFacts, groups: int = 0) -> str:
    """The column of the first match: its one group, or a struct of the whole, `g0`, and `groups`.

    Looking for a text is much cheaper than matching a pattern that cannot match, and a pattern that
    is tried at one place is much cheaper than one that is searched for.
    """
    names = ", ".join(f"'g{place}'" for place in range(groups + 1))
    pattern = _around(facts.pattern) if groups else facts.pattern

    def extract(column: str, pattern: str) -> str:
        return f"regexp_extract({column}, {quote_text(pattern)}, {f'[{names}]' if groups else 1})"

    if len(facts.prefix) < _WORTH_A_LOOK:
        needed = max(facts.required, key=len, default="")
        if len(needed) >= _WORTH_A_LOOK:
            text = on.let(f"CASE WHEN contains({text}, {quote_text(needed)}) THEN {text} END")
        return on.pipe.let(extract(text, pattern), volatile=True)
    prefix = quote_text(facts.prefix)
    rest = on.let(f"substr({text}, nullif(instr({text}, {prefix}), 0))")
    here = on.pipe.let(extract(rest, rf"\A(?:{pattern})"), volatile=True)
    return on.let(
        f"CASE WHEN {here}{'.g0' if groups else ''} <> '' THEN {here} "
        f"WHEN instr(substr({rest}, 2), {prefix}) > 0 THEN {extract(rest, pattern)} END"
    )


def _around(pattern: str) -> str:
    """The pattern with a group round the whole; flags in front stay in front."""
    flags = re.match(r"\(\?[a-zA-Z-]+\)", pattern)
    head = flags.group() if flags else ""
    return f"{head}({pattern[len(head) :]})"


def _taken(sql: str, group: Group, matched: str) -> str:
    value = f"nullif({sql}, '')" if group.shortest > 0 or group.optional else sql
    return f"CASE WHEN {matched} THEN {value} END"


def _apply_multi(
    on: Expressions, state: State, text: str, facts: RegexFacts, names: Sequence[str | None]
) -> None:
    column = on.let(text)
    listed = ", ".join(f"'g{place}'" for place in range(len(facts.groups) + 1))
    whole = quote_text(_around(facts.pattern))
    matches = f"regexp_extract_all({column}, {whole}, [{listed}])"
    # An event without a match stays, without the names.
    rows = on.pipe.let(
        f"CASE WHEN {column} IS NULL OR NOT regexp_matches({column}, {quote_text(facts.pattern)}) "
        f"THEN [NULL] ELSE {matches} END"
    )
    match = unnest(on, state, rows)
    for place, (name, group) in enumerate(zip(names, facts.groups, strict=True), start=1):
        if name is not None:
            taken = on.let(_taken(f"{match}.g{place}", group, f"{match} IS NOT NULL"))
            _define(state, name, Value(Kind.TEXT, taken))


def unnest(on: Expressions, state: State, rows: str) -> str:
    """A row for each element of the list `rows`; returns the element's column."""
    pipe = on.pipe
    pipe.flush()
    element, place = pipe.names.new(), pipe.names.new()
    pipe.wrap(
        f"SELECT *, unnest({rows}) AS {element}, "
        f"unnest(range(1, len({rows}) + 1)) AS {place} FROM ({pipe.sql})"
    )
    state.order.append(Order(place))
    state.sequence = None
    return element


def apply_format(on: Expressions, state: State, node: c.ParseFormat) -> None:
    """A map of logfmt, fields by position of CSV."""
    text = on.text(subject_value(on, node.subject))
    if node.form == "xml":
        refuse(
            "refused-command",
            "`parse .. XML` is not evaluated here",
            node.span,
            label="its XPath is on no AWS page",
            help="use `parse` with a regular expression",
        )
    if node.form == "logfmt":
        function = on.context.uses("insights_logfmt")
        column = on.pipe.let(f"{function}({text})", volatile=True)
        _define(state, node.names[0].name, Value(Kind.STRUCTURE, column))
        return
    function = on.context.uses("insights_csv")
    column = on.pipe.let(f"{function}({text})", volatile=True)
    for place, alias in enumerate(node.names):
        taken = on.let(f"json_extract_string({column}, '/{place}')")
        _define(state, alias.name, Value(Kind.TEXT, taken))


def apply_json(on: Expressions, state: State, node: c.Json) -> None:
    """Values at paths of a JSON text."""
    document = Document(parsed(on, subject_value(on, node.subject)))
    places: list[Pointers] = [(pointer(_keys(path)),) for path, _ in node.pairs]
    document.fetch(on.pipe, places)
    for (_, alias), place in zip(node.pairs, places, strict=True):
        found = document.field(on.pipe, place)
        whole = on.let(
            f"CASE WHEN ascii({found.whole}) IN (91, 123) AND {found.sql} IS NULL "
            f"THEN {found.whole} ELSE CAST(to_json({found.sql}) AS VARCHAR) END"
        )
        _define(state, alias.name, Value(Kind.STRUCTURE, whole))


def _keys(path: n.String) -> list[str]:
    """`a.b[0].c` or `$.a.b` as keys."""
    text = path.value.removeprefix("$").removeprefix(".")
    keys, at = [], 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            refuse(
                "invalid-path",
                f"`{path.value}` is not a path",
                path.span,
                label="not a path into JSON",
                help='write it as "a.b[0].c"',
            )
        keys.append(found[1] or found[2])
        at = found.end()
    return keys
