"""The account's alarms of all kinds, read in batches: metric, composite and log alarms.

Without AlarmTypes DescribeAlarms gives metric alarms only; the others would be lost silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import Refused

KINDS = ("MetricAlarms", "CompositeAlarms", "LogAlarms")
ALARM_TYPES = ("MetricAlarm", "CompositeAlarm", "LogAlarm")
# A region or an emulator that does not know log alarms refuses their type by ValidationError.
OLDER_TYPES = ("MetricAlarm", "CompositeAlarm")
BATCH = 100


def batches(names: Iterable[str], size: int = BATCH) -> Iterator[list[str]]:
    """Names in lists that one call takes."""
    rest = iter(names)
    while batch := list(islice(rest, size)):
        yield batch


def describe_alarms(aws: Calls, names: Sequence[str]) -> Iterator[tuple[str, Answer]]:
    """(kind, description) of every alarm of these names that exists."""
    for batch in batches(names):
        for answer in _of_all_kinds(aws, AlarmNames=batch):
            for kind in KINDS:
                yield from ((kind, one) for one in answer.get(kind) or ())


def _of_all_kinds(aws: Calls, **given: object) -> Iterator[Answer]:
    about = "the companion's alarms"
    try:
        yield from aws.answers(
            "cloudwatch", "DescribeAlarms", about=about, AlarmTypes=list(ALARM_TYPES), **given
        )
    except Refused as refused:
        if "Validation" not in refused.code and "InvalidParameter" not in refused.code:
            raise
        yield from aws.answers(
            "cloudwatch", "DescribeAlarms", about=about, AlarmTypes=list(OLDER_TYPES), **given
        )


def alarm_names(aws: Calls, names: Sequence[str]) -> set[str]:
    """Those of `names` that exist."""
    return {str(one["AlarmName"]) for _, one in describe_alarms(aws, names)}
