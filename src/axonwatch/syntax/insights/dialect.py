"""docs/insights-dialect.md, made from the tables that the parser and the engine use."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.syntax.insights.commands import COMMANDS, REFUSED, SUBQUERY_RULE, CommandRule
from axonwatch.syntax.insights.functions import FUNCTIONS, FunctionRule

_PAGE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-"

# What AWS's pages leave open and we had to decide, apart from single commands and functions.
_READINGS = r"""
Missing values
A comparison with a missing value is missing, and `filter` keeps only what is true. So `f !=
'x'`, `f not like ..` and `f not in [..]` do not hold for events without `f`. Reports of the
live service contradict each other: `--keep-missing` is the other reading, and a query whose
answer may depend on it gets a warning.

Numbers
A text that is spelled as a decimal number is one, wherever a number is wanted; `nan`, `inf`,
`0x1f` and `1_000` are not. Numbers are 64-bit floats; `=` with a whole number beyond 2^53
compares the spelling. Results have at most 15 digits, without needless zeros. JSON numbers are
shown as JSON writes them best: `1.50` as 1.5, `1e3` as 1000.0.

Texts
`=` with a quoted text compares spellings, with a bare number values. `<` and its kin compare
values if one side is a number, or both look like one, else code points. A text that is no
number is neither above nor below one.

Booleans
JSON's true and false are 1 and 0, and so are conditions in `fields` and `sum(..)`. There are no
words for them: `x = true` compares with a field called `true`.

Times
`@timestamp`, `@ingestionTime`, bins and `fromMillis` are times: shown as `YYYY-MM-DD
HH:MM:SS.mmm` in UTC, milliseconds in arithmetic and in `max`, `min`, `earliest`, `latest`. A
time compared with a text matches nothing.

Division
By zero it gives nothing, as do powers and logarithms without a finite value. `%` has the sign
of its left side. `^` binds from the right.

Precedence
From loose to tight: `or`, `and`, `not`, comparisons, `+ -`, `* / %`, minus, `^`, `!`.

Strings
In quotes of either kind; a backslash before a quote or a backslash is taken away, any other
stays.

Comments
`#` begins one; behind other words it is a warning: only whole lines are documented.

Regular expressions
RE2, without flags behind the last slash. A dot does not match a line break.

Discovery
An event that is one JSON object, blanks around it allowed, has its first 200 values as fields:
`a.b` for key b in a (or a key with a dot), `a.0` for the first of a list. Maps, lists and null
are no fields themselves, but `jsonParse`, `jsonStringify`, `jsonArraySize`,
`jsonArrayContains`, `expand` and `unnest` see them. Of two equal keys the first counts. In
groups `/aws/lambda/..` the first JSON object in the line counts, and Lambda's own fields are
there. VPC flow and Route 53 layouts are not discovered.

Maps and lists
What `jsonParse` opens is a map or list, and so is what lies in it: shown as JSON, opened by a path
(`j.a.b`, `j.l[0]`) in a later command than the one that made it, null to functions, false in every
comparison. The elements that `unnest` and `expand` give compare as what they are. Lists that
`split` made are not flattened: the service was seen to refuse it.

Statistics
Records and bytes are those of every group that was read in the time range, by joins and
subqueries too; matched are the events that the main query's first filters left.

Columns
Without `fields`, `display` or `stats`: @timestamp, @message, and what other commands made.
Unnamed expressions are called as they were written.

Order
Without `sort` events come newest first, those of one millisecond in reverse order of arrival;
groups in the order of their keys.

Rows
10,000 without a limit, with a warning when some are left out; 100,000 at most.

Nothing to count
`stats` without `by` gives no row if no event is left.
"""


def render_dialect() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_commands(), *_functions(), *_readings()]) + "\n"


def _head() -> Iterator[str]:
    evaluated = sum(rule.status != REFUSED for rule in COMMANDS)
    yield "# The Logs Insights dialect of `axonwatch query --local`"
    yield ""
    yield (
        "Made from the code by `make golden`; do not edit. Every command and function of AWS's "
        f"pages is here: {evaluated} of {len(COMMANDS)} commands and all {len(FUNCTIONS)} "
        "functions are evaluated, the others are refused by name before any event is read. "
        "Nothing is ever skipped. Where AWS's pages are silent, the reading that we took is "
        "written down."
    )


def _commands() -> Iterator[str]:
    yield ""
    yield "## Commands"
    yield ""
    yield "| command | status | form | our reading, or why it is refused |"
    yield "|---|---|---|---|"
    for rule in (*COMMANDS, SUBQUERY_RULE):
        yield _command_row(rule)


def _command_row(rule: CommandRule) -> str:
    names = ", ".join(f"`{name}`" for name in (rule.word, *rule.others))
    why = rule.reason if rule.status == REFUSED else rule.reading
    return f"| [{names}]({rule.source}) | {rule.status} | `{_cell(rule.syntax)}` | {_cell(why)} |"


def _functions() -> Iterator[str]:
    yield ""
    yield "## Functions"
    yield ""
    yield (
        "Names in any case. Sources: "
        f"[operations and functions]({_PAGE}operations-functions.html), "
        f"[stats]({_PAGE}Stats.html), [time series]({_PAGE}timeseries-functions.html), "
        f"[hashes]({_PAGE}hash-functions.html)."
    )
    families: dict[str, list[FunctionRule]] = {}
    for rule in FUNCTIONS:
        families.setdefault(rule.family, []).append(rule)
    for family, rules in families.items():
        yield ""
        yield f"### {family}"
        yield ""
        yield "| function | our reading |"
        yield "|---|---|"
        for rule in rules:
            others = f" ({', '.join(f'`{name}`' for name in rule.others)})" if rule.others else ""
            call = _cell(f"{rule.name}({rule.arguments})")
            yield f"| `{call}`{others} | {_cell(rule.reading)} |"


def _readings() -> Iterator[str]:
    yield ""
    yield "## What AWS leaves open"
    for paragraph in _READINGS.strip().split("\n\n"):
        title, *lines = paragraph.split("\n")
        yield ""
        yield f"**{title}.** {' '.join(lines)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
