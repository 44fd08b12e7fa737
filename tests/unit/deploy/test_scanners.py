"""Every finding of a security scanner has its reason in one table, and every reason a finding.

checkov runs in `make scan` alone: it needs an environment of its own.
"""

from __future__ import annotations

import re

import pytest
from tests.scan import SUBJECTS, Finding, acknowledges, cfn_lint, nag, write
from tests.unit.deploy.test_reference_seed import LINES

from axonwatch.deploy.acknowledged import COMPANION, HARDENED, PACKS, REFERENCE

MAX_HARDENED = 4
MAX_OF_COMPANION = 2
# Two wildcards of one role, and two queues under two rules.
MAX_FINDINGS_OF_COMPANION = 6


@pytest.fixture(scope="module", params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def findings(subject: str, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    return [*nag(subject), *cfn_lint(write(subject, tmp_path_factory.mktemp(subject)))]


def test_every_finding_has_a_reason(subject: str, findings: list[Finding]) -> None:
    rows = SUBJECTS[subject]
    assert [one for one in findings if not any(acknowledges(row, one) for row in rows)] == []


def test_every_reason_has_a_finding(subject: str, findings: list[Finding]) -> None:
    stale = [
        (row.rule, row.resource, pack)
        for row in SUBJECTS[subject]
        for pack in row.packs
        if pack != "checkov"
        and not any(one.pack == pack and acknowledges(row, one) for one in findings)
    ]
    assert stale == []


def test_hardening_leaves_four_findings(subject: str, findings: list[Finding]) -> None:
    if subject == "hardened":
        assert len(findings) <= MAX_HARDENED


def test_the_companion_has_two_things_to_acknowledge() -> None:
    assert len({row.because for row in COMPANION}) == MAX_OF_COMPANION


def test_the_companion_has_few_findings(subject: str, findings: list[Finding]) -> None:
    if subject == "companion":
        assert len(findings) <= MAX_FINDINGS_OF_COMPANION


def test_each_reason_of_the_reference_is_a_sentence_of_the_seed() -> None:
    sentences = {line["seed"] for _, line in LINES}
    strays = [
        row.because
        for row in (*REFERENCE, *HARDENED)
        if row.because not in sentences
        and not re.fullmatch(r"the page lists the load balancer's features, and .*", row.because)
    ]
    assert strays == []


def test_the_table_names_packs_that_exist() -> None:
    known = {*PACKS, "checkov", "cfn-lint"}
    assert {pack for rows in SUBJECTS.values() for row in rows for pack in row.packs} <= known
