"""How names flow through a query: given once, gone after stats, structured or not.

The service refuses a query that gives a name twice: `Ephemeral field is already defined`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.regex import read_regex
from axonwatch.syntax.insights.tree import walk, walk_paths
from axonwatch.syntax.text import SyntaxFault, TextSpan


@dataclass
class NameFlow:
    """Follows a query command by command; `errors` and `warnings` are what it met."""

    errors: list[SyntaxFault] = field(default_factory=list)
    warnings: list[SyntaxFault] = field(default_factory=list)
    given: dict[str, TextSpan] = field(default_factory=dict)
    structures: set[str] = field(default_factory=set)
    splits: set[str] = field(default_factory=set)
    parsed: set[str] = field(default_factory=set)
    outputs: dict[str, None] | None = None  # the only names there are, after stats
    sides: tuple[str, ...] = ()

    def follow(self, query: n.Query) -> None:
        """Go through all commands."""
        for command in query.commands:
            self._reads(command)
            self._keys(command)
            self._gives(command)
            for node in walk(command, queries=False):
                if isinstance(node, (n.InQuery, c.Join, c.AppendCols)):
                    inner = NameFlow()
                    inner.follow(node.query)
                    self.errors += inner.errors
                    self.warnings += inner.warnings

    # -- reading --------------------------------------------------------------------------------

    def _reads(self, command: n.Node) -> None:
        """Names that do not exist any more after stats, or not yet in this command."""
        if isinstance(command, (c.FillDown, c.Lookup, c.AppendCols)):
            return
        if isinstance(command, c.Join):
            self.sides = (command.left.name, command.right.name)
            return
        known = dict(self.outputs or {})
        listed: set[TextSpan] = set()
        if isinstance(command, (c.Fields, c.Display, c.Stats)):
            self._same_command(command.items)
            known |= {item.alias.name: None for item in command.items if item.alias is not None}
            if isinstance(command, c.Stats):
                known |= {item.column: None for item in command.items}
            listed = {item.expression.span for item in command.items if item.alias is None}
        if isinstance(command, c.FillMissing):
            reading: object = tuple(value for value, _ in command.values)
        else:
            reading = command
        for segments, node in walk_paths(reading):
            name = ".".join(segments)
            if self.outputs is not None and not self._is_known(segments, known):
                # A column that is missing is only empty; what computes with it cannot be right.
                told = self.warnings if node.span in listed else self.errors
                told.append(_gone(name, node.span, known))
            elif self.sides and segments[0] not in self.sides and name not in self.given:
                self.warnings.append(_sideless(name, node.span, self.sides))
        if self.outputs is None or "@timestamp" in self.outputs or isinstance(command, c.Sort):
            return
        for node in walk(command, queries=False):
            if isinstance(node, n.Call) and node.function.lower() in _NEED_TIME:
                self.errors.append(
                    SyntaxFault(
                        "bin-without-time",
                        f"`{node.function}` needs @timestamp, which is gone after stats",
                        node.span,
                        label="no time here",
                        help="carry the time: `by bin(5m) as @t`, then `datefloor(@t, 10m)`",
                    )
                )

    @staticmethod
    def _is_known(segments: tuple[str, ...], known: dict[str, None]) -> bool:
        return any(".".join(segments[:length]) in known for length in range(1, len(segments) + 1))

    def _same_command(self, items: tuple[n.Item, ...]) -> None:
        """A path into a map that the same command makes gives nothing."""
        made: set[str] = set()
        for item in items:
            for segments, node in walk_paths(item.expression):
                if len(segments) > 1 and segments[0] in made:
                    self.warnings.append(
                        SyntaxFault(
                            "same-command-path",
                            f"`{'.'.join(segments)}` gives nothing on the service",
                            node.span,
                            label=f"`{segments[0]}` is made by the same command",
                            help="open it in a second `fields`",
                        )
                    )
            if item.alias is not None and _is_structure(item.expression):
                made.add(item.alias.name)

    # -- keys -----------------------------------------------------------------------------------

    def _keys(self, command: n.Node) -> None:
        """Only names sort; sort, dedup and stats take no maps and lists, unnest none of split."""
        if isinstance(command, (c.Unnest, c.Expand)) and self._is_split(command.subject):
            word = "unnest" if isinstance(command, c.Unnest) else "expand"
            self.errors.append(_not_flattened(word, command.subject.span))
        if isinstance(command, c.Sort):
            for key in command.keys:
                if not isinstance(key.field, (n.Field, n.Index, n.Attribute)):
                    self.errors.append(
                        SyntaxFault(
                            "sort-expression",
                            "`sort` takes names only",
                            key.field.span,
                            label="an expression",
                            help=f"name it first: `.. as {_suggested(key.field)}`, then sort by it",
                        )
                    )
                self._refuse_structure(key.field, "sort")
        elif isinstance(command, c.Dedup):
            for one in command.fields:
                self._refuse_structure(one, "dedup")
        elif isinstance(command, c.Stats):
            for item in command.by:
                self._refuse_structure(item.expression, "stats")

    def _is_split(self, node: n.Expression) -> bool:
        if isinstance(node, n.Field):
            return node.name in self.splits
        return isinstance(node, n.Call) and node.function.lower() == "split"

    def _refuse_structure(self, node: n.Expression, word: str) -> None:
        if (isinstance(node, n.Field) and node.name in self.structures) or _is_structure(node):
            self.errors.append(
                SyntaxFault(
                    "structure-key",
                    f"`{word}` cannot use a map or list",
                    node.span,
                    label="a map or list",
                    help="use one of its values, such as `j.key`",
                )
            )

    # -- giving ---------------------------------------------------------------------------------

    def _give(self, name: str, span: TextSpan, *, structure: bool = False) -> None:
        if name in self.given:
            self.errors.append(_given_twice(name, span, self.given[name]))
        self.given.setdefault(name, span)
        if structure:
            self.structures.add(name)
        if self.outputs is not None:
            self.outputs[name] = None

    def _gives(self, command: n.Node) -> None:
        match command:
            case c.Fields(items):
                self._give_items(items, is_fields=True)
            case c.Display(items):
                self._give_items(items, is_fields=False)
            case c.Stats(items, by):
                outputs = {item.column: None for item in (*by, *items)}
                self._refuse_keys_name(items, by)
                self._give_items((*by, *items), is_fields=False)
                self.outputs, self.sides = outputs, ()
                self.structures &= set(outputs)
            case c.ParseGlob(_, _, names):
                self._give_parsed([(alias.name, alias.span) for alias in names])
            case c.ParseRegex(_, pattern, names):
                found = [(alias.name, alias.span) for alias in names]
                found = found or [(name, pattern.span) for name in _group_names(pattern)]
                self._give_parsed(found)
            case c.ParseFormat(_, form, names):
                self._give_parsed([(alias.name, alias.span) for alias in names])
                if form == "logfmt":
                    self.structures |= {alias.name for alias in names}
            case c.Json(_, pairs):
                self._give_parsed([(alias.name, alias.span) for _, alias in pairs])
            case c.Unnest(_, alias):
                self._give(alias.name, alias.span)
            case _:
                self._gives_rest(command)

    def _refuse_keys_name(self, items: tuple[n.Item, ...], by: tuple[n.Item, ...]) -> None:
        """One column cannot be both a key and what is computed for it."""
        keys = {item.column: item.span for item in by if item.alias is None}
        for item in items:
            if item.alias is not None and item.alias.name in keys:
                self.errors.append(
                    _given_twice(item.alias.name, item.alias.span, keys[item.alias.name])
                )

    def _gives_rest(self, command: n.Node) -> None:
        match command:
            case c.CountFrequent(fields):
                self.outputs = {one.name: None for one in fields} | {"_approxcount": None}
            case c.Accum(_, alias) | c.Autoregress(_, alias) | c.Sessionize(_, _, alias):
                if alias is not None:
                    self._give(alias.name, alias.span)
                self._add_outputs(command)
            case c.Lookup(_, _, outputs) | c.CidrLookup(_, _, _, outputs):
                for output in outputs:
                    self._overwrite(output.name)
            case c.AddTotals(_, name, True):
                self._overwrite(name)
            case c.Outlier(fields, _, _, _, True):
                for one in fields:
                    self._overwrite(f"{one.name}_outlier")
            case c.AppendCols(query):
                for name in _shown_names(query):
                    self._overwrite(name)
            case _:
                pass

    def _overwrite(self, name: str) -> None:
        if self.outputs is not None:
            self.outputs[name] = None

    def _add_outputs(self, command: n.Node) -> None:
        match command:
            case c.Autoregress(subject, alias, first, last):
                base = subject.name if alias is None else alias.name
                for lag in range(first, (last or first) + 1):
                    self._overwrite(f"{base}_p{lag}")
            case c.Sessionize(_, _, None):
                self._overwrite("session_id")
            case _:
                pass

    def _give_items(self, items: tuple[n.Item, ...], *, is_fields: bool) -> None:
        for item in items:
            if item.alias is not None:
                self._give(
                    item.alias.name, item.alias.span, structure=_is_structure(item.expression)
                )
                if self._is_split(item.expression):
                    self.splits.add(item.alias.name)
            elif is_fields and isinstance(item.expression, n.Field):
                name = item.expression.name
                if name in self.parsed:
                    self.errors.append(_listed_again(name, item.span))

    def _give_parsed(self, names: list[tuple[str, TextSpan]]) -> None:
        for name, span in names:
            self._give(name, span)
            self.parsed.add(name)


_ITS_WORDS = "the service says: Ephemeral field is already defined"
_NEED_TIME = {"bin", "earliest", "latest", "rate"}


def _is_structure(node: n.Expression) -> bool:
    return isinstance(node, n.Call) and node.function.lower() in {"jsonparse", "split"}


def _group_names(pattern: n.Regex) -> tuple[str, ...]:
    try:
        return read_regex(pattern.pattern, pattern.span).names
    except SyntaxFault:
        return ()


def _suggested(node: n.Expression) -> str:
    return "t" if isinstance(node, n.Call) and node.function.lower() == "bin" else "name"


def _shown_names(query: n.Query) -> list[str]:
    names: list[str] = []
    for command in query.commands:
        if isinstance(command, c.Stats):
            names = [item.column for item in (*command.by, *command.items)]
        elif isinstance(command, (c.Fields, c.Display)):
            names += [item.column for item in command.items]
    return names


def _gone(name: str, span: TextSpan, known: dict[str, None]) -> SyntaxFault:
    near = difflib.get_close_matches(name, known, n=1)
    listed = ", ".join(f"`{one}`" for one in list(known)[:8])
    return SyntaxFault(
        "unknown-after-stats",
        f"`{name}` does not exist after stats",
        span,
        label="not among what stats gave",
        help=f"did you mean `{near[0]}`?" if near else f"there is {listed}",
    )


def _sideless(name: str, span: TextSpan, sides: tuple[str, ...]) -> SyntaxFault:
    return SyntaxFault(
        "unprefixed-after-join",
        f"`{name}` belongs to neither side of the join",
        span,
        label="missing in every row",
        help=f"write `{sides[0]}.{name}` or `{sides[1]}.{name}`",
    )


def _given_twice(name: str, span: TextSpan, first: TextSpan) -> SyntaxFault:
    return SyntaxFault(
        "already-defined",
        f"the name `{name}` is given twice",
        span,
        label=f"first given at character {first.start + 1}",
        help=f"choose another name; {_ITS_WORDS}",
    )


def _not_flattened(word: str, span: TextSpan) -> SyntaxFault:
    return SyntaxFault(
        "split-list",
        f"`{word}` does not flatten a list that `split` made",
        span,
        label="made by `split`",
        help="use `parse .. /(?<x>..)/ multi`, or a list out of jsonParse",
    )


def _listed_again(name: str, span: TextSpan) -> SyntaxFault:
    return SyntaxFault(
        "already-defined",
        f"`fields` lists `{name}`, which `parse` has made already",
        span,
        label="given a second time",
        help=f"write `display {name}`, or `fields {name} as other`; {_ITS_WORDS}",
    )
