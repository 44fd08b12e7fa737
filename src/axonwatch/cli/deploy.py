"""`axonwatch reference`, `synth`, `deploy`, `diff`, `destroy`: templates, and their way to AWS.

`deploy` makes the templates, `live.changeset` brings them to the account, one stack after another.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note, print_json, print_table
from axonwatch.cli.project import load_valid, stack_file_option
from axonwatch.cli.screen import Terminal
from axonwatch.errors import CouldNotRun, MissingExtra, UsageError

if TYPE_CHECKING:
    from types import ModuleType

    from axonwatch.deploy.synthesis import StackTemplate
    from axonwatch.live.clients import Aws
    from axonwatch.live.drafts import Body
    from axonwatch.model.companion import Companion

OUT = Path("cdk.out")
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_VERSION = re.compile(r"\d{2}(\.\d{1,2})?")


@click.command()
@click.option("--stack", default="axonflow-prod", show_default=True, metavar="NAME")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for NAME.template.json; without it the template goes to standard output.",
)
@click.option("--hardened", is_flag=True, help="Switch on what can be enabled post-deployment.")
@click.option("--engine-version", metavar="VERSION", help="PostgreSQL; the seed's is 15.4.")
def reference(*, stack: str, out: Path | None, hardened: bool, engine_version: str | None) -> int:
    """Synthesize the reference main stack of the seed.

    Deploy it like any template: it needs VpcId, PrivateSubnet1, PrivateSubnet2 and DBPassword, and
    CAPABILITY_NAMED_IAM.
    """
    if not _STACK_NAME.fullmatch(stack):
        raise UsageError(
            f"`{stack}` cannot be a stack's name",
            help="letters, digits and hyphens, a letter first, at most 128",
        )
    if engine_version is not None and not _VERSION.fullmatch(engine_version):
        raise UsageError(f"`{engine_version}` is not a version of PostgreSQL such as 15.4 or 16.8")
    synthesis = _synthesis()
    from axonwatch.deploy.reference.contradictions import contradictions
    from axonwatch.deploy.reference.parameters import SEED_ENGINE_VERSION
    from axonwatch.deploy.reference.stack import ReferenceOptions

    version = engine_version or SEED_ENGINE_VERSION
    options = ReferenceOptions(stack, version, hardened)
    template = synthesis.synthesize_reference(options)
    for contradiction in contradictions(stack, version):
        note(f"warning: {contradiction}")
    if out is None:
        import json

        print_json(json.loads(template.body))
    else:
        _write(out, [template])
    return 0


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=OUT,
    show_default=True,
    help="The folder for the templates.",
)
@stack_file_option
def synth(*, out: Path, stack_file: Path | None) -> int:
    """Synthesize the companion stack's templates.

    No account and no bucket are needed: each template is small enough to be sent as it is. Each
    large part of the main stack has one of its own; they are deployed in the order shown.
    """
    templates = _synthesis().synthesize_companion(load_valid(stack_file).companion)
    _write(out, templates)
    return 0


@click.command()
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--resume", is_flag=True, help="Follow what goes on in AWS since an earlier run.")
@click.option("--revert-drift", is_flag=True, help="Bring back what was changed by hand.")
@click.option("--continue-rollback", is_flag=True, help="End a rollback that got stuck.")
@click.option("--skip", multiple=True, metavar="ID", help="Leave a resource out of that rollback.")
@stack_file_option
@account_options
def deploy(
    *,
    yes: bool,
    resume: bool,
    revert_drift: bool,
    continue_rollback: bool,
    skip: tuple[str, ...],
    stack_file: Path | None,
    account: Account,
) -> int:
    """Deploy the companion stack through a change set.

    Shows what would change and asks. Each stack is changed as a whole or not at all; they follow
    one another, what carries pages first.
    """
    from axonwatch.live import changeset
    from axonwatch.live.stacks import describe, is_busy
    from axonwatch.live.teardown import destroy as tear_down

    companion = load_valid(stack_file).companion
    screen = Terminal()
    if resume:
        aws = open_account(account, inventory=companion.inventory, writes=True)
        for name in companion.names.stacks:
            state = describe(aws, name)
            if state is not None and is_busy(state.status):
                click.echo(f"{name}: {changeset.resume(aws, name, screen)}")
        return 0
    bodies = _bodies(companion)
    aws = open_account(account, inventory=companion.inventory, writes=True)
    options = changeset.Options(yes, continue_rollback, skip, revert_drift)
    for number, body in enumerate(bodies):
        outcome = changeset.deploy(aws, body, screen, options)
        click.echo(f"{body.stack}: {outcome}")
        if outcome is changeset.Outcome.DECLINED:
            left = len(bodies) - number - 1
            note("nothing was changed" if number == 0 else f"{left} stacks were not looked at")
            return 0
    for name in _emptied(aws, companion, bodies):
        note(f"nothing is in `{name}` any more, and what AWS has of it would go on paging")
        click.echo(f"{name}: {tear_down(aws, name, screen, yes=yes)}")
    return 0


@click.command()
@click.option("--check", is_flag=True, help="Exit with 1 if a deployment would change something.")
@stack_file_option
@account_options
def diff(*, check: bool, stack_file: Path | None, account: Account) -> int:
    """Show what a deployment would change.

    Makes change sets and deletes them again: AWS itself tells what it would do.
    """
    from axonwatch.live import changeset

    companion = load_valid(stack_file).companion
    bodies = _bodies(companion)
    aws = open_account(account, inventory=companion.inventory, writes=True)
    screen = Terminal()
    changed = False
    for body in bodies:
        plan = changeset.preview(aws, body, screen)
        changed = changed or plan is not None
        lines = ["nothing would change"] if plan is None else list(plan.lines())
        click.echo("\n".join([f"{body.stack}:", *(f"  {line}" for line in lines)]))
    for name in _emptied(aws, companion, bodies):
        changed = True
        click.echo(f"{name}:\n  to delete: nothing is in it any more")
    return 1 if check and changed else 0


@click.command()
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--retain", multiple=True, metavar="ID", help="Leave behind what AWS cannot delete.")
@stack_file_option
@account_options
def destroy(
    *, yes: bool, retain: tuple[str, ...], stack_file: Path | None, account: Account
) -> int:
    """Delete the companion stack.

    The main stack and its logs stay. Alarms lose their history; the key of the topics is deleted
    after 30 days, and undelivered messages with their queues.
    """
    from axonwatch.live.stacks import describe
    from axonwatch.live.teardown import destroy as tear_down

    companion = load_valid(stack_file).companion
    aws = open_account(account, inventory=companion.inventory, writes=True)
    screen = Terminal()
    found = False
    for name in reversed(companion.names.stacks):
        state = describe(aws, name)
        if state is None:
            continue
        found = True
        left = retain if state.status == "DELETE_FAILED" else ()
        outcome = tear_down(aws, name, screen, yes=yes, retain=left)
        click.echo(f"{name}: {outcome}")
        if outcome == "declined":
            return 0
    if not found:
        note(f"there is no companion of `{companion.names.stack}`")
    return 0


def _emptied(aws: Aws, companion: Companion, bodies: list[Body]) -> list[str]:
    """Stacks of an earlier deployment that hold nothing any more, last ones first."""
    from axonwatch.live.stacks import describe

    wanted = {body.stack for body in bodies}
    names = [name for name in reversed(companion.names.stacks) if name not in wanted]
    return [name for name in names if describe(aws, name) is not None]


def _bodies(companion: Companion) -> list[Body]:
    """The templates, as `live` takes them."""
    from axonwatch.live.drafts import Body

    return [
        Body(
            template.stack_name,
            template.body,
            template.tags,
            {name: f"{span.file}:{span.line}" for name, span in template.origins.items()},
        )
        for template in _synthesis().synthesize_companion(companion)
    ]


def _synthesis() -> ModuleType:
    """The wing that needs CDK, or the line that installs it."""
    from axonwatch.deploy.node import ensure_node

    ensure_node()
    try:
        from axonwatch.deploy import synthesis
    except ModuleNotFoundError as missing:
        if missing.name and missing.name.partition(".")[0] != "axonwatch":
            raise MissingExtra("deploy", missing.name) from missing
        raise
    return synthesis


def _write(out: Path, templates: list[StackTemplate] | tuple[StackTemplate, ...]) -> None:
    """Write the templates, each whole or not at all, and say what they are."""
    import json

    from axonwatch.catalog.inventory import write_atomically

    try:
        out.mkdir(parents=True, exist_ok=True)
        for template in templates:
            write_atomically(out / f"{template.stack_name}.template.json", template.body)
    except OSError as failed:
        raise CouldNotRun(
            f"cannot write to `{out}`: {failed.strerror}", help="name another folder with --out"
        ) from failed
    written = {f"{template.stack_name}.template.json" for template in templates}
    for old in out.glob(f"{templates[0].stack_name}-*.template.json"):
        if old.name not in written:
            note(f"note: {old} is of an earlier synthesis, with more stacks")
    rows = []
    for template in templates:
        path = out / f"{template.stack_name}.template.json"
        count = len(json.loads(template.body)["Resources"])
        rows.append([template.stack_name, str(count), f"{template.size:,}", str(path)])
    print_table(["stack", "resources", "bytes", "template"], rows)
