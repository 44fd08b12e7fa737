"""`axonwatch page show` and `page-test`: what a page will say, and whether it arrives."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axonwatch.cli.account import Account, account_options, open_account
from axonwatch.cli.output import note, print_json
from axonwatch.cli.project import find_alarm, load_valid, stack_file_option
from axonwatch.errors import CouldNotRun, UsageError
from axonwatch.model.alarms import Alarm, CompositeAlarm, LogAlarm, MetricAlarm, Severity, State
from axonwatch.model.masking import for_person, hide_accounts, mask

if TYPE_CHECKING:
    from axonwatch.live.clients import Aws
    from axonwatch.live.page_test import Candidate, Proof
    from axonwatch.model.companion import Companion
    from axonwatch.simulate.evaluation.explanation import Child, Explanation
    from axonwatch.simulate.notices.notices import Notice

CHANNELS = ("email", "sms", "chat", "json")
# Sources: API_PutMetricAlarm (description), SNS's limits of subject and SMS.
SUBJECT, DESCRIPTION, SMS_PART, SMS_PART_WIDE = 100, 1024, 160, 70
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@click.group()
def page() -> None:
    """Show the very text that a page will carry."""


@page.command()
@click.argument("name")
@click.option(
    "--as",
    "channel",
    type=click.Choice(CHANNELS),
    default="email",
    show_default=True,
    help="Where it is read.",
)
@click.option("--state", type=click.Choice([str(s) for s in State]), default="ALARM")
@click.option("--reason", help="CloudWatch's reason; without it one of the same kind is made.")
@stack_file_option
def show(
    *, name: str, channel: str, state: str, reason: str | None, stack_file: Path | None
) -> int:
    """Show the page of one alarm as it will arrive, with meters on standard error.

    Account ids and the moment are examples; names, description and threshold are those that will
    be deployed.
    """
    companion = load_valid(stack_file).companion
    alarm = find_alarm(companion, name)
    notice, text = _notice(companion, alarm, State(state), reason)
    shown: dict[str, Callable[[], str]] = {
        "email": lambda: f"Subject: {notice.subject}\n\n{notice.email}",
        "sms": lambda: notice.subject,
        "json": lambda: notice.message,
        "chat": lambda: _card(companion, alarm, notice, text),
    }
    click.echo(for_person(shown[channel](), lines=True).rstrip("\n"))
    for line in _meters(alarm, notice, channel):
        note(line)
    if not alarm.actions.on(State(state)):
        note(f"note: `{alarm.name}` tells nobody by itself when it becomes {state}")
    return 0


def _notice(
    companion: Companion, alarm: Alarm, state: State, reason: str | None
) -> tuple[Notice, str]:
    from axonwatch.model.stack import OFFLINE_ACCOUNT
    from axonwatch.simulate.evaluation.actions import Action
    from axonwatch.simulate.evaluation.explanation import Evaluation, Explanation
    from axonwatch.simulate.notices.notices import Sender, notice_of

    inventory = companion.inventory
    now = int(time.time())

    def arn(of: str) -> str:
        place = f"{inventory.partition}:cloudwatch:{inventory.region}:{OFFLINE_ACCOUNT}"
        return f"arn:{place}:alarm:{of}"

    explanation = (
        Explanation(reason=reason) if reason else _explanation(companion, alarm, state, now, arn)
    )
    previous = State.ALARM if state is State.OK else State.OK
    entry = Evaluation(now, alarm, previous, state, lambda: explanation)
    action = Action(now, alarm, state, alarm.actions.on(state), entry)
    sender = Sender(OFFLINE_ACCOUNT, inventory.region, arn, now - 86_400)
    return notice_of(action, sender), explanation.reason


def _explanation(
    companion: Companion, alarm: Alarm, state: State, now: int, arn: Callable[[str], str]
) -> Explanation:
    """An example of the reason that CloudWatch gives, in its own grammar."""
    from axonwatch.simulate.evaluation.explanation import Explanation

    if isinstance(alarm, MetricAlarm):
        return Explanation(reason=_metric_reason(alarm, state, now))
    if isinstance(alarm, LogAlarm):
        count = alarm.results_to_alarm
        return Explanation(reason=f"Threshold Crossed: {count} query result(s) crossed it.")
    children = _children(companion, alarm, state, now, arn)
    if not children:
        return Explanation(reason="(the rule names no alarm)")
    from axonwatch.simulate.moments import long_date

    told = f"{children[0].arn} transitioned to {children[0].state} at {long_date(now)}"
    return Explanation(reason=told, children=tuple(children))


def _metric_reason(alarm: MetricAlarm, state: State, now: int) -> str:
    from axonwatch.simulate.evaluation.explanation import Datapoint
    from axonwatch.simulate.evaluation.texts import MetricTexts

    texts = MetricTexts(
        comparison=alarm.comparison,
        threshold=alarm.threshold,
        periods=alarm.evaluation_periods,
        needed=alarm.datapoints_to_alarm,
        missing=alarm.missing,
    )
    breaches = state is State.ALARM
    edge = alarm.threshold or 0.0
    above = "Greater" in alarm.comparison
    step = max(abs(edge) * 0.05, 1.0)
    value = edge + step if above == breaches else edge - step
    value = float(round(value)) if edge.is_integer() else value
    newest = now - now % alarm.period - alarm.period
    points = [
        Datapoint(newest - index * alarm.period, value, breaches, True, None, edge, edge)
        for index in range(texts.minimum(state))
    ]
    return texts.reason(state, points, 0)


def _children(
    companion: Companion, alarm: Alarm, state: State, now: int, arn: Callable[[str], str]
) -> list[Child]:
    from axonwatch.simulate.evaluation.explanation import Child
    from axonwatch.syntax.alarm_rule import children, parse_rule

    if not isinstance(alarm, CompositeAlarm):
        return []
    known = {one.name for one in companion.alarms}
    names = [child.name for child in children(parse_rule(alarm.rule)) if child.name in known]
    return [Child(name, arn(name), state, now) for name in names[:1]]


def _card(companion: Companion, alarm: Alarm, notice: Notice, reason: str) -> str:
    """What Amazon Q Developer shows in a channel, as text."""
    from axonwatch.model.links import Console

    inventory = companion.inventory
    link = Console(inventory.region, inventory.partition).alarm(alarm.name)
    return "\n".join([notice.subject, "", alarm.description, "", f"Reason: {reason}", "", link])


def _meters(alarm: Alarm, notice: Notice, channel: str) -> list[str]:
    sms, about = notice.subject, alarm.description
    wide = not set(sms) <= _GSM
    part = SMS_PART_WIDE if wide else SMS_PART
    parts = -(-len(sms) // part)
    return [
        f"subject {len(sms)}/{SUBJECT}, description {len(about)}/{DESCRIPTION}, "
        f"SMS {parts} part{'s' * (parts != 1)} ({len(sms)}/{part * parts})"
        + (
            f", message {len(notice.message.encode()):,} of 262,144 bytes"
            if channel == "json"
            else ""
        )
    ]


@click.command()
@click.option(
    "--severity", type=click.Choice([str(s) for s in Severity]), default="page", show_default=True
)
@click.option("--alarm", "name", metavar="NAME", help="The alarm to use; else one that is OK.")
@click.option(
    "--queue", metavar="URL", help="A queue subscribed to the topic: the message proves it."
)
@click.option("--why", default="a drill", show_default=True, help="Stands in the page.")
@click.option("--wait", default=180, show_default=True, metavar="SECONDS", help="For the proof.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@stack_file_option
@account_options
def page_test(
    *,
    severity: str,
    name: str | None,
    queue: str | None,
    why: str,
    wait: int,
    as_json: bool,
    yes: bool,
    stack_file: Path | None,
    account: Account,
) -> int:
    """Send a labelled test page and prove that it arrives.

    Sets one alarm to ALARM and back, so that its real action runs; never a composite. Exit code 0:
    it arrived, or nothing speaks against it; 1: it did not.
    """
    from axonwatch.live.page_test import Drill
    from axonwatch.live.stacks import Watch
    from axonwatch.live.verification.topics import verify_topics

    companion = load_valid(stack_file).companion
    alarm = find_alarm(companion, name) if name else None
    aws = open_account(account, inventory=companion.inventory, writes=True)
    chosen = _choose(aws, companion, alarm, Severity(severity))
    for result in verify_topics(aws, companion):
        if result.verdict != "fine" and result.subject.startswith(_topic_names(chosen)):
            note(f"{result.verdict}: {result.subject}: {for_person(result.text)}")
    question = (
        f"Set `{chosen.name}` to ALARM for a moment? Whoever is subscribed to "
        f"{', '.join(_topic_names(chosen))} is paged."
    )
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("a test page asks first, and nobody is there", help="add --yes")
        if not click.confirm(question, err=True):
            note("nothing was changed")
            return 0
    drill = Drill(aws, note, Watch(every=5.0 if not queue else 1.0, limit=float(wait)))
    proof = drill.run(chosen, why, queue)
    _tell(proof, chosen, as_json=as_json)
    return 1 if proof.has_arrived is False else 0


def _choose(aws: Aws, companion: Companion, alarm: Alarm | None, severity: Severity) -> Candidate:
    from axonwatch.live.page_test import candidates, named

    if alarm is not None:
        return named(aws, alarm)
    found = candidates(aws, companion.alarms, severity)
    if not found:
        raise CouldNotRun(
            f"no alarm of severity {severity} can carry a test: none is there, enabled, with an "
            "action of its own, and not in ALARM",
            help="`axonwatch verify --only alarms` says why; name one with --alarm",
        )
    return found[0]


def _topic_names(chosen: Candidate) -> tuple[str, ...]:
    return tuple(topic.rsplit(":", 1)[-1] for topic in chosen.topics)


def _tell(proof: Proof, chosen: Candidate, *, as_json: bool) -> None:
    words = {True: "arrived", False: "did not arrive", None: "not proved"}
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "alarm": chosen.name,
                "topics": list(_topic_names(chosen)),
                "arrived": proof.has_arrived,
                "delivered": proof.delivered,
                "failed": proof.failed,
                "message": _without_account(mask(proof.message)) or None,
                "notes": list(proof.notes),
            }
        )
        return
    click.echo(f"the test page {words[proof.has_arrived]}")
    if proof.message:
        click.echo(for_person(_pretty(_without_account(proof.message)), lines=True))
    elif proof.delivered is not None:
        click.echo(f"SNS counts {proof.delivered} delivered, {proof.failed} failed")
    _say(proof.notes)


def _say(notes: Sequence[str]) -> None:
    for text in notes:
        note(text)


def _without_account(message: str) -> str:
    """The message that arrived; CloudWatch writes the account into it, in a field and in ARNs."""
    try:
        found = json.loads(message)
    except ValueError:
        return hide_accounts(message)
    account = str(found.get("AWSAccountId") or "") if isinstance(found, dict) else ""
    return hide_accounts(message.replace(account, "<account>") if account else message)


def _pretty(message: str) -> str:
    try:
        return json.dumps(json.loads(message), indent=2, ensure_ascii=False)
    except ValueError:
        return message
