"""What a scenario's short words become: series on the clock, events, starts and ends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.simulate.scenario_samples import (
    addresses,
    messages,
    one_test,
    read_lines,
    read_no_table,
    read_text,
)

from axonwatch.errors import UsageError
from axonwatch.model.alarms import State
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.scenarios.context import Doors
from axonwatch.simulate.scenarios.reader import read_scenario
from axonwatch.simulate.scenarios.scenario import ScenarioTest

AGENT, ORCHESTRATOR = "/ecs/axonflow-prod/agent", "/ecs/axonflow-prod/orchestrator"
DAY = 1_767_225_600  # 2026-01-01T00:00:00Z


def values(test: ScenarioTest, name: str, stat: str = "Average") -> dict[int, float]:
    """A series by seconds from the start of the test, without what lies before it."""
    (series,) = [s for s in test.series if s.metric.name == name and s.stat == stat]
    pairs = zip(series.times.tolist(), series.values.tolist(), strict=True)
    return {time - test.start: value for time, value in pairs if time >= test.start}


def before(test: ScenarioTest, name: str) -> set[float]:
    (series,) = [s for s in test.series if s.metric.name == name]
    pairs = zip(series.times.tolist(), series.values.tolist(), strict=True)
    return {value for time, value in pairs if time < test.start}


def shown(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:16]


def test_a_series_begins_at_the_start_and_the_test_ends_with_the_longest(tmp_path: Path) -> None:
    test = one_test("series: {CPUUtilization: 1+1x4, DatabaseConnections: 7x*}", tmp_path)
    assert (test.start, test.end) == (DAY, DAY + 300)
    assert values(test, "CPUUtilization") == {0: 1, 60: 2, 120: 3, 180: 4, 240: 5}
    assert values(test, "DatabaseConnections") == dict.fromkeys(range(0, 300, 60), 7)
    assert test.initial is State.OK


def test_dimensions_come_from_the_inventory(tmp_path: Path) -> None:
    test = one_test("series: {CPUUtilization: 1x4}", tmp_path)
    (metric,) = {series.metric for series in test.series}
    assert metric.namespace == "AWS/RDS"
    assert [(d.name, d.value) for d in metric.dimensions] == [
        ("DBInstanceIdentifier", "axonflow-prod-db")
    ]


def test_before_the_start_a_series_has_its_first_value(tmp_path: Path) -> None:
    text = "series: {CPUUtilization: 5 90x9}"
    assert before(one_test(text, tmp_path), "CPUUtilization") == {5.0}
    assert before(one_test(f"{text}\nlead: none", tmp_path), "CPUUtilization") == set()
    missing = one_test("series: {CPUUtilization: _ 90x9}", tmp_path)
    assert before(missing, "CPUUtilization") == set()


def test_interval_offset_statistic_and_samples(tmp_path: Path) -> None:
    test = one_test(
        """
interval: 5m
series:
  CPUUtilization: 1 2
  ReadLatency p90: {values: 0.1x3, samples: 500, interval: 1m, at: 6m}
""",
        tmp_path,
    )
    assert values(test, "CPUUtilization") == {0: 1, 300: 2}
    assert sorted(values(test, "ReadLatency", "p90")) == [360, 420, 480, 540]
    latency = next(s for s in test.series if s.stat == "p90")
    assert latency.counts is not None
    assert set(latency.counts.tolist()) == {500}


def test_samples_as_a_distribution(tmp_path: Path) -> None:
    test = one_test("series: {ReadLatency: '{p50=0.01 p90=0.03 n=200}x3'}", tmp_path)
    (latency,) = test.series
    assert latency.counts is not None
    first = latency.times == test.start
    assert latency.counts[first].sum() == 200


def test_a_metric_in_full(tmp_path: Path) -> None:
    text = "series: {queue: {namespace: AWS/SQS, metric: Sent, dimensions: {Q: a}, values: 5x2}}"
    (series,) = one_test(text, tmp_path).series
    assert (series.metric.namespace, series.metric.name) == ("AWS/SQS", "Sent")


def test_a_filter_s_metric(tmp_path: Path) -> None:
    (series,) = one_test("series: {filter/refused: 0 5x2}", tmp_path).series
    assert (series.metric.namespace, series.metric.name) == ("Axonwatch/axonflow-prod", "refused")


def test_a_csv_file_keeps_its_times_or_is_moved(tmp_path: Path) -> None:
    (tmp_path / "cpu.csv").write_text(
        "timestamp,value\n2026-01-01T00:02:00Z,5\n1767225720000,\n2026-01-01T01:03:00+01:00,6\n"
    )
    kept = one_test("series: {CPUUtilization: {file: cpu.csv}}\nend: 4m", tmp_path)
    assert values(kept, "CPUUtilization") == {120: 5, 180: 6}
    moved = one_test("series: {CPUUtilization: {file: cpu.csv, at: 10m}}", tmp_path)
    assert values(moved, "CPUUtilization") == {600: 5, 660: 6}
    assert moved.end == DAY + 720


def test_csv_times_without_a_zone_are_in_the_test_s(tmp_path: Path) -> None:
    (tmp_path / "cpu.csv").write_text("timestamp,value\n2026-07-01 02:00:00,5\n")
    test = one_test(
        "start: 2026-07-01T02:00\ntimezone: Europe/Berlin\n"
        "series: {CPUUtilization: {file: cpu.csv}}\nend: 1m",
        tmp_path,
    )
    assert shown(test.start) == "2026-07-01T00:00"
    assert values(test, "CPUUtilization") == {0: 5}


def test_a_csv_time_that_the_clock_repeats_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cpu.csv").write_text("timestamp,value\n2026-10-25 02:30:00,5\n")
    found = read_text(
        "timezone: Europe/Berlin\nseries: {CPUUtilization: {file: cpu.csv}}\nend: 1m", tmp_path
    )
    assert "2026-10-25 02:30:00 comes twice (Europe/Berlin): add an offset" in messages(found)


def test_a_parquet_file_through_the_door(tmp_path: Path) -> None:
    (tmp_path / "cpu.parquet").write_bytes(b"PAR1")
    test = one_test(
        "series: {CPUUtilization: {file: cpu.parquet, sparse: true}}\nend: 9m", tmp_path
    )
    assert values(test, "CPUUtilization") == {0: 5}


def test_a_test_s_series_replaces_the_file_s(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "component: database\nseries: {CPUUtilization: 1x9, DatabaseConnections: 2x9}\n"
        "tests: [{name: a, series: {CPUUtilization: 5x9}, pages: []}]\n"
    )
    found = read_scenario(
        path, root=tmp_path, addresses=addresses(), doors=Doors(read_lines, read_no_table)
    )
    assert found.findings == ()
    assert set(values(found.tests[0], "CPUUtilization").values()) == {5}
    assert set(values(found.tests[0], "DatabaseConnections").values()) == {2}


def test_bands_and_calls(tmp_path: Path) -> None:
    test = one_test(
        """
series: {DatabaseConnections: 5x9}
bands: {DatabaseConnections: {lower: 1x*, upper: 9x*}}
calls: {SERVICE_QUOTA(m1): 100x*}
""",
        tmp_path,
    )
    ((lower, upper),) = test.bands.values()
    assert {*lower.values.tolist()} == {1}
    assert {*upper.values.tolist()} == {9}
    assert {*test.calls["SERVICE_QUOTA(m1)"].values.tolist()} == {100}


def offsets(test: ScenarioTest, group: str) -> list[float]:
    return [event.time / 1000 - test.start for event in test.events[group]]


def test_lines_and_lines_that_repeat(tmp_path: Path) -> None:
    test = one_test(
        """
end: 5m
lead: none
logs:
  agent:
    - {message: once, at: 90s, stream: one}
    - {message: often, every: 1m}
    - {message: a while, every: 30s, at: 1m, until: 2m}
    - {message: thrice, every: 10s, at: 4m, times: 3}
  orchestrator: []
""",
        tmp_path,
    )
    by_text = {
        text: [o for o, e in zip(offsets(test, AGENT), test.events[AGENT], strict=True) if e.message == text]
        for text in ("once", "often", "a while", "thrice")
    }  # fmt: skip
    assert by_text == {
        "once": [90],
        "often": [0, 60, 120, 180, 240],
        "a while": [60, 90],
        "thrice": [240, 250, 260],
    }
    assert test.events[ORCHESTRATOR] == ()
    assert {e.stream for e in test.events[AGENT] if e.message == "once"} == {"one"}


def test_a_line_that_always_repeats_was_there_before_the_start(tmp_path: Path) -> None:
    test = one_test("end: 5m\nlogs: {agent: [{message: a, every: 1m}]}", tmp_path)
    assert min(offsets(test, AGENT)) == -7200


def test_a_log_file_sets_the_start_and_can_be_moved(tmp_path: Path) -> None:
    lines = [{"timestamp": (DAY + 3725) * 1000, "message": "x"}]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    kept = one_test("logs: {agent: [{file: log.jsonl}]}", tmp_path)
    assert (shown(kept.start), shown(kept.end)) == ("2026-01-01T01:02", "2026-01-01T01:03")
    moved = one_test("logs: {agent: [{file: log.jsonl, at: 2m}]}", tmp_path)
    assert (shown(moved.start), offsets(moved, AGENT)) == ("2026-01-01T00:00", [120])


def test_a_folder_is_a_recording(tmp_path: Path) -> None:
    folder = tmp_path / "outage"
    folder.mkdir()
    line = {"timestamp": (DAY + 600) * 1000, "message": "x"}
    for name in ("agent.jsonl", "orchestrator.jsonl"):
        (folder / name).write_text(json.dumps(line) + "\n")
    series = {
        "namespace": "AWS/RDS",
        "metric": "CPUUtilization",
        "dimensions": {"DBInstanceIdentifier": "axonflow-prod-db"},
        "period": 60,
        "timestamps": ["2026-01-01T00:10:00Z"],
        "values": [7],
    }
    (folder / "rds.json").write_text(json.dumps([series]))
    (folder / "truth.json").write_text("{}")
    (folder / "README.md").write_text("what it is")
    test = one_test("recording: outage\nend: 5m", tmp_path)
    assert shown(test.start) == "2026-01-01T00:10"
    assert set(test.events) == {AGENT, ORCHESTRATOR}
    assert values(test, "CPUUtilization") == {0: 7}


def test_an_empty_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    assert "`nothing` holds no recording" in messages(
        read_text("recording: nothing\nend: 5m", tmp_path)
    )


def test_a_deployment_is_two_deployments_at_once(tmp_path: Path) -> None:
    test = one_test("end: 6m\nevents: [{deploy: agent, at: 2m, for: 3m}]", tmp_path)
    counts = values(test, "DeploymentCount")
    assert [counts[t] for t in range(0, 360, 60)] == [1, 1, 2, 2, 2, 1]


@pytest.mark.parametrize(
    ("window", "start"),
    [("backup_window", "2026-01-01T02:50"), ("maintenance_window", "2026-01-04T03:50")],
)
def test_a_window_of_the_inventory_sets_the_start(window: str, start: str, tmp_path: Path) -> None:
    test = one_test(f"end: 30m\nevents: [{{window: {window}, at: 10m}}]", tmp_path)
    assert shown(test.start) == start


def test_expectations_and_messages_lengthen_the_test(tmp_path: Path) -> None:
    test = one_test(
        "series: {CPUUtilization: 5x*}\nexpect: {cpu-high: OK at 7m}\npages: [{alarm: cpu-high, by: 9m}]",
        tmp_path,
    )
    assert test.end == DAY + 540


def test_clock_times_are_local(tmp_path: Path) -> None:
    test = one_test(
        "start: 2026-10-25T00:30:00Z\ntimezone: Europe/Berlin\nseries: {CPUUtilization: 5x*}\n"
        "expect: {cpu-high: [OK at 02:30, OK at 03:00]}",
        tmp_path,
    )
    moments = [expectation.end for expectation in test.expectations]
    assert [shown(moment or 0) for moment in moments] == ["2026-10-25T00:30", "2026-10-25T02:00"]


def test_a_day_of_25_hours_has_25(tmp_path: Path) -> None:
    test = one_test(
        "start: 2026-10-25T00:00\ntimezone: Europe/Berlin\nend: 2026-10-26T00:00\n"
        "series: {CPUUtilization: 5x*}",
        tmp_path,
    )
    assert test.end - test.start == 25 * 3600
    assert len(values(test, "CPUUtilization")) == 25 * 60


def test_a_leap_day_has_its_minutes(tmp_path: Path) -> None:
    test = one_test(
        "start: 2028-02-28T23:59:00Z\nend: 2028-03-01T00:01:00Z\nseries: {CPUUtilization: 5x*}",
        tmp_path,
    )
    assert len(values(test, "CPUUtilization")) == 1442


def test_after_a_deployment_there_is_one_for_as_long_as_the_test_lasts(tmp_path: Path) -> None:
    test = one_test("events: [{deploy: agent, at: 5m, for: 6m}]\nend: 20d", tmp_path)
    counts = values(test, "DeploymentCount")
    assert set(counts) == set(range(0, 20 * 86_400, 60))
    assert {at // 60 for at, value in counts.items() if value == 2} == set(range(5, 11))
    test = one_test("events: [{deploy: agent, at: 5m}]\nend: 20d", tmp_path)
    assert values(test, "DeploymentCount")[20 * 86_400 - 60] == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"timestamp,value\n\xff,1\n", "`a.csv` is not UTF-8 text"),
        (
            "a.csv",
            b'timestamp,value\n"2026-01-01,1\n',
            "`a.csv` is not CSV: unexpected end of data",
        ),
        ("a.csv", b"", "`a.csv` has no columns `timestamp` and `value`"),
        ("a.csv", b"timestamp,value\n", "`a.csv` has no datapoint"),
        (
            "a.csv",
            b"timestamp,value\n1767225600\n",
            "a row that cannot be read: has 1 cells, the header 2",
        ),
        (
            "a.csv",
            b"timestamp,value,samples\n1767225600,1,-1\n",
            "a row that cannot be read: has -1 samples",
        ),
        ("a.json", b"[]", "`a.json` has no series of `CPUUtilization`"),
        ("a.json", b"{", "a.json"),
        ("b.csv", b"", "there is no `a.csv`"),
    ],
)
def test_files_that_cannot_be_used(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    file = name.replace("b.", "a.")
    found = read_text(f"series: {{CPUUtilization: {{file: {file}}}}}\nend: 1m", tmp_path)
    assert message in found.findings[0].title
    assert not found.tests


def test_a_json_file_has_the_series_of_each_statistic(tmp_path: Path) -> None:
    about = {
        "namespace": "AWS/RDS",
        "metric": "CPUUtilization",
        "dimensions": {"DBInstanceIdentifier": "axonflow-prod-db"},
        "period": 60,
        "timestamps": ["2026-01-01T00:00:00Z"],
    }
    one = [{**about, "values": [5], "stat": stat} for stat in ("Average", "Maximum")]
    (tmp_path / "a.json").write_text(json.dumps(one))
    test = one_test("series: {CPUUtilization: {file: a.json}}\nend: 1m", tmp_path)
    assert values(test, "CPUUtilization", "Maximum") == {0: 5}
    assert values(test, "CPUUtilization", "Average") == {0: 5}


def test_a_log_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    def broken(path: Path) -> Iterator[LogEvent]:
        raise UsageError(f"{path.name} was cut", help="fetch it again")

    (tmp_path / "a.jsonl").write_text("x")
    path = tmp_path / "s.yaml"
    path.write_text("tests: [{name: one, logs: {agent: [{file: a.jsonl}]}, end: 1m, pages: []}]")
    found = read_scenario(
        path, root=tmp_path, addresses=addresses(), doors=Doors(broken, read_no_table)
    )
    assert [(one.code, one.title) for one in found.findings] == [
        ("unreadable-file", "a.jsonl was cut")
    ]


def test_an_inventory_s_window_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    known = addresses()
    database = replace(known.inventory.database, backup_window="at night")
    other = replace(known, inventory=replace(known.inventory, database=database))
    path = tmp_path / "s.yaml"
    path.write_text(
        "tests: [{name: one, events: [{window: backup_window, at: 1m}], end: 1m, pages: []}]"
    )
    found = read_scenario(
        path, root=tmp_path, addresses=other, doors=Doors(read_lines, read_no_table)
    )
    assert found.findings[0].title == "the inventory's backup_window `at night` cannot be read"


def test_logs_of_a_recording_are_read_together_and_a_fault_is_told_of_its_file(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "outage"
    folder.mkdir()
    for name in ("agent", "orchestrator"):
        (folder / f"{name}.jsonl").write_text('{"timestamp": 1767225600000, "message": "a"}\n')
    asked: list[list[str]] = []

    def read_logs(paths: Sequence[Path]) -> list[list[LogEvent]]:
        asked.append([path.name for path in paths])
        return [list(read_lines(path)) for path in paths]

    def read_broken(path: Path) -> Iterator[LogEvent]:
        if path.name == "agent.jsonl":
            raise UsageError("agent.jsonl was cut")
        return read_lines(path)

    def refuse(paths: Sequence[Path]) -> list[list[LogEvent]]:
        raise UsageError(f"{len(paths)} files")

    path = tmp_path / "s.yaml"
    path.write_text("tests: [{name: one, recording: outage, end: 1m, pages: []}]")
    doors = Doors(read_broken, read_no_table, read_logs)
    found = read_scenario(path, root=tmp_path, addresses=addresses(), doors=doors)
    assert (len(found.tests), asked) == (1, [["agent.jsonl", "orchestrator.jsonl"]])
    doors = Doors(read_broken, read_no_table, refuse)
    found = read_scenario(path, root=tmp_path, addresses=addresses(), doors=doors)
    assert [one.title for one in found.findings] == ["agent.jsonl was cut"]
