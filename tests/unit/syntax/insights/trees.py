"""Random trees of the language, for laws that hold for all of them."""

from __future__ import annotations

from hypothesis import strategies as st

from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n

_CHARACTERS = st.characters(
    exclude_categories=["Cs"], exclude_characters="`\n\r\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
)
segments = st.one_of(
    st.sampled_from(["a", "b1", "_x", "@message", "@@l", "as", "by", "NOT", "in", "é", "0"]),
    st.text(_CHARACTERS, min_size=1, max_size=6).filter(lambda text: text.strip("@") != ""),
)
keys = st.lists(segments, min_size=1, max_size=3).map(tuple)
fields = keys.map(n.Field)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
strings = texts.map(n.String)
aliases = (
    st.one_of(segments, st.sampled_from(["event.name", "x.y", "a-b", "n", "total"]))
    .filter(lambda text: "`" not in text)
    .map(n.Alias)
)
numbers = st.sampled_from(["0", "1", "42", "1.5", ".5", "1e3", "2.5E-7"]).map(n.Number)
periods = st.builds(
    n.Duration, st.integers(1, 999), st.sampled_from(["ms", "s", "m", "hours", "D", "mo"])
)
regexes = st.sampled_from(
    [r"a", r"(?<x>\d+)", r"a\/b", r"[/]".replace("/", r"\/"), r"\\", r"x|y", r" ", r"(?i)z"]
).map(lambda pattern: n.Regex(pattern.replace("\\/", "/")))
names = st.sampled_from(["strlen", "COUNT", "bin", "jsonParse", "unknown_function"])
integers = st.integers(0, 99)


def _attribute(base: n.Expression, name: str) -> n.Expression:
    """As the parser makes it: a key behind a name belongs to the name."""
    if isinstance(base, n.Field):
        return n.Field((*base.segments, name))
    return base if isinstance(base, n.Number) else n.Attribute(base, name)


def _grow(inner: st.SearchStrategy[n.Expression]) -> st.SearchStrategy[n.Expression]:
    terms = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(_attribute, inner, segments),
        st.builds(n.Index, inner, integers),
        st.builds(n.Call, names, st.lists(inner, max_size=2).map(tuple)),
        st.builds(n.Negate, inner),
        st.builds(n.Not, inner),
        st.builds(n.Arithmetic, st.sampled_from("+-*/%^"), inner, inner),
        st.builds(n.Comparison, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.builds(n.Like, inner, st.one_of(strings, regexes), st.booleans()),
        st.builds(n.In, inner, st.lists(inner, min_size=1, max_size=2).map(tuple), st.booleans()),
        st.builds(n.And, terms),
        st.builds(n.Or, terms),
    )


_leaves: st.SearchStrategy[n.Expression] = st.one_of(numbers, strings, fields, periods)
expressions: st.SearchStrategy[n.Expression] = st.recursive(_leaves, _grow, max_leaves=6)


def _item(expression: n.Expression, alias: n.Alias | None) -> n.Item:
    return n.Item(expression, alias)


items = st.lists(st.builds(_item, expressions, st.none() | aliases), min_size=1, max_size=3).map(
    tuple
)
field_lists = st.lists(fields, min_size=1, max_size=3).map(tuple)
outputs = st.lists(
    st.builds(c.LookupOutput, segments, st.none() | aliases), min_size=1, max_size=2
).map(tuple)
# What stands where only a name can: no list, and no path that would read as one.
places: st.SearchStrategy[n.Expression] = fields


def _glob(alias_names: list[n.Alias], subject: n.Expression | None) -> c.ParseGlob:
    return c.ParseGlob(
        subject, n.String("=*;".join([""] * (len(alias_names) + 1))), tuple(alias_names)
    )


commands: st.SearchStrategy[n.Node] = st.one_of(
    st.builds(c.Fields, items),
    st.builds(c.Display, items),
    st.builds(c.Filter, expressions, st.sampled_from(["filter", "where", "filterIndex"])),
    st.builds(c.Stats, items, st.just(()) | items, st.none() | periods),
    st.builds(
        c.Sort,
        st.lists(
            st.builds(c.SortKey, places, st.sampled_from([None, True, False])),
            min_size=1,
            max_size=2,
        ).map(tuple),
        st.sampled_from(["sort", "order by"]),
    ),
    st.builds(
        c.Limit, st.integers(1, 100_000), st.booleans(), st.sampled_from(["limit", "head", "tail"])
    ),
    st.builds(c.Dedup, st.lists(places, min_size=1, max_size=2).map(tuple)),
    st.builds(c.Unnest, places, aliases),
    st.builds(c.Expand, fields),
    st.builds(_glob, st.lists(aliases, min_size=1, max_size=3), st.none() | fields),
    st.builds(c.ParseRegex, st.none() | fields, regexes, st.just(()), st.booleans()),
    st.builds(
        c.ParseFormat,
        st.none() | fields,
        st.sampled_from(["logfmt", "csv"]),
        st.lists(aliases, min_size=1, max_size=2).map(tuple),
    ),
    st.builds(
        c.Json,
        st.none() | fields,
        st.lists(st.tuples(strings, aliases), min_size=1, max_size=2).map(tuple),
    ),
    st.builds(
        c.Lookup,
        st.sampled_from(["t", "my-table", "with space"]),
        st.lists(st.builds(c.LookupKey, segments, st.none() | fields), min_size=1, max_size=2).map(
            tuple
        ),
        outputs,
    ),
    st.builds(c.CidrLookup, st.just("t"), fields, st.none() | segments, outputs, st.booleans()),
    st.builds(c.Accum, fields, st.none() | aliases),
    st.builds(
        c.Autoregress, fields, st.none() | aliases, st.integers(1, 3), st.none() | st.integers(3, 5)
    ),
    st.builds(
        c.FillDown, st.lists(st.sampled_from(["a", "cpu*", "*x", "a.b"]), max_size=3).map(tuple)
    ),
    st.builds(
        c.FillMissing,
        st.lists(st.tuples(st.one_of(numbers, strings), fields), max_size=2).map(tuple),
    ),
    st.builds(
        c.AddTotals,
        st.just(()) | field_lists,
        st.sampled_from(["Total", "Sum"]),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(c.CountFrequent, field_lists),
    st.builds(
        c.Outlier,
        field_lists,
        st.sampled_from(["transform", "remove"]),
        st.sampled_from(["2.5", "3"]),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(c.Sessionize, field_lists, st.none() | periods, st.none() | aliases),
    st.builds(c.Unmask, field_lists),
    st.just(c.Estimate()),
    st.builds(c.Opaque, st.just("pattern"), st.just(("@message",))),
)
sources = st.one_of(
    st.builds(
        n.Source,
        st.lists(st.sampled_from(["/a", "b c", 'x"y']), min_size=1, max_size=2).map(tuple),
    ),
    st.builds(
        n.Source,
        st.just(()),
        st.lists(st.sampled_from(["/a", "/b"]), min_size=1, max_size=2).map(tuple),
        st.just((("class", ("STANDARD",)),)),
        st.just(True),
        st.none() | st.just("-1d"),
        st.none() | st.just("now"),
    ),
)
plain_queries = st.builds(
    n.Query, st.lists(commands, min_size=1, max_size=3).map(tuple), st.none() | sources
)
nested = st.one_of(
    st.builds(lambda f, q, no: c.Filter(n.InQuery(f, q, no)), fields, plain_queries, st.booleans()),
    st.builds(
        c.Join,
        st.sampled_from(["inner", "left"]),
        aliases,
        aliases,
        st.lists(st.tuples(fields, fields), min_size=1, max_size=2).map(tuple),
        plain_queries,
    ),
    st.builds(c.AppendCols, plain_queries, st.booleans(), st.integers(1, 100_000)),
)
queries = st.builds(
    n.Query,
    st.lists(st.one_of(commands, nested), min_size=1, max_size=4).map(tuple),
    st.none() | sources,
)
