"""The tree's commands, one class for each form."""

from __future__ import annotations

from typing import TypeAlias

from axonwatch.syntax.insights.nodes import (
    Alias,
    Duration,
    Expression,
    Field,
    Item,
    Node,
    Query,
    Regex,
    String,
)


class Fields(Node):
    """`fields a, b + 1 as c`."""

    items: tuple[Item, ...]


class Display(Node):
    """`display a, b + 1 as c`."""

    items: tuple[Item, ...]


class Filter(Node):
    """`filter`, `where` (the same) and `filterIndex` (offline the same)."""

    condition: Expression
    word: str = "filter"


class ParseGlob(Node):
    """`parse f "a=* b=*" as a, b`."""

    subject: Expression | None
    pattern: String
    names: tuple[Alias, ...]


class ParseRegex(Node):
    """`parse f /..(?<n>..)/ [multi] [as names]`."""

    subject: Expression | None
    pattern: Regex
    names: tuple[Alias, ...] = ()
    multi: bool = False


class ParseFormat(Node):
    """`parse f logfmt as m`, `parse f csv as a, b`, `parse f XML '/path' as x`."""

    subject: Expression | None
    form: str
    names: tuple[Alias, ...]
    path: String | None = None


class Json(Node):
    """`json field=f "k.sub" as a, "l" as b`."""

    subject: Field | None
    pairs: tuple[tuple[String, Alias], ...]


class SortKey(Node):
    """One key of `sort`; `descending` is None when no direction was written."""

    field: Expression
    descending: bool | None = None


class Sort(Node):
    """`sort a asc, b desc`; `order by` is an old spelling."""

    keys: tuple[SortKey, ...]
    word: str = "sort"


class Limit(Node):
    """`limit [any] N`; `head` and `tail` are old spellings."""

    count: int
    any: bool = False
    word: str = "limit"


class Stats(Node):
    """`stats count(*) as n by bin(5m), a [offset 1h]`."""

    items: tuple[Item, ...]
    by: tuple[Item, ...] = ()
    offset: Duration | None = None


class Dedup(Node):
    """`dedup a, b`."""

    fields: tuple[Expression, ...]


class Unnest(Node):
    """`unnest f into g`."""

    subject: Expression
    name: Alias


class Expand(Node):
    """`expand f`."""

    subject: Field


class LookupKey(Node):
    """`column [as field]`: a table's column, and the event's field if it has another name."""

    column: str
    field: Field | None = None


class LookupOutput(Node):
    """`column [as name]`: a table's column that the event gets."""

    column: str
    alias: Alias | None = None

    @property
    def name(self) -> str:
        """The field that is written."""
        return self.column if self.alias is None else self.alias.name


class Lookup(Node):
    """`lookup table key [as f], .. OUTPUT a, b`."""

    table: str
    keys: tuple[LookupKey, ...]
    outputs: tuple[LookupOutput, ...]


class CidrLookup(Node):
    """`cidrlookup table ip [AS column] OUTPUT|OUTPUTNEW a [AS b], ..`."""

    table: str
    subject: Field
    column: str | None
    outputs: tuple[LookupOutput, ...]
    only_empty: bool = False


class Join(Node):
    """`join type=left left=a right=b where a.k=b.k (SOURCE 'g' | ..)`."""

    kind: str
    left: Alias
    right: Alias
    pairs: tuple[tuple[Field, Field], ...]
    query: Query


class AppendCols(Node):
    """`appendcols override=true max=10 ( query )`."""

    query: Query
    override: bool = False
    maximum: int = 10_000


class Accum(Node):
    """`accum f [as out]`."""

    subject: Field
    alias: Alias | None = None


class Autoregress(Node):
    """`autoregress f [as a] [p=1-4]`."""

    subject: Field
    alias: Alias | None = None
    first: int = 1
    last: int | None = None


class FillDown(Node):
    """`filldown [a cpu*]`: names, with `*` as wildcard."""

    patterns: tuple[str, ...] = ()


class FillMissing(Node):
    """`fillmissing [with 0 for a, ..]`."""

    values: tuple[tuple[Expression, Field], ...] = ()


class AddTotals(Node):
    """`addtotals fieldname=Sum row=true col=false a, b`."""

    fields: tuple[Field, ...] = ()
    name: str = "Total"
    row: bool = True
    column: bool = False


class CountFrequent(Node):
    """`countFrequent a, b`."""

    fields: tuple[Field, ...]


class Outlier(Node):
    """`outlier action=remove param=2.5 uselower=true mark=true a b`."""

    fields: tuple[Field, ...]
    action: str = "transform"
    factor: str = "2.5"
    use_lower: bool = False
    mark: bool = False


class Sessionize(Node):
    """`sessionize a, b maxspan 30m as session`."""

    fields: tuple[Field, ...]
    gap: Duration | None = None
    alias: Alias | None = None


class Unmask(Node):
    """`unmask(f)` as a command of its own: offline nothing is masked."""

    fields: tuple[Field, ...]


class Estimate(Node):
    """`estimate`: the bytes that the query would scan."""


class Opaque(Node):
    """A command that only the service can evaluate, with its arguments' words."""

    word: str
    arguments: tuple[str, ...] = ()


Command: TypeAlias = (
    Fields
    | Display
    | Filter
    | ParseGlob
    | ParseRegex
    | ParseFormat
    | Json
    | Sort
    | Limit
    | Stats
    | Dedup
    | Unnest
    | Expand
    | Lookup
    | CidrLookup
    | Join
    | AppendCols
    | Accum
    | Autoregress
    | FillDown
    | FillMissing
    | AddTotals
    | CountFrequent
    | Outlier
    | Sessionize
    | Unmask
    | Estimate
    | Opaque
)
