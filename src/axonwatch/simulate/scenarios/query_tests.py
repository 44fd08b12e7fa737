"""A saved query's own tests: events in, rows out, compared with what the query gives.

The engine is the query wing's; `cli` runs it and hands in the rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from axonwatch.model.queries import QueryTest
from axonwatch.syntax.filter_pattern.value import read_number

Row = Mapping[str, str]
_CLOSE = 1e-9
_SHOWN = 5


def judge_rows(test: QueryTest, rows: Sequence[Row]) -> str:
    """What differs between the rows expected and those found; empty if nothing does.

    A row found may have more columns than the expected one names. Numbers are compared as such.
    """
    found = [dict(row) for row in rows]
    wanted = [dict(row) for row in test.rows]
    if test.ordered:
        missing = [w for w, f in zip(wanted, found, strict=False) if not _matches(w, f)]
        missing += wanted[len(found) :]
        extra = [f for w, f in zip(wanted, found, strict=False) if not _matches(w, f)]
        extra += found[len(wanted) :]
    else:
        extra = list(found)
        missing = []
        for row in sorted(wanted, key=len, reverse=True):  # the most telling rows choose first
            match = next((i for i, f in enumerate(extra) if _matches(row, f)), None)
            if match is None:
                missing.append(row)
            else:
                del extra[match]
    if not missing and not extra:
        return ""
    lines = [f"{len(wanted)} {_rows(len(wanted))} expected, {len(found)} found"]
    lines += _listed("-", missing) + _listed("+", extra)
    return "\n".join(lines)


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def _matches(wanted: Row, found: Row) -> bool:
    return all(key in found and _same(value, found[key]) for key, value in wanted.items())


def _same(wanted: str, found: str) -> bool:
    if wanted == found:
        return True
    one, other = read_number(wanted), read_number(found)
    return one is not None and other is not None and math.isclose(one, other, rel_tol=_CLOSE)


def _listed(sign: str, rows: Sequence[Row]) -> list[str]:
    shown = [
        f"{sign} " + "  ".join(f"{key}={value}" for key, value in row.items() if key != "@ptr")
        for row in rows[:_SHOWN]
    ]
    return shown + ([f"{sign} {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else [])
