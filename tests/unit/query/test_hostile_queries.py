"""Whatever a query says, it becomes exactly one SELECT, or one of our own errors."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.query.cases import documented_cases, own_cases

from axonwatch.errors import CouldNotRun
from axonwatch.query.connection import Limits
from axonwatch.query.engine import Options, explain_query, prepare, read_time, run_query
from axonwatch.query.events import LogGroup
from axonwatch.query.lookups import read_table
from axonwatch.query.sql.compiler import compile_query
from axonwatch.query.sql.context import Context, Group, Settings, Table
from axonwatch.syntax.insights.printer import print_name, print_string
from axonwatch.syntax.text import SyntaxFault

HOSTILE = [
    "'; DROP TABLE events_0; --",
    "\"; COPY events_0 TO '/tmp/x'; --",
    "x' OR '1'='1",
    "'); ATTACH '/tmp/x.db'; --",
    "/* */ UNION SELECT 1",
    "\\'; --",
    "a''b",
    "$$; SELECT 1; $$",
    "E'\\x27'",
    "c1",
    "events_0",
    "read_text('/etc/passwd')",
    "\u2019\u02bc\uff07",
    "(SELECT 1)",
]
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="`\n\r\0"), max_size=30),
)
names = st.one_of(st.sampled_from(HOSTILE), texts).filter(
    lambda text: "`" not in text and text.strip("@") != "" and "\n" not in text
)
# Where a name (N) or a text (S) may stand.
PLACES = [
    "fields N, S as x",
    "filter N = S and N like S",
    "filter N in [S, S] | fields N as y",
    "stats count(N) as a, max(N) as b, pct(N, 50), earliest(N) by N as k",
    "parse N S as x | display x",
    "fields jsonParse(N) as j | fields j.N as v | unnest j.N into e",
    "sort N asc | dedup N | limit 5",
    "fields replace(N, S, S), split(N, S), concat(S, N), trim(N, S), urlencode(S)",
    "fields N | filldown N | accum N as t | autoregress N",
    "lookup t k as N OUTPUT v as z | fields z",
    "json field=N S as q | display q",
    "fields isIpInSubnet(N, N), jsonArrayContains(N, S), strcontains(N, S)",
    "SOURCE 'g', 'h' | countFrequent N",
    "join left=l right=r where l.N = r.N (SOURCE 'h') | fields l.N, r.N",
    "stats count(*) as n by bin(5m), N as k | fillmissing with S for n | addtotals n",
    "outlier N | sessionize N | expand N",
]


def fill(template: str, name: str, text: str) -> str:
    return re.sub(
        r"\b([NS])\b",
        lambda found: print_name((name,)) if found[1] == "N" else print_string(text),
        template,
    )


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> list[LogGroup]:
    folder = tmp_path_factory.mktemp("hostile")
    messages = [
        '{"a": 1, "b": {"c": [1, "x"]}, "t": true, "ip": "10.0.0.1"}',
        '{"a": "x", "b": null, "n": "12"}',
        "plain text level=info took=5 \x01 é",
        '{"cut": ',
        "",
    ]
    lines = [
        json.dumps({"timestamp": 1_767_225_600_000 + 60_000 * place, "message": message})
        for place, message in enumerate(messages)
    ]
    path = folder / "events.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [LogGroup("g", (str(path),)), LogGroup("h", (str(path),))]


TABLE = read_table("t", "k,v\n1,x\n")
OPTIONS = Options(now_ms=0, tables={"t": TABLE}, limits=Limits(threads=1, seconds=20))
GROUPS = [Group("g", "events_0"), Group("h", "events_1")]


def compiled_sql(text: str) -> str | None:
    """The statement of a query, without any data; None if it is refused."""
    context = Context(
        Settings(now_ms=0), GROUPS, {"t": Table("lookup_0", TABLE.columns)}, time_of=read_time
    )
    try:
        query, _ = prepare(text, {})
        return compile_query(query, context).sql
    except SyntaxFault:
        return None


_FORBIDDEN = re.compile(r"\b(COPY|ATTACH|READ_TEXT|READ_BLOB|READ_CSV|GLOB)\b")


def assert_one_select(text: str) -> None:
    sql = compiled_sql(text)
    if sql is None:
        return
    statements = duckdb.extract_statements(sql)
    assert len(statements) == 1
    assert statements[0].type == duckdb.StatementType.SELECT


@pytest.mark.parametrize("template", PLACES)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_texts_become_one_select(hostile: str, template: str) -> None:
    assert_one_select(fill(template, hostile, hostile))


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(template=st.sampled_from(PLACES), name=names, text=texts)
def test_any_name_and_text_become_one_select(template: str, name: str, text: str) -> None:
    assert_one_select(fill(template, name, text))


@pytest.mark.slow
@settings(
    max_examples=10_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(template=st.sampled_from(PLACES), name=names, text=texts)
def test_ten_thousand_names_and_texts_become_one_select(
    template: str, name: str, text: str
) -> None:
    assert_one_select(fill(template, name, text))


def test_plans_read_nothing_but_the_named_files(groups: list[LogGroup]) -> None:
    for template in PLACES:
        try:
            plan = explain_query(fill(template, "a", "read_text('/etc/passwd')"), groups, OPTIONS)
        except SyntaxFault:
            continue
        bare = re.sub(r"'(?:[^']|'')*'", "", plan.sql)
        assert not _FORBIDDEN.search(bare.upper())


# Fuzzing: queries whose words are dropped, doubled, swapped, replaced.

SEEDS = [case.query for case in [*documented_cases(), *own_cases()] if len(case.query) < 400]
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
WORDS = sorted({word for text in SEEDS for word in _WORD.findall(text) if not word.isspace()})


def mutated(chance: random.Random) -> str:
    text = chance.choice(SEEDS)
    parts = _WORD.findall(text)
    for _ in range(chance.randint(1, 3)):
        if not parts:
            break
        place = chance.randrange(len(parts))
        kind = chance.randrange(6)
        if kind == 0:
            del parts[place]
        elif kind == 1:
            parts.insert(place, parts[place])
        elif kind == 2:
            parts[place] = chance.choice(WORDS)
        elif kind == 3:
            parts.insert(place, f" {chance.choice(WORDS)} ")
        elif kind == 4:
            other = chance.randrange(len(parts))
            parts[place], parts[other] = parts[other], parts[place]
        else:
            parts = parts[:place] + _WORD.findall(f" | {chance.choice(SEEDS)}")
    return "".join(parts)


SIGNS = [
    "|",
    "(",
    ")",
    "[",
    "]",
    ",",
    "/",
    "'",
    '"',
    "`",
    "#",
    "{{",
    "}}",
    "*",
    "=",
    "\\",
    "\n",
    "é",
]


def soup(chance: random.Random) -> str:
    """Words and signs of the language in any order, behind a command."""
    count = chance.randint(1, 25)
    parts = [chance.choice(WORDS if chance.random() < 0.7 else SIGNS) for _ in range(count)]
    return " ".join([chance.choice(["fields", "filter", "stats", "parse", "sort", ""]), *parts])


COMMANDS = sorted({command.strip() for text in SEEDS for command in text.split("|")} - {""})


def chain(chance: random.Random) -> str:
    """Whole commands one behind the other, whether they fit or not."""
    return " | ".join(chance.choice(COMMANDS) for _ in range(chance.randint(2, 6)))


def fuzzed(seed: int, count: int) -> Iterator[str]:
    chance = random.Random(seed)  # noqa: S311  # the same queries every time
    for _ in range(count):
        yield chance.choice((mutated, mutated, mutated, chain, chain, soup))(chance)


def run_or_refuse(text: str, groups: list[LogGroup]) -> None:
    try:
        run_query(
            text,
            groups,
            now_ms=0,
            lookups={"t": "k,v\n1,x\n"},
            limits=Limits(threads=1, seconds=20),
        )
    except SyntaxFault:
        return
    except CouldNotRun as error:
        if "memory" not in error.message:  # stopped after the limit's seconds
            raise AssertionError(text) from error
    except Exception as error:
        message = f"{type(error).__name__} for {text!r}: {error}"
        raise AssertionError(message) from error


def test_mutated_queries_give_rows_or_our_own_errors(groups: list[LogGroup]) -> None:
    for text in fuzzed(seed=1, count=120):
        run_or_refuse(text, groups)


# AXONWATCH_FUZZ_QUERIES=60000 pytest -m slow tests/unit/query/test_hostile_queries.py -k many_mutated
MANY = int(os.environ.get("AXONWATCH_FUZZ_QUERIES", "20000"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_mutated_queries_give_rows_or_our_own_errors(
    seed: int, groups: list[LogGroup]
) -> None:
    for text in fuzzed(seed=seed, count=MANY // 10):
        run_or_refuse(text, groups)


def test_a_very_long_query_is_refused_at_once(groups: list[LogGroup]) -> None:
    with pytest.raises(SyntaxFault) as caught:
        run_query("fields " + "a, " * 33_333 + "a", groups)
    assert caught.value.code == "query-too-long"


@pytest.mark.parametrize(
    "text",
    [
        "filter " + "(" * 199 + "a" + ")" * 199 + " = 1",
        "fields " + "abs(" * 190 + "a" + ")" * 190 + " as x",
        "fields " + "concat(" * 150 + "a" + ", 'x')" * 150 + " as x",
        "fields " + "if(a = 1, " * 150 + "1" + ", 2)" * 150 + " as x",
        "filter " + "not " * 190 + "a = 1",
        "fields a" + " + a" * 190 + " as x",
        "filter " + " or ".join(f"a = {place}" for place in range(300)),
        "fields " + ", ".join(f"f{place}" for place in range(200)),
        " | ".join(f"fields a as x{place}" for place in range(400)),
        " | ".join(f"filter a != {place}" for place in range(300)),
        "fields coalesce(" + ", ".join(f"toupper(f{place})" for place in range(100)) + ") as x",
    ],
    ids=lambda text: text[:24],
)
def test_deep_and_wide_queries_are_evaluated(text: str, groups: list[LogGroup]) -> None:
    run_query(text, groups, now_ms=0)


@pytest.mark.parametrize(
    "text",
    [
        "filter " + "(" * 300 + "a" + ")" * 300 + " = 1",
        "fields a" + " + a" * 300 + " as x",
        "filter " + "not " * 300 + "a = 1",
        "fields " + "-" * 1 + "".join("(-" for _ in range(300)) + "a" + ")" * 300,
        "fields a" + "[0]" * 300,
        "filter a in " + "(fields a | filter a in " * 250 + "(fields a)" + ")" * 250,
    ],
    ids=lambda text: text[:24],
)
def test_too_deep_queries_are_refused(text: str, groups: list[LogGroup]) -> None:
    with pytest.raises(SyntaxFault):
        run_query(text, groups, now_ms=0)


def test_regular_expressions_cannot_hang(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    event = {"timestamp": 1, "message": "a" * 50_000 + "!"}
    path.write_text(json.dumps(event) + "\n", encoding="utf-8")
    group = LogGroup("g", (str(path),))
    for pattern in ["(a+)+$", "(a|aa)+$", "(a*)*b", "a{0,500}a{0,500}b"]:
        run_query(f"filter @message like /{pattern}/", [group], limits=Limits(seconds=30))
