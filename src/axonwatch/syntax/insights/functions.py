"""The functions of Logs Insights: names, arguments, kind, and where our reading was chosen.

One table serves the checks, the engine and the dialect page; a test proves that the engine has
an evaluation for each. Names are matched without regard to case.
"""

from __future__ import annotations

from dataclasses import dataclass

MANY = 10_000

SCALAR = "scalar"
AGGREGATE = "aggregate"

NUMERIC = "Numeric"
DATETIME = "Datetime"
GENERAL = "General"
JSON = "JSON"
ADDRESS = "IP address"
STRING = "String"
HASH = "Hash"
STATS = "Aggregate (stats)"
ORDERED = "Non-aggregate (stats)"
SERIES = "Time series (stats)"


@dataclass(frozen=True)
class FunctionRule:
    """A function: arguments between `least` and `most`; `reading` where AWS's page is silent."""

    name: str
    arguments: str
    least: int
    most: int
    family: str
    kind: str = SCALAR
    others: tuple[str, ...] = ()
    reading: str = ""


def _scalars(family: str, *rows: tuple[str, str, int, int, str]) -> list[FunctionRule]:
    made = []
    for names, arguments, least, most, reading in rows:
        name, *others = names.split()
        rule = FunctionRule(name, arguments, least, most, family, SCALAR, tuple(others), reading)
        made.append(rule)
    return made


def _aggregates(family: str, *rows: tuple[str, str, int, int, str]) -> list[FunctionRule]:
    made = []
    for names, arguments, least, most, reading in rows:
        name, *others = names.split()
        rule = FunctionRule(name, arguments, least, most, family, AGGREGATE, tuple(others), reading)
        made.append(rule)
    return made


_LIVE_CONTAINS = (
    'a third argument, `true`, 1 or `"case-insensitive"`, is honoured as documented; it was seen '
    "to have no effect on the service, so it is a warning"
)

FUNCTIONS: tuple[FunctionRule, ...] = (
    *_scalars(
        NUMERIC,
        ("abs", "a", 1, 1, ""),
        ("ceil", "a", 1, 1, ""),
        ("floor", "a", 1, 1, ""),
        ("greatest", "a, ..", 1, MANY, "missing values are left out"),
        ("least", "a, ..", 1, MANY, "missing values are left out"),
        ("log", "a", 1, 1, "natural; nothing for zero and below"),
        ("round", "a[, digits]", 1, 2, "halves away from zero"),
        ("sqrt", "a", 1, 1, "nothing below zero"),
        ("haversine", "lat1, lon1, lat2, lon2", 4, 4, "kilometres, on a sphere of 6371 km"),
        ("toNumber", "a", 1, 1, ""),
        ("toInt", "a", 1, 1, "truncates; nothing beyond 32 bits"),
        ("toLong", "a", 1, 1, "truncates; nothing beyond 64 bits"),
        ("toDouble", "a", 1, 1, ""),
    ),
    *_scalars(
        DATETIME,
        ("bin", "period", 1, 1, "floors to UTC; weeks begin on Monday, quarters in January"),
        ("datefloor", "t, period", 2, 2, "as bin, with the same caps"),
        ("dateceil", "t, period", 2, 2, "a time on a boundary stays"),
        ("fromMillis", "n", 1, 1, ""),
        ("toMillis", "t", 1, 1, ""),
        ("now", "", 0, 0, "epoch seconds when the query began, or `--now`"),
        ("parseDate", "s, pattern[, zone]", 2, 3, "Java patterns of fixed letters; UTC by default"),
        ("formatDate strftime", "t, pattern[, zone]", 2, 3, "strftime patterns; UTC by default"),
    ),
    *_scalars(
        GENERAL,
        ("ispresent", "f", 1, 1, ""),
        ("coalesce", "a, ..", 1, MANY, ""),
        ("case", "c1, v1, ..[, default]", 2, 21, ""),
        ("if", "condition, a, b", 3, 3, "a missing condition counts as false"),
        ("isNumeric", "a", 1, 1, ""),
        ("messageSize", "[f]", 0, 1, "bytes of @message, or of the field given"),
        ("queryStartTime", "", 0, 0, "ms; the first event's time when no start was given"),
        ("queryEndTime", "", 0, 0, "ms; the last event's time when no end was given"),
        ("queryTimeRange", "", 0, 0, "ms"),
        ("unmask", "f", 1, 1, "offline nothing is masked"),
    ),
    *_scalars(
        JSON,
        ("jsonParse", "s", 1, 1, "what is neither map nor list gives nothing"),
        ("jsonStringify", "j", 1, 1, "without blanks; keys stay in their order"),
        ("jsonArraySize", "s", 1, 1, "nothing for what is no array"),
        ("jsonArrayContains", "s, value", 2, 2, "0 for what is no array"),
    ),
    *_scalars(
        ADDRESS,
        ("isValidIp", "a", 1, 1, ""),
        ("isValidIpV4", "a", 1, 1, ""),
        ("isValidIpV6", "a", 1, 1, ""),
        ("isIpInSubnet", "a, subnet", 2, 2, ""),
        ("isIpv4InSubnet", "a, subnet", 2, 2, ""),
        ("isIpv6InSubnet", "a, subnet", 2, 2, ""),
        ("ipv4ToNumber", "a", 1, 1, ""),
        ("isPrivateIP", "a", 1, 1, "RFC 1918; in IPv6 fc00::/7"),
        ("isPublicIP", "a", 1, 1, "neither private nor reserved"),
        (
            "isReservedIP",
            "a",
            1,
            1,
            "the special-purpose ranges of RFC 6890, multicast and future ones included",
        ),
    ),
    *_scalars(
        STRING,
        ("isempty", "s", 1, 1, ""),
        ("isblank", "s", 1, 1, ""),
        ("concat", "s, ..", 1, MANY, "missing values are left out"),
        ("ltrim", "s[, characters]", 1, 2, ""),
        ("rtrim", "s[, characters]", 1, 2, ""),
        ("trim", "s[, characters]", 1, 2, ""),
        ("strlen", "s", 1, 1, ""),
        ("toupper", "s", 1, 1, ""),
        ("tolower", "s", 1, 1, ""),
        ("substr", "s, start[, length]", 2, 3, "a start below 0 counts as 0"),
        ("replace", "s, old, new", 3, 3, ""),
        ("regexReplace regex_replace", "s, regex, new", 3, 3, "all matches; `$1` in the new text"),
        ("strcontains", "s, part[, mode]", 2, 3, _LIVE_CONTAINS),
        ("startsWith", "s, part", 2, 2, ""),
        ("endsWith", "s, part", 2, 2, ""),
        ("urlencode", "s", 1, 1, "a blank becomes %20"),
        ("urldecode", "s", 1, 1, "`+` stays"),
        ("base64encode", "s", 1, 1, ""),
        ("base64decode", "s", 1, 1, "nothing for what is no base64 of UTF-8"),
        ("split", "s, separator", 2, 2, "a list"),
        ("hexToAscii", "s", 1, 1, "nothing for what is no hex of UTF-8"),
        ("hexToDec", "s", 1, 1, ""),
        ("decToHex", "n", 1, 1, ""),
    ),
    *_scalars(
        HASH,
        ("md5", "s", 1, 1, "lower-case hex"),
        ("sha256", "s", 1, 1, "lower-case hex"),
    ),
    *_aggregates(
        STATS,
        ("avg", "f", 1, 1, ""),
        ("count", "[*|f]", 0, 1, ""),
        ("countDistinct count_distinct", "f", 1, 1, "exact"),
        ("max", "f", 1, 1, "numbers; of no number, the last in sort order"),
        ("min", "f", 1, 1, "numbers; of no number, the first in sort order"),
        ("pct", "f, p", 2, 2, "exact, with linear interpolation"),
        ("stddev", "f", 1, 1, "of the population, as variance"),
        ("sum", "f", 1, 1, ""),
        ("values collect_values", "f", 1, 1, "a JSON list of the distinct values, sorted"),
        ("variance", "f", 1, 1, "of the population"),
        ("topk", "k, f", 2, 2, "a row for each of the k most frequent values, with its `count`"),
    ),
    *_aggregates(
        ORDERED,
        ("earliest", "f", 1, 1, ""),
        ("latest", "f", 1, 1, ""),
        ("sortsFirst", "f", 1, 1, ""),
        ("sortsLast", "f", 1, 1, ""),
    ),
    *_aggregates(
        SERIES,
        ("rate", "f, period", 2, 2, "(latest - earliest) per period of the time between them"),
        ("countOverTime count_over_time", "[*|f]", 0, 1, "count"),
        ("sumOverTime sum_over_time", "f", 1, 1, "sum"),
        (
            "histogram",
            "f, n",
            2,
            2,
            "n equal ranges, as a map; after `by` ranges of width n, named by their lower ends",
        ),
    ),
)

BY_NAME: dict[str, FunctionRule] = {
    name.lower(): rule for rule in FUNCTIONS for name in (rule.name, *rule.others)
}

FOREIGN_FUNCTIONS = {
    "median": "write `pct(f, 50)`",
    "percentile": "write `pct(f, 95)`",
    "p95": "write `pct(f, 95)`",
    "quantile": "write `pct(f, 95)`",
    "lower": "write `tolower`",
    "upper": "write `toupper`",
    "len": "write `strlen`",
    "length": "write `strlen`",
    "substring": "write `substr`",
    "contains": 'write `strcontains(s, part)` or `s like "part"`',
    "ago": "there is none: give the query a time range, or compare with `now() * 1000`",
    "isnull": "write `not ispresent(f)`",
    "isnotnull": "write `ispresent(f)`",
    "ifnull": "write `coalesce(f, other)`",
    "nvl": "write `coalesce(f, other)`",
    "iff": "write `if(condition, a, b)`",
    "distinct": "write `countDistinct(f)`",
    "dc": "write `countDistinct(f)`",
    "uniq": "write `countDistinct(f)`",
    "mean": "write `avg`",
    "std": "write `stddev`",
    "var": "write `variance`",
    "first": "write `earliest` or `sortsFirst`",
    "last": "write `latest` or `sortsLast`",
    "date_trunc": "write `datefloor(t, 5m)`",
    "power": "write `a ^ b`",
    "pow": "write `a ^ b`",
    "mod": "write `a % b`",
    "ln": "write `log`",
    "json_extract": "write `jsonParse(s).key`",
    "regexp_replace": 'write `regexReplace(s, /../, "new")`',
    "sort": "`sort` is a command",
}
