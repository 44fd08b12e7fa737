"""What we deploy is what we tested: definitions and synthesized templates evaluate alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from axonwatch.cli.engines import open_logs, read_log, read_table
from axonwatch.cli.main import main
from axonwatch.cli.subjects import Subjects, find_subjects
from axonwatch.model.alarms import CompositeAlarm
from axonwatch.simulate.scenarios.context import Doors
from axonwatch.simulate.scenarios.reader import find_scenarios, read_scenario
from axonwatch.simulate.scenarios.runner import run_test

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert main(["synth", "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def both(templates: Path) -> tuple[Subjects, Subjects]:
    stack_file = ROOT / "stack.yaml"
    return (
        find_subjects(stack_file, None, None),
        find_subjects(stack_file, templates, None),
    )


def test_the_same_alarms_filters_and_mute_rules(both: tuple[Subjects, Subjects]) -> None:
    ours, deployed = both
    assert {one.name for one in ours.alarms} == {one.name for one in deployed.alarms}
    assert {(one.log_group, one.pattern, one.metric, one.default) for one in ours.filters} == {
        (one.log_group, one.pattern, one.metric, one.default) for one in deployed.filters
    }
    assert {one.name for one in ours.mute_rules} == {one.name for one in deployed.mute_rules}


def test_the_templates_are_as_clean_as_the_definitions(
    templates: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ignores go with the resources, and each template is clean by itself, too."""
    monkeypatch.chdir(ROOT)
    files = sorted(templates.iterdir())
    assert len(files) == 6
    assert "axonwatch: ignore[" in (ROOT / "alarms" / "orchestrator.yaml").read_text()
    for chosen in (files, *([one] for one in files)):
        words = [word for file in chosen for word in ("--template", str(file))]
        assert main(["check", *words, "--format", "json"]) == 0, capsys.readouterr().out


def test_the_same_topics(both: tuple[Subjects, Subjects]) -> None:
    def told(subjects: Subjects) -> Mapping[str, object]:
        severities = subjects.severities()
        return {
            alarm.name: [severities[arn] for arn in alarm.actions.alarm]
            for alarm in subjects.alarms
        }

    assert told(both[0]) == told(both[1])


def test_the_same_rules(both: tuple[Subjects, Subjects]) -> None:
    def rules(subjects: Subjects) -> Mapping[str, object]:
        return {
            alarm.name: (alarm.rule, alarm.suppressor)
            for alarm in subjects.alarms
            if isinstance(alarm, CompositeAlarm)
        }

    assert rules(both[0]) == rules(both[1])


@pytest.mark.parametrize("path", find_scenarios([ROOT / "scenarios"]), ids=lambda path: path.stem)
def test_the_same_states_and_messages(path: Path, both: tuple[Subjects, Subjects]) -> None:
    ours = both[0]
    file = read_scenario(
        path, root=ROOT, addresses=ours.addresses(), doors=Doors(read_log, read_table)
    )
    assert file.findings == ()
    suites = [subjects.suite(open_logs) for subjects in both]
    for test in file.tests:
        one, other = (run_test(test, suite) for suite in suites)
        assert (one.refused, other.refused) == ("", "")
        assert one.timeline is not None
        assert other.timeline is not None
        assert one.selection is not None
        for alarm in one.selection.evaluated:
            states = [(e.time, e.state) for e in one.timeline.transitions(alarm.name)]
            assert states == [(e.time, e.state) for e in other.timeline.transitions(alarm.name)]
        sent, also = (
            sorted((a.time, a.alarm.name, a.state, len(a.targets)) for a in t.actions)
            for t in (one.timeline, other.timeline)
        )
        assert sent == also
