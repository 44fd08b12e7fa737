"""Fields inside JSON: what CloudWatch discovers in an event, and what a query opens by jsonParse.

    message ─> document (the message if it is a JSON object, else NULL) ─> fields by pointer

All fields that a stage needs are taken out in one pass. Pointers (RFC 6901) fit maps and lists
alike and need no quoting of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from axonwatch.query.sql.pipeline import Pipeline, quote_text
from axonwatch.query.sql.values import NULL_TEXT, Kind, Value

DISCOVERED_FIELDS = 200
_SPLIT_ALL = 4
# `true` and `false` may be booleans, `{` and `[` may open maps and lists: those are looked at.
_DOUBTFUL = (
    "CASE ascii({0}) WHEN 91 THEN true WHEN 123 THEN true WHEN 116 THEN {0} = 'true' "
    "WHEN 102 THEN {0} = 'false' ELSE false END"
)

Pointers = tuple[str, ...]


def pointer(keys: Iterable[str]) -> str:
    """The JSON pointer of nested keys."""
    return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys)


def pointers_of(parts: Sequence[str]) -> Pointers:
    """Where a field may lie: `a.b` is key b of a, or one key with a dot."""
    gaps = len(parts) - 1
    if gaps < _SPLIT_ALL:
        masks = range(2**gaps - 1, -1, -1)
        splits = [[i + 1 for i in range(gaps) if mask >> i & 1] for mask in masks]
    else:
        splits = [list(range(1, gaps + 1)), *([i] for i in range(1, gaps + 1)), []]
    found = []
    for cuts in splits:
        edges = [0, *cuts, len(parts)]
        found.append(pointer(".".join(parts[a:b]) for a, b in pairwise(edges)))
    return tuple(dict.fromkeys(found))


class Document:
    """JSON texts, computed by `sql` once they are needed, and the fields taken out so far.

    Texts that were not checked may be no JSON: then nothing is found in them. In a text that
    jsonParse opened (`is_parsed`) maps and lists are values, too.
    """

    def __init__(
        self,
        sql: str,
        wanted: Iterable[Pointers] = (),
        *,
        is_checked: bool = True,
        is_parsed: bool = False,
    ) -> None:
        self.column = sql
        self._is_checked = is_checked
        self._is_parsed = is_parsed
        self._wanted = set(wanted)
        self._found: dict[Pointers, Value] = {}

    def field(self, pipe: Pipeline, pointers: Pointers) -> Value:
        """The scalar at the first pointer that leads to something; maps and lists as `whole`."""
        if pointers not in self._found:
            self.fetch(pipe, [pointers, *sorted(self._wanted)])
        return self._found[pointers]

    def fetch(self, pipe: Pipeline, batch: Iterable[Pointers]) -> None:
        """Take several fields out at once."""
        todo = [item for item in dict.fromkeys(batch) if item not in self._found]
        paths = [path for item in todo for path in item]
        if not paths:
            return
        self.column = pipe.let(self.column)
        if len(paths) == 1:
            raw = pipe.let(self._extract(quote_text(paths[0])), volatile=True)
            self._found[todo[0]] = self._settled(raw, todo[0], [raw])
            return
        listed = ", ".join(quote_text(path) for path in paths)
        values = pipe.let(self._extract(f"[{listed}]"), volatile=True)
        taken: list[tuple[Pointers, list[str]]] = []
        position = 0
        for item in todo:
            columns = [
                pipe.let(f"{values}[{place}]")
                for place in range(position + 1, position + 1 + len(item))
            ]
            position += len(item)
            taken.append((item, columns))
        raws = [
            columns[0] if len(columns) == 1 else pipe.let(f"coalesce({', '.join(columns)})")
            for _, columns in taken
        ]
        for (item, columns), raw in zip(taken, raws, strict=True):
            self._found[item] = self._settled(raw, item, columns)

    def _extract(self, paths: str) -> str:
        taken = f"json_extract_string({self.column}, {paths})"
        return taken if self._is_checked else f"TRY({taken})"

    def _settled(self, raw: str, item: Pointers, columns: list[str]) -> Value:
        """The field with booleans as 1 and 0, and nothing in place of maps and lists."""
        kinds = [f"json_type({self.column}, {quote_text(path)})" for path in item]
        kind = kinds[0]
        if len(kinds) > 1:
            cases = [
                f"WHEN {column} IS NOT NULL THEN {one}"
                for column, one in zip(columns, kinds, strict=True)
            ]
            kind = f"CASE {' '.join(cases)} END"
        settled = (
            f"CASE WHEN {_DOUBTFUL.format(raw)} THEN CASE {kind} "
            f"WHEN 'BOOLEAN' THEN CASE {raw} WHEN 'true' THEN '1' ELSE '0' END "
            f"WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL ELSE {raw} END ELSE {raw} END"
        )
        truth = f"CASE {kind} WHEN 'BOOLEAN' THEN CAST({raw} = 'true' AS DOUBLE) END"
        return Value(Kind.TEXT, settled, whole=raw, truth=truth, nested=self._is_parsed)


def ordinary_document(message: str, wide: str, *, checks: bool) -> str:
    """The message if it is one JSON object; `wide` is what to make of one with too many fields.

    Checking means parsing twice. Unchecked, what begins and ends as an object is taken for one;
    what is in it is then taken out with TRY, which is cheap as long as it hardly ever fails.
    """
    object_text = (
        f"CASE WHEN starts_with({message}, '{{') THEN {message} "
        f"WHEN ascii({message}) <= 32 AND starts_with(ltrim({message}, E' \\t\\r\\n'), '{{') "
        f"THEN {message} END"
    )
    narrow = (
        f"strlen({message}) <= {2 * DISCOVERED_FIELDS} OR "
        f"strlen({message}) - strlen(replace({message}, ',', '')) < {DISCOVERED_FIELDS}"
    )
    looks_so = f"starts_with({message}, '{{\"') AND ends_with({message}, '}}')"
    is_object = f"json_valid({object_text})"
    if not checks:
        is_object = f"CASE WHEN {looks_so} THEN true ELSE {is_object} END"
    return (
        f"CASE WHEN {is_object} THEN CASE WHEN {narrow} THEN {message} "
        f"ELSE {wide} END ELSE {NULL_TEXT} END"
    )
