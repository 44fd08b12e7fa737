"""What `aws logs filter-log-events` and `get-log-events` print -> events.

One JSON document with an `events` list, or the list alone (`--query events`), or several of them
one after the other. It is read in pieces, so that its size does not matter; whatever is no event
is kept as a line of text.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterator

from axonwatch.query.lines import Event, event_of_object, is_event, parse_object

_LIST = re.compile(r'"events"\s*:\s*\[|\A\s*\[')
_OPENING = re.compile(
    r'\s*(?:\{\s*"(?:events|searchedLogStreams|nextToken|nextForwardToken|nextBackwardToken)"\s*:'
    r"|\[\s*\{)"
)
_DOCUMENT_KEYS = frozenset(
    {"events", "searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken"}
)
_BETWEEN = re.compile(r"[\s,]*")
_LONGEST_EVENT = 64 << 20
_decoder = json.JSONDecoder()


def opens_document(head: str) -> bool:
    """Whether a file that begins so is a document of events, not lines that are JSON."""
    opened = _OPENING.match(head) and _LIST.search(head)
    if not opened:
        return False
    rest = head[opened.end() :].lstrip()
    try:
        if rest.startswith("]"):
            found, _ = _decoder.raw_decode(head.lstrip())
            return isinstance(found, dict) and found.keys() <= _DOCUMENT_KEYS
        first, _ = _decoder.raw_decode(rest)
    except ValueError:  # an event longer than the head
        return '"timestamp"' in rest and '"message"' in rest
    return isinstance(first, dict) and is_event(first)


class _Text:
    """Decoded text that grows as it is needed."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self.text = ""

    def grow(self) -> bool:
        """Add the next block; False at the end."""
        block = next(self._blocks, None)
        self.text += self._decode(block or b"", final=block is None)
        return block is not None


def document_events(blocks: Iterator[bytes]) -> Iterator[Event]:
    """The events of the documents in a file."""
    source = _Text(blocks)
    while True:
        while (start := _LIST.search(source.text)) is None:
            if not source.grow():
                yield from _leftover(source.text)
                return
        source.text = source.text[start.end() :]
        ended = yield from _list(source)
        if not ended:
            return


def _list(source: _Text) -> Generator[Event, None, bool]:
    at = 0
    while True:
        at = _BETWEEN.match(source.text, at).end()  # type: ignore[union-attr]  # matches ""
        if at >= len(source.text) - 1 or at > 1 << 20:
            source.text, at = source.text[at:], 0
            if len(source.text) <= 1 and not source.grow():
                yield from _raw_rest(source)
                return False
            continue
        if source.text[at] == "]":
            source.text = source.text[at + 1 :]
            return True
        try:
            found, end = _decoder.raw_decode(source.text, at)
        except (ValueError, RecursionError):
            source.text, at = source.text[at:], 0
            if len(source.text) < _LONGEST_EVENT and source.grow():
                continue
            yield from _raw_rest(source)
            return False
        piece = source.text[at:end]
        single = parse_object(piece)
        if isinstance(found, dict) and single is not None:
            yield event_of_object(found, piece)
        else:
            yield Event(None, piece)
        at = end


def _raw_rest(source: _Text) -> Iterator[Event]:
    while source.grow():
        pass
    for line in source.text.split("\n"):
        if line.strip(" \t\r]}"):
            yield Event(None, line.removesuffix("\r"))


def _leftover(text: str) -> Iterator[Event]:
    """After the last list: the document's other keys, or lines that are none of it."""
    rest = text.strip()
    try:
        json.loads(("{" + rest[1:] if rest.startswith(",") else rest) or "{}")
    except ValueError:
        if rest == "}":
            return
        for line in rest.split("\n"):
            yield Event(None, line.removesuffix("\r"))
