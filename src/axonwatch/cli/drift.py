"""`axonwatch drift`: where the account differs from the definitions; `--fix` through the stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note, print_json, progress
from axonwatch.cli.project import load_valid, stack_file_option
from axonwatch.model.masking import for_person, hide_accounts

if TYPE_CHECKING:
    from axonwatch.live.clients import Aws
    from axonwatch.live.drifting.difference import Difference
    from axonwatch.model.companion import Companion

SIGNS = {"missing": "-", "extra": "+", "changed": "~", "unknown": "?"}
PARTS = 7
# One cause, one message: so many things with the same fault are named, the rest is counted.
SHOWN = 5


@click.command()
@click.option("--fix", is_flag=True, help="Deploy, and revert what was changed by hand.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("-y", "--yes", is_flag=True, help="With --fix: do not ask.")
@stack_file_option
@account_options
@click.pass_context
def drift(
    context: click.Context,
    /,
    *,
    fix: bool,
    as_json: bool,
    yes: bool,
    stack_file: Path | None,
    account: Account,
) -> int:
    """Compare the account with the definitions.

    Exit code 0: no difference; 1: there is one; 3: nothing could be compared.
    """
    from axonwatch.live.drift import read_drift

    loaded = load_valid(stack_file)
    companion = loaded.companion
    aws = open_account(account, inventory=companion.inventory)
    features = loaded.stack.features
    with progress() as bar:
        task = bar.add_task("comparing", total=PARTS)

        def tell(text: str) -> None:
            bar.update(task, description=text, advance=1)

        found = list(
            read_drift(
                aws,
                companion,
                _bodies(aws, companion),
                query_parameters=features.query_parameters,
                tell=tell,
            )
        )
    if as_json:
        print_json({"schema_version": 1, "differences": [_record(one) for one in found]})
    else:
        click.echo("\n".join(_lines(found)))
    different = [one for one in found if one.kind != "unknown"]
    if different and fix:
        from axonwatch.cli.deploy import deploy

        code = context.invoke(
            deploy,
            yes=yes,
            resume=False,
            revert_drift=True,
            continue_rollback=False,
            skip=(),
            stack_file=stack_file,
            **asdict(account),
        )
        return int(code)
    if different:
        note("bring it back with: axonwatch drift --fix")
        return 1
    if found and len(found) >= PARTS - 1:
        note("nothing could be compared: see above why, or `axonwatch policy drift`")
        return 3
    return 0


def _record(one: Difference) -> dict[str, object]:
    """A difference for machines; ARNs without the account, as in the text."""
    fields = [
        {key: hide_accounts(str(value)) for key, value in asdict(field).items()}
        for field in one.fields
    ]
    return {**asdict(one), "why": hide_accounts(one.why), "fields": fields}


def _bodies(aws: Aws, companion: Companion) -> dict[str, str]:
    """The dashboards as they should be, with this account's ARNs. Needs no CDK."""
    from axonwatch.deploy.dashboard_body import ALARM_ARN, CERTIFICATE_ARN, dashboard_body

    place = f"{aws.region}:{aws.identity.account}"
    alarms = f"arn:{aws.partition}:cloudwatch:{place}:alarm:{companion.names.stack}-"
    certificates = f"arn:{aws.partition}:acm:{place}:certificate/"
    bodies = {}
    for dashboard in companion.dashboards:
        text = dashboard_body(
            dashboard,
            region=companion.inventory.region,
            stack=companion.names.stack,
            queries=companion.queries,
        )
        text = text.replace(ALARM_ARN, alarms).replace(CERTIFICATE_ARN, certificates)
        bodies[dashboard.name] = text.replace("${!", "${")
    return bodies


def _lines(found: Sequence[Difference]) -> Iterator[str]:
    if not found:
        yield "the account is as the definitions say"
        return
    folded: dict[tuple[str, str, str], int] = {}
    for one in found:
        cause = (one.what, one.kind, one.why)
        folded[cause] = folded.get(cause, 0) + 1
        if not one.fields and folded[cause] > SHOWN:
            continue
        why = f": {for_person(one.why)}" if one.why else ""
        yield f"{SIGNS[one.kind]} {one.what} {for_person(one.name)}{hide_accounts(why)}"
        for field in one.fields:
            yield f"    {field.name}"
            yield f"      - {hide_accounts(for_person(field.wanted))}"
            yield f"      + {hide_accounts(for_person(field.found))}"
    for (what, kind, _), number in folded.items():
        if kind != "changed" and number > SHOWN:
            yield f"{SIGNS[kind]} ... and {number - SHOWN} more {what}s like these (--json has all)"
    counts = {kind: sum(one.kind == kind for one in found) for kind in SIGNS}
    words = [f"{number} {kind}" for kind, number in counts.items() if number]
    yield f"{', '.join(words)} (- is what the definitions say, + is what the account has)"
