"""`axonwatch reference`, `synth`, `deploy`, `diff`, `destroy`: templates, and their way to AWS."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.output import note, print_json, print_table
from axonwatch.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from types import ModuleType

    from axonwatch.deploy.synthesis import StackTemplate
    from axonwatch.model.companion import Companion

OUT = Path("cdk.out")
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_VERSION = re.compile(r"\d{2}(\.\d{1,2})?")

_stack_file = click.option(
    "--stack-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The stack.yaml to use, instead of the nearest one.",
)


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
@_stack_file
def synth(*, out: Path, stack_file: Path | None) -> int:
    """Synthesize the companion stack's templates.

    No account and no bucket are needed: each template is small enough to be sent as it is. What
    the first stack has no room for stands in further ones, to be deployed in the order shown.
    """
    templates = _synthesis().synthesize_companion(_companion(stack_file))
    _write(out, templates)
    return 0


def _companion(stack_file: Path | None) -> Companion:
    """The companion of the project; definitions with errors are refused."""
    from axonwatch.catalog.load import load_companion
    from axonwatch.catalog.project import find_project

    return load_companion(find_project(stack_file=stack_file)).valid()


def _synthesis() -> ModuleType:
    """The wing that needs CDK, or the line that installs it."""
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

    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.template.json"):
        if old.name not in {f"{template.stack_name}.template.json" for template in templates}:
            note(f"note: {old} is of another synthesis")
    rows = []
    for template in templates:
        path = out / f"{template.stack_name}.template.json"
        write_atomically(path, template.body)
        count = len(json.loads(template.body)["Resources"])
        rows.append([template.stack_name, str(count), f"{template.size:,}", str(path)])
    print_table(["stack", "resources", "bytes", "template"], rows)
