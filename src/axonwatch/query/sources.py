"""From what a person names (files, folders, globs, `-`) to files, each with its shape.

    paths ─> expand ─> Source ─> bytes, unpacked and bounded ─> lines | events ─> DuckDB

Nothing here knows DuckDB. Packed files are unpacked as a stream: one that grows more than 200-fold
after its first 10 MB, or beyond the limit, is refused, and one that ends too early names the last
line that was whole.
"""

from __future__ import annotations

import glob
import io
import os
import re
import stat
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from axonwatch.errors import AxonwatchError
from axonwatch.query.connection import MEGABYTE

STANDARD_INPUT = "-"
BLOCK = 1 << 20
BOMB_RATIO = 200
BOMB_START = 10 * MEGABYTE
# CloudWatch takes events of up to 1 MB; a line of this size is no log line.
LONGEST_LINE = 64 * MEGABYTE
# CloudWatch Logs tests its right to write into a bucket with this file.
_EXPORT_WRITE_TEST = "aws-logs-write-test"
_PACKED = {
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "bzip2": re.compile(rb"BZh[1-9]1AY&SY"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zip": re.compile(rb"PK\x03\x04"),
    "Parquet": re.compile(rb"PAR1\x15"),
}


class LogInputRefused(AxonwatchError):
    """An input of log events that cannot be used; `path` names it, `code` says what it is."""

    exit_code = 2

    def __init__(self, code: str, path: str, message: str, *, help: str = "") -> None:
        super().__init__(message, help=help)
        self.code = code
        self.path = path


@dataclass(frozen=True)
class Source:
    """One file of a log group, resolved; `path` is None for standard input."""

    path: Path | None
    named: str

    @property
    def is_packed(self) -> bool:
        """Whether it is gzip, judged by its first bytes, not by its name."""
        return self.head(2) == b"\x1f\x8b"

    @property
    def is_stream(self) -> bool:
        """Whether it can be read only once: standard input, a pipe."""
        return self.path is None or not self.path.is_file()

    def head(self, size: int) -> bytes:
        """The first bytes; empty for what can be read only once."""
        if self.path is None or self.is_stream:
            return b""
        with self.path.open("rb") as file:
            return file.read(size)


def expand(named: str) -> list[Source]:
    """The files behind what a person named, in the order of their names."""
    if named == STANDARD_INPUT:
        return [Source(None, "standard input")]
    path = Path(named).expanduser()
    if not path.exists():
        # A pattern may be absolute, which Path.glob refuses.
        found = sorted(glob.glob(str(path), recursive=True)) if glob.has_magic(named) else []  # noqa: PTH207
        if not found:
            what = "matches no file" if glob.has_magic(named) else "does not exist"
            raise LogInputRefused(
                "no-such-log", named, f"`{named}` {what}", help="name a file, folder, glob or `-`"
            )
        return [source for name in found for source in _files(Path(name))]
    return _files(path)


def _files(path: Path) -> list[Source]:
    if path.is_dir():
        inside = [
            Source(file.resolve(), str(file))
            for file in sorted(path.rglob("*"))
            if file.is_file()
            and file.name != _EXPORT_WRITE_TEST
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
        ]
        if not inside:
            raise LogInputRefused("no-such-log", str(path), f"no file in folder `{path}`")
        return [_check(source) for source in inside]
    return [_check(Source(path.resolve(), str(path)))]


def _check(source: Source) -> Source:
    path = source.path
    if path is None:
        return source
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise LogInputRefused(
            "not-a-log", source.named, f"`{source.named}` is a device, not a file"
        )
    if not os.access(path, os.R_OK):
        raise LogInputRefused("unreadable-log", source.named, f"`{source.named}` may not be read")
    head = source.head(16)
    for name, magic in _PACKED.items():
        if magic.match(head):
            raise LogInputRefused(
                "packed-log", source.named, f"`{source.named}` is {name}", help="unpack it first"
            )
    return source


class Budget:
    """How many bytes may still be read, over all files of a query."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.read = 0

    def take(self, size: int, named: str) -> None:
        """Count `size` more bytes of `named`; raise once there are more than allowed."""
        self.read += size
        if self.read > self.max_bytes:
            raise LogInputRefused(
                "too-many-bytes",
                named,
                f"the logs hold more than {self.max_bytes:,} bytes (reached in `{named}`)",
                help="name fewer files, or allow more with --max-bytes",
            )


def blocks(source: Source, budget: Budget) -> Iterator[bytes]:
    """The unpacked bytes of a source, block by block, within the budget."""
    stream: io.BufferedIOBase
    if source.path is None:
        stream = sys.stdin.buffer  # type: ignore[assignment]  # typeshed: BinaryIO
        yield from _unpack_if_packed(stream, source, budget)
        return
    with source.path.open("rb") as stream:
        yield from _unpack_if_packed(stream, source, budget)


def _unpack_if_packed(stream: io.BufferedIOBase, source: Source, budget: Budget) -> Iterator[bytes]:
    first = stream.read(BLOCK)
    if first.startswith(b"\x1f\x8b"):
        yield from _unpack(first, stream, source, budget)
        return
    block = first
    while block:
        budget.take(len(block), source.named)
        yield block
        block = stream.read(BLOCK)


def _unpack(
    first: bytes, stream: io.BufferedIOBase, source: Source, budget: Budget
) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    packed, unpacked, lines = 0, 0, 0
    block = first
    try:
        while block:
            packed += len(block)
            while block:
                data = unpacker.decompress(block, BLOCK)
                unpacked += len(data)
                lines += data.count(b"\n")
                if unpacked > BOMB_START and unpacked > BOMB_RATIO * packed:
                    raise LogInputRefused(
                        "gzip-bomb",
                        source.named,
                        f"`{source.named}` grows more than {BOMB_RATIO}-fold when unpacked",
                        help="unpack it by hand if you trust it",
                    )
                budget.take(len(data), source.named)
                if data:
                    yield data
                block = unpacker.unconsumed_tail
                if unpacker.eof:
                    block = unpacker.unused_data.lstrip(b"\0")  # gzip pads with zeros
                    if block:
                        unpacker = zlib.decompressobj(wbits=31)
                elif not block:
                    break
            block = stream.read(BLOCK)
            if unpacker.eof and block.strip(b"\0"):
                unpacker = zlib.decompressobj(wbits=31)
            elif unpacker.eof:
                block = b""
    except zlib.error as error:
        raise _cut(source, lines, f"is broken ({error})") from error
    if not unpacker.eof:
        raise _cut(source, lines, "ends too early")


def _cut(source: Source, lines: int, what: str) -> LogInputRefused:
    where = f"its last whole line is {lines:,}" if lines else "no line of it is whole"
    return LogInputRefused(
        "cut-gzip",
        source.named,
        f"`{source.named}` {what}; {where}",
        help="fetch it again, or keep what is whole with: gzip -dc FILE | head -n "
        f"{lines} > whole.jsonl",
    )


def split_lines(source_blocks: Iterator[bytes], named: str) -> Iterator[bytes]:
    """Lines without their end (LF or CRLF); the last one needs none. Nothing else ends a line."""
    parts: list[bytes] = []
    size = 0
    for block in source_blocks:
        first, newline, rest = block.partition(b"\n")
        parts.append(first)
        size += len(first)
        if size > LONGEST_LINE:
            raise LogInputRefused(
                "endless-line", named, f"a line of `{named}` is longer than {LONGEST_LINE:,} bytes"
            )
        if not newline:
            continue
        line = b"".join(parts)
        yield line[:-1] if line.endswith(b"\r") else line
        lines = rest.split(b"\n")
        parts = [lines.pop()]
        size = len(parts[0])
        for line in lines:
            yield line[:-1] if line.endswith(b"\r") else line
    line = b"".join(parts)
    if line:
        yield line[:-1] if line.endswith(b"\r") else line
