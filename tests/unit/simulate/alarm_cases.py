"""Alarm cases as data: a compact spelling of alarms and series, run through the whole engine.

    name: sentence
    series: {cpu: "10 95x3 _"}        # one value a period from 2026-01-01T00:00Z; _ is missing
    alarms: {a: {when: "> 90", for: 2 of 3, metric: cpu}}
    composites: {c: {rule: ALARM(a)}}
    from, to: first and last tick, in minutes (10s steps as fractions)
    states: {a: "1 OK, 4 ALARM"}      # every transition, by minute
    actions: "4 a ALARM"              # every action that ran

Beyond the short keys an alarm takes any field of `describe-alarms`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from axonwatch.catalog.describe import parse_described
from axonwatch.catalog.nodes import SourceText
from axonwatch.model.alarms import MuteRule, State
from axonwatch.simulate.evaluation.clock import Range
from axonwatch.simulate.evaluation.evaluate import Settings, evaluate
from axonwatch.simulate.evaluation.timeline import Timeline
from axonwatch.simulate.moments import parse_moment
from axonwatch.simulate.series.api_json import store_of
from axonwatch.simulate.series.series import SeriesStore

CASES = Path(__file__).parents[2] / "cases"
EPOCH = parse_moment("2026-01-01T00:00:00Z")
OPERATORS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
    "outside": "LessThanLowerOrGreaterThanUpperThreshold",
    "below": "LessThanLowerThreshold",
    "above": "GreaterThanUpperThreshold",
}
TARGET = "arn:aws:sns:us-east-1:111122223333:{}"
SHORT = {"when", "for", "metric", "stat", "period", "missing", "math", "band", "unit"}


def load_cases(folder: str) -> list[Any]:
    """Every case of a folder, in the order of its files."""
    found = []
    for path in sorted((CASES / folder).glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            case["file"] = path.name
            found.append(case)
    return found


def name_of(case: dict[str, Any]) -> str:
    return f"{case['file']}: {case['name']}"


def values_of(text: str) -> list[float | None]:
    """`1 _ 95x3` as 1, nothing, 95, 95, 95."""
    found: list[float | None] = []
    for word in str(text).split():
        value, _, times = word.partition("x")
        found += [None if value == "_" else float(value)] * int(times or 1)
    return found


def series_of(name: str, given: Any) -> dict[str, Any]:
    """One entry of SERIES.json."""
    entry = given if isinstance(given, dict) else {"values": given}
    values = values_of(entry["values"])
    period = entry.get("period", 60)
    begin = parse_moment(entry["from"]) if "from" in entry else EPOCH
    kept = [at for at, value in enumerate(values) if value is not None]
    found: dict[str, Any] = {
        "namespace": entry.get("namespace", "N"),
        "metric": entry.get("metric", name),
        "dimensions": entry.get("dimensions", {}),
        "period": period,
        "timestamps": [(begin + at * period) * 1000 for at in kept],
        "values": [values[at] for at in kept],
    }
    if "counts" in entry:
        counts = values_of(entry["counts"])
        found["sample_counts"] = [counts[at] for at in kept]
    for key in ("stat", "unit", "call", "band"):
        if key in entry:
            found[key] = entry[key]
    return found


def store_from(series: dict[str, Any]) -> SeriesStore:
    return store_of([series_of(name, given) for name, given in series.items()])


def metric_alarm(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """One MetricAlarm of describe-alarms."""
    operator, _, threshold = str(given["when"]).partition(" ")
    m, _, n = str(given.get("for", "1 of 1")).partition(" of ")
    found: dict[str, Any] = {
        "AlarmName": name,
        "ActionsEnabled": True,
        "AlarmActions": [TARGET.format("alarm")],
        "OKActions": [TARGET.format("ok")],
        "InsufficientDataActions": [TARGET.format("none")],
        "ComparisonOperator": OPERATORS[operator],
        "EvaluationPeriods": int(n or m),
    }
    if n:
        found["DatapointsToAlarm"] = int(m)
    if "missing" in given:
        found["TreatMissingData"] = given["missing"]
    if threshold:
        found["Threshold"] = float(threshold)
    stat, period = given.get("stat", "Average"), given.get("period", 60)
    if "math" in given:
        found["Metrics"] = _queries(given["math"], stat, period)
    elif "band" in given:
        found["Metrics"] = _queries(
            {given["metric"]: given["metric"], "band": given["band"]}, stat, period
        )
        found["Metrics"][0]["ReturnData"] = True
        found["ThresholdMetricId"] = "band"
    elif "Metrics" not in given:
        kind = "Statistic" if stat[0].isupper() and stat.isalpha() else "ExtendedStatistic"
        kind = "ExtendedStatistic" if stat == "IQM" else kind
        found |= {"Namespace": "N", "MetricName": given["metric"], kind: stat, "Period": period}
        found["Dimensions"] = []
        if "unit" in given:
            found["Unit"] = given["unit"]
    return found | {key: value for key, value in given.items() if key not in SHORT}


def _queries(math: dict[str, Any], stat: str, period: int) -> list[dict[str, Any]]:
    """`{id: metric}` or `{id: expression}`: the last one is returned."""
    found: list[dict[str, Any]] = []
    for at, (key, text) in enumerate(math.items()):
        returned = at == len(math) - 1
        if str(text).isidentifier() and not returned:
            metric = {"Namespace": "N", "MetricName": text, "Dimensions": []}
            stat_of = {"Metric": metric, "Period": period, "Stat": stat}
            found.append({"Id": key, "MetricStat": stat_of, "ReturnData": returned})
        else:
            found.append({"Id": key, "Expression": str(text), "ReturnData": returned})
    return found


def described(case: dict[str, Any]) -> dict[str, Any]:
    """The case's alarms as describe-alarms prints them."""
    composites = []
    for name, given in case.get("composites", {}).items():
        found = {
            "AlarmName": name,
            "ActionsEnabled": True,
            "AlarmActions": [TARGET.format("alarm")],
            "OKActions": [TARGET.format("ok")],
            "AlarmRule": given["rule"],
        }
        if "suppressor" in given:
            found["ActionsSuppressor"] = given["suppressor"]
            found["ActionsSuppressorWaitPeriod"] = given.get("wait", 0)
            found["ActionsSuppressorExtensionPeriod"] = given.get("extension", 0)
        skip = {"rule", "suppressor", "wait", "extension"}
        composites.append(found | {k: v for k, v in given.items() if k not in skip})
    return {
        "MetricAlarms": [metric_alarm(n, given) for n, given in case.get("alarms", {}).items()],
        "CompositeAlarms": composites,
    }


def run_case(case: dict[str, Any]) -> Timeline:
    """Evaluate a case from first to last tick."""
    found = parse_described(SourceText("case", json.dumps(described(case))))
    settings = Settings(
        range=Range(case.get("range", "doc")),
        initial_state=State(case.get("initial", "INSUFFICIENT_DATA")),
        minimum_look_back=case.get("min_look_back", 0),
        every=case.get("every", False),
        arns=found.arns,
    )
    if "region" in case:
        settings = replace(settings, region=case["region"])
    return evaluate(
        found.alarms,
        store_from(case.get("series", {})),
        start=moment(case.get("from", 1)),
        end=moment(case["to"]),
        settings=settings,
        mute_rules=[MuteRule(**rule) for rule in case.get("mutes", [])],
    )


def moment(given: Any) -> int:
    """Minutes since the case's beginning, or a time."""
    if isinstance(given, str) and "T" in given:
        return parse_moment(given)
    return EPOCH + int(Fraction(str(given)) * 60)


def minute(time: int) -> str:
    """A moment as minutes since the case's beginning."""
    exact = Fraction(time - EPOCH, 60)
    return str(exact.numerator) if exact.denominator == 1 else f"{float(exact):.4g}"


def transitions(timeline: Timeline, name: str) -> str:
    return ", ".join(f"{minute(e.time)} {e.state}" for e in timeline.transitions(name))


def actions(timeline: Timeline) -> str:
    return ", ".join(f"{minute(a.time)} {a.alarm.name} {a.state}" for a in timeline.actions)
