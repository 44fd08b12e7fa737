"""Every case of tests/cases/insights, through the engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.query.cases import (
    MALFORMED,
    Case,
    assert_rows,
    documented_cases,
    own_cases,
    write_groups,
)

from axonwatch.query import engine
from axonwatch.query.engine import run_query
from axonwatch.query.events import LogGroup
from axonwatch.syntax.text import SyntaxFault

CASES = [*documented_cases(), *own_cases()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_query_gives_the_rows_that_its_case_says(case: Case, tmp_path: Path) -> None:
    groups = [LogGroup(name, (str(path),)) for name, path in write_groups(case, tmp_path)]
    if case.error:
        with pytest.raises(SyntaxFault) as caught:
            run_query(case.query, groups, **case.options)
        assert case.error in {MALFORMED, caught.value.code}, caught.value.title
        return
    result = run_query(case.query, groups, **case.options)
    assert_rows(case, result.columns, result.rows)
    if case.warnings is not None:
        assert [fault.code for fault in result.warnings] == list(case.warnings)


def _run_as_large(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As plans for large inputs: counted by the profile, cut in two readings, looked into first."""
    monkeypatch.setattr(engine, "LARGE_BYTES", -1)
    groups = [LogGroup(name, (str(path),)) for name, path in write_groups(case, folder)]
    if case.error:
        with pytest.raises(SyntaxFault):
            run_query(case.query, groups, **case.options)
        return
    result = run_query(case.query, groups, **case.options)
    assert_rows(case, result.columns, result.rows)


@pytest.mark.parametrize("case", documented_cases(), ids=lambda case: case.name)
def test_documented_cases_as_of_large_inputs(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run_as_large(case, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("case", own_cases(), ids=lambda case: case.name)
def test_own_cases_as_of_large_inputs(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run_as_large(case, tmp_path, monkeypatch)


def test_names_of_cases_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)
