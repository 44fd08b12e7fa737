"""The commands of Logs Insights: how each is written, and whether we evaluate it.

One table serves the parser, the checks, the engine and the dialect page. Where AWS leaves a
question open, `reading` says which answer we took.
"""

from __future__ import annotations

from dataclasses import dataclass

_PAGES = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-"

EVALUATED = "evaluated"
REFUSED = "refused"


@dataclass(frozen=True)
class CommandRule:
    """A command: its syntax on one line, its AWS page, and what we do with it.

    `reason` says why a command is refused; `reading` what we chose where AWS's page is silent.
    """

    word: str
    syntax: str
    page: str
    status: str = EVALUATED
    reason: str = ""
    reading: str = ""
    others: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The address of the command's page."""
        return f"{_PAGES}{self.page}.html"


_UNPUBLISHED = "its token patterns come from a model that AWS does not publish"

COMMANDS: tuple[CommandRule, ...] = (
    CommandRule("fields", "fields expr [as name], ..", "Fields"),
    CommandRule(
        "display",
        "display expr [as name], ..",
        "Display",
        reading="resolves against the whole record; the last display decides the columns",
    ),
    CommandRule("filter", "filter condition", "Filter", others=("where",)),
    CommandRule(
        "filterIndex",
        "filterIndex f = v | f in [..]",
        "FilterIndex",
        reading="offline no index exists: the same as filter",
    ),
    CommandRule(
        "SOURCE",
        "SOURCE 'group' | logGroups(namePrefix: [..], class: [..], accountIdentifiers: [..])",
        "Source",
        reading="chooses among the groups that were given; every local group is of class "
        "STANDARD and of every account; tags and data sources are refused; start and end move "
        "the time range",
    ),
    CommandRule(
        "parse",
        "parse [f] 'glob *' as a | /regex/ [multi] | logfmt as m | csv as a, .. | XML '/path' as x",
        "Parse",
        reading="with `multi`, an event without a match stays, without the names; a group that "
        "took no part in the match is absent; XML is refused",
    ),
    CommandRule("json", "json [field=f] 'path' as a, ..", "Parse"),
    CommandRule(
        "sort",
        "sort f [asc|desc], ..",
        "Sort",
        reading="ascending by default; missing values last in both directions; equal keys keep "
        "the order they had, events the newest first unless sorted by time ascending",
    ),
    CommandRule("limit", "limit [any] N", "Limit", others=("head", "tail")),
    CommandRule(
        "stats",
        "stats f(x) [as a], .. [by expr [as b], ..] [offset 1h]",
        "Stats",
        reading="without sort, rows come in the order of their keys; a missing key makes a group "
        "of its own, with the key absent; offset shifts the bins' boundaries",
    ),
    CommandRule("dedup", "dedup f, ..", "Dedup"),
    CommandRule(
        "unnest",
        "unnest f into g",
        "Unnest",
        reading="an empty list gives no row; what is no list gives one row",
    ),
    CommandRule(
        "expand",
        "expand f",
        "Expand",
        reading="an empty array gives no row; what is no array stays as it is",
    ),
    CommandRule(
        "lookup",
        "lookup table key [as f], .. OUTPUT column [as name], ..",
        "Lookup",
        reading="where several lines of the table match, the first counts",
    ),
    CommandRule(
        "cidrlookup",
        "cidrlookup table ip [AS column] OUTPUT|OUTPUTNEW column [AS name], ..",
        "Cidrlookup",
        reading="the narrowest range wins; without AS the column is named as the field, else "
        "`cidr`, else it is the table's first",
    ),
    CommandRule(
        "join",
        "join [type=inner|left] left=a right=b where a.k = b.k (SOURCE 'group' | ..)",
        "Join",
        reading="keys are compared as text; more than 50,000 right rows are an error",
    ),
    CommandRule(
        "appendcols",
        "appendcols [override=true] [max=N] ( query )",
        "Appendcols",
        reading="the subquery's rows beyond the last row of the main query are dropped",
    ),
    CommandRule(
        "accum",
        "accum f [as name]",
        "Accum",
        reading="without `as` the sum replaces the field; a missing value is skipped",
    ),
    CommandRule(
        "autoregress",
        "autoregress f [as name] [p=N|N-M]",
        "Autoregress",
        reading="with a range, `as name` gives name_p1, name_p2, ..",
    ),
    CommandRule("filldown", "filldown [f cpu* ..]", "Filldown"),
    CommandRule(
        "fillmissing",
        "fillmissing [with value for f, ..]",
        "Fillmissing",
        reading="fills between the first and the last bin of the result, for each combination "
        "of the other keys",
    ),
    CommandRule(
        "addtotals",
        "addtotals [fieldname=Total] [row=true] [col=false] [f, ..]",
        "Addtotals",
        reading="without a list, sums the shown columns that hold numbers, except times",
    ),
    CommandRule(
        "countFrequent",
        "countFrequent f, ..",
        "CountFrequent",
        reading="exact; equal counts in the order of the values",
        others=("count_frequent",),
    ),
    CommandRule(
        "outlier",
        "outlier [action=transform|remove] [param=2.5] [uselower=false] [mark=false] f ..",
        "Outlier",
        reading="quartiles by linear interpolation; the mark of field f is `f_outlier`, 1 or 0",
    ),
    CommandRule(
        "sessionize",
        "sessionize f, .. [maxspan 30m] [as session_id]",
        "Sessionize",
        reading="sessions are numbered from 1 in the order in which they begin; an event "
        "without one of the fields has none",
    ),
    CommandRule(
        "unmask",
        "unmask(f)",
        "Unmask",
        reading="offline nothing is masked: the field itself",
    ),
    CommandRule(
        "estimate",
        "estimate",
        "Estimate",
        reading="one row, column `bytes`: exactly the bytes of the messages in the time range",
    ),
    CommandRule("pattern", "pattern f", "Pattern", REFUSED, _UNPUBLISHED),
    CommandRule(
        "diff", "diff [previousDay|previousWeek|previousMonth]", "Diff", REFUSED, _UNPUBLISHED
    ),
    CommandRule("logcompare", "logcompare timeshift 7d", "Logcompare", REFUSED, _UNPUBLISHED),
    CommandRule(
        "anomaly",
        "anomaly",
        "Anomaly",
        REFUSED,
        "its model of what is usual is not published",
    ),
    CommandRule(
        "relevantfields",
        "relevantfields [f, ..] where condition",
        "RelevantFields",
        REFUSED,
        "its score of relevance is not published",
    ),
)

# What stands where in the two extra lines of the language's index.
SUBQUERY_RULE = CommandRule(
    "in (subquery)",
    "filter f in ( SOURCE 'group' | .. | fields f )",
    "Subqueries",
    reading="the values are compared as text; a subquery without SOURCE reads the groups of its "
    "query",
)

BY_WORD: dict[str, CommandRule] = {
    word.lower(): rule for rule in COMMANDS for word in (rule.word, *rule.others)
}

FOREIGN_COMMANDS = {
    "select": "this looks like SQL; begin with `fields`",
    "eval": "write `fields expression as name`",
    "extend": "write `fields expression as name`",
    "project": "write `display`",
    "table": "write `display`",
    "search": 'write `filter @message like ".."`',
    "having": "write `filter` after `stats`",
    "group": "write `stats .. by ..`",
    "summarize": "write `stats .. by ..`",
    "take": "write `limit`",
    "top": "write `sort .. desc | limit N`",
    "distinct": "write `dedup`",
    "extract": "write `parse`",
    "rex": "write `parse`",
}
