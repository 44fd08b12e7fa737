"""promtool on the same work: the alarms of the benchmark as Prometheus rules, built with Go.

It is built from the module proxy with the ordinary client, once, into the benchmark's data folder.
A metric alarm becomes a rule with `for`, metric math PromQL, a composite a rule over `ALERTS`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from axonwatch.model.alarms import Alarm, CompositeAlarm, MetricAlarm
from axonwatch.model.metrics import Metric
from axonwatch.syntax.alarm_rule import AllOf, AnyOf, InState, Not, Rule, parse_rule
from benchmarks.generate import data_folder

VERSION = "v0.316.0"  # 3.16
_MODULE = f"github.com/prometheus/prometheus/cmd/promtool@{VERSION}"
_HOUR = 60


def build() -> tuple[Path | None, str]:
    """promtool, or None and why there is none."""
    folder = data_folder() / f"promtool-{VERSION}"
    found = folder / "promtool"
    if found.exists():
        return found, ""
    go = shutil.which("go")
    if go is None:
        return None, "go is not installed"
    print(f"building promtool {VERSION} (once; minutes of work)", flush=True)
    done = subprocess.run(
        [go, "install", _MODULE],
        env=os.environ | {"GOBIN": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not found.exists():
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return None, f"`go install` failed: {last}"
    return found, ""


def write_tests(
    alarms: Sequence[Alarm], series: Sequence[tuple[Metric, list[float]]], amount: int
) -> Path:
    """A file of `amount` tests, each of all rules over an hour, with one assertion."""
    folder = data_folder() / "promtool-tests"
    folder.mkdir(exist_ok=True)
    rules = "\n".join(_rule(alarm) for alarm in alarms)
    (folder / "rules.yaml").write_text(
        f"groups:\n- name: all\n  interval: 1m\n  rules:\n{rules}\n", encoding="utf-8"
    )
    inputs = "\n".join(
        f"  - {{series: {metric.name}, values: '{' '.join(f'{value:g}' for value in values)}'}}"
        for metric, values in series
    )
    test = (
        f"- interval: 1m\n  input_series:\n{inputs}\n  alert_rule_test:\n"
        f"  - {{eval_time: {_HOUR - 1}m, alertname: {alarms[0].name}, exp_alerts: []}}\n"
    )
    tests = folder / "tests.yaml"
    head = "rule_files: [rules.yaml]\nevaluation_interval: 1m\ntests:\n"
    tests.write_text(head + test * amount, encoding="utf-8")
    return tests


def _rule(alarm: Alarm) -> str:
    wait = ""
    if isinstance(alarm, CompositeAlarm):
        expression = _of_rule(parse_rule(alarm.rule))
    else:
        assert isinstance(alarm, MetricAlarm)
        expression = _of_metric(alarm)
        wait = f", for: {alarm.needed - 1}m"
    return f"  - {{alert: {alarm.name}, expr: '{expression}'{wait}}}"


def _of_metric(alarm: MetricAlarm) -> str:
    if alarm.stat is None:  # IF(r > 100, 100 * FILL(e, 0) / r, 0)
        requests, errors = (q.stat.metric.name for q in alarm.queries if q.stat is not None)
        return f"100 * {errors} / ({requests} > 100) > {alarm.threshold:g}"
    name = alarm.stat.metric.name
    value = name if alarm.stat.period == 60 else f"avg_over_time({name}[{alarm.stat.period}s])"
    return f"{value} > {alarm.threshold:g}"


def _of_rule(rule: Rule) -> str:
    match rule:
        case AnyOf(operands=parts):
            return " or ".join(f"({_of_rule(part)})" for part in parts)
        case AllOf(operands=parts):
            wanted = [_of_rule(part) for part in parts if not isinstance(part, Not)]
            barred = [_of_rule(part.operand) for part in parts if isinstance(part, Not)]
            return " and on() ".join(wanted) + "".join(f" unless on() {one}" for one in barred)
        case InState(child=child):
            return f'vector(1) and on() ALERTS{{alertname="{child.text}", alertstate="firing"}}'
    message = f"no PromQL for {rule}"
    raise NotImplementedError(message)
