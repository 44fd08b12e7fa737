"""Clean copies: files of any shape -> event exports that DuckDB's JSON reader takes whole.

    Source ─> Input: the file itself, if it is an export that can be read in place
                     a copy in a private folder, if it is packed, a pipe, or of another shape
    Input  ─> clean: copies of those parts that hold a line which the reader cannot take

Nothing here knows DuckDB: whether it takes a part is asked through `is_whole`.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from axonwatch.query.documents import document_events, opens_document
from axonwatch.query.lines import (
    Event,
    event_of,
    fill_times,
    is_event,
    is_exported,
    join_exported,
    parse_object,
    raw_event,
)
from axonwatch.query.sources import Budget, Source, blocks, split_lines

Progress = Callable[[str, int], None]

_SNIFFED = 1 << 18
_PART = 32 << 20
_MARK = codecs.BOM_UTF8  # says how a file is coded, and is no part of its first line
_SURROGATE = re.compile("[\ud800-\udfff]")
_quote: Callable[[str], str] = json.encoder.encode_basestring  # in C; leaves UTF-8 as it is


@dataclass
class Input:
    """A source on its way to DuckDB: the files that stand for it, in order.

    `is_clean`: every line of them is known to be readable; `longest` is the longest line written.
    """

    source: Source
    files: list[Path]
    is_clean: bool = False
    longest: int = 0


class Copier:
    """Takes sources in, within the budget, and keeps the copies in `folder`."""

    def __init__(self, folder: Path, budget: Budget, progress: Progress | None) -> None:
        self._folder = folder
        self._budget = budget
        self._progress = progress
        self._copies = 0

    def take(self, source: Source) -> Input:
        """The source as it lies, or a copy of it."""
        lies = source.path is not None and not source.is_stream and not source.is_packed
        if source.path is not None and lies and _is_event_export(source.head(_SNIFFED)):
            self._budget.take(source.path.stat().st_size, source.named)
            return Input(source, [source.path])
        found = Input(source, [])
        data = blocks(source, self._budget)
        first = next(data, b"")
        whole = self._watch(source, chain([first.removeprefix(_MARK)], data))
        head = first[:_SNIFFED]
        if _is_event_export(head):
            target = self._new(found)
            with target.open("wb") as file:
                file.writelines(whole)
            return found
        self._write(found, self._new(found), fill_times(_events(source, head, whole), _age(source)))
        found.is_clean = True
        return found

    def clean(self, found: Input, is_whole: Callable[[Path], bool]) -> None:
        """Copy an export part by part, line by line where a part cannot be taken whole."""
        originals, found.files = found.files, []
        last: int | None = None
        for part, is_all in _parts(originals[0]):
            target = self._new(found)
            target.write_bytes(part)
            if not is_all and is_whole(target):
                last = _last_time(part) or last
                continue
            data = self._watch(found.source, iter([part]))
            lines = split_lines(data, found.source.named)
            events = (event_of(_text(line)) for line in lines if line.strip())  # ASCII blanks
            last = self._write(found, target, fill_times(events, _age(found.source), last))
        found.is_clean = True

    def _new(self, found: Input) -> Path:
        self._copies += 1
        found.files.append(self._folder / f"{self._copies}.jsonl")
        return found.files[-1]

    def _watch(self, source: Source, data: Iterator[bytes]) -> Iterator[bytes]:
        for block in data:
            if self._progress is not None:
                self._progress(source.named, len(block))
            yield block

    @staticmethod
    def _write(found: Input, target: Path, events: Iterator[Event]) -> int | None:
        """Write events; return the last one's time."""
        last = None
        with target.open("wb") as file:
            for event in events:
                line = _line_of(event)
                found.longest = max(found.longest, len(line))
                file.write(line)
                last = event.ts
        return last


def _events(source: Source, head: bytes, data: Iterator[bytes]) -> Iterator[Event]:
    """The events of a file that is no event export."""
    start = _text(head).removeprefix("\ufeff")
    if opens_document(start):
        return document_events(data)
    stream = _stream_of(source)
    texts = (_text(line) for line in split_lines(data, source.named))
    if _is_s3_export(source, start):
        return join_exported(texts, stream)
    return (raw_event(text, stream) for text in texts)


def _parts(file: Path) -> Iterator[tuple[bytes, bool]]:
    """Whole lines of a file, some megabytes at a time; with each, whether it is all there is."""
    size = file.stat().st_size
    with file.open("rb") as data:
        while part := data.read(_PART):
            if not part.endswith(b"\n"):
                part += data.readline()
            yield part, len(part) == size


def _last_time(part: bytes) -> int | None:
    line = part.rstrip().rpartition(b"\n")[2]
    return event_of(_text(line)).ts


def _age(source: Source) -> int:
    """Milliseconds of a file's last change: the time of lines that know none."""
    return round(source.path.stat().st_mtime * 1000) if source.path is not None else 0


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _line_of(event: Event) -> bytes:
    parts = [f'{{"timestamp":{event.ts},"message":{_quote(event.message)}']
    if event.stream is not None:
        parts.append(f'"logStream":{_quote(event.stream)}')
    if event.ingest is not None:
        parts.append(f'"ingestionTime":{event.ingest}')
    line = ",".join(parts) + "}\n"
    try:
        return line.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from a JSON escape
        return _SURROGATE.sub("\ufffd", line).encode()


def _stream_of(source: Source) -> str:
    if source.path is None:
        return "standard input"
    name = source.path.name.removesuffix(".gz")
    if name.isdigit() and len(name) == 6:
        return source.path.parent.name
    return name


def _is_event_export(head: bytes) -> bool:
    """Whether one of the first lines is an event: then every line is read as one."""
    for line in head.removeprefix(_MARK).split(b"\n"):
        found = parse_object(_text(line))
        if found is not None and is_event(found):
            return True
    return False


def _is_s3_export(source: Source, head: str) -> bool:
    lines = [line for line in head.split("\n") if line.strip()]
    name = source.path.name if source.path is not None else ""
    is_part = name.endswith(".gz") or (name.isdigit() and len(name) == 6)
    return is_part and bool(lines) and is_exported(lines[0])
