"""Log files as bad as they come, and the rule by which their lines are counted.

The rule is that of docs/log-files.md, in a few lines of plain Python: of an export every line that
is not blank is an event, of any other file every line is. Only LF ends a line.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

START = 1_767_225_600_000
_KEYS = ("a", "b", "level", "a.b", "", "@l", "0", "é", "\u2028", "x" * 300, "timestamp")
_BLANK = (b"", b" ", b"\t", b"\r", b" \t \r")
_BYTES = (
    b"\0",
    b"\x01",
    b"\xff\xfe",
    b"\xc3",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\x0b",
    b"\x0c",
    b"\x1c",
    b"\x1b[31m",
    b"\r",
    b'"',
    b"\\",
    b"'",
    b"{",
    b"}",
    b"[",
    b",",
    b":",
)
_TEXTS = (
    b"2026/01/01 00:00:00 plain",
    b'2026/01/01 00:00:00.123456 main.go:12: {"level":"ERROR","a":1}',
    b"[MCP_POSTGRES] 2026/01/01 00:00:00 Query executed: 3 rows in 4.2ms",
    b"2026/13/45 99:99:99 no such date",
    b"9999-12-31T23:59:59.999Z at the end of time",
    b"0001-01-01T00:00:00+14:00 before it",
    b"panic: runtime error: index out of range [5] with length 3",
    b"goroutine 1 [running]:",
    b"\tmain.go:12 +0x1d",
    b"START RequestId: 8ad5f7e0-0000-0000-0000-000000000000 Version: $LATEST",
    b"REPORT RequestId: x\tDuration: 1e400 ms\tBilled Duration: 9 ms\tMemory Size: 128 MB",
    b'a=1 b="two words" c= =d e',
    b'1,"two, three",4',
    b'- - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 -',
)
_VALUES = (
    "1e400",
    "-1e-400",
    "123456789012345678901234567890",
    "NaN",
    "Infinity",
    "0x1f",
    "01",
    "-0",
    "1.",
    "null",
    "true",
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"\\x"',
    '"\\ud83d\\ude00"',
    '"nan"',
    '"1_000"',
    '"10.0.0.1"',
    '"2026-01-01T00:00:00Z"',
    "[]",
    "{}",
    "[1,[2,[3]]]",
    '{"":{"":{"":1}}}',
    "'single'",
    "undefined",
)


@dataclass(frozen=True)
class HostileFile:
    """A file's bytes, how many events are in it, and their messages where these are known."""

    data: bytes
    is_export: bool

    @property
    def lines(self) -> list[bytes]:
        """The lines that are events."""
        lines = self.data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if not lines[-1]:
            lines.pop()
        if not self.is_export:
            return lines
        return [line for line in lines if line.strip(b" \t\r\x0b\x0c")]

    @property
    def texts(self) -> list[str]:
        """What the events of a file that is no export say, in the order of the lines."""
        return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in self.lines]


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(60)).replace(b"\n", b"")


def _marked(chance: random.Random) -> bytes:
    parts = [chance.choice((*_BYTES, *_TEXTS)) for _ in range(chance.randrange(1, 6))]
    return chance.choice((b"", b" ")).join(parts)


def _object(chance: random.Random) -> bytes:
    pairs = [
        f"{json.dumps(chance.choice(_KEYS), ensure_ascii=chance.random() < 0.5)}:"
        f"{chance.choice(_VALUES)}"
        for _ in range(chance.randrange(1, 7))
    ]
    return ("{" + ",".join(pairs) + "}").encode("utf-8", "surrogatepass")


def _cut(chance: random.Random) -> bytes:
    whole = _object(chance)
    return whole[: chance.randrange(len(whole) + 1)]


def _deep(chance: random.Random) -> bytes:
    depth = chance.choice((10, 100, 600, 1200, 3000))
    opening, closing = chance.choice(((b'{"a":', b"}"), (b"[", b"]")))
    return opening * depth + b"1" + closing * (depth - chance.randrange(2))


def _wide(chance: random.Random) -> bytes:
    count = chance.choice((199, 200, 201, 1000))
    return json.dumps({f"k{place}": place for place in range(count)}).encode()


def _long(chance: random.Random) -> bytes:
    size = chance.choice((5_000, 70_000))
    return chance.choice((b"x", b"\xff", b"\0", "é".encode(), b'{"', b"\\")) * (size // 2)


def _text(chance: random.Random) -> bytes:
    return chance.choice(_TEXTS)


def _blank(chance: random.Random) -> bytes:
    return chance.choice(_BLANK)


_MAKERS: tuple[tuple[int, Callable[[random.Random], bytes]], ...] = (
    (16, _noise),
    (16, _marked),
    (24, _object),
    (12, _cut),
    (16, _text),
    (8, _blank),
    (1, _deep),
    (1, _wide),
    (1, _long),
)
_WEIGHTS = [weight for weight, _ in _MAKERS]


def hostile_line(chance: random.Random) -> bytes:
    """A line without its end."""
    return chance.choices(_MAKERS, _WEIGHTS)[0][1](chance)


def _event(chance: random.Random) -> bytes:
    """A line of an export, mostly whole."""
    message = hostile_line(chance).decode("utf-8", "replace")
    event: dict[str, object] = {"timestamp": START + chance.randrange(10**7), "message": message}
    if chance.random() < 0.3:
        event["logStream"] = chance.choice(("a/1", "é", ""))
    if chance.random() < 0.1:
        key = chance.choice(("timestamp", "message", "ingestionTime", "logStream"))
        event[key] = chance.choice((None, True, 1.5, 1e300, -1, "12", "", [], {"a": 1}, 10**30))
    line = json.dumps(event, ensure_ascii=chance.random() < 0.5).encode()
    if chance.random() < 0.1:
        at = chance.randrange(len(line))
        line = line[:at] + chance.choice((*_BYTES, b"")) + line[at + chance.randrange(2) :]
    return line


def hostile_file(chance: random.Random) -> HostileFile:
    """An export with broken lines in it, or lines of any kind behind one of plain text."""
    is_export = chance.random() < 0.5
    first = b'{"timestamp": 1767225600000, "message": "first"}' if is_export else b"first line"
    make = _event if is_export else hostile_line
    lines = [first]
    for _ in range(chance.randrange(12)):
        line = hostile_line(chance) if chance.random() < 0.3 else make(chance)
        lines.append(line)
    end = chance.choice((b"\n", b"\n", b"\r\n"))
    data = end.join(lines) + chance.choice((b"", end))
    if chance.random() < 0.05:
        data = b"\xef\xbb\xbf" + data
    return HostileFile(data, is_export)
