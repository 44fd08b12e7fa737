"""`when: ">= 80% of max_connections"`: operator, number with a unit, share of a limit, or a band.

Pure: text in, a value or a fault with offsets out. Units are converted to the metric's own; what
cannot be converted is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from axonwatch.catalog.schema_check import suggest
from axonwatch.model.alarms import Comparison
from axonwatch.syntax.text import SyntaxFault, TextSpan

_OPERATORS = {
    ">=": Comparison.GE,
    ">": Comparison.GT,
    "<=": Comparison.LE,
    "<": Comparison.LT,
}
_BANDS = {
    "outside": Comparison.OUTSIDE_BAND,
    "above": Comparison.ABOVE_BAND,
    "below": Comparison.BELOW_BAND,
}
_NUMBER = r"(?P<number>-?[0-9][0-9_,]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
_SHARE = re.compile(rf"\s*(?P<op>>=|<=|>|<)\s*{_NUMBER}\s*(?:%|percent)\s+of\s+(?P<limit>\S+)\s*")
_BARE_LIMIT = re.compile(r"\s*(?P<op>>=|<=|>|<)\s*(?P<limit>[a-z][a-z_]*)\s*")
_PLAIN = re.compile(rf"\s*(?P<op>>=|<=|>|<)\s*{_NUMBER}\s*(?P<unit>[^\s\d]\S*)?\s*")
_BAND = re.compile(rf"\s*(?P<side>outside|above|below)\s+band(?:\s+{_NUMBER})?\s*")

# Each unit as people write it: its kind, and how many of the kind's smallest it is.
_SIZES: Mapping[str, tuple[str, Decimal]] = {
    "%": ("percent", Decimal(1)),
    "percent": ("percent", Decimal(1)),
    "us": ("time", Decimal("0.000001")),
    "ms": ("time", Decimal("0.001")),
    "s": ("time", Decimal(1)),
    "seconds": ("time", Decimal(1)),
    "m": ("time", Decimal(60)),
    "minutes": ("time", Decimal(60)),
    "h": ("time", Decimal(3600)),
    "hours": ("time", Decimal(3600)),
    "b": ("bytes", Decimal(1)),
    "bytes": ("bytes", Decimal(1)),
    "kb": ("bytes", Decimal(1000)),
    "mb": ("bytes", Decimal(1000**2)),
    "gb": ("bytes", Decimal(1000**3)),
    "kib": ("bytes", Decimal(1024)),
    "mib": ("bytes", Decimal(1024**2)),
    "gib": ("bytes", Decimal(1024**3)),
    "b/s": ("rate", Decimal(1)),
    "kb/s": ("rate", Decimal(1000)),
    "mb/s": ("rate", Decimal(1000**2)),
    "mib/s": ("rate", Decimal(1024**2)),
    "count/s": ("frequency", Decimal(1)),
    "/s": ("frequency", Decimal(1)),
}
# CloudWatch's units in the same terms. Container Insights' Megabytes are 2^20 bytes.
_METRIC_UNITS: Mapping[str, tuple[str, Decimal]] = {
    "Percent": ("percent", Decimal(1)),
    "Seconds": ("time", Decimal(1)),
    "Milliseconds": ("time", Decimal("0.001")),
    "Microseconds": ("time", Decimal("0.000001")),
    "Bytes": ("bytes", Decimal(1)),
    "Kilobytes": ("bytes", Decimal(1024)),
    "Megabytes": ("bytes", Decimal(1024**2)),
    "Gigabytes": ("bytes", Decimal(1024**3)),
    "Bytes/Second": ("rate", Decimal(1)),
    "Count/Second": ("frequency", Decimal(1)),
    "Count": ("count", Decimal(1)),
    "None": ("count", Decimal(1)),
}
_LIMIT_KINDS: Mapping[str, str] = {
    "memory": "bytes",
    "storage": "bytes",
    "throughput": "rate",
    "ebs_throughput": "rate",
    "iops": "frequency",
    "ebs_iops": "frequency",
}
# Beyond this CloudWatch takes no value (about 2^360).
LARGEST = Decimal("2e108")
_KIND_WORDS = {
    "percent": "percent",
    "time": "a time",
    "bytes": "bytes",
    "rate": "bytes a second",
    "frequency": "a count a second",
    "count": "a count",
}


@dataclass(frozen=True)
class Condition:
    """What `when` says. `share` is a fraction of `limit`; `band` the width of an anomaly band."""

    comparison: Comparison
    threshold: float | None = None
    share: float | None = None
    limit: str | None = None
    capacity: float | None = None
    band: float | None = None


def parse_condition(text: str, *, unit: str | None, limits: Mapping[str, float]) -> Condition:
    """The condition that `text` states for a metric of `unit` (None: metric math, any unit).

    Raises SyntaxFault: `bad-condition`, `unknown-limit` or `wrong-unit`.
    """
    if match := _BAND.fullmatch(text):
        width = float(_number(match)) if match["number"] else 2.0
        if width <= 0:
            title = "an anomaly band has a width above 0"
            raise _fault("bad-condition", title, match, "number", "for example `above band 2`")
        return Condition(_BANDS[match["side"]], band=width)
    if match := _SHARE.fullmatch(text):
        return _of_limit(match, _number(match), unit, limits)
    if match := _PLAIN.fullmatch(text):
        return _plain(match, unit)
    if match := _BARE_LIMIT.fullmatch(text):
        return _of_limit(match, Decimal(100), unit, limits)
    raise SyntaxFault(
        "bad-condition",
        f"`{text}` is not a condition",
        TextSpan(0, max(len(text), 1)),
        help='write an operator and a number (`"> 5 percent"`), a share of a limit '
        '(`">= 80% of max_connections"`), or `"above band 2"`',
    )


def _fault(code: str, title: str, match: re.Match[str], group: str, help: str = "") -> SyntaxFault:
    start, end = match.span(group)
    return SyntaxFault(code, title, TextSpan(start, end), help=help)


def _number(match: re.Match[str]) -> Decimal:
    value = Decimal(match["number"].replace("_", "").replace(",", ""))
    if abs(value) > LARGEST:
        title = "the number is larger than any metric"
        raise _fault("bad-condition", title, match, "number", "write the number that is meant")
    return value


def _plain(match: re.Match[str], unit: str | None) -> Condition:
    value = _number(match)
    written = match["unit"]
    comparison = _OPERATORS[match["op"]]
    if unit is None or written is None:
        if written and written.lower() not in _SIZES and not written.isalpha():
            cure = "leave the unit out"
            raise _fault("wrong-unit", f"`{written}` is not a unit", match, "unit", cure)
        return Condition(comparison, float(value))
    kind, size = _METRIC_UNITS.get(unit, ("count", Decimal(1)))
    if kind == "count":
        if written.lower() in _SIZES:
            title = f"the metric's unit is {unit}, not `{written}`"
            raise _fault("wrong-unit", title, match, "unit", "leave the unit out")
        return Condition(comparison, float(value))  # "> 5 requests": a noun
    known = _SIZES.get(written) or _SIZES.get(written.lower())
    if known is None or known[0] != kind:
        fitting = [f"`{word}`" for word, (one, _) in _SIZES.items() if one == kind][:6]
        title = f"the metric's unit is {unit}, which `{written}` cannot be turned into"
        raise _fault("wrong-unit", title, match, "unit", f"write one of {', '.join(fitting)}")
    return Condition(comparison, float(value * known[1] / size))


def _of_limit(
    match: re.Match[str], percent: Decimal, unit: str | None, limits: Mapping[str, float]
) -> Condition:
    name = match["limit"]
    if name not in limits:
        cure = suggest(name, limits) or ", ".join(f"`{one}`" for one in limits)
        title = f"`{name}` is not a limit of this component"
        if not limits:
            cure = "write a number: this component has no limits"
        raise _fault("unknown-limit", title, match, "limit", cure)
    value = Decimal(str(limits[name])) * percent / 100
    if unit is not None:
        kind, size = _METRIC_UNITS.get(unit, ("count", Decimal(1)))
        limit_kind = _LIMIT_KINDS.get(name, "count")
        if kind != limit_kind:
            title = f"the metric's unit is {unit}, but `{name}` is {_KIND_WORDS[limit_kind]}"
            cure = "write a number with the metric's unit, or a limit of the same kind"
            raise _fault("wrong-unit", title, match, "limit", cure)
        value /= size
    return Condition(
        _OPERATORS[match["op"]],
        float(value),
        share=float(percent / 100),
        limit=name,
        capacity=float(limits[name]),
    )


def human(value: float, unit: str | None) -> str:
    """A number as a page says it: `324`, `20 ms`, `10 GiB`, `80 %`."""
    kind, size = _METRIC_UNITS.get(unit or "None", ("count", Decimal(1)))
    if kind == "percent":
        return f"{value:g} %"
    if kind == "time":
        seconds = float(Decimal(str(value)) * size)
        if abs(seconds) < 1 and seconds:
            return f"{seconds * 1000:g} ms"
        return f"{seconds:g} s"
    if kind in {"bytes", "rate"}:
        return _bytes(float(Decimal(str(value)) * size)) + ("/s" if kind == "rate" else "")
    return _grouped(value) + ("/s" if kind == "frequency" else "")


def _grouped(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 else f"{value:g}"


def _bytes(value: float) -> str:
    for size, word in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if abs(value) >= size:
            return f"{value / size:.4g} {word}"
    return f"{value:g} bytes"
