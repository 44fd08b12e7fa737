"""String and hash functions."""

from __future__ import annotations

import re

from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.expressions import Expressions, scalar
from axonwatch.query.sql.pipeline import quote_text
from axonwatch.query.sql.values import Kind, Value
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.regex import read_regex
from axonwatch.syntax.text import SyntaxFault

BLANKS = "E' \\t\\r\\n\\f\\v'"
_GROUP = re.compile(r"\$(\d)|\$\{(\d+)\}")


def _text(sql: str) -> Value:
    return Value(Kind.TEXT, sql)


def _plain(name: str, kind: Kind, form: str) -> None:
    """A function of texts, each of which stands once in `form`."""

    @scalar(name)
    def function(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
        del node
        texts = [on.text(argument) for argument in arguments[: form.count("{")]]
        return Value(kind, form.format(*texts))


_plain("strlen", Kind.INTEGER, "length({})")
_plain("toupper", Kind.TEXT, "upper({})")
_plain("tolower", Kind.TEXT, "lower({})")
_plain("replace", Kind.TEXT, "replace({}, {}, {})")
_plain("startsWith", Kind.BOOLEAN, "starts_with({}, {})")
_plain("endsWith", Kind.BOOLEAN, "ends_with({}, {})")
_plain("urlencode", Kind.TEXT, "url_encode({})")
_plain("urldecode", Kind.TEXT, "TRY(url_decode({}))")
_plain("base64encode", Kind.TEXT, "to_base64(encode({}))")
_plain("base64decode", Kind.TEXT, "TRY(decode(from_base64({})))")
_plain("md5", Kind.TEXT, "md5({})")
_plain("sha256", Kind.TEXT, "sha256({})")
_plain("isempty", Kind.BOOLEAN, "coalesce({} = '', true)")
_plain("isblank", Kind.BOOLEAN, f"coalesce(trim({{}}, {BLANKS}) = '', true)")
_plain("split", Kind.STRUCTURE, "CAST(to_json(string_split({}, {})) AS VARCHAR)")
_plain("hexToAscii", Kind.TEXT, "TRY(decode(unhex(regexp_replace({}, '^0[xX]', ''))))")


@scalar("ltrim", "rtrim", "trim")
def trim(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Blanks, or the characters of a set, taken off one end or both."""
    characters = on.text(arguments[1]) if len(arguments) > 1 else BLANKS
    return _text(f"{node.function.lower()}({on.text(arguments[0])}, {characters})")


@scalar("concat")
def concat(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The texts that are there, one behind the other."""
    del node
    return _text(f"concat({', '.join([on.text(argument) for argument in arguments])})")


@scalar("substr")
def substr(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """From a place, counted from 0, on."""
    del node

    def whole(value: Value) -> str:
        return f"CAST(least(greatest(trunc({on.number(value)}), 0), 2e9) AS BIGINT)"

    length = f", {whole(arguments[2])}" if len(arguments) > 2 else ""
    return _text(f"substring({on.text(arguments[0])}, {whole(arguments[1])} + 1{length})")


@scalar("strcontains")
def strcontains(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether a text holds another."""
    one, two = on.text(arguments[0]), on.text(arguments[1])
    if len(arguments) > 2:
        mode = node.arguments[2]
        word = mode.name if isinstance(mode, n.Field) else arguments[2].literal or ""
        if word.lower() in {"1", "true", "case-insensitive"}:
            one, two = f"lower({one})", f"lower({two})"
            on.context.warnings.append(
                SyntaxFault(
                    "strcontains-mode",
                    "the third argument of `strcontains` was seen to have no effect on the service",
                    node.arguments[2].span,
                    label="honoured here, as documented",
                    help="write `tolower` round the first argument",
                )
            )
    return Value(Kind.BOOLEAN, f"contains({one}, {two})")


@scalar("regexReplace")
def regex_replace(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """All matches replaced; `$1` in the new text is the first group."""
    pattern, new = node.arguments[1], node.arguments[2]
    if not isinstance(pattern, (n.Regex, n.String)):
        refuse(
            "computed-regex",
            "the regular expression must be written out",
            pattern.span,
            label="computed",
            help='write `/../` or `".."`',
        )
    text = pattern.pattern if isinstance(pattern, n.Regex) else pattern.value
    facts = read_regex(text, pattern.span)
    if isinstance(new, n.String):
        replacement = quote_text(_rewrite(new, len(facts.groups)))
    else:
        replacement = f"replace({on.text(arguments[2])}, '\\', '\\\\')"
    return _text(
        f"regexp_replace({on.text(arguments[0])}, {quote_text(facts.pattern)}, {replacement}, 'g')"
    )


def _rewrite(new: n.String, groups: int) -> str:
    """The replacement in RE2's spelling."""

    def group(found: re.Match[str]) -> str:
        number = int(found[1] or found[2])
        if number > groups or number > 9:
            refuse(
                "unknown-group",
                f"the regular expression has no group {number}",
                new.span,
                label=f"`{found.group()}` stands for it",
                help=f"it has {groups} groups",
            )
        return f"\\{number}"

    return _GROUP.sub(group, new.value.replace("\\", "\\\\"))


@scalar("hexToDec")
def hex_to_dec(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The number that a hexadecimal text spells."""
    del node
    text = on.let(f"lower({on.text(arguments[0])})")
    digits = f"'0x' || regexp_replace({text}, '^-?(0x)?', '')"
    number = on.let(
        f"CASE WHEN regexp_full_match({text}, '-?(0x)?[0-9a-f]+') "
        f"THEN TRY_CAST({digits} AS BIGINT) END"
    )
    return Value(
        Kind.INTEGER, f"CASE WHEN starts_with({text}, '-') THEN -{number} ELSE {number} END"
    )


@scalar("decToHex")
def dec_to_hex(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The hexadecimal spelling of a number, its fraction cut off."""
    del node
    number = on.let(f"trunc({on.number(arguments[0])})")
    digits = f"lower(to_hex(CAST(abs({number}) AS BIGINT)))"
    return _text(
        f"CASE WHEN abs({number}) < 9.2e18 THEN "
        f"CASE WHEN {number} < 0 THEN '-0x' ELSE '0x' END || {digits} END"
    )
