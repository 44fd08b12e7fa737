"""The fifteen saved queries give what a plain count of the same events gives."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.unit.log_insights import oracle
from tests.unit.log_insights.judge import JUDGES, Row, ask, ask_command
from tests.unit.log_insights.made import INCIDENTS, SHAPES, Made

EXCERPTS = Path(__file__).parents[2] / "data" / "axonflow"
RUNS = sorted(folder.name for folder in EXCERPTS.iterdir())
SHARED = os.environ.get("AXONWATCH_SHARED")
needs_shared = pytest.mark.skipif(
    SHARED is None, reason="AXONWATCH_SHARED names no folder with recorded runs"
)


def read(file: Path) -> list[oracle.Event]:
    data = file.read_bytes()
    text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    return [json.loads(line) for line in text.split("\n") if line]


@cache
def expected(agent: Path, orchestrator: Path) -> dict[str, oracle.Answer]:
    return oracle.answers(read(agent), read(orchestrator))


def files_of(folder: Path) -> tuple[Path, Path]:
    return folder / "agent.jsonl.gz", folder / "orchestrator.jsonl.gz"


def hold(name: str, agent: Path, orchestrator: Path, by: Callable[..., list[Row]] = ask) -> None:
    JUDGES[name](by(name, agent, orchestrator), expected(agent, orchestrator)[name])


def test_there_are_fifteen() -> None:
    folder = Path(__file__).parents[3] / "log_insights"
    assert {file.stem for file in folder.glob("*.yaml")} >= set(JUDGES)
    assert len(JUDGES) == 15


@pytest.mark.parametrize("name", JUDGES)
@pytest.mark.parametrize("run", RUNS)
def test_an_excerpt_of_a_recorded_run(run: str, name: str) -> None:
    hold(name, *files_of(EXCERPTS / run))


@pytest.mark.parametrize("name", JUDGES)
def test_by_the_command_line(name: str) -> None:
    hold(name, *files_of(EXCERPTS / "llm-provider-outage"), by=ask_command)


@pytest.mark.parametrize("incident", INCIDENTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_made_logs_of_both_shapes(tmp_path: Path, shape: str, incident: str) -> None:
    agent, orchestrator = Made(shape, incident, seed=1, requests=150).write(tmp_path)
    for name in JUDGES:
        hold(name, agent, orchestrator)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 7))
@pytest.mark.parametrize("incident", INCIDENTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_made_logs_of_more_seeds(tmp_path: Path, shape: str, incident: str, seed: int) -> None:
    agent, orchestrator = Made(shape, incident, seed, requests=2000).write(tmp_path)
    for name in JUDGES:
        hold(name, agent, orchestrator)


@pytest.mark.slow
@needs_shared
@pytest.mark.parametrize("run", RUNS)
def test_a_whole_recorded_run(run: str) -> None:
    for name in JUDGES:
        hold(name, *files_of(Path(str(SHARED)) / "data" / "axonflow" / run), by=ask_command)


@pytest.mark.slow
@needs_shared
@pytest.mark.parametrize("run", RUNS)
def test_packed_and_unpacked_files_answer_alike(tmp_path: Path, run: str) -> None:
    agent, orchestrator = files_of(Path(str(SHARED)) / "data" / "axonflow" / run)
    plain = {}
    for file in (agent, orchestrator):
        plain[file] = tmp_path / file.stem
        plain[file].write_bytes(gzip.decompress(file.read_bytes()))
    for name in JUDGES:
        packed = ask(name, agent, orchestrator)
        assert packed == ask(name, plain[agent], plain[orchestrator])
