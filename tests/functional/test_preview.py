"""`axonwatch preview`, whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from axonwatch.cli.main import main

ROOT = Path(__file__).parents[2]


def page_of(folder: Path) -> str:
    return (folder / "preview.html").read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, dict[str, object]]:
    block = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    found: dict[str, dict[str, object]] = json.loads(block[1])["charts"]
    return found


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("preview")
    assert main(["preview", "--out", str(folder)]) == 0
    return page_of(folder)


def test_the_recorded_outage_is_shown_without_any_option(outage: str) -> None:
    assert "axonflow-prod-on-call" in outage
    assert "ALARM: &#34;axonflow-prod-database-incident&#34; in US East (N. Virginia)" in outage


def test_the_page_is_the_text_that_arrives_and_its_runbook_is_beside_it(outage: str) -> None:
    assert "View this alarm in the AWS Management Console" in outage
    assert "<summary>Runbook</summary>" in outage


def test_charts_hold_the_data_of_the_recording(outage: str) -> None:
    charts = data_of(outage).values()
    assert sum(1 for chart in charts if chart["traces"]) > 20


def test_alarms_without_input_are_said_not_to_be_evaluated(outage: str) -> None:
    assert "alarms have no input in this data and are not evaluated" in outage


def test_recordings_are_shown_as_well(tmp_path: Path) -> None:
    recording = ROOT / "scenarios" / "recordings" / "db-outage"
    words = ["--local", f"agent={recording / 'agent.jsonl.gz'}", "--out", str(tmp_path)]
    assert main(["preview", *words]) == 0
    page = page_of(tmp_path)
    assert "recorded: agent.jsonl.gz" in page
    assert "axonflow-prod-on-call" in page
    assert "INSUFFICIENT_DATA -&gt; OK" not in page
    assert "OK, fired" in page
    cause = page.index('id="alarm-axonflow-prod-service-cause-known"')
    assert "#alarm-axonflow-prod-database-refused" in page[cause : page.index("</article>", cause)]


def test_a_test_that_the_scenario_lacks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = ROOT / "scenarios" / "rolling-deployment.yaml"
    words = ["--scenario", str(scenario), "--test", "nothing", "--out", str(tmp_path)]
    assert main(["preview", *words]) == 2
    assert "has no test `nothing`" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_scenario_and_recording_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    scenario = ROOT / "scenarios" / "rolling-deployment.yaml"
    assert main(["preview", "--scenario", str(scenario), "--local", "agent=x"]) == 2
    assert "a scenario, from recordings or" in capsys.readouterr().err
