from __future__ import annotations

import gzip
import json
import random
import re
import string
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from axonwatch.model.masking import for_person, mask, visible

WORDS = string.ascii_letters + string.digits
Maker = Callable[[random.Random], str]


def word(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(WORDS) for _ in range(length))


def card(rng: random.Random) -> str:
    digits = [4, *(rng.randrange(10) for _ in range(14))]
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    digits.append(-total % 10)
    text = "".join(map(str, digits))
    return text if rng.random() < 0.5 else " ".join(text[i : i + 4] for i in range(0, 16, 4))


# Twelve kinds; each makes the secret itself, and the line around it.
KINDS: dict[str, tuple[Maker, str]] = {
    "redis url": (
        lambda r: f":{word(r, 12)}@cache.internal:6379/0",
        "✅ Redis connected: redis://{}",
    ),
    "postgres url": (
        lambda r: f"axonflow:{word(r, 16)}@db.internal:5432/axonflow",
        "cannot open postgres://{} (attempt 3)",
    ),
    "url userinfo": (lambda r: f"jane:{word(r, 10)}", "GET https://{}@example.com/x failed"),
    "aws key id": (
        lambda r: r.choice(["AKIA", "ASIA"]) + word(r, 16).upper(),
        "using credentials {} of the task",
    ),
    "aws secret": (lambda r: word(r, 40), "AWS_SECRET_ACCESS_KEY={}"),
    "bearer": (lambda r: word(r, 32), "Authorization: Bearer {}"),
    "jwt": (
        lambda r: f"eyJ{word(r, 20)}.eyJ{word(r, 40)}.{word(r, 43)}",
        'user token "{}" refused',
    ),
    "pem": (
        lambda r: word(r, 64),
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    ),
    "sk key": (lambda r: "sk-ant-api03-" + word(r, 30), "[LLM Config]   - anthropic: (key: {})"),
    "api key": (lambda r: word(r, 24), 'request failed: {{"api_key": "{}"}}'),
    "hmac": (lambda r: word(r, 32), "[SECURITY] HMAC secret: {}"),
    "email": (lambda r: f"{word(r, 8)}@{word(r, 6)}.example.com", "blocked for user {}: pii"),
    "card": (card, "PII detected in query: pay with {} now"),
    "password": (lambda r: word(r, 14), "login failed, password={}; retrying"),
}
CASES = [(kind, index) for kind in KINDS for index in range(25)]


@pytest.mark.parametrize(("kind", "index"), CASES, ids=str)
def test_no_planted_secret_is_left(kind: str, index: int) -> None:
    make, line = KINDS[kind]
    secret = make(random.Random(f"{kind}{index}"))  # noqa: S311 - test data
    masked = mask(line.format(secret))
    for piece in re.split(r"[@.:/ ]", secret):
        assert len(piece) < 6 or piece in line or piece not in masked, masked
    assert re.search(r"<[a-z-]+:[0-9a-f]{4}>", masked)


def test_equal_secrets_stay_equal_and_others_differ() -> None:
    one, same, other = mask("password=abc123"), mask("pwd: abc123"), mask("password=abc124")
    assert one.split("<")[1] == same.split("<")[1] != other.split("<")[1]


INNOCENT = [
    "2025/11/24 10:00:00    Headers: X-License-Key: AXON-V2-...ab12, X-Client-Secret: ****, Content-Type: json",
    "2025/11/24 10:00:00 🔐 Validating license for client 'shop' with key 'AXON-V2-...'",
    "2025/11/24 10:00:00 [TIMING] Policy evaluation: 3.41ms",
    "✅ [Audit] Recorded in 3ms - auditID=aud_1763977200123456789, provider=openai, tokens=120, cost=$0.000120",
    "axonflow_agent_requests_total{status=success} 1763977200123456789",
    "License validation failed for client 'x': license invalid or expired: bad signature",
    "http://127.0.0.1:8081/api/v1/process",
    "see https://medium.com/@someone/post",
    "unexpected token: }",
    "max_token=4096 token: none password=*** secret=${SECRET} password=<nil>",
    "[V2-DEBUG] validateViaOrganizations: clientID=a, isV2Format=true, keyLen=64, keyPrefix=AXON-V2-",
    "req_1763977200123456789 plan-1763977200123456789-shop",
    "2026-11-24 20:04:42 3221225472 bytes; 4111 1111 1111 1112",
    "task-definition/ask-for-it disk-usage risk-level",
]


@pytest.mark.parametrize("line", INNOCENT)
def test_an_innocent_line_is_left_as_it_is(line: str) -> None:
    assert mask(line) == line


def test_masking_twice_changes_nothing_more() -> None:
    for make, line in KINDS.values():
        once = mask(line.format(make(random.Random(1))))  # noqa: S311 - test data
        assert mask(once) == once


def test_a_hostile_line_takes_linear_time() -> None:
    for seed in ("a" * 200_000, "@" * 200_000, "4 " * 100_000, "secret=" * 30_000, "eyJ." * 50_000):
        started = time.perf_counter()
        mask(seed)
        assert time.perf_counter() - started < 2


def test_control_and_reordering_characters_are_written_out() -> None:
    assert visible("\x1b]52;c;aGk=\x07 a\u202eb\x9b2J\x7f") == (
        r"\x1b]52;c;aGk=\x07 a\u202eb\x9b2J\x7f"
    )
    assert visible("one\ntwo") == r"one\ntwo"
    assert visible("one\ntwo\t3", lines=True) == "one\ntwo\t3"
    assert for_person("\x1bpassword=abc") == r"\x1bpassword=<secret:ba78>"


def test_no_innocent_line_of_a_real_run_is_changed() -> None:
    """What changes in the recorded runs holds an address, a card or a URL."""
    folder = Path(__file__).parents[3] / "scenarios" / "recordings"
    files = sorted(folder.rglob("*.jsonl.gz"))
    assert files
    lines = 0
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as events:
            for event in events:
                message = str(json.loads(event)["message"])
                lines += 1
                if mask(message) != message:
                    assert re.search(r"\w@\w|redis://|postgres|4111 1111", message), message
    assert lines > 10_000
