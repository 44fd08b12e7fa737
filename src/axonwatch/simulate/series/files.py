"""Files of recorded series: CSV with `timestamp,value`, and the JSON form of `evaluate`.

    timestamp,value[,samples]      one metric; names of the columns as written, in any order
    [{"namespace", "metric", "dimensions", "period", "timestamps", "values", ...}, ...]

Every fault has its line. Times without a zone are local in the zone given; what the clock skips or
repeats there is refused.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from axonwatch.catalog.reading import refuse
from axonwatch.diagnostics import Diagnostic, InvalidInput, Label, Level, Span
from axonwatch.model.metrics import Metric
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.api_json import read_series
from axonwatch.simulate.series.local_times import read_instant
from axonwatch.simulate.series.series import Series, SeriesStore
from axonwatch.syntax.filter_pattern.value import read_number

MAX_BYTES = 200_000_000
_TIME_COLUMNS = ("timestamp", "time")
_SAMPLE_COLUMNS = ("samples", "sample_count")
_EPOCH_DIGITS = 13


@dataclass(frozen=True)
class Table:
    """The rows of a CSV file: the start of each period, its value, and samples if it has some."""

    times: list[int]
    values: list[float]
    samples: list[float] | None = None

    @property
    def step(self) -> int:
        """The distance between two rows that is seen most often; 60 for a single row."""
        gaps = Counter(b - a for a, b in zip(self.times, self.times[1:], strict=False))
        return gaps.most_common(1)[0][0] if gaps else 60


def read_csv(path: Path, shown: str, zone: tzinfo) -> Table:
    """The rows of a CSV file, in the order of time. Raises InvalidInput."""
    data = read_bytes(path, shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _invalid("not-utf8", f"`{shown}` is not UTF-8 text", shown, line) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        return read_rows(header, ((reader.line_num, row) for row in reader), shown, zone)
    except csv.Error as error:
        title = f"`{shown}` is not CSV: {error}"
        raise _invalid("bad-series", title, shown, reader.line_num) from None


def read_rows(
    columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], shown: str, zone: tzinfo
) -> Table:
    """The datapoints of rows of text, each with its number, for messages. Raises InvalidInput."""
    header = [name.strip().lower() for name in columns]
    time_at = next((header.index(c) for c in _TIME_COLUMNS if c in header), -1)
    if time_at < 0 or "value" not in header:
        raise _invalid(
            "bad-series",
            f"`{shown}` has no columns `timestamp` and `value`",
            shown,
            1,
            "begin it with the line `timestamp,value`",
        )
    value_at = header.index("value")
    samples_at = next((header.index(c) for c in _SAMPLE_COLUMNS if c in header), -1)
    found: dict[int, tuple[float, float]] = {}
    lines: dict[int, int] = {}
    faults: list[Diagnostic] = []
    for number, row in rows:
        if not row or not "".join(row).strip():
            continue
        try:
            if len(row) != len(header):
                raise ValueError(f"has {len(row)} cells, the header {len(header)}")  # noqa: TRY301
            if not row[value_at].strip():
                continue  # an empty cell is a missing datapoint
            moment = _read_stamp(row[time_at].strip(), zone)
            value = _read_number(row[value_at])
            samples = 1.0 if samples_at < 0 else _read_number(row[samples_at])
            if samples < 0:
                raise ValueError(f"has {row[samples_at]} samples")  # noqa: TRY301
        except ValueError as wrong:
            title = f"a row that cannot be read: {wrong}"
            faults.append(refuse("bad-series", title, Span.point(shown, number)))
            if len(faults) == 5:
                break
            continue
        if moment in found:
            faults.append(_twice(row[time_at], shown, lines[moment], number))
            continue
        found[moment] = (value, samples)
        lines[moment] = number
    if faults:
        raise InvalidInput(faults)
    if not found:
        raise _invalid("bad-series", f"`{shown}` has no datapoint", shown, 1)
    times = sorted(found)
    return Table(
        times,
        [found[t][0] for t in times],
        None if samples_at < 0 else [found[t][1] for t in times],
    )


def _twice(stamp: str, shown: str, first: int, again: int) -> Diagnostic:
    return Diagnostic(
        "bad-series",
        Level.ERROR,
        f"{stamp} comes twice",
        Span.point(shown, again),
        "again",
        "delete one of the two rows",
        (Label(Span.point(shown, first), "first here"),),
    )


def _read_stamp(text: str, zone: tzinfo) -> int:
    if text.isdigit():
        return int(text) // 1000 if len(text) >= _EPOCH_DIGITS else int(text)
    return read_instant(text, zone)


def _read_number(text: str) -> float:
    number = read_number(text.strip())
    if number is None:
        message = f"`{text.strip()}` is not a finite number"
        raise ValueError(message)
    return number


def read_json(path: Path, shown: str) -> SeriesStore:
    """The series of a JSON file, with the bands and calls in it. Raises InvalidInput."""
    try:
        return read_series(read_bytes(path, shown).decode("utf-8-sig", "replace"), name=shown)
    except Refusal as refusal:
        found = refuse("bad-series", refusal.message, Span.point(shown), help=refusal.help)
        raise InvalidInput([found]) from None


def read_bytes(path: Path, shown: str) -> bytes:
    """The bytes of a regular file of at most 200 MB. Raises InvalidInput."""
    try:
        if not path.is_file():
            raise _invalid("unreadable-file", f"`{shown}` is not a file", shown, 1)
        if path.stat().st_size > MAX_BYTES:
            raise _invalid("file-too-large", f"`{shown}` has more than 200 MB", shown, 1)
        return path.read_bytes()
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise _invalid("unreadable-file", f"cannot read `{shown}`: {why}", shown, 1) from None


def _invalid(code: str, title: str, shown: str, line: int, help: str = "") -> InvalidInput:
    return InvalidInput([refuse(code, title, Span.point(shown, max(line, 1)), help=help)])


def as_series(table: Table, metric: Metric, *, stat: str, period: int | None) -> Series:
    """A CSV file's rows as the series of a metric."""
    samples: Sequence[float] | None = table.samples
    return Series.of(
        metric, period or table.step, table.times, table.values, counts=samples, stat=stat
    )
