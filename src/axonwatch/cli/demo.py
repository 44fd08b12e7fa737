"""`axonwatch demo`: the main job from end to end, on a real incident, against an embedded AWS.

Every step is the very command that a user would type, run in this process; only the account is
ours (moto on a loopback port, with the reference main stack in it).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.output import console, note, progress
from axonwatch.errors import CouldNotRun

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from axonwatch.live.clients import Aws

STACK = "axonflow-prod"
REGION = "us-east-1"
# moto keeps no CPU size of a task definition; the seed says 1 vCPU.
BY_HAND = ("agent.cpu_units=1024", "orchestrator.cpu_units=1024")
SCALING = {f"{STACK}-agent-service": (5, 50), f"{STACK}-orchestrator-service": (10, 50)}
QUERIES = ("database-symptoms", "agent-outcomes", "policy-freshness", "audit-loss")
CPU_SERIES = "rds_cpu_utilization_e47b3b.csv"


@dataclass
class Stage:
    """The screen of the demo: a headline a step, and one bar over all steps."""

    bar: Progress
    task: TaskID
    number: int = 0

    def step(self, headline: str) -> None:
        """Begin a step."""
        self.number += 1
        self.bar.update(self.task, completed=self.number - 1, description=headline)
        out = console()
        out.print()
        out.print(f"{self.number}. {headline}", style="bold")

    def run(self, *words: str, may_find: bool = False) -> None:
        """Run one command line, shown before. Raises CouldNotRun if it does not succeed."""
        from axonwatch.cli.main import main

        console().print("$ axonwatch " + " ".join(_quoted(word) for word in words), style="cyan")
        sys.stdout.flush()
        code = main(list(words))
        sys.stdout.flush()
        if code > (1 if may_find else 0):
            raise CouldNotRun(
                f"the demo's step {self.number} failed: axonwatch {words[0]} ended with {code}"
            )


STEPS = 9
MARKER = ".axonwatch-demo"


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-out"),
    show_default=True,
    metavar="DIR",
    help="Where inventory, templates, dashboards and the report go.",
)
def demo(out: Path) -> int:
    """Run the main job on a real incident, against an embedded AWS.

    Creates the reference main stack, discovers it, checks, synthesizes and deploys its companion,
    then replays a recorded database outage through alarms and saved queries. No AWS account, no
    questions, under a minute.
    """
    from axonwatch.live.embedded import embedded_aws

    begun = time.monotonic()
    recordings = _recordings()
    # Only what an earlier demo made is taken away: a project of the user's has an inventory too.
    if out.exists() and any(out.iterdir()):
        if not (out / MARKER).exists():
            raise CouldNotRun(f"`{out}` holds other files", help="name an empty folder with --out")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).touch()
    with (
        _own_environment(),
        embedded_aws() as (endpoint, not_made),
        progress() as bar,
    ):
        stage = Stage(bar, bar.add_task("starting", total=STEPS))
        aws = _create_main_stack(stage, endpoint, out)
        account = ("--region", REGION, "--endpoint-url", endpoint)
        stack_file = ("--stack-file", str(out / "stack.yaml"))

        stage.step("Discover the main stack")
        given = [word for value in BY_HAND for word in ("--set", value)]
        stage.run("init", "--stack", STACK, "--out", str(out), *given, *account)
        _subscribe(out / "stack.yaml")
        stage.step("Check the definitions against it")
        stage.run("check", *stack_file, may_find=True)
        stage.step("Synthesize the companion")
        stage.run("synth", "--out", str(out / "templates"), *stack_file)
        stage.step("Deploy the companion through change sets")
        stage.run("deploy", "--yes", *stack_file, *account)
        dashboards = _fetch_dashboards(aws, out / "dashboard-bodies")
        note(
            "the embedded AWS takes these kinds and makes nothing of them, so they stand proved by "
            f"the template's tests alone: {', '.join(sorted(not_made.kinds))}"
        )

        logs = _logs(recordings)
        stage.step("Replay a real incident: PostgreSQL stops for 123 s, then hangs for 50 s")
        note("1,504 answers of 2XX and not one 5XX: the load balancer sees nothing")
        series = _series_of_this_stack(recordings / "db-outage" / "alb.json", out)
        stage.run("replay", *logs, "--series", str(series), *stack_file)
        stage.step("Ask what happened: saved queries over the same logs")
        for query in QUERIES:
            stage.run("query", query, *logs, *stack_file)
        stage.step("Two real weeks of a database's CPU, as CloudWatch recorded them")
        picture = out / "database-cpu.svg"
        cpu = recordings / "cloudwatch"
        stage.run(
            "backtest",
            "database/cpu-high",
            *("--series", str(cpu / CPU_SERIES), "--metric", "database/CPUUtilization"),
            *("--windows", str(cpu / "windows.json"), "--try", "when=>= 60%"),
            *("--svg", str(picture), *stack_file),
        )
        stage.step("Draw the dashboards, alarms and pages of that incident")
        stage.run("preview", *logs, "--series", str(series), "--out", str(out), *stack_file)
        bar.update(stage.task, completed=STEPS)
    _tell_where(out, dashboards, picture, time.monotonic() - begun)
    return 0


@contextmanager
def _own_environment() -> Iterator[None]:
    """Credentials that no AWS knows, and none of the user's, for as long as the block runs."""
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in before:
        del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID="demo",
        AWS_SECRET_ACCESS_KEY="demo",  # noqa: S106 - a word that opens nothing
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    )
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(before)


def _recordings() -> Path:
    from axonwatch.catalog.project import packaged_root

    found = packaged_root() / "scenarios" / "recordings"
    if not found.is_dir():
        raise CouldNotRun("the recordings of the demo are not part of this installation")
    return found


def _create_main_stack(stage: Stage, endpoint: str, out: Path) -> Aws:
    from axonwatch.live.clients import Target, connect
    from axonwatch.live.embedded import add_what_moto_left_out, create_main_stack, lay_ground

    stage.step("Create the reference main stack in an embedded AWS")
    stage.run("reference", "--stack", STACK, "--out", str(out))
    aws = connect(Target(REGION, None, endpoint))
    body = (out / f"{STACK}.template.json").read_text(encoding="utf-8")
    count = create_main_stack(aws, STACK, body, lay_ground(aws, STACK))
    add_what_moto_left_out(aws, f"{STACK}-cluster", SCALING)
    click.echo(f"{STACK}: {count} resources stand at {endpoint}")
    return aws


def _subscribe(stack_file: Path) -> None:
    """Name who is told, as the user would in an editor."""
    from axonwatch.catalog.inventory import write_atomically

    text = stack_file.read_text(encoding="utf-8")
    for severity in ("page", "ticket"):
        head, mark, rest = text.partition(f"  {severity}:\n    subscribe: []")
        _, newline, tail = rest.partition("\n")
        told = f"  {severity}:\n    subscribe: [{{email: {severity}s@example.com}}]"
        text = f"{head}{told}{newline}{tail}"
        assert mark  # noqa: S101 - `init` wrote this file a moment ago
    write_atomically(stack_file, text)
    note("stack.yaml: pages@example.com is told of pages, tickets@example.com of tickets")


def _fetch_dashboards(aws: Aws, folder: Path) -> int:
    """The bodies of the deployed dashboards, as the account holds them."""
    import json

    from axonwatch.catalog.inventory import write_atomically

    folder.mkdir()
    names = [str(entry["DashboardName"]) for entry in _entries(aws)]
    for name in names:
        answer = aws.call("cloudwatch", "GetDashboard", DashboardName=name)
        body = json.dumps(json.loads(str(answer["DashboardBody"])), indent=2)
        write_atomically(folder / f"{name}.json", body + "\n")
    return len(names)


def _entries(aws: Aws) -> Sequence[dict[str, object]]:
    return list(aws.pages("cloudwatch", "ListDashboards", "DashboardEntries"))


def _logs(recordings: Path) -> tuple[str, ...]:
    return tuple(
        word
        for service in ("agent", "orchestrator")
        for word in (
            "--local",
            f"/ecs/{STACK}/{service}={recordings / 'db-outage' / f'{service}.jsonl.gz'}",
        )
    )


def _series_of_this_stack(recorded: Path, out: Path) -> Path:
    """The recorded load balancer's metrics, under the names that AWS gave to ours."""
    import json

    from axonwatch.catalog.inventory import read_inventory, write_atomically

    balancer = read_inventory(out / "inventory.json").load_balancer
    ours = {
        "LoadBalancer": balancer.full_name,
        "TargetGroup": balancer.target_group_full_name,
    }
    series = json.loads(recorded.read_text(encoding="utf-8"))
    for one in series:
        one["dimensions"] = {name: ours[name] for name in one["dimensions"]}
    path = out / "load-balancer-series.json"
    write_atomically(path, json.dumps(series))
    return path


def _tell_where(out: Path, dashboards: int, picture: Path, seconds: float) -> None:
    out_console = console()
    out_console.print()
    out_console.print(f"Done in {seconds:.0f} s. Look at:", style="bold")
    for what, where in (
        ("inventory and stack.yaml", str(out)),
        ("the main stack's template", str(out / f"{STACK}.template.json")),
        ("the companion's templates", str(out / "templates")),
        (f"{dashboards} dashboards' bodies", str(out / "dashboard-bodies")),
        ("the backtest's picture", str(picture)),
        ("the report: open in a browser", str(out / "preview.html")),
    ):
        out_console.print(f"  {what:<32} {where}")


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)
