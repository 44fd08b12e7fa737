"""A look into large log files before a query: what their lines are like.

Three short stretches of each file say how many of a file's bytes are message, and whether what
looks like a JSON object is one. Nothing of the answer depends on it: only how much is checked
twice, and a count of bytes that is said to be about right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from axonwatch.query.events import LogGroup
from axonwatch.query.prefixed import BEHIND
from axonwatch.query.sources import STANDARD_INPUT, expand

STRETCH = 1 << 16
MOST_FILES = 8
PACKED_GROWTH = 10


@dataclass(frozen=True)
class Sample:
    """`size`: the bytes of all files, packed ones as they will be.

    `share`: the part of them that is message, None if that cannot be seen. `is_sound`: every
    message that begins and ends as a JSON object is one, as far as was seen. `is_prefixed`: some
    hold JSON behind other text, and none is a JSON object.
    """

    size: int
    share: float | None
    is_sound: bool
    is_prefixed: bool = False


def size_of(groups: Sequence[LogGroup]) -> int | None:
    """About how many bytes the groups hold; None for what can be read only once."""
    size = 0
    for group in groups:
        for path in group.paths:
            if path == STANDARD_INPUT:
                return None
            for source in expand(path):
                if source.path is None or source.is_stream:
                    return None
                size += source.path.stat().st_size * (PACKED_GROWTH if source.is_packed else 1)
    return size


def take_sample(groups: Sequence[LogGroup], size: int) -> Sample:
    """Look into the first files of the groups."""
    lines = messages = whole = behind = 0
    sound = True
    files = [source for group in groups for path in group.paths for source in expand(path)]
    for source in files[:MOST_FILES]:
        if source.path is None or source.is_packed:
            return Sample(size, None, is_sound=False)
        for line in _stretches(source.path):
            try:
                message = json.loads(line)["message"]
            except (ValueError, KeyError, TypeError, RecursionError):
                return Sample(size, None, is_sound=False)
            if not isinstance(message, str):
                return Sample(size, None, is_sound=False)
            lines += len(line) + 1
            messages += len(message.encode("utf-8", "replace"))
            whole += message.lstrip().startswith("{")
            behind += BEHIND.fullmatch(message) is not None
            if sound and message.startswith("{") and message.endswith("}"):
                sound = _is_json(message)
    share = messages / lines if lines else None
    return Sample(size, share, sound, is_prefixed=behind > 0 and whole == 0)


def _stretches(path: Path) -> Iterator[bytes]:
    """Whole lines from the file's beginning, middle and end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for start in sorted({0, max(size // 2 - STRETCH, 0), max(size - STRETCH, 0)}):
            file.seek(start)
            block = file.read(STRETCH)
            lines = block.split(b"\n")
            whole = lines[1 if start else 0 : -1]
            yield from (line for line in whole if line.strip())


def _is_json(message: str) -> bool:
    try:
        json.loads(message)
    except (ValueError, RecursionError):
        return False
    return True
