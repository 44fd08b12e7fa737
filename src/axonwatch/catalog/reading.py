"""Bytes from the user's files: size, kind of file, encoding, and paths that stay in the project."""

from __future__ import annotations

import re
import stat
from pathlib import Path, PureWindowsPath

from axonwatch.catalog.nodes import SourceText
from axonwatch.diagnostics import Diagnostic, InvalidInput, Level, Span

MAX_BYTES = 1_048_576

# Cc without tab, line feed and carriage return; the bidirectional controls; lone surrogates.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def refuse(code: str, title: str, span: Span | None, label: str = "", help: str = "") -> Diagnostic:
    """An error: the definitions are invalid."""
    return Diagnostic(code, Level.ERROR, title, span, label, help)


def display_path(path: Path, root: Path | None) -> str:
    """The path as messages show it: relative to the project, or to the working directory."""
    for base in (root, Path.cwd()):
        if base is not None:
            try:
                return path.resolve().relative_to(base.resolve()).as_posix()
            except ValueError:
                continue
    return path.as_posix()


def read_text(path: Path, *, root: Path | None = None) -> SourceText:
    """The text of a regular file of at most 1 MiB in UTF-8.

    Raises InvalidInput, with one finding, for anything else.
    """
    shown = display_path(path, root)
    place = Span.point(shown)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            cure = "name a regular file"
            title = f"`{shown}` is not a file"
            raise InvalidInput([refuse("unreadable-file", title, None, help=cure)])
        if status.st_size > MAX_BYTES:
            title = f"`{shown}` has {status.st_size / 1_048_576:.1f} MiB; the limit is 1 MiB"
            cure = "split it, or check that it is the file you meant"
            raise InvalidInput([refuse("file-too-large", title, place, help=cure)])
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or "cannot be read"
        title = f"cannot read `{shown}`: {why[0].lower()}{why[1:]}"
        cure = "check the path and its permissions"
        raise InvalidInput([refuse("unreadable-file", title, None, help=cure)]) from error
    return decode(data, shown)


def decode(data: bytes, shown: str) -> SourceText:
    """The text of UTF-8 bytes. Raises InvalidInput for other encodings and for binary data."""
    cure = "save the file as UTF-8"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        head = data[: error.start]
        line = head.count(b"\n") + 1
        column = len(head[head.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        byte = data[error.start]
        title = f"`{shown}` is not UTF-8 text: byte 0x{byte:02x}"
        span = Span.point(shown, line, column)
        raise InvalidInput([refuse("not-utf8", title, span, "this byte", cure)]) from error
    return SourceText(shown, text.replace("\r\n", "\n"))


def forbidden_characters(source: SourceText) -> list[Diagnostic]:
    """Control and bidirectional characters: what is read would not be what is seen."""
    found = []
    for match in FORBIDDEN.finditer(source.text):
        code = f"U+{ord(match[0]):04X}"
        kind = "bidirectional control" if ord(match[0]) > 0x2000 else "control"
        cure = "delete the character" if match[0] != "\0" else "save the file as UTF-8 text"
        found.append(
            refuse(
                "hidden-character",
                f"the file holds the {kind} character {code}",
                source.span(match.start(), match.end()),
                f"{code} stands here",
                cure,
            )
        )
        if len(found) == 5:
            break
    return found


def inside(root: Path, given: str) -> Path | None:
    """The path `given` below `root`; None if it leads out of it.

    Absolute paths, `..`, Windows names and links that lead out are refused.
    """
    windows = PureWindowsPath(given)
    if not given or Path(given).is_absolute() or windows.drive or "\\" in given or "\0" in given:
        return None
    base = root.resolve()
    path = (base / given).resolve()
    return path if path.is_relative_to(base) else None
