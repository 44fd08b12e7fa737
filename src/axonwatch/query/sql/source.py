"""SOURCE: which groups a query reads, as the first layer of its statement."""

from __future__ import annotations

from collections.abc import Sequence

from axonwatch.query.sql.context import Context, Group, refuse
from axonwatch.query.sql.document import Document, ordinary_document
from axonwatch.query.sql.needs import find_needs
from axonwatch.query.sql.pipeline import Order, Pipeline, quote_text
from axonwatch.query.sql.scope import Scope, State
from axonwatch.query.sql.values import FARTHEST_MS, MISSING, Kind, Value
from axonwatch.syntax.insights import nodes as n

COLUMNS = ("ts", "ingest", "stream", "log", "message", "seq")
_TYPES = ("0::BIGINT", "0::BIGINT", "''", "''", "''", "0::BIGINT")
# What DuckDB refuses with an error that nothing else in our statements can give (see `engine`).
# No arithmetic on times may overflow, whatever a file says.
_TIME = f"least(greatest(ts, -{FARTHEST_MS}), {FARTHEST_MS})"
OVERFLOW = "CAST(9223372036854775807 + strlen({0}) AS VARCHAR)"

# Fields of Lambda's own lines. Sources: the discovery table of
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
_LAMBDA_NUMBERS = {
    "@duration": (r"^REPORT .*?\tDuration: ([0-9.]+) ms", 1),
    "@billedDuration": (r"^REPORT .*?Billed Duration: ([0-9.]+) ms", 1),
    "@initDuration": (r"^REPORT .*?Init Duration: ([0-9.]+) ms", 1),
    "@memorySize": (r"^REPORT .*?Memory Size: ([0-9]+) MB", 1_000_000),
    "@maxMemoryUsed": (r"^REPORT .*?Max Memory Used: ([0-9]+) MB", 1_000_000),
}
_LAMBDA_TEXTS = {
    "@type": r"^(START|END|REPORT) RequestId: ",
    "@requestId": r"(?:RequestId: |^\S+Z\t)([0-9a-f]{8}-[0-9a-f-]{27})",
    "@xrayTraceId": r"^REPORT .*?XRAY TraceId: (\S+)",
    "@xraySegmentId": r"^REPORT .*?SegmentId: (\S+)",
}


def choose_groups(
    context: Context, source: n.Source | None, inherited: Sequence[Group]
) -> tuple[Group, ...]:
    """The groups that SOURCE names; without it, those of the query around, or the first."""
    if source is None:
        return tuple(inherited)
    if source.selects:
        return _selected(context, source)
    chosen = []
    for name in source.groups:
        # An ARN ends with the group's name, or with `:*` behind it.
        bare = name.rpartition(":log-group:")[2].removesuffix(":*")
        found = [group for group in context.groups if group.name in {name, bare}]
        if not found:
            known = ", ".join(f"`{group.name}`" for group in context.groups[:8])
            refuse(
                "unknown-log-group",
                f"no log group `{name}` was given",
                source.span,
                label="not given",
                help=f"give it with --local {name}=PATH; given: {known}",
            )
        chosen += [group for group in found if group not in chosen]
    return tuple(chosen)


def _selected(context: Context, source: n.Source) -> tuple[Group, ...]:
    chosen = list(context.groups)
    if source.prefixes:
        chosen = [g for g in chosen if g.name.startswith(source.prefixes)]
    for key, values in source.other:
        lower = key.lower()
        if lower in {"class", "loggroupclass"}:
            if "STANDARD" not in {value.upper() for value in values}:
                chosen = []
        elif lower not in {"accountidentifiers", "accountidentifier"}:
            refuse(
                "refused-source",
                f"`{key}` cannot be evaluated offline",
                source.span,
                label="local files have no such property",
                help="choose groups by name or by namePrefix",
            )
    if not chosen:
        refuse(
            "unknown-log-group",
            "SOURCE selects no log group that was given",
            source.span,
            label="selects none",
            help="give groups with --local GROUP=PATH",
        )
    return tuple(chosen)


def open_source(context: Context, query: n.Query, groups: tuple[Group, ...]) -> State:
    """A state that reads all events of the groups in the time range."""
    names = [context.names.new() for _ in COLUMNS]
    kind = context.names.new()
    with_lambda = any(group.is_lambda for group in groups)
    start, end = _time_range(context, query.source)
    tests = [f"ts >= {start}"] if start is not None else []
    tests += [f"ts <= {end}"] if end is not None else []
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    parts = []
    for place, group in enumerate(groups):
        number = f"seq * {len(groups)} + {place}" if len(groups) > 1 else "seq"
        special = {"seq": number, "ts": _TIME}
        picked = [
            f"{special.get(column, column)} AS {name}"
            for column, name in zip(COLUMNS, names, strict=True)
        ]
        if with_lambda:
            picked.append(f"{'true' if group.is_lambda else 'false'} AS {kind}")
        read = f"{group.view}{where}"
        context.scanned.append(read)
        parts.append(f"SELECT {', '.join(picked)} FROM {read}")
    if not groups:
        typed = zip(_TYPES, names, strict=True)
        parts.append(f"SELECT {', '.join(f'{sql} AS {name}' for sql, name in typed)} WHERE false")
    pipe = Pipeline(context.names, " UNION ALL ".join(parts))
    ts, *_, message, seq = names
    needs = find_needs(query)
    document = _document(context, message, kind if with_lambda else None)
    scope = Scope(
        system=_system(dict(zip(COLUMNS, names, strict=True))),
        document=Document(document, needs.discovered, is_checked=not context.settings.sound),
        wanted=needs.inside,
    )
    if with_lambda:
        scope.system |= _lambda_fields(message, kind)
    order = [Order(ts, descending=True), Order(seq, descending=True)]
    return State(pipe, scope, order, sequence=seq)


def _time_range(context: Context, source: n.Source | None) -> tuple[int | None, int | None]:
    start, end = context.settings.start_ms, context.settings.end_ms
    if source is not None and context.time_of is not None:
        try:
            if source.start is not None:
                start = context.time_of(source.start, context.settings.now_ms)
            if source.end is not None:
                end = context.time_of(source.end, context.settings.now_ms)
        except (ValueError, OverflowError) as error:
            refuse(
                "invalid-time",
                str(error),
                source.span,
                label="not a time",
                help="write `-1h`, `now`, ISO 8601 or milliseconds since 1970",
            )
    return start, end


def _document(context: Context, message: str, kind: str | None) -> str:
    wide = OVERFLOW.format(message)
    if context.settings.wide:
        wide = f"{context.uses('insights_first_fields')}({message})"
    ordinary = ordinary_document(message, wide, checks=not context.settings.sound)
    if kind is None:
        return ordinary
    embedded = f"{context.uses('insights_embedded')}({message})"
    return f"CASE WHEN {kind} AND NOT json_valid({message}) THEN {embedded} ELSE {ordinary} END"


def _system(names: dict[str, str]) -> dict[str, Value]:
    place = ", '|', ".join(names[column] for column in ("log", "stream", "ts", "seq"))
    return {
        "@timestamp": Value(Kind.TIME, names["ts"]),
        "@ingestionTime": Value(Kind.TIME, names["ingest"]),
        "@logStream": Value(Kind.TEXT, names["stream"]),
        "@log": Value(Kind.TEXT, names["log"]),
        "@message": Value(Kind.TEXT, names["message"]),
        "@ptr": Value(Kind.TEXT, f"to_base64(encode(concat({place})))"),
        "@aws.account": Value(Kind.TEXT, f"split_part({names['log']}, ':', 1)"),
        "@aws.region": MISSING,
    }


def _lambda_fields(message: str, kind: str) -> dict[str, Value]:
    found = {}
    for name, pattern in _LAMBDA_TEXTS.items():
        taken = f"nullif(regexp_extract({message}, {quote_text(pattern)}, 1), '')"
        found[name] = Value(Kind.TEXT, f"CASE WHEN {kind} THEN {taken} END")
    for name, (pattern, factor) in _LAMBDA_NUMBERS.items():
        taken = f"TRY_CAST(regexp_extract({message}, {quote_text(pattern)}, 1) AS DOUBLE)"
        found[name] = Value(Kind.NUMBER, f"CASE WHEN {kind} THEN {taken} * {factor} END")
    return found
