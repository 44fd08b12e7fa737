"""Each line of the seed is fulfilled by a property of the reference template."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.goldens import assert_golden

ROOT = Path(__file__).parents[3]
SEED = ROOT.parent / "shared" / "seed" / "infrastructure-details.txt"
TABLE = yaml.safe_load((ROOT / "tests/cases/seed/main_stack.yaml").read_text())
LINES = [(part["section"], line) for part in TABLE for line in part["lines"]]
# Headings and sentences of the page: nothing to build.
HEADINGS = re.compile(
    r"[A-Z][A-Za-z -]*:"
    "|(This page provides|The AxonFlow CloudFormation|After deployment,).*"
    "|Skip to main content|Infrastructure Details|CloudFormation Resources"
    "|Networking Components|Security Groups|Compute Resources|ECS Services|Database Layer"
    "|IAM Roles and Policies|Secrets Management|Monitoring and Logging"
    "|SSL/TLS Configuration|OutputDescriptionExample|Next Steps"
)


def find(template: dict[str, Any], path: str) -> Any:
    """The value at a path of the table, or None."""
    steps = path.split("/")
    value: Any = template
    if steps[0] not in {"Resources", "Parameters", "Outputs"}:
        value = template["Resources"][steps.pop(0)]["Properties"]
    for step in steps:
        picked = re.fullmatch(r"\[(\w+)=(.+)\]", step)
        if picked:
            value = next((item for item in value if item[picked[1]] == picked[2]), None)
        elif isinstance(value, list):
            value = value[int(step)]
        else:
            value = value.get(step)
        if value is None:
            return None
    return value


def fulfils(value: Any, line: dict[str, Any]) -> bool:
    """Whether a value is what the line wants."""
    if "absent" in line:
        return value is None
    if "is" in line:
        return bool(value == line["is"]) and type(value) is type(line["is"])
    if "starts" in line:
        return str(value).startswith(line["starts"])
    if "contains" in line:
        return str(line["contains"]) in value
    if "json" in line:
        return bool(list(json.loads(value)) == line["json"])
    if isinstance(value, dict):
        return _within(line["has"], value)
    return len(value) == line["count"] and any(_within(line["has"], item) for item in value)


def _within(wanted: dict[str, Any], item: dict[str, Any]) -> bool:
    return all(item.get(name) == value for name, value in wanted.items())


@pytest.mark.parametrize(
    "line",
    [pytest.param(line, id=f"{section}: {line['seed']}") for section, line in LINES],
)
def test_the_template_fulfils_the_line(line: dict[str, Any], reference: dict[str, Any]) -> None:
    if "because" in line:
        assert line["because"]
        return
    value = find(reference, line["at"])
    assert fulfils(value, line), f"{line['at']} is {json.dumps(value)}"


def test_no_line_of_the_page_is_left_out() -> None:
    if not SEED.is_file():
        pytest.skip("the seed's page is not beside this checkout (2026-11-24)")
    text = SEED.read_text().partition("Cost Estimate")
    outputs = text[2].partition("Stack Outputs")[2]
    page = [line.strip().removeprefix("•").strip() for line in (text[0] + outputs).splitlines()]
    mapped = {line["seed"] for _, line in LINES} | {part["section"] for part in TABLE}
    left = [line for line in page if line and line not in mapped and not HEADINGS.fullmatch(line)]
    assert left == []


def test_every_line_of_the_table_is_on_the_page() -> None:
    if not SEED.is_file():
        pytest.skip("the seed's page is not beside this checkout (2026-11-24)")
    page = {line.strip().removeprefix("•").strip() for line in SEED.read_text().splitlines()}
    assert [line["seed"] for _, line in LINES if line["seed"] not in page] == []


NAMES = {
    "Name",
    "GroupName",
    "ClusterName",
    "ServiceName",
    "RoleName",
    "DBInstanceIdentifier",
    "LogGroupName",
}


def test_every_name_begins_with_the_stacks(reference: dict[str, Any]) -> None:
    defaults = {name: p.get("Default") for name, p in reference["Parameters"].items()}
    names = [
        value if isinstance(value, str) else defaults[value["Ref"]]
        for resource in reference["Resources"].values()
        for key, value in resource["Properties"].items()
        if key in NAMES
    ]
    assert len(names) > 15
    assert [n for n in names if not n.removeprefix("/ecs/").startswith("axonflow-prod")] == []


def test_the_whole_reference_is_as_it_was(reference: dict[str, Any]) -> None:
    text = json.dumps(reference, indent=2, ensure_ascii=False)
    assert_golden("deploy/reference.json", text + "\n")


def test_the_whole_hardened_reference_is_as_it_was(hardened: dict[str, Any]) -> None:
    text = json.dumps(hardened, indent=2, ensure_ascii=False)
    assert_golden("deploy/reference-hardened.json", text + "\n")


def test_the_secret_is_valid_json_with_any_password_that_the_parameter_takes(
    reference: dict[str, Any],
) -> None:
    pattern = reference["Parameters"]["DBPassword"]["AllowedPattern"]
    text = reference["Resources"]["DatabaseSecret"]["Properties"]["SecretString"]["Fn::Sub"][0]
    allowed = [chr(code) for code in range(32, 127) if re.fullmatch(pattern, chr(code) * 8)]
    password = "".join(allowed)
    filled = text.replace("${Password}", password).replace("${Host}", "db.example")
    assert json.loads(filled)["password"] == password
