"""A peer in a process of its own: hand-written, guarded DuckDB SQL over an event export.

    python benchmarks/sql_peer.py FILE NAME    prints the rows as JSON

Guarded: a message that is no JSON is NULL, never an error. Two forms of each are kept; the
benchmark takes the one that costs less, so that the peer is as good as we can write it.
"""

from __future__ import annotations

import json
import sys

import duckdb

_READ = (
    "read_json('{file}', format='newline_delimited', "
    "columns={{timestamp:'BIGINT', message:'VARCHAR', logStream:'VARCHAR'}})"
)
_ONE = "CASE WHEN json_valid(message) THEN json_extract_string(message, '{0}') END"
_CAST = "json_extract_string(TRY_CAST(message AS JSON), '{0}')"
_LIST = "CASE WHEN json_valid(message) THEN json_extract_string(message, {0}) END"
_CAST_LIST = "json_extract_string(TRY_CAST(message AS JSON), {0})"
_Q2 = "['$.component', '$.fields.duration_ms']"
_Q4 = "['$.fields.duration_ms', '$.request_id']"


def _level(form: str) -> str:
    return f"SELECT {form.format('$.level')} AS level, count(*) FROM {_READ} GROUP BY 1"


def _rare(form: str, prefilter: str = "") -> str:
    return f"SELECT count(*) FROM {_READ} WHERE {prefilter}{form.format('$.level')} = 'ERROR'"


def _latency(form: str, how: str) -> str:
    return (
        f"WITH t AS {how} (SELECT timestamp // 300000 * 300000 AS b, {form.format(_Q2)} AS v "
        f"FROM {_READ}), u AS (SELECT b, v[1] AS component, TRY_CAST(v[2] AS DOUBLE) AS d FROM t) "
        "SELECT b, component, count(*), avg(d), quantile_cont(d, 0.95) FROM u GROUP BY 1, 2"
    )


def _parsed(form: str, how: str) -> str:
    return (
        f"WITH t AS {how} (SELECT {form.format('$.message')} AS m FROM {_READ}), "
        r"u AS (SELECT regexp_extract(m, 'from ([\d.]+) done', 1) AS ip FROM t) "
        "SELECT ip, count(*) FROM u WHERE ip <> '' GROUP BY 1"
    )


def _top(form: str, how: str) -> str:
    return (
        f"WITH t AS {how} (SELECT {form.format(_Q4)} AS v FROM {_READ}) "
        "SELECT v[2], TRY_CAST(v[1] AS DOUBLE) AS d FROM t ORDER BY d DESC NULLS LAST LIMIT 20"
    )


_ONCE, _INLINE = "MATERIALIZED", "NOT MATERIALIZED"
QUERIES: dict[str, tuple[str, ...]] = {
    "c0": (_level(_ONE), _level(_CAST)),
    "q1": (_rare(_ONE), _rare(_CAST)),
    "q1p": (
        _rare(_ONE, "message LIKE '%ERROR%' AND "),
        _rare(_CAST, "message LIKE '%ERROR%' AND "),
    ),
    "q2": (_latency(_LIST, _ONCE), _latency(_CAST_LIST, _ONCE), _latency(_LIST, _INLINE)),
    "q3": (_parsed(_ONE, _ONCE), _parsed(_CAST, _ONCE), _parsed(_ONE, _INLINE)),
    "q4": (_top(_LIST, _ONCE), _top(_CAST_LIST, _ONCE), _top(_LIST, _INLINE)),
    "text": (
        f"SELECT count(*) FROM {_READ} WHERE message LIKE '%Request blocked by static policy%'",
    ),
    "pct": (
        (
            f"WITH t AS {_ONCE} (SELECT regexp_extract(message, "
            r"'\[TIMING\] Policy evaluation: ([\d.]+)µs', 1) AS n "
            f"FROM {_READ} WHERE message LIKE '%[TIMING] Policy evaluation: %') "
            "SELECT count(d), quantile_cont(d, 0.95) FROM (SELECT TRY_CAST(n AS DOUBLE) AS d FROM t)"
        ),
    ),
}


def main() -> None:
    file, name, form = sys.argv[1], sys.argv[2], int(sys.argv[3])
    connection = duckdb.connect(config={"memory_limit": "256MB"})
    sql = QUERIES[name][form].format(file=file)
    json.dump(connection.execute(sql).fetchall(), sys.stdout)


if __name__ == "__main__":
    main()
