"""What the tests of a run have seen: alarms that fired, that stayed quiet, branches that decided."""

from __future__ import annotations

import pickle
from pathlib import Path

from tests.unit.simulate.scenario_samples import PREFIX, addresses, run_text, suite

from axonwatch.model.alarms import Actions, CompositeAlarm
from axonwatch.simulate.scenarios.coverage import Coverage, Gap
from axonwatch.simulate.scenarios.report import coverage_lines

HEARTBEAT = 'orchestrator: [{every: 1m, message: "Policy engine health"}]'
REFUSED = 'agent: [{at: 2m, every: 20s, message: ":5432: connect: connection refused"}]'


def coverage(*texts: str, folder: Path) -> Coverage:
    found = Coverage(suite().alarms)
    for text in texts:
        found.add(run_text(text, folder))
    return found


def gaps_of(found: Coverage, alarm: str) -> list[str]:
    return [str(gap) for gap in found.gaps() if gap.alarm == PREFIX + alarm]


def test_nothing_is_covered_by_no_test(tmp_path: Path) -> None:
    found = coverage(folder=tmp_path)
    assert gaps_of(found, "database-cpu-high") == [
        "never reached ALARM",
        "never stayed out of ALARM",
    ]
    assert gaps_of(found, "database-incident")[2:] == [
        f'ALARM("{PREFIX}database-refused") never decided',
        f'ALARM("{PREFIX}database-heartbeat-lost") never decided',
    ]
    assert found.percent == 0
    assert found.points == (0, 2 * 10 + 3)


def test_an_alarm_that_fires_and_is_quiet_before_has_been_both(tmp_path: Path) -> None:
    found = coverage("series: {CPUUtilization: 50x9 95x19}\nend: 25m", folder=tmp_path)
    assert gaps_of(found, "database-cpu-high") == []


def test_an_alarm_in_alarm_from_the_start_was_never_quiet(tmp_path: Path) -> None:
    found = coverage("series: {CPUUtilization: 95x19}\ninitial: ALARM", folder=tmp_path)
    assert gaps_of(found, "database-cpu-high") == ["never stayed out of ALARM"]


def test_an_alarm_without_input_has_not_been_seen_quiet(tmp_path: Path) -> None:
    found = coverage("series: {CPUUtilization: 50x9}", folder=tmp_path)
    assert "never stayed out of ALARM" in gaps_of(found, "database-connections-high")


def test_a_branch_decides_when_it_alone_holds_the_composite_in_alarm(tmp_path: Path) -> None:
    one = f"logs: {{{HEARTBEAT}, {REFUSED}}}\nend: 9m"
    other = "logs: {orchestrator: []}\nend: 9m"
    assert gaps_of(coverage(one, folder=tmp_path), "database-incident") == [
        f'ALARM("{PREFIX}database-heartbeat-lost") never decided'
    ]
    assert gaps_of(coverage(one, other, folder=tmp_path), "database-incident") == []


def test_branches_that_hold_it_together_have_not_decided(tmp_path: Path) -> None:
    """The lost heartbeat comes first and decides; the refusals join it, and never do."""
    both = f"logs: {{orchestrator: [], {REFUSED}}}\nend: 9m"
    said = gaps_of(coverage(both, folder=tmp_path), "database-incident")
    assert said[-1:] == [f'ALARM("{PREFIX}database-refused") never decided']


def test_coverage_of_workers_is_merged(tmp_path: Path) -> None:
    one = coverage("series: {CPUUtilization: 50x9}", folder=tmp_path)
    other = coverage("series: {CPUUtilization: 95x19}\ninitial: ALARM", folder=tmp_path)
    other.add(run_text("logs: {orchestrator: []}\nend: 9m", tmp_path))
    one.merge(pickle.loads(pickle.dumps(other)))  # noqa: S301 - our own
    assert gaps_of(one, "database-cpu-high") == []
    assert len(gaps_of(one, "database-incident")) == 2  # never quiet, and refused never decided


def test_not_at_least_and_nested_rules_have_branches() -> None:
    rule = 'AT_LEAST(2, ALARM, (a, b, c)) AND NOT (OK(a) OR FALSE) AND (OK(a) OR INSUFFICIENT_DATA("b"))'
    composite = CompositeAlarm(name="all", rule=rule, actions=Actions())
    children = [
        CompositeAlarm(name=name, rule="FALSE", actions=Actions()) for name in ("a", "b", "c")
    ]
    branches = [gap.branch for gap in Coverage([*children, composite]).gaps() if gap.branch]
    assert branches == ["AT_LEAST(2, ALARM, (a, b, c))", "OK(a)", 'INSUFFICIENT_DATA("b")']


def test_the_lines_for_people_use_short_names(tmp_path: Path) -> None:
    lines = coverage_lines(coverage(folder=tmp_path), addresses().short)
    assert lines[0] == (
        "coverage 0 % (0 of 23: each alarm fired, each stayed quiet, "
        "each branch of a composite decided)"
    )
    assert lines[-1] == "  +11 more; see --json or a report"
    everything = coverage_lines(coverage(folder=tmp_path), addresses().short, shown=99)
    assert "  database/incident ALARM(database/refused) never decided" in everything


def test_nothing_to_cover_is_covered() -> None:
    assert Coverage(()).percent == 100
    assert str(Gap("a", "never decided", "ALARM(b)")) == "ALARM(b) never decided"
