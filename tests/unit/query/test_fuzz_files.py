"""Every line of every file is an event exactly once, and no query fails on any of them.

Rerun as many as wanted, with any seed:

    AXONWATCH_FUZZ_FILES=100000 AXONWATCH_FUZZ_SEED=1 pytest -m slow tests/unit/query/test_fuzz_files.py
"""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.query.hostile_files import HostileFile, hostile_file

from axonwatch.query.connection import Limits
from axonwatch.query.engine import run_query
from axonwatch.query.events import LogGroup
from axonwatch.query.session import Request, Session, open_session

MANY = int(os.environ.get("AXONWATCH_FUZZ_FILES", "5000"))
SEED = int(os.environ.get("AXONWATCH_FUZZ_SEED", "1"))
MESSAGES = "fields @message | sort @timestamp asc | limit 1000"
LIMITS = Limits(threads=1, seconds=30)
COUNT = "stats count(*) as n"
# Each touches fields and functions that a bad value could make fail.
QUERIES = (
    "stats count(*) as n by a, level",
    "stats sum(a) as s, max(b) as m, latest(level) as l, pct(a, 95) as p by bin(1h), `a.b`",
    "fields a + 1 as x, b.c.0 as y, jsonParse(@message) as j | fields j.a as z, j.level.b as w",
    "filter a > 1 or b like /x/ or level in ['ERROR', '1'] | fields @timestamp, a",
    "parse @message /(?<d>[0-9.]+)ms/ | stats avg(d) as m, count(d) as n by @logStream",
    "parse @message '*: *' as head, rest | sort head asc, rest desc | limit 20",
    "fields toupper(@message) as u, strlen(@message) as n, substr(@message, 3, 4) as s, md5(a) as h",
    "parse @message logfmt as m | parse @message csv as c1, c2 | fields m.a as ma, concat(c1, c2) as c",
    "fields jsonStringify(a) as s, jsonArraySize(@message) as n, isValidIp(b) as v, toInt(a) as i",
    "unnest a into e | expand b | fields e, b, formatDate(toMillis(@timestamp), '%Y') as y",
    "dedup a, level | limit 5",
    "filter ispresent(message) | fields fromMillis(timestamp) as t, decToHex(a) as h, a % 3 as r",
)


TOGETHER = 20  # files that are read over one connection


def judge(file: HostileFile, query: str, session: Session, group: str) -> None:
    def ask(text: str) -> Sequence[Mapping[str, str]]:
        return session.run(Request(text=text, groups=[group], now_ms=0))

    wanted = len(file.lines)
    assert [int(row["n"]) for row in ask(COUNT)] == ([wanted] if wanted else [])
    rows = ask(query)
    if query == MESSAGES:
        found = sorted(row["@message"] for row in rows)
        assert len(found) == wanted
        if not file.is_export:
            assert found == sorted(file.texts)


def fuzz(folder: Path, count: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # the same files every time
    for start in range(0, count, TOGETHER):
        files: dict[str, HostileFile] = {}
        for number in range(start, min(start + TOGETHER, count)):
            file = hostile_file(chance)
            name = f"{chance.choice(('/ecs/app', '/ecs/app', '/aws/lambda/f'))}-{number}"
            packed = chance.random() < 0.05
            data = gzip.compress(file.data, 1) if packed else file.data
            (folder / f"{number % TOGETHER}.log").write_bytes(data)
            files[name] = file
        groups = [
            LogGroup(name, (str(folder / f"{place}.log"),)) for place, name in enumerate(files)
        ]
        with open_session(groups, limits=LIMITS) as session:
            for name, file in files.items():
                query = chance.choice((*QUERIES, MESSAGES, MESSAGES))
                try:
                    judge(file, query, session, name)
                except Exception as error:
                    message = f"{name} of seed {seed}, {query!r} on {file.data[:2000]!r}: {error!r}"
                    raise AssertionError(message) from error


def test_lines_of_hostile_files_are_counted_once(tmp_path: Path) -> None:
    fuzz(tmp_path, 60, seed=0)


@pytest.mark.slow
def test_lines_of_many_hostile_files_are_counted_once(tmp_path: Path) -> None:
    fuzz(tmp_path, MANY, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [b"x", b"\xff", b"\0", b'{"a":', b"\\", b"1,"])
def test_a_line_of_three_megabytes_is_kept_whole(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(b"\n".join([b"first", kind * (3_000_000 // len(kind)), b"last"]))
    file = HostileFile(path.read_bytes(), is_export=False)
    for query in (*QUERIES, MESSAGES):
        if kind == b"\0" and " csv " in query:
            continue  # six times as long once written as JSON: more memory than a query may use
        result = run_query(query, [LogGroup("/ecs/app", (str(path),))], now_ms=0, limits=LIMITS)
        assert result.statistics.records_scanned == 3
        if query == MESSAGES:
            assert sorted(row["@message"] for row in result.rows) == sorted(file.texts)
