"""The parsers of the commands with clauses of their own: parse, json, lookups, join, options."""

from __future__ import annotations

from axonwatch.syntax.insights.command_nodes import (
    AddTotals,
    AppendCols,
    Autoregress,
    CidrLookup,
    FillDown,
    FillMissing,
    Join,
    Json,
    Lookup,
    LookupKey,
    LookupOutput,
    Outlier,
    ParseFormat,
    ParseGlob,
    ParseRegex,
    Sessionize,
)
from axonwatch.syntax.insights.expressions import ADD, TIGHT, ExpressionParser
from axonwatch.syntax.insights.nodes import Alias, Expression, Field, Node, String
from axonwatch.syntax.insights.periods import read_period
from axonwatch.syntax.insights.tokens import DURATION, NAME, NUMBER, STRING, Token
from axonwatch.syntax.text import SyntaxFault, TextSpan

MAXIMUM_ROWS = 100_000
MAXIMUM_LAG = 1000


def _counted(names: int) -> str:
    return "1 name" if names == 1 else f"{names} names"


class ClauseParser(ExpressionParser):
    """Reads what follows the word of a command, up to the next `|`."""

    def parse_command(self, start: int) -> Node:
        """`parse` = [operand] (string "as" names | regex ["multi"] ["as" names] | format)."""
        subject: Expression | None = None
        if not (self.next.kind == STRING or self.next.is_sign("/") or self._at_format()):
            subject = self.expression(TIGHT)
        if self.next.kind == STRING:
            return self._parse_glob(subject, start)
        if self.next.is_sign("/"):
            return self._parse_regex(subject, start)
        if not self._at_format():
            self.fail_expected('a pattern: "glob *", /regex/, `logfmt` or `csv`')
        form = self.advance().text.lower()
        path = None
        if form == "xml":
            token = self.expect_string("an XPath in quotes")
            path = String(token.value, span=token.span)
        self.expect_word("as", f"after `{form}`, and a name")
        names = self._names()
        return ParseFormat(subject, form, names, path, span=self.since(start))

    def _at_format(self) -> bool:
        """Whether `logfmt as`, `csv as` or `XML '..'` stands here, not a field of that name."""
        if self.next.is_word("xml"):
            return self.peek().kind == STRING
        return self.next.is_word("logfmt", "csv") and self.peek().is_word("as")

    def _names(self) -> tuple[Alias, ...]:
        names = [self.alias()]
        while self.take_sign(","):
            names.append(self.alias())
        return tuple(names)

    def _parse_glob(self, subject: Expression | None, start: int) -> ParseGlob:
        token = self.advance()
        pattern = String(token.value, span=token.span)
        self.expect_word("as", "after the pattern, and a name for each `*`")
        names = self._names()
        stars = pattern.value.count("*")
        if stars != len(names):
            self.fail(
                "glob-names",
                f"the pattern has {stars} `*`, but {_counted(len(names))} after `as`",
                names[0].span.join(names[-1].span),
                label="one name for each `*`",
                help=f"give {_counted(stars)}" if stars else "put a `*` in the pattern for each",
            )
        return ParseGlob(subject, pattern, names, span=self.since(start))

    def _parse_regex(self, subject: Expression | None, start: int) -> ParseRegex:
        pattern = self.regex()
        multi = self.take_word("multi") is not None
        names = self._names() if self.take_word("as") else ()
        if names and (multi or self.next.is_word("multi")):
            self.fail(
                "multi-without-groups",
                "`multi` needs named groups, not `as`",
                names[0].span.join(names[-1].span),
                label="refused by the service, whatever its page shows",
                help="name the groups inside the pattern: `/(?<name>..)/ multi`",
            )
        return ParseRegex(subject, pattern, names, multi, span=self.since(start))

    def json_command(self, start: int) -> Node:
        """`json` = ["field" "=" field] string "as" name {"," string "as" name}."""
        subject = None
        if self.next.is_word("field") and self.peek().is_sign("="):
            self.advance()
            self.advance()
            subject = self.field()
        pairs = []
        while True:
            token = self.expect_string('a path in quotes, as in `json "a.b" as x`')
            self.expect_word("as", "after the path, and a name")
            pairs.append((String(token.value, span=token.span), self.alias()))
            if not self.take_sign(","):
                return Json(subject, tuple(pairs), span=self.since(start))

    def _table(self) -> str:
        return self.take(self.scanner.table_name(self.last_end)).value

    def lookup_command(self, start: int) -> Node:
        """`lookup` = table key ["as" field] {"," ..} "OUTPUT" column ["as" name] {"," ..}."""
        table = self._table()
        keys = []
        while True:
            column = self.expect_name("the table's key column").value
            keys.append(LookupKey(column, self.field() if self.take_word("as") else None))
            if not self.take_sign(","):
                break
        self.expect_word("output", "and the columns to add")
        return Lookup(table, tuple(keys), self._outputs(), span=self.since(start))

    def _outputs(self) -> tuple[LookupOutput, ...]:
        found = []
        while True:
            token = self.expect_name("a column of the table")
            alias = self.alias() if self.take_word("as") else None
            found.append(LookupOutput(token.value, alias, span=token.span))
            if not self.take_sign(","):
                return tuple(found)

    def cidrlookup_command(self, start: int) -> Node:
        """`cidrlookup` = table field ["AS" column] ("OUTPUT" | "OUTPUTNEW") outputs."""
        table = self._table()
        subject = self.field("the field that holds the address")
        column = None
        if self.take_word("as"):
            column = self.expect_name("the table's column of ranges").value
        word = self.take_word("output", "outputnew")
        if word is None:
            self.fail_expected("`OUTPUT` or `OUTPUTNEW`, and the columns to add")
        only_empty = word.text.lower() == "outputnew"
        outputs = self._outputs()
        return CidrLookup(table, subject, column, outputs, only_empty, span=self.since(start))

    def option(self, *names: str) -> tuple[str, Token] | None:
        """`option` = name "=" word; None if none of `names` stands here."""
        if not (self.next.is_word(*names) and self.peek().is_sign("=")):
            return None
        name = self.advance().text.lower()
        self.advance()
        if self.next.kind not in {NAME, NUMBER, STRING}:
            self.fail_expected(f"a value for `{name}`")
        return name, self.advance()

    def truth(self, token: Token) -> bool:
        """`truth` = "true" | "false"."""
        if not token.is_word("true", "false"):
            self.fail(
                "invalid-option",
                f"expected `true` or `false`, found {token.shown}",
                token.span,
                label="neither true nor false",
                help="write `true` or `false`",
            )
        return token.text.lower() == "true"

    def choice(self, token: Token, *choices: str) -> str:
        """One of `choices`."""
        if not token.is_word(*choices):
            listed = " or ".join(f"`{choice}`" for choice in choices)
            self.fail(
                "invalid-option",
                f"expected {listed}, found {token.shown}",
                token.span,
                label="not one of them",
                help=f"write {listed}",
            )
        return token.text.lower()

    def count(self, token: Token, least: int, most: int) -> int:
        """A whole number between `least` and `most`."""
        value = int(token.value) if token.value.isdecimal() and len(token.value) < 10 else -1
        if not least <= value <= most:
            self.fail(
                "out-of-range",
                f"expected a whole number from {least} to {most}, found {token.shown}",
                token.span,
                label="out of range",
                help=f"write a number from {least} to {most}",
            )
        return value

    def join_command(self, start: int) -> Node:
        """`join` = options "where" field "=" field {"and" field "=" field} "(" query ")"."""
        kind, sides = "inner", {}
        while found := self.option("type", "left", "right"):
            name, token = found
            if name == "type":
                kind = self.choice(token, "inner", "left")
            else:
                sides[name] = Alias(token.value, span=token.span)
        for side in ("left", "right"):
            if side not in sides:
                self.fail_expected(f"`{side}=name` of the join")
        self.expect_word("where", "and the keys, as in `where a.id = b.id`")
        pairs = []
        while True:
            one = self.field("a key of the join")
            self.expect_sign("=", "between the keys: a join compares for equality only")
            pairs.append((one, self.field("a key of the join")))
            if not self.take_word("and"):
                break
        query = self.subquery()
        return Join(
            kind, sides["left"], sides["right"], tuple(pairs), query, span=self.since(start)
        )

    def appendcols_command(self, start: int) -> Node:
        """`appendcols` = ["override" "=" bool] ["max" "=" n] "(" query ")"."""
        override, maximum = False, 10_000
        while found := self.option("override", "max"):
            name, token = found
            if name == "override":
                override = self.truth(token)
            else:
                maximum = self.count(token, 1, MAXIMUM_ROWS)
        return AppendCols(self.subquery(), override, maximum, span=self.since(start))

    def autoregress_command(self, start: int) -> Node:
        """`autoregress` = field ["as" name] ["p" "=" n ["-" m]]."""
        subject = self.field()
        alias = self.alias() if self.take_word("as") else None
        first, last = 1, None
        if found := self.option("p"):
            first = self.count(found[1], 1, MAXIMUM_LAG)
            if self.take_sign("-"):
                token = self.advance()
                last = self.count(token, first, MAXIMUM_LAG)
        if alias is None and self.take_word("as"):
            alias = self.alias()
        return Autoregress(subject, alias, first, last, span=self.since(start))

    def filldown_command(self, start: int) -> Node:
        """`filldown` = {name or wildcard}."""
        patterns = []
        while not self.at_end():
            self.take_sign(",")
            begin = self.next.span.start
            while self.next.kind == NAME or self.next.is_sign("*"):
                self.advance()
                if self.next.span.start != self.last_end:
                    break
            if self.last_end <= begin:
                self.fail_expected("a field or a wildcard such as `cpu*`")
            patterns.append(self.text[begin : self.last_end].replace("`", ""))
        return FillDown(tuple(patterns), span=self.since(start))

    def fillmissing_command(self, start: int) -> Node:
        """`fillmissing` = ["with" operand "for" field {"," operand "for" field}]."""
        if not self.take_word("with"):
            return FillMissing(span=self.since(start))
        values = []
        while True:
            value = self.expression(ADD)
            self.expect_word("for", "and the field that gets the value")
            values.append((value, self.field()))
            if not self.take_sign(","):
                return FillMissing(tuple(values), span=self.since(start))
            self.take_word("with")

    def addtotals_command(self, start: int) -> Node:
        """`addtotals` = ["fieldname" "=" name] ["row" "=" bool] ["col" "=" bool] [fields]."""
        name, row, column = "Total", True, False
        while found := self.option("fieldname", "row", "col"):
            option, token = found
            if option == "fieldname":
                name = token.value
            elif option == "row":
                row = self.truth(token)
            else:
                column = self.truth(token)
        fields = () if self.at_end() else self.spaced_fields()
        return AddTotals(fields, name, row, column, span=self.since(start))

    def spaced_fields(self) -> tuple[Field, ...]:
        """`fields` = field {[","] field}."""
        found = [self.field()]
        while not self.at_end():
            self.take_sign(",")
            found.append(self.field())
        return tuple(found)

    def outlier_command(self, start: int) -> Node:
        """`outlier` = ["action" ..] ["param" ..] ["uselower" ..] ["mark" ..] field {field}."""
        action, factor, flags = "transform", "2.5", {"uselower": False, "mark": False}
        while found := self.option("action", "param", "uselower", "mark"):
            name, token = found
            if name == "action":
                action = self.choice(token, "remove", "transform")
            elif name == "param":
                if token.kind != NUMBER:
                    self.fail_number(token)
                factor = token.value
            else:
                flags[name] = self.truth(token)
        fields = self.spaced_fields()
        return Outlier(
            fields, action, factor, flags["uselower"], flags["mark"], span=self.since(start)
        )

    def fail_number(self, token: Token) -> None:
        """Refuse what is no number."""
        raise SyntaxFault(
            "invalid-option",
            f"expected a number, found {token.shown}",
            TextSpan(token.span.start, token.span.end),
            label="not a number",
        )

    def sessionize_command(self, start: int) -> Node:
        """`sessionize` = fields ["maxspan" period] ["as" name]."""
        found = [self.field()]
        while self.take_sign(","):
            found.append(self.field())
        gap = None
        if self.take_word("maxspan"):
            if self.next.kind != DURATION:
                self.fail_expected("a period such as `30m`")
            token = self.advance()
            gap = read_period(token.text, token.span)
        alias = self.alias() if self.take_word("as") else None
        return Sessionize(tuple(found), gap, alias, span=self.since(start))
