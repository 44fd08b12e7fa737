"""Documentation that cannot lie: every command is listed, every console block runs."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from axonwatch.cli.examples import EXAMPLES
from axonwatch.cli.main import COMMANDS, cli, main

ROOT = Path(__file__).parents[1]
PAGES = [
    "README.md",
    "docs/getting-started.md",
    "docs/on-call.md",
    "docs/scenarios.md",
    "docs/replay.md",
]
# Commands of the account: in the pages they run against it, here against the embedded one.
LIVE = {"init", "deploy", "diff"}
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def command_of(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_and_the_command_say_what_it_does_in_one_sentence(name: str) -> None:
    assert COMMANDS[name][2].rstrip("?").endswith((".", "series"))
    assert (command_of(name).help or "").strip()


@pytest.mark.parametrize(("name", "line"), [(n, line) for n in COMMANDS for line in EXAMPLES[n]])
def test_an_example_uses_options_that_exist(name: str, line: str) -> None:
    words = shlex.split(line.partition(" > ")[0])
    assert words[:2] == ["axonwatch", name]
    command = command_of(name)
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        context = click.Context(command.commands[words.pop(2)], info_name=words[1])
    context.command.make_parser(context).parse_args(words[2:])


def test_help_ends_with_the_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mute", "--help"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("axonwatch mute --list")


def test_every_command_module_is_listed() -> None:
    listed = {module for module, _, _ in COMMANDS.values()}
    with_commands = {
        path.stem
        for path in (ROOT / "src/axonwatch/cli").glob("*.py")
        if "\n@click.command(" in path.read_text(encoding="utf-8")
    }
    assert with_commands == listed


def test_the_readme_names_every_command_for_people() -> None:
    guides = "".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    quiet = {"completion", "policy", "synth", "destroy", "unmute", "demo"}
    missing = [n for n in COMMANDS if f"axonwatch {n}" not in guides and n not in quiet]
    assert missing == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        prose = re.sub(
            r"^(?: {4}|```).*?$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        for target in re.findall(r"\]\(([^)#\s{]+)[^)]*\)", prose):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page}: {target}"


@pytest.mark.parametrize("page", PAGES)
def test_yaml_blocks_are_valid_stack_files(page: str, tmp_path: Path) -> None:
    from axonwatch.catalog.load import load_companion
    from axonwatch.catalog.project import find_project

    for block in YAML.findall((ROOT / page).read_text(encoding="utf-8")):
        assert yaml.safe_load(block)
        (tmp_path / "stack.yaml").write_text(block, encoding="utf-8")
        shutil.copy(ROOT / "inventory.json", tmp_path)
        loaded = load_companion(find_project(stack_file=tmp_path / "stack.yaml"))
        assert loaded.valid().alarms


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    """An embedded AWS with the reference main stack in it."""
    from axonwatch.cli.demo import SCALING, STACK
    from axonwatch.deploy.reference.stack import ReferenceOptions
    from axonwatch.deploy.synthesis import synthesize_reference
    from axonwatch.live.clients import Target, connect
    from axonwatch.live.embedded import (
        add_what_moto_left_out,
        create_main_stack,
        embedded_aws,
        lay_ground,
    )

    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_ACCESS_KEY_ID", "testing")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with embedded_aws() as (endpoint, _):
        aws = connect(Target("us-east-1", None, endpoint))
        body = synthesize_reference(ReferenceOptions(STACK)).body
        create_main_stack(aws, STACK, body, lay_ground(aws, STACK))
        add_what_moto_left_out(aws, f"{STACK}-cluster", SCALING)
        yield endpoint
    patch.undo()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """The repository's definitions in a folder of their own, so that blocks may write."""
    for name in ("alarms", "dashboards", "log_insights", "runbooks", "scenarios", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("stack.yaml", "inventory.json"):
        shutil.copy(ROOT / name, tmp_path)
    with contextlib.chdir(tmp_path):
        yield tmp_path


def steps_of(block: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each command of a block with the lines that it must print; `...` stands for any."""
    words: list[str] = []
    expected: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            if words:
                yield words, expected
            words, expected = shlex.split(line[2:]), []
        else:
            expected.append(line)
    if words:
        yield words, expected


@pytest.mark.parametrize("page", PAGES)
def test_console_blocks_run_and_print_what_they_show(
    page: str, project: Path, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del project
    blocks = CONSOLE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        for words, expected in steps_of(block):
            assert words[0] == "axonwatch"
            code = main(_for_the_test(words[1:], account))
            printed = capsys.readouterr()
            assert code in {0, 1}, printed.err
            shown = [line.rstrip() for line in (printed.out + printed.err).splitlines()]
            _assert_shown([line.rstrip() for line in expected], shown)


def _for_the_test(words: list[str], endpoint: str) -> list[str]:
    if words[0] == "init":
        # moto keeps no CPU size of a task definition.
        sizes = [f"--set={s}.cpu_units=1024" for s in ("agent", "orchestrator")]
        return [*words, *sizes, "--region", "us-east-1", "--endpoint-url", endpoint]
    if words[0] in LIVE:
        yes = ["--yes"] if words[0] == "deploy" and "--yes" not in words else []
        return [*words, *yes, "--endpoint-url", endpoint]
    return words


def _assert_shown(expected: list[str], shown: list[str]) -> None:
    """The expected lines are there, in order; without `...` nothing else is."""
    if "..." not in expected:
        assert shown == expected
        return
    at = 0
    for line in (line for line in expected if line != "..."):
        assert line in shown[at:], f"{line!r} is not printed"
        at = shown.index(line, at) + 1
