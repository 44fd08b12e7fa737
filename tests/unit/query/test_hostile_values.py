"""Every function over every kind of value: rows, or one of our own errors, never another."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

from axonwatch.query.connection import Limits
from axonwatch.query.events import LogGroup
from axonwatch.query.session import Request, Session, open_session
from axonwatch.syntax.insights.functions import AGGREGATE, FUNCTIONS, FunctionRule
from axonwatch.syntax.text import SyntaxFault

VALUES = [
    *("", " ", "x", "0", "-1", "NaN", "inf", "null", "0xff", "1_000", "\0", "a\nb", "'", "%", "\\"),
    *("1e308", "-1e308", "1e-320", "1e400", "9e15", "-9e15", "99999999999999999999"),
    *("[]", "{}", '[1,"a",null]', '{"a":{"b":[1]}}', '"q"', "é😀", "a" * 5000),
    *("10.0.0.1", "::1", "10.0.0.0/8", "2026-01-01T00:00:00Z", "9223372036854775807"),
]
NUMBERS = [0, 1, -1, 2.5, None, True, 1e308, -1e308, 10**20]
ONES = (
    "v",
    "n",
    "@message",
    "@timestamp",
    "jsonParse(v)",
    "zz",
    "'lit'",
    "v * n",
    "v ^ n",
    "v > 1",
)
PERIODS = ("bin", "datefloor", "dateceil", "rate")
TEXTS = {"parseDate": "'yyyy-MM-dd'", "formatDate": "'%Y-%m-%d'", "regexReplace": "/a*/"}


def calls(rule: FunctionRule) -> Iterator[str]:
    """Calls of a function with each pair of arguments that it can take."""
    count = max(rule.least, min(rule.most, 2))
    for pair in itertools.product(ONES, repeat=min(count, 2)):
        given = list(itertools.islice(itertools.cycle(pair or ("v",)), count))
        if rule.name in PERIODS:
            given[-1] = "1mo" if rule.name != "rate" else "1m"
        elif rule.name in TEXTS:
            given[1] = TEXTS[rule.name]
        elif rule.name in {"pct", "histogram"}:
            given[1] = "3"
        elif rule.name == "topk":
            given[0] = "3"
        yield f"{rule.name}({', '.join(given)})"


def queries(rule: FunctionRule) -> Iterator[str]:
    for call in dict.fromkeys(calls(rule)):
        if rule.name == "topk":
            yield f"stats {call}"
        elif rule.kind == AGGREGATE:
            yield f"stats {call} as x"
            yield f"stats {call} as x by n | sort x desc"
        else:
            yield f"fields {call} as x | filter x = 1 or ispresent(x) | sort x | limit 100"
            yield f"filter {call} > 0 | stats count(*) as c, max({call}) as m"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    path = tmp_path_factory.mktemp("values") / "events.jsonl"
    lines = [
        json.dumps({"timestamp": 1_767_225_600_000 + place, "message": json.dumps(message)})
        for place, message in enumerate(
            {"v": value, "n": number}
            for value, number in zip(VALUES, itertools.cycle(NUMBERS), strict=False)
        )
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    limits = Limits(threads=1, seconds=30)
    with open_session([LogGroup("g", (str(path),))], limits=limits) as opened:
        yield opened


def ask(session: Session, text: str) -> None:
    try:
        session.run(Request(text=text, groups=["g"], now_ms=0))
    except SyntaxFault:
        return
    except Exception as error:
        message = f"{type(error).__name__} for {text!r}: {error}"
        raise AssertionError(message) from error


@pytest.mark.parametrize("rule", FUNCTIONS, ids=lambda rule: rule.name)
def test_a_function_takes_any_value(rule: FunctionRule, session: Session) -> None:
    for text in itertools.islice(queries(rule), 3):
        ask(session, text)


@pytest.mark.slow
@pytest.mark.parametrize("rule", FUNCTIONS, ids=lambda rule: rule.name)
def test_a_function_takes_every_value(rule: FunctionRule, session: Session) -> None:
    for text in queries(rule):
        ask(session, text)
