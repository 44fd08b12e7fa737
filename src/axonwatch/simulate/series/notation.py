"""Series as people write them: promtool's short notation, and what CloudWatch needs beyond.

    5            one datapoint                     _  _x4        a missing one, four missing ones
    5x3          5 5 5 5: as in promtool, the first and three more
    5+2x3 9-2x3  5 7 9 11 and 9 7 5 3
    20..80x6     a ramp from 20 to 80 in six steps: seven datapoints
    40~5x9       40 give or take 5, always the same: ten datapoints (`40+1~5x9` climbs as well)
    {p50=20 p99=300 n=1000}x3     a thousand samples in each period, spread as the percentiles say
    {10*5 300}                    five samples of 10 and one of 300
    (20x3 80x3)*7                 all of it seven times
    5x*  _x*                      and so on, to the end of the test

Text in, values out; no clock and no chance. Source of the first four lines:
https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from axonwatch.syntax.text import SyntaxFault, TextSpan

MAX_POINTS = 1_000_000
MAX_SAMPLES = 10_000
MAX_DEPTH = 8

# The golden ratio: its multiples, modulo 1, fill the unit interval evenly and never repeat.
_GOLDEN = (math.sqrt(5) - 1) / 2
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_PLAIN = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(
    rf"(?P<from>{_NUMBER})\.\.(?P<to>{_NUMBER})(?:~(?P<ramp_noise>{_PLAIN}))?x(?P<steps>\d+)"
    rf"|(?P<first>{_NUMBER})(?P<step>[+-]{_PLAIN})?(?:~(?P<noise>{_PLAIN}))?(?:x(?P<more>\d+|\*))?"
    r"|_(?:x(?P<missing>\d+|\*))?"
)
_REPEAT = re.compile(r"x(\d+|\*)")
_TIMES = re.compile(r"\)\*(\d+)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_PERCENTILE = re.compile(
    rf"(?:p(?P<p>\d{{1,2}}(?:\.\d+)?|100)|(?P<name>min|max|n))=(?P<v>{_NUMBER})"
)
_SAMPLES = re.compile(rf"(?P<v>{_NUMBER})(?:\*(?P<count>\d+))?")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Distribution:
    """Samples of one period: values in rising order, and how often each was taken."""

    values: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return sum(self.counts)

    @property
    def average(self) -> float:
        """Their mean."""
        return (
            math.fsum(v * c for v, c in zip(self.values, self.counts, strict=True)) / self.samples
        )


Point: TypeAlias = "float | Distribution | None"


def parse_notation(text: str, length: int = 0) -> list[Point]:
    """The datapoints of a text, None for missing ones; `x*` goes on until there are `length`.

    Raises SyntaxFault, with code `bad-series`.
    """
    parser = _Notation(text, length)
    points = parser.points(0)
    if not points:
        raise parser.fault("a series without datapoints", 0, len(text), "nothing here", "write `_`")
    return points


def is_endless(text: str) -> bool:
    """Whether a series goes on to the end of its test."""
    return text.rstrip().endswith("x*")


class _Notation:
    def __init__(self, text: str, length: int) -> None:
        self.text = text
        self.length = length
        self.at = 0
        self.made = 0

    def points(self, depth: int) -> list[Point]:
        """Everything up to the end, or to the parenthesis that closes this depth."""
        points: list[Point] = []
        while True:
            while self.text[self.at : self.at + 1].isspace():
                self.at += 1
            here = self.text[self.at : self.at + 1]
            if here in {"", ")"}:
                if here and not depth:
                    raise self.fault("`)` closes nothing", self.at, self.at + 1)
                return points
            start = self.at
            if here == "(":
                new: Iterator[Point] = iter(self._group(depth))
            elif here == "{":
                new = iter(self._braces())
            else:
                new = iter(self._token())
            points += self._counted(new, start)

    def _counted(self, points: Iterator[Point], start: int) -> Iterator[Point]:
        for point in points:
            self.made += 1
            if self.made > MAX_POINTS:
                raise self.fault(
                    f"a series of more than {MAX_POINTS:,} datapoints",
                    start,
                    self.at,
                    "passes the limit here",
                    "put it into a CSV file",
                )
            if isinstance(point, float) and not math.isfinite(point):
                raise self.fault(
                    "a datapoint is a finite number", start, self.at, "grows too large"
                )
            yield point

    def _group(self, depth: int) -> list[Point]:
        start = self.at
        if depth >= MAX_DEPTH:
            raise self.fault(f"parentheses nested more than {MAX_DEPTH} deep", start, start + 1)
        self.at += 1
        made = self.made
        inner = self.points(depth + 1)
        times = _TIMES.match(self.text, self.at)
        if not times:
            raise self.fault(
                "a group needs its number of times",
                start,
                self.at + 1,
                "opened here" if self.at >= len(self.text) else "no `*n` behind it",
                "write `(...)*7`",
            )
        self.at = times.end()
        self.made = made
        self._limit(len(inner) * int(times[1]), start)
        return inner * int(times[1])

    def _limit(self, count: int, start: int) -> None:
        if self.made + count > MAX_POINTS:
            raise self.fault(
                f"a series of more than {MAX_POINTS:,} datapoints",
                start,
                self.at,
                f"this alone makes {count:,}",
                "put it into a CSV file",
            )

    def _times(self, word: str, start: int, first: int = 0) -> int:
        """How many datapoints `xn` stands for, the first one included where there is one."""
        if word != "*":
            return int(word) + first
        if self.text[self.at :].strip():
            raise self.fault(
                "only the last datapoint can go on to the end",
                start,
                self.at,
                "something follows",
                "write how often, such as `x9`",
            )
        return max(self.length - self.made, 1)

    def _token(self) -> Iterator[Point]:
        start = self.at
        token = _TOKEN.match(self.text, start)
        end = token.end() if token else start
        if token is None or (end < len(self.text) and self.text[end] not in " \t\r\n)"):
            word = _WORD.match(self.text, start)
            whole = word[0].rstrip(")") if word else ""
            raise self.fault(
                f"`{whole}` is no datapoint",
                start,
                start + len(whole),
                "not of the notation",
                _cure(whole),
            )
        self.at = end
        if token["from"] is not None:
            return self._ramp(token, start)
        if token["first"] is not None:
            return self._line(token, start)
        count = 1
        if token["missing"]:
            count = self._times(token["missing"], start)
        self._limit(count, start)
        return iter([None] * count)

    def _line(self, token: re.Match[str], start: int) -> Iterator[Point]:
        first, step, noise = (float(token[part] or 0) for part in ("first", "step", "noise"))
        if token["step"] and token["more"] is None:
            raise self.fault(
                f"`{token[0]}` does not say how often",
                start,
                self.at,
                "a step, and no `xn` behind it",
                f"write `{token[0]}x3` for the first and three more",
            )
        count = 1
        if token["more"]:
            count = self._times(token["more"], start, first=1)
        self._limit(count, start)
        return (first + step * i + _wobble(noise, i) for i in range(count))

    def _ramp(self, token: re.Match[str], start: int) -> Iterator[Point]:
        low, high, noise = (float(token[part] or 0) for part in ("from", "to", "ramp_noise"))
        steps = int(token["steps"])
        self._limit(steps + 1, start)
        if steps == 0:
            raise self.fault("a ramp has at least one step", start, self.at, "`x0` is none")
        return (low + (high - low) * i / steps + _wobble(noise, i) for i in range(steps + 1))

    def _braces(self) -> list[Point]:
        start = self.at
        braces = _BRACES.match(self.text, start)
        if not braces:
            raise self.fault("a brace is not closed", start, len(self.text), "opened here")
        self.at = braces.end()
        words = [(m[0], braces.start(1) + m.start()) for m in _WORD.finditer(braces[1])]
        if any("=" in word for word, _ in words):
            distribution = self._percentiles(words, start)
        else:
            distribution = self._listed(words, start)
        more = _REPEAT.match(self.text, self.at)
        if more:
            self.at = more.end()
        count = self._times(more[1], start, first=1) if more else 1
        self._limit(count, start)
        return [distribution] * count

    def _listed(self, words: list[tuple[str, int]], start: int) -> Distribution:
        counted: dict[float, int] = {}
        for word, offset in words:
            sample = _SAMPLES.fullmatch(word)
            if not sample or not math.isfinite(float(sample["v"])):
                raise self.fault(
                    f"`{word}` is no sample", offset, offset + len(word), help="`10`, or `10*5`"
                )
            value = float(sample["v"])
            counted[value] = counted.get(value, 0) + int(sample["count"] or 1)
        if not sum(counted.values()):
            raise self.fault("a period without samples", start, self.at, help="write `_`")
        values = tuple(sorted(v for v in counted if counted[v]))
        return Distribution(values, tuple(counted[v] for v in values))

    def _percentiles(self, words: list[tuple[str, int]], start: int) -> Distribution:
        knots: dict[float, float] = {}
        count = 0
        for word, offset in words:
            end = offset + len(word)
            part = _PERCENTILE.fullmatch(word)
            if not part or not math.isfinite(float(part["v"])):
                raise self.fault(
                    f"`{word}` says nothing about samples",
                    offset,
                    end,
                    help="p50=20, p99.9=300, min=1, max=900, n=1000",
                )
            if part["name"] == "n":
                count = int(float(part["v"]))
                if not 0 < count <= MAX_SAMPLES or count != float(part["v"]):
                    raise self.fault(
                        f"`{word}` is no number of samples", offset, end, f"1 to {MAX_SAMPLES:,}"
                    )
                continue
            place = {"min": 0.0, "max": 100.0}.get(part["name"] or "", float(part["p"] or 0))
            if place in knots:
                raise self.fault(f"`{word}` is given twice", offset, end)
            knots[place] = float(part["v"])
        if not count or not knots:
            raise self.fault(
                "samples need a number and a percentile", start, self.at, help="{p50=20 n=1000}"
            )
        rising = sorted(knots.items())
        if [v for _, v in rising] != sorted(v for _, v in rising):
            raise self.fault(
                "percentiles must rise", start, self.at, "a higher one has a lower value"
            )
        return _spread(rising, count)

    def fault(
        self, title: str, start: int, end: int, label: str = "", help: str = ""
    ) -> SyntaxFault:
        return SyntaxFault(
            "bad-series", title, TextSpan(start, max(end, start + 1)), label=label, help=help
        )


def _cure(word: str) -> str:
    if word.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return "datapoints are finite; a missing one is `_`"
    if word == "stale":
        return "CloudWatch has no staleness; a missing datapoint is `_`"
    return "5, 5x3, 5+2x3, 20..80x6, 40~5x9, _, _x4, {p50=20 p99=300 n=1000}x3, (20x3 80x3)*7"


def _wobble(noise: float, index: int) -> float:
    """An even spread over [-noise, noise] that looks irregular and is always the same."""
    return noise * (2 * (((index + 1) * _GOLDEN) % 1) - 1) if noise else 0.0


def _spread(knots: list[tuple[float, float]], count: int) -> Distribution:
    """Samples whose percentiles are the given ones, evenly spread between them."""
    places = [knots[0][0] if knots[0][0] == 0 else 0.0, *(p for p, _ in knots), 100.0]
    values = [knots[0][1], *(v for _, v in knots), knots[-1][1]]
    counted: dict[float, int] = {}
    piece = 0
    for rank in range(1, count + 1):
        place = 100 * rank / count
        while piece < len(places) - 2 and place > places[piece + 1]:
            piece += 1
        width = places[piece + 1] - places[piece]
        share = (place - places[piece]) / width if width else 1.0
        value = values[piece] + (values[piece + 1] - values[piece]) * min(share, 1.0)
        counted[value] = counted.get(value, 0) + 1
    return Distribution(tuple(counted), tuple(counted.values()))
