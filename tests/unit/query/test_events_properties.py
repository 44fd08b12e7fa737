"""Laws of reading: a row for each line, the same rows on both ways, no input that ends in a traceback."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from axonwatch.query.connection import Limits
from axonwatch.query.events import Events, LogGroup
from axonwatch.query.sources import LogInputRefused

GROUP = "/ecs/app"
Row = tuple[object, ...]

texts = st.text(st.characters(codec="utf-8"), max_size=40)
valid_events = st.lists(
    st.fixed_dictionaries(
        {"timestamp": st.integers(0, 2**45), "message": texts},
        optional={"logStream": texts, "ingestionTime": st.integers(0, 2**45)},
    ),
    min_size=1,
    max_size=20,
)
byte_lines = st.lists(st.binary(max_size=60).map(lambda b: b.replace(b"\n", b"")), max_size=20)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def rows(path: Path, *, clean: bool = False) -> list[Row]:
    with Events([LogGroup(GROUP, (str(path),))], Limits(threads=1), None, None) as events:
        if clean:
            events._clean()
            assert events.is_clean
        return events.run(
            f"SELECT ts, ingest, stream, message FROM {events.relation(GROUP)} ORDER BY seq"
        ).rows


@quick
@given(valid_events, st.booleans())
def test_both_ways_read_valid_events_alike(
    tmp_path: Path, events: list[Row], ascii_only: bool
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        "".join(json.dumps(e, ensure_ascii=ascii_only) + "\n" for e in events), encoding="utf-8"
    )
    expected = [
        (e["timestamp"], e.get("ingestionTime"), e.get("logStream"), e["message"])  # type: ignore[attr-defined,call-overload]
        for e in events
    ]
    assert rows(file) == expected
    assert rows(file, clean=True) == expected


@quick
@given(byte_lines)
def test_raw_lines_are_kept_whatever_their_bytes(tmp_path: Path, lines: list[bytes]) -> None:
    file = tmp_path / "raw.log"
    file.write_bytes(b"".join(line + b"\n" for line in [b"2026/01/01 00:00:00 raw", *lines]))
    found = [row[3] for row in rows(file)][1:]
    whole = [line.removesuffix(b"\r").decode("utf-8", "replace") for line in lines]
    assert found == whole


@quick
@given(byte_lines, st.randoms(use_true_random=False))
def test_an_export_with_broken_lines_keeps_them_all(
    tmp_path: Path, lines: list[bytes], chance: random.Random
) -> None:
    good = b'{"timestamp": 1, "message": "good"}'
    mixed = [good, *lines, *[good] * 3]
    tail = mixed[1:]
    chance.shuffle(tail)
    mixed[1:] = tail
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in mixed))
    found = [row[3] for row in rows(file)]
    kept = [line for line in mixed if line.strip()]  # bytes: only ASCII blanks are nothing
    assert len(found) == len(kept)
    assert found.count("good") >= 4


def _mutate(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(broken))
        match chance.randrange(5):
            case 0:
                broken[at] = chance.randrange(256)
            case 1:
                del broken[at : at + chance.randrange(1, 30)]
            case 2:
                broken[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 8)))
            case 3:
                broken[at:at] = broken[: chance.randrange(80)]
            case 4:
                broken[at:at] = chance.choice(
                    [b"\n", b"\r\n", b"\0", b"\x01", b'"', b"\\", b"\xff", b"{"]
                )
        if not broken:
            return b"x"
    return bytes(broken)


EXPORT = (
    b'{"timestamp": 1767225600000, "message": "2026/01/01 00:00:00 \xe2\x9c\x85 ok", "logStream": "a/1"}\n'
    b'{"timestamp": 1767225600001, "message": "{\\"level\\":\\"INFO\\"}", "ingestionTime": 1}\r\n'
    b'{"timestamp": 1767225600002, "message": "\\tgoroutine 1 [running]:"}\n'
)
DOCUMENT = (
    b'{\n  "events": [\n    {"timestamp": 1, "message": "a"},\n    {"timestamp": 2, "message": "b"}\n  ],\n'
    b'  "nextToken": "t"\n}\n'
)
RAW = b"2026/01/01 00:00:00 one\n[X] 2026/01/01 00:00:01 two\n\tthree\n\n"
TO_S3 = b"2026-01-01T00:00:00.000Z one\n2026-01-01T00:00:01.000Z two\nthree\n"


def fuzz(folder: Path, count: int, seed: int) -> None:
    """Mutated files: rows or one of our refusals, and as many rows as lines in line shapes."""
    chance = random.Random(seed)  # noqa: S311  # a fuzzer's seed is no secret
    file = folder / "000000"
    for _ in range(count):
        data = _mutate(chance.choice((EXPORT, DOCUMENT, RAW, TO_S3)), chance)
        packed = chance.random() < 0.2
        file.write_bytes(
            _mutate(gzip.compress(data), chance)
            if packed and chance.random() < 0.5
            else gzip.compress(data)
            if packed
            else data
        )
        try:
            found = rows(file)
        except LogInputRefused:
            continue
        for ts, _, _, message in found:
            assert isinstance(ts, int)
            assert isinstance(message, str)
        if not packed:
            assert found or not data.strip()


def test_mutated_files_give_rows_or_our_own_refusals(tmp_path: Path) -> None:
    fuzz(tmp_path, 150, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_mutated_files(tmp_path: Path, seed: int) -> None:
    fuzz(tmp_path, 3000, seed)
