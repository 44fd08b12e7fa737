"""Findings as text for people: severity, title, place, source line, caret, help, page.

`render_text` is the full form and `render_concise` one line each; the forms for machines are in
`diagnostics.render_machine` and are offered here too, so that callers need one module.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from axonwatch.diagnostics.diagnostic import Diagnostic, Label, Level, Span
from axonwatch.diagnostics.render_machine import (
    render_github,
    render_json,
    render_jsonl,
    render_sarif,
)

__all__ = [
    "RENDERERS",
    "render_concise",
    "render_github",
    "render_json",
    "render_jsonl",
    "render_sarif",
    "render_text",
    "sort_findings",
    "summarize",
]

_COLOURS = {Level.ERROR: "31", Level.WARNING: "33", Level.INFO: "36"}
_ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}
FOLD_AFTER = 20
MAX_COLUMNS = 120


def sort_findings(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By file, line and column; without a place first."""

    def key(found: Diagnostic) -> tuple[str, int, int, int, str]:
        span = found.span
        where = (span.file, span.line, span.column) if span else ("", 0, 0)
        return (*where, _ORDER[found.level], found.code)

    return sorted(dict.fromkeys(findings), key=key)


def summarize(findings: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or `no findings`."""
    parts = []
    for level in Level:
        count = sum(found.level is level for found in findings)
        if count:
            word = "note" if level is Level.INFO else str(level)
            parts.append(f"{count} {word}{'' if count == 1 else 's'}")
    return ", ".join(parts) or "no findings"


def visible(text: str) -> str:
    """The text with control and bidirectional characters made visible, safe on a terminal."""
    return "".join(
        f"\\u{ord(c):04x}" if c != "\t" and unicodedata.category(c) in {"Cc", "Cs", "Cf"} else c
        for c in text
    )


class _Paint:
    def __init__(self, *, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.color and text else text


class _Sources:
    """Lines of the files that findings point into; a file that cannot be read has none."""

    def __init__(self, root: Path | None) -> None:
        self.root = root or Path()
        self.files: dict[str, list[str]] = {}

    def line(self, span: Span) -> str | None:
        if span.file not in self.files:
            try:
                path = self.root / span.file
                data = path.read_bytes() if path.is_file() else b""
                text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
            except OSError:
                text = ""
            self.files[span.file] = text.split("\n")
        lines = self.files[span.file]
        return lines[span.line - 1] if 0 < span.line <= len(lines) else None


def render_text(
    findings: Iterable[Diagnostic], *, color: bool = False, root: Path | None = None
) -> str:
    """The full form. `root` is the folder that the findings' files are relative to."""
    sources = _Sources(root)
    paint = _Paint(color=color)
    ordered = sort_findings(findings)
    seen: dict[str, int] = {}
    blocks = []
    for found in ordered:
        seen[found.code] = seen.get(found.code, 0) + 1
        if seen[found.code] <= FOLD_AFTER:
            blocks.append("\n".join(_block(found, sources, paint)) + "\n")
    for code, count in seen.items():
        if count > FOLD_AFTER:
            blocks.append(f"+{count - FOLD_AFTER} more like this: {code}\n")
    return "\n".join(blocks)


def _block(found: Diagnostic, sources: _Sources, paint: _Paint) -> list[str]:
    hue = _COLOURS[found.level]
    head = paint(f"{found.level}[{found.code}]", "1", hue)
    lines = [f"{head}: {paint(visible(found.title), '1')}"]
    width = 1
    if found.span is not None:
        labels = [Label(found.span, found.label), *found.others]
        width = max(len(str(label.span.line)) for label in labels)
        lines.append(f"{' ' * width}{paint('-->', '34')} {found.span}")
        lines += _excerpts(found, labels, sources, paint, width)
    if found.help:
        first, *rest = visible(found.help.replace("\n", "\x1f")).split("\\u001f")
        lines.append(f"{' ' * width} {paint('=', '34')} {paint('help', '1')}: {first}")
        lines += [f"{' ' * width}         {line}" for line in rest]
    lines.append(f"{' ' * width} {paint('=', '34')} see: {found.see}")
    return lines


def _excerpts(
    found: Diagnostic, labels: list[Label], sources: _Sources, paint: _Paint, width: int
) -> list[str]:
    main = found.span
    bar = paint("|", "34")
    out: list[str] = []
    here = [label for label in labels if main and label.span.file == main.file]
    elsewhere = [label for label in labels if label not in here]
    shown: list[str] = []
    last: tuple[int, str] | None = None
    for label in sorted(here, key=lambda one: (one.span.line, one.span.column)):
        text = sources.line(label.span)
        if text is None:
            continue
        number = label.span.line
        pad, run = _measure(text, label.span)
        line, pad, run = _clip(visible(text.expandtabs(4)), pad, run)
        if (number, line) != last:
            gutter = paint(f"{number:>{width}}", "34")
            shown.append(f"{gutter} {bar} {line}".rstrip())
        last = (number, line)
        is_main = label.span == main
        mark = "^" if is_main else "-"
        hue = _COLOURS[found.level] if is_main else "34"
        caret = paint(f"{mark * run} {visible(label.text)}".rstrip(), hue)
        shown.append(f"{' ' * width} {bar} {' ' * pad}{caret}")
    if shown:
        out += [f"{' ' * width} {bar}", *shown, f"{' ' * width} {bar}"]
    out += [f"{' ' * width} {paint(':::', '34')} {la.span}: {la.text}" for la in elsewhere]
    return out


def _clip(line: str, pad: int, run: int) -> tuple[str, int, int]:
    """A line that is too long, cut to a window around the caret; with the caret's new place."""
    if _columns(line) <= MAX_COLUMNS:
        return line, pad, run
    start = max(min(pad - 24, len(line) - MAX_COLUMNS), 0)
    cut = line[start : start + MAX_COLUMNS]
    if start + MAX_COLUMNS < len(line):
        cut = f"{cut[:-3]}..."
    if start:
        cut = f"...{cut[3:]}"
    pad = max(pad - start, 3 if start else 0)
    return cut, pad, max(min(run, len(cut) - pad), 1)


def _columns(text: str) -> int:
    """How many terminal columns a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1
        for c in visible(text)
    )


def _measure(text: str, span: Span) -> tuple[int, int]:
    """Columns before the caret, and its width; a span over lines is cut at the first's end."""
    end = span.end_column - 1 if span.end_line == span.line else len(text.rstrip())
    start = span.column - 1
    before = text[:start].expandtabs(4)
    through = text[: max(end, start)].expandtabs(4)
    pad = _columns(before)
    return pad, max(_columns(through) - pad, 1)


def render_concise(
    findings: Iterable[Diagnostic], *, color: bool = False, root: Path | None = None
) -> str:
    """One line each: `file:line:column: level[code] title`."""
    del root
    paint = _Paint(color=color)
    lines = []
    for found in sort_findings(findings):
        where = f"{found.span}: " if found.span else ""
        head = paint(f"{found.level}[{found.code}]", "1", _COLOURS[found.level])
        lines.append(f"{where}{head} {visible(found.title)}\n")
    return "".join(lines)


RENDERERS: Mapping[str, Callable[[Iterable[Diagnostic]], str]] = {
    "json": render_json,
    "jsonl": render_jsonl,
    "github": render_github,
    "sarif": render_sarif,
    "concise": render_concise,
    "text": render_text,
}
