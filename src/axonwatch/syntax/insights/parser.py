"""The parser of Logs Insights queries: text -> tree.

    query   = [source "|"] command {"|" command}
    command = word .. (see each function)

`parse_query` is the door. It raises `SyntaxFault` with the exact place; what is grammatical but
against AWS's rules is for `checks`.
"""

from __future__ import annotations

import difflib

from axonwatch.syntax.insights.clauses import MAXIMUM_ROWS, ClauseParser
from axonwatch.syntax.insights.command_nodes import (
    Accum,
    CountFrequent,
    Dedup,
    Display,
    Estimate,
    Expand,
    Fields,
    Filter,
    Limit,
    Opaque,
    Sort,
    SortKey,
    Stats,
    Unmask,
    Unnest,
)
from axonwatch.syntax.insights.commands import BY_WORD, FOREIGN_COMMANDS, REFUSED
from axonwatch.syntax.insights.cursor import MAXIMUM_DEPTH
from axonwatch.syntax.insights.expressions import ADD
from axonwatch.syntax.insights.nodes import Duration, Field, Node, Query, Source
from axonwatch.syntax.insights.periods import read_period
from axonwatch.syntax.insights.tokens import DURATION, END, NAME, STRING, Scanner, Token
from axonwatch.syntax.text import SyntaxFault, TextSpan

MAXIMUM_LENGTH = 10_000
MAXIMUM_GROUP_PREFIXES = 5


class QueryParser(ClauseParser):
    """Reads a whole query, or one in parentheses."""

    def query(self) -> Query:
        """`query` = [source "|"] command {"|" command}."""
        start = self.next.span.start
        self.take_sign("|")
        source = self._source() if self.next.is_word("source") else None
        commands: list[Node] = []
        if source is None:
            commands.append(self._command())
        while self.take_sign("|"):
            commands.append(self._command())
        return Query(tuple(commands), source, span=self.since(start))

    def subquery(self) -> Query:
        """`subquery` = "(" query ")"."""
        self.expect_sign("(", "and a query")
        self.enter()
        query = self.query()
        self.leave()
        if not self.next.is_sign(")"):
            self._refuse_rest("the subquery")
        self.advance()
        return query

    def whole(self) -> Query:
        """The query that is the whole text."""
        query = self.query()
        if self.next.kind != END:
            self._refuse_rest("the command")
        return query

    def _refuse_rest(self, what: str) -> None:
        token = self.next
        if token.bare and token.text.lower() in BY_WORD:
            self.fail(
                "missing-pipe",
                f"a `|` is missing before `{token.text}`",
                token.span,
                label="a new command begins here",
                help=f"write `| {token.text}`",
            )
        self.fail_expected(f"`|` or the end of {what}", help=self._rest_help(token))

    def _rest_help(self, token: Token) -> str:
        before = self.text[: token.span.start].rstrip()
        if token.kind == DURATION or (token.kind == NAME and before.endswith("-")):
            return "put backticks round a name with a hyphen"
        return ""

    def _command(self) -> Node:
        """`command` = word arguments."""
        token = self.next
        if token.is_sign("|") or token.kind == END:
            self.fail_expected("a command")
        if token.kind != NAME or not token.bare:
            self.fail_expected("a command", help="a command begins with a word such as `fields`")
        word = token.text.lower()
        rule = BY_WORD.get(word)
        if rule is None and not (word == "order" and self.peek().is_word("by")):
            self._refuse_command(token)
        self.advance()
        start = token.span.start
        if rule is not None and rule.status == REFUSED:
            return self._opaque(rule.word, start)
        method = getattr(self, f"{self._method(word)}_command")
        made: Node = method(start)
        return made

    @staticmethod
    def _method(word: str) -> str:
        return {
            "where": "filter",
            "filterindex": "filter",
            "head": "limit",
            "tail": "limit",
            "order": "sort",
            "count_frequent": "countfrequent",
        }.get(word, word)

    def _refuse_command(self, token: Token) -> None:
        word = token.text
        near = difflib.get_close_matches(word.lower(), BY_WORD, n=1)
        help_text = FOREIGN_COMMANDS.get(word.lower(), "")
        if not help_text:
            help_text = (
                f"did you mean `{BY_WORD[near[0]].word}`?"
                if near
                else "commands are fields, filter, parse, stats, sort, limit, display, .."
            )
        self.fail(
            "unknown-command",
            f"`{word}` is not a Logs Insights command",
            token.span,
            label="not a command",
            help=help_text,
        )

    def _opaque(self, word: str, start: int) -> Opaque:
        arguments = []
        while not self.at_end():
            arguments.append(self.take(self.scanner.word(self.last_end)).text)
        return Opaque(word, tuple(arguments), span=self.since(start))

    def source_command(self, start: int) -> Node:
        """SOURCE stands first, or not at all."""
        self.fail(
            "misplaced-source",
            "`SOURCE` must be the first command",
            TextSpan(start, start + len("SOURCE")),
            label="not first",
            help="move it to the beginning of the query",
        )

    def _source(self) -> Source:
        """`source` = "SOURCE" (name {"," name} | selector {selector}) {("start" | "end") ..}."""
        start = self.advance().span.start
        groups: list[str] = []
        prefixes: tuple[str, ...] = ()
        other: list[tuple[str, tuple[str, ...]]] = []
        selects = False
        if self.next.is_word("loggroups", "datasource") and self.peek().is_sign("("):
            selects = True
            while self.next.is_word("loggroups", "datasource"):
                for key, values in self._selector():
                    if key.lower() == "nameprefix":
                        prefixes = values
                    else:
                        other.append((key, values))
        else:
            groups.append(self._group())
            while self.take_sign(","):
                groups.append(self._group())
        times = dict(self._source_times())
        return Source(
            tuple(groups),
            prefixes,
            tuple(other),
            selects,
            times.get("start"),
            times.get("end"),
            span=self.since(start),
        )

    def _group(self) -> str:
        if self.next.kind == STRING:
            return self.advance().value
        token = self.scanner.word(self.last_end)
        if token.kind != NAME:
            self.fail_expected("the name of a log group")
        return self.take(token).value

    def _selector(self) -> list[tuple[str, tuple[str, ...]]]:
        """`selector` = "logGroups" "(" key ":" list {"," key ":" list} ")" | "dataSource" "(" .."""
        word = self.advance().text
        self.advance()
        found: list[tuple[str, tuple[str, ...]]] = []
        if self.next.is_sign("["):
            found.append((word, self._strings()))
        while not self.next.is_sign(")"):
            key = self.expect_name("a key such as `namePrefix`").value
            self.expect_sign(":", f"after `{key}`")
            values = self._strings() if self.next.is_sign("[") else (self.advance().value,)
            found.append((key, values))
            if not self.take_sign(","):
                break
        self.expect_sign(")", f"to close `{word}`")
        return found

    def _strings(self) -> tuple[str, ...]:
        """`strings` = "[" string {"," string} "]"."""
        self.advance()
        values = []
        while not self.next.is_sign("]"):
            values.append(self.expect_string("a string in quotes").value)
            if not self.take_sign(","):
                break
        self.expect_sign("]", "to close the list")
        return tuple(values)

    def _source_times(self) -> list[tuple[str, str]]:
        """`times` = {("start" | "end") "=" word}."""
        found = []
        while self.next.is_word("start", "end") and self.peek().is_sign("="):
            name = self.advance().text.lower()
            self.advance()
            token = self.scanner.word(self.last_end)
            if token.kind not in {NAME, STRING}:
                self.fail_expected(f"a time for `{name}`")
            found.append((name, self.take(token).value))
        return found

    def fields_command(self, start: int) -> Node:
        """`fields` = items."""
        return Fields(self.items(), span=self.since(start))

    def display_command(self, start: int) -> Node:
        """`display` = items."""
        return Display(self.items(), span=self.since(start))

    def filter_command(self, start: int) -> Node:
        """`filter` = expression."""
        word = BY_WORD[self.text[start : self.last_end].lower()].word
        if self.text[start : self.last_end].lower() == "where":
            word = "where"
        return Filter(self.expression(), word, span=self.since(start))

    def sort_command(self, start: int) -> Node:
        """`sort` = operand ["asc" | "desc"] {"," operand ["asc" | "desc"]}."""
        word = "order by" if self.take_word("by") else "sort"
        keys = []
        while True:
            begin = self.next.span.start
            key = self.expression(ADD)
            direction = self.take_word("asc", "desc")
            descending = None if direction is None else direction.text.lower() == "desc"
            keys.append(SortKey(key, descending, span=self.since(begin)))
            if not self.take_sign(","):
                return Sort(tuple(keys), word, span=self.since(start))

    def limit_command(self, start: int) -> Node:
        """`limit` = ["any"] integer."""
        word = self.text[start : self.last_end].lower()
        some = self.take_word("any") is not None
        token = self.next
        count = self.expect_integer("a number of rows")
        if not 1 <= count <= MAXIMUM_ROWS:
            self.fail(
                "limit-out-of-range",
                f"`{word}` takes 1 to 100000 rows, not {count}",
                token.span,
                label="out of range",
                help=f"write `{word} {MAXIMUM_ROWS}` at most",
            )
        return Limit(count, some, word, span=self.since(start))

    def stats_command(self, start: int) -> Node:
        """`stats` = items ["by" items] ["offset" period]."""
        items = self.items()
        by = self.items() if self.take_word("by") else ()
        offset: Duration | None = None
        if self.take_word("offset"):
            if self.next.kind != DURATION:
                self.fail_expected("a period such as `1h`")
            token = self.advance()
            offset = read_period(token.text, token.span)
        return Stats(items, by, offset, span=self.since(start))

    def dedup_command(self, start: int) -> Node:
        """`dedup` = operand {"," operand}."""
        found = [self.expression(ADD)]
        while self.take_sign(","):
            found.append(self.expression(ADD))
        return Dedup(tuple(found), span=self.since(start))

    def unnest_command(self, start: int) -> Node:
        """`unnest` = operand "into" name."""
        subject = self.expression(ADD)
        self.expect_word("into", "and a name for the elements")
        return Unnest(subject, self.alias(), span=self.since(start))

    def expand_command(self, start: int) -> Node:
        """`expand` = field."""
        return Expand(self.field(), span=self.since(start))

    def accum_command(self, start: int) -> Node:
        """`accum` = field ["as" name]."""
        subject: Field = self.field()
        alias = self.alias() if self.take_word("as") else None
        return Accum(subject, alias, span=self.since(start))

    def countfrequent_command(self, start: int) -> Node:
        """`countFrequent` = fields."""
        return CountFrequent(self.fields(), span=self.since(start))

    def unmask_command(self, start: int) -> Node:
        """`unmask` = "(" fields ")"."""
        self.expect_sign("(", "after `unmask`")
        fields = self.fields()
        self.expect_sign(")", "to close `unmask`")
        return Unmask(fields, span=self.since(start))

    def estimate_command(self, start: int) -> Node:
        """`estimate` takes nothing."""
        return Estimate(span=self.since(start))


def parse_query(text: str) -> Query:
    """The tree of a query's text, parameters already filled in."""
    refuse_length(text)
    _refuse_surrogates(text)
    if not text.strip():
        raise SyntaxFault("empty-query", "the query is empty", TextSpan(0, len(text)))
    query = QueryParser(Scanner(text)).whole()
    _refuse_depth(query)
    return query


def refuse_length(text: str) -> None:
    """Refuse a text that the service would refuse for its length, before anything else."""
    if len(text) > MAXIMUM_LENGTH:
        raise SyntaxFault(
            "query-too-long",
            f"the query has {len(text)} characters; the service takes {MAXIMUM_LENGTH}",
            TextSpan(MAXIMUM_LENGTH, MAXIMUM_LENGTH + 1),
            label="too long from here on",
        )


def _refuse_surrogates(text: str) -> None:
    for position, character in enumerate(text):
        if "\ud800" <= character <= "\udfff" or character == "\0":
            raise SyntaxFault(
                "unexpected-character",
                "the query is not valid UTF-8 text",
                TextSpan(position, position + 1),
                label="not a character",
            )


def late_comments(text: str) -> list[TextSpan]:
    """The comments that do not begin their line, of a text that parses."""
    scanner = Scanner(text)
    QueryParser(scanner).whole()
    return sorted(set(scanner.late_comments))


def _refuse_depth(query: Query) -> None:
    """Refuse trees that later passes could not walk: long chains are deep, too."""
    waiting: list[tuple[object, int]] = [(query, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, tuple):
            waiting += [(part, depth) for part in value]
        elif isinstance(value, Node):
            if depth > MAXIMUM_DEPTH:
                raise SyntaxFault(
                    "too-deep",
                    f"the query is nested more than {MAXIMUM_DEPTH} levels deep",
                    value.span,
                    label="too deep here",
                    help="split it with `fields .. as name`",
                )
            waiting += [(part, depth + 1) for part in value.inner()]
