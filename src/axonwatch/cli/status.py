"""`axonwatch status`: the companion's alarms as they stand; exit code 1 while anything pages."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note, print_json
from axonwatch.cli.project import load_valid, stack_file_option
from axonwatch.durations import format_duration, parse_duration
from axonwatch.errors import UsageError
from axonwatch.model.masking import for_person, hide_accounts

if TYPE_CHECKING:
    from axonwatch.live.clients import Aws
    from axonwatch.live.status import AlarmStatus, Status
    from axonwatch.model.alarms import Alarm

CLEAR = "\x1b[H\x1b[2J"
MARKS = {"ALARM": "!", "gone": "x", "INSUFFICIENT_DATA": "?", "OK": "."}


@click.command()
@click.option("--all", "everything", is_flag=True, help="List the alarms that are OK, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--watch", metavar="EVERY", help="Look again every so often, as in 30s; Ctrl-C ends.")
@click.option("--until-ok", metavar="TIME", help="Wait until nothing pages, at most so long.")
@stack_file_option
@account_options
def status(
    *,
    everything: bool,
    as_json: bool,
    watch: str | None,
    until_ok: str | None,
    stack_file: Path | None,
    account: Account,
) -> int:
    """Alarms by severity: state, since when, why, muted, runbook.

    Exit code 0: nothing pages; 1: something does, or alarms are missing.
    """
    loaded = load_valid(stack_file)
    companion = loaded.companion
    aws = open_account(account, inventory=companion.inventory)
    every = _seconds(watch) if watch else 0
    mutes = loaded.stack.features.mute_rules
    if until_ok is not None:
        return _wait(aws, companion.alarms, _seconds(until_ok), every or 15, mute_rules=mutes)
    while True:
        found = _read(aws, companion.alarms, mute_rules=mutes)
        if every and sys.stdout.isatty():
            sys.stdout.write(CLEAR)
        if as_json:
            print_json(_record(found))
        else:
            click.echo("\n".join(_lines(found, everything=everything)))
        if not every:
            return _exit_code(found)
        sys.stdout.flush()
        try:
            time.sleep(every)
        except KeyboardInterrupt:
            return _exit_code(found)


def _read(aws: Aws, alarms: tuple[Alarm, ...], *, mute_rules: bool) -> Status:
    from axonwatch.live.status import read_status

    found = read_status(aws, alarms, mute_rules=mute_rules)
    for text in found.unknown:
        note(f"unknown: {text}")
    return found


def _exit_code(found: Status) -> int:
    return 1 if found.paging or found.gone else 0


def _wait(aws: Aws, alarms: tuple[Alarm, ...], limit: int, every: int, *, mute_rules: bool) -> int:
    """A gate for pipelines: 0 as soon as nothing pages, 1 if that takes longer than `limit`."""
    end = time.monotonic() + limit
    while True:
        found = _read(aws, alarms, mute_rules=mute_rules)
        if not _exit_code(found):
            click.echo("nothing pages")
            return 0
        left = round(end - time.monotonic())
        names = ", ".join(one.name for one in (*found.paging, *found.gone)[:3])
        if left <= 0:
            click.echo("\n".join(_lines(found, everything=False)))
            note(f"still not clear after {format_duration(limit)}: {names}")
            return 1
        note(f"waiting, at most {format_duration(left)}: {names}")
        time.sleep(min(every, max(left, 1)))


def _seconds(text: str) -> int:
    try:
        return max(parse_duration(text), 1)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong


def _lines(found: Status, *, everything: bool) -> Iterator[str]:
    now = datetime.now(UTC)
    for one in found.alarms:
        if one.state != "gone" and (everything or one.state != "OK"):
            yield from _alarm_lines(one, now)
    if found.gone:
        yield from _gone_lines(found, everything=everything)
    counts = {
        state: sum(one.state == state for one in found.alarms)
        for state in ("ALARM", "gone", "INSUFFICIENT_DATA", "OK")
    }
    words = {"INSUFFICIENT_DATA": "without data", "gone": "gone", "OK": "OK", "ALARM": "in ALARM"}
    yield ", ".join(f"{number} {words[state]}" for state, number in counts.items() if number)
    paging = len(found.paging)
    yield f"{paging} alarm{'s' * (paging != 1)} page{'s' * (paging == 1)} now"


def _gone_lines(found: Status, *, everything: bool) -> Iterator[str]:
    """Those that are not there: one cause, one message."""
    names = [one.name for one in found.gone]
    if len(names) == len(found.alarms):
        yield "x none of the companion's alarms is there; deploy it: axonwatch deploy"
        return
    shown = names if everything else names[:5]
    more = f", and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    yield f"x gone, though the definitions have them: {', '.join(shown)}{more}"
    yield "    help     axonwatch drift, then: axonwatch deploy --revert-drift"


def _alarm_lines(one: AlarmStatus, now: datetime) -> Iterator[str]:
    since = f" for {_ago(one.since, now)}" if one.since else ""
    yield f"{MARKS.get(one.state, '?')} {one.state}{since}  {one.severity}  {one.name}"
    if one.state == "OK":
        return
    if one.reason:
        yield f"    why      {hide_accounts(for_person(one.reason))}"
    if one.silenced_by:
        yield f"    silent   {for_person(one.silenced_by)}"
    elif one.last_page:
        yield f"    told     {one.last_page.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if one.trouble:
        yield f"    trouble  {hide_accounts(for_person(one.trouble))}"
    if one.runbook and one.state == "ALARM":
        yield f"    runbook  {one.runbook}"


def _ago(moment: datetime, now: datetime) -> str:
    seconds = max(round((now - moment).total_seconds()), 0)
    if seconds >= 3600:
        seconds -= seconds % 60
    return format_duration(seconds)


def _record(found: Status) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "paging": [one.name for one in found.paging],
        "gone": [one.name for one in found.gone],
        "unknown": list(found.unknown),
        "alarms": [
            {
                **asdict(one),
                "since": one.since.isoformat() if one.since else None,
                "last_page": one.last_page.isoformat() if one.last_page else None,
                "reason": hide_accounts(for_person(one.reason)),
                "trouble": hide_accounts(for_person(one.trouble)),
                "silenced_by": one.silenced_by,
                "pages": one.pages,
            }
            for one in found.alarms
        ],
    }
