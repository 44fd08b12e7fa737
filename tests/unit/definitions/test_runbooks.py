"""One runbook an alarm, in one form; every query, dashboard, alarm, page and command in it exists."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from axonwatch.cli.main import COMMANDS
from axonwatch.model.companion import Companion

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "runbooks").glob("*.md"))
SECTIONS = [
    "Meaning",
    "Impact",
    "Is it real?",
    "Look-alikes",
    "Look at",
    "Do",
    "Escalate",
    "When it is a false alarm",
]
OPTIONAL = "Can it be forged?"
KEPT_DAYS = 365
AWS_TOP = {"query", "output", "region", "profile"}
# Operations that the AWS CLI has and the API does not.
AWS_OWN = {("logs", "tail"), ("ecs", "execute-command")}
ids = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[str]:
    return [
        "\n".join(line.removeprefix("   ") for line in block.splitlines())
        for block in re.findall(r"^ *```bash\n(.*?)^ *```$", text(page), re.MULTILINE | re.DOTALL)
    ]


def test_an_alarm_has_its_page_and_a_page_its_alarm(companion: Companion) -> None:
    named = {
        alarm.about.runbook: alarm.name.removeprefix("axonflow-prod-")
        for alarm in companion.alarms
        if alarm.about
    }
    assert len(named) == len(companion.alarms)
    assert set(named) == {f"runbooks/{page.name}" for page in PAGES}
    assert [path for path, name in named.items() if path != f"runbooks/{name}.md"] == []


@ids
def test_a_page_has_every_section_in_order(page: Path) -> None:
    found = re.findall(r"^## (.+)$", text(page), re.MULTILINE)
    assert [one for one in found if one != OPTIONAL] == SECTIONS
    assert text(page).startswith(f"# {page.stem}\n")
    empty = re.findall(r"^## (.+)\n+(?=## |\Z)", text(page), re.MULTILINE)
    assert empty == []


@ids
def test_a_page_was_read_within_a_year(page: Path) -> None:
    date = re.search(r"^Reviewed: (\d{4}-\d{2}-\d{2})$", text(page), re.MULTILINE)
    assert date is not None
    age = dt.datetime.now(tz=dt.UTC).date() - dt.date.fromisoformat(date[1])
    assert age.days <= KEPT_DAYS


@ids
def test_no_page_puts_off_its_reader(page: Path) -> None:
    assert re.search(r"\bTODO\b|\bTBD\b|talk with developers", text(page), re.IGNORECASE) is None


@ids
def test_what_a_page_names_exists(page: Path, companion: Companion) -> None:
    body = text(page)
    queries = {path.stem for path in (ROOT / "log_insights").glob("*.yaml")}
    dashboards = {path.stem for path in (ROOT / "dashboards").glob("*.yaml")}
    alarms = {alarm.name for alarm in companion.alarms}
    keys = {f"{a.about.component}/{a.about.key}" for a in companion.alarms if a.about}
    assert set(re.findall(r"axonwatch query ([a-z-]+)", body)) <= queries
    assert set(re.findall(r"dashboards? `([a-z_]+)`", body)) <= dashboards
    assert set(re.findall(r"runbooks/[a-z0-9-]+\.md", body)) <= {
        f"runbooks/{path.name}" for path in PAGES
    }
    parts = "agent|orchestrator|load_balancer|database|service|paging"
    # service/<cluster>/<service> is the id of a scalable target, /ecs/<stack>/agent a log group
    named = re.findall(rf"(?<![\w/])(?:{parts})/(?!axonflow-prod-)[a-z][a-z0-9-]*[a-z0-9]\b", body)
    assert set(named) <= keys
    assert set(re.findall(r"\baxonwatch why ([a-z0-9-]+)", body)) <= alarms
    assert set(re.findall(r"\baxonwatch ([a-z][a-z-]+)", body)) <= set(COMMANDS)


@ids
def test_a_pages_commands_parse(page: Path) -> None:
    for block in blocks(page):
        done = subprocess.run(
            ["bash", "-n"], input=block, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{block}\n{done.stderr}"


@cache
def client_shape(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


def aws_calls(block: str) -> list[list[str]]:
    """Every `aws` command of a block, also those inside `$( )`, as words."""
    flat = block.replace("\\\n", " ")
    flat = re.sub(r"\s#[^\n]*", "", flat)
    return [
        shlex.split(match.replace('\\"', "'"), posix=True)
        for match in re.findall(r"\baws ((?:[^|\n;()\"']|\"[^\"$]*\"|\"\$\w+\"|'[^']*')+)", flat)
    ]


@ids
def test_a_pages_aws_commands_exist_with_their_options(page: Path) -> None:
    for block in blocks(page):
        for words in aws_calls(block):
            service, operation, *rest = words
            if (service, operation) in AWS_OWN:
                continue
            model = client_shape(service)
            name = "".join(part.capitalize() for part in operation.split("-"))
            known = {one.lower(): one for one in model.operation_names}
            assert name.lower() in known, words
            shape = model.operation_model(known[name.lower()]).input_shape
            members = {one.lower() for one in (shape.members if shape else {})}
            options = {
                word[2:].replace("-", "") for word in rest if re.fullmatch(r"--[a-z][a-z-]*", word)
            } - AWS_TOP
            negated = {one.removeprefix("no") for one in options}
            assert {
                one for one in negated if one not in members and f"no{one}" not in members
            } == set(), words


def test_the_calls_are_really_found() -> None:
    found = [words[:2] for page in PAGES for block in blocks(page) for words in aws_calls(block)]
    assert len(found) > 100
    assert ["rds", "describe-db-instances"] in found
    assert ["elbv2", "describe-target-groups"] in found


@pytest.mark.parametrize("group", ["agent", "orchestrator"])
def test_a_page_about_the_log_says_whether_it_can_be_forged(
    companion: Companion, group: str
) -> None:
    """Whoever reaches the load balancer can write lines into the agents' log."""
    filters = {
        one.metric for one in companion.metric_filters if one.log_group.endswith(f"/{group}")
    }
    silent = []
    for alarm in companion.metric_alarms:
        read = {
            stat.metric.name
            for stat in (alarm.stat, *(query.stat for query in alarm.queries))
            if stat
        }
        assert alarm.about
        if read & filters and OPTIONAL not in text(ROOT / alarm.about.runbook):
            silent.append(alarm.name)
    assert silent == []
