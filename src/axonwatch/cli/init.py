"""`axonwatch init`: discover a deployed main stack; write inventory.json and stack.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note, print_json
from axonwatch.errors import CouldNotRun, UsageError

if TYPE_CHECKING:
    from axonwatch.model.inventory import Inventory, Service

GIB = 1024**3


@click.command()
@click.option("--stack", required=True, metavar="NAME", help="The main stack's exact name.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="The folder to write to.",
)
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="KEY=VALUE",
    help="A value by hand instead of discovery, as in database.max_connections=380. Repeatable.",
)
@click.option("--fresh", is_flag=True, help="Forget values that were given by hand before.")
@click.option("--dry-run", is_flag=True, help="Print the inventory as JSON; write nothing.")
@account_options
def init(
    *,
    stack: str,
    out: Path,
    given: tuple[str, ...],
    fresh: bool,
    dry_run: bool,
    account: Account,
) -> int:
    """Discover a deployed main stack: inventory.json and stack.yaml.

    An existing stack.yaml is kept as it is; inventory.json is replaced, and what changed is told.
    """
    from axonwatch.catalog.inventory import write_inventory
    from axonwatch.live.discover import discover
    from axonwatch.live.discovery.by_hand import read_by_hand

    by_hand = read_by_hand(given)
    before = _previous(out, stack)
    if before is not None and not fresh:
        kept = {key: _value_at(before, key) for key in before.given_by_hand if key not in by_hand}
        by_hand |= kept
        if kept:
            note(f"kept as given by hand before: {', '.join(sorted(kept))} (--fresh forgets them)")
    aws = open_account(account)
    found = discover(aws, stack, by_hand)
    _refuse_invalid(found.inventory)
    for text in found.notes:
        note(f"note: {text}")
    if dry_run:
        print_json(asdict(found.inventory))
        return 0
    out.mkdir(parents=True, exist_ok=True)
    write_inventory(out / "inventory.json", found.inventory)
    wrote = [str(out / "inventory.json")]
    if not (out / "stack.yaml").exists():
        _write_stack_file(out / "stack.yaml", found.inventory)
        wrote.append(str(out / "stack.yaml"))
    click.echo("\n".join(_summary(found.inventory)))
    if before is not None:
        click.echo("\n".join(_changes(asdict(before), asdict(found.inventory))))
    click.echo(f"wrote {' and '.join(wrote)}")
    note("next: name who is told in stack.yaml, then run: axonwatch check")
    return 0


def _previous(out: Path, stack: str) -> Inventory | None:
    """The inventory that is about to be replaced. Raises UsageError if it is of another stack."""
    from axonwatch.catalog.inventory import read_inventory
    from axonwatch.diagnostics import InvalidInput

    try:
        before = read_inventory(out / "inventory.json")
    except InvalidInput:
        return None  # none, or one that is not worth keeping
    if before.stack_name != stack:
        raise UsageError(
            f"`{out / 'inventory.json'}` is of the stack `{before.stack_name}`, not of `{stack}`",
            help="write to another folder with --out, or delete the file",
        )
    return before


def _value_at(inventory: Inventory, key: str) -> Any:  # noqa: ANN401 - a field of any type
    part, _, name = key.rpartition(".")
    if not part:
        return getattr(inventory, name)
    if part in {"load_balancer", "database"}:
        return getattr(getattr(inventory, part), name)
    return getattr(inventory.service(part), name)


def _refuse_invalid(inventory: Inventory) -> None:
    """Nothing is written that `check` would then refuse to read."""
    from axonwatch.catalog.inventory import inventory_of
    from axonwatch.catalog.json_source import parse_json
    from axonwatch.catalog.nodes import SourceText
    from axonwatch.diagnostics import InvalidInput

    text = json.dumps(asdict(inventory), indent=2)
    node, _ = parse_json(SourceText("inventory.json", text))
    assert node is not None  # noqa: S101 - we have just written it
    try:
        inventory_of(node)
    except InvalidInput as invalid:
        lines = [
            f"{one.title} ({one.label})" if one.label else one.title for one in invalid.diagnostics
        ]
        raise CouldNotRun(
            "what was found does not make an inventory:\n  " + "\n  ".join(lines),
            help="give the right value by hand with --set",
        ) from invalid


def _write_stack_file(path: Path, inventory: Inventory) -> None:
    from axonwatch.catalog.inventory import write_atomically

    write_atomically(
        path,
        "# Who is told, and what differs from the defaults. Written once by `axonwatch init`;\n"
        "# yours from now on. docs/definitions.md explains every key.\n"
        f"main_stack: {inventory.stack_name}\n"
        f"region: {inventory.region}\n"
        "inventory: inventory.json\n"
        "severities:\n"
        "  page:\n"
        "    subscribe: []  # as in: [{email: oncall@example.com}]\n"
        "  ticket:\n"
        "    subscribe: []\n",
    )


def _summary(inventory: Inventory) -> Iterator[str]:
    """What was found, for a person to nod at."""
    insights = "on" if inventory.container_insights else "off"
    balancer, database = inventory.load_balancer, inventory.database
    yield f"{inventory.stack_name} in {inventory.region}, tier {inventory.tier}"
    yield f"  cluster        {inventory.cluster}, Container Insights {insights}"
    for service in inventory.services:
        yield f"  {service.component:<14} {_of_service(service)}"
    yield f"  load balancer  {balancer.full_name}"
    yield f"  target group   {balancer.target_group_full_name}"
    yield (
        f"  database       {database.identifier}, {database.instance_class}, "
        f"{database.allocated_storage // GIB} GiB, {database.iops:,} IOPS, "
        f"{database.max_connections:,} connections, PostgreSQL {database.engine_version}"
    )
    quota = inventory.monthly_requests
    yield f"  requests       {f'{quota:,} a month' if quota else 'unlimited'}"
    if inventory.given_by_hand:
        yield f"  by hand        {', '.join(inventory.given_by_hand)}"


def _of_service(service: Service) -> str:
    kept = (
        f"kept {service.log_retention_days} days" if service.log_retention_days else "kept for ever"
    )
    return (
        f"{service.name}, {service.desired} tasks ({service.minimum} to {service.maximum}), "
        f"logs {service.log_group} {kept}"
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """What differs from the inventory before, a line each."""
    for key, value in after.items():
        name = f"{path}{key}"
        old = before.get(key)
        if name in {"account_check", "discovered_at", "given_by_hand"} or value == old:
            continue
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            yield from _changes(old, value, f"{name}.")
        elif key == "services" and isinstance(old, tuple | list):
            olds = {one["component"]: one for one in old}
            for one in value:
                yield from _changes(olds.get(one["component"], {}), one, f"{one['component']}.")
        else:
            yield f"  changed: {name} {old} -> {value}"
