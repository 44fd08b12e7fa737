"""Composite alarms and mute rules of definitions: what names other alarms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from axonwatch.catalog.definitions.about import ABOUT_WORDS, tell
from axonwatch.catalog.definitions.bench import Bench, Entity, places, seconds, text, texts
from axonwatch.catalog.definitions.metric_queries import lost_piece
from axonwatch.catalog.nodes import ScalarNode
from axonwatch.catalog.subject import Subject, texts_of
from axonwatch.diagnostics import Span
from axonwatch.durations import parse_duration
from axonwatch.model.alarms import Alarm, CompositeAlarm, MuteRule
from axonwatch.model.notifications import Notifications

COMPOSITE_WORDS: Mapping[str, str] = {
    **ABOUT_WORDS,
    "rule": "rule",
    "suppressor": "suppressed_by",
    "wait": "wait",
    "extension": "extension",
}
MUTE_WORDS = {
    "schedule": "schedule",
    "window": "window",
    "duration": "for",
    "timezone": "timezone",
    "alarms": "alarms",
}
_STATES = r"ALARM|OK|INSUFFICIENT_DATA"
# A call such as ALARM(database/refused), or a list inside AT_LEAST(2, ALARM, (a, b)).
_CALL = re.compile(rf"\b({_STATES})\s*\(\s*(\"[^\"]*\"|[^\s(),\"]+)\s*\)")
_LIST = re.compile(rf"(\bAT_LEAST\s*\([^()]*?,\s*(?:NOT\s+)?(?:{_STATES})\s*,\s*)\(([^()]*)\)")
_NAME = re.compile(r"\"[^\"]*\"|[^\s(),\"]+")


class Directory:
    """Alarms by `component/key`: which there are, which were left out, and their full names."""

    def __init__(self, bench: Bench, entities: Iterable[Entity]) -> None:
        self.bench = bench
        self.paths = {entity.path: entity for entity in entities}
        self.gone: set[str] = set()

    def path(self, written: str, component: str) -> str | None:
        """The `component/key` that a reference means; None if there is no such alarm."""
        written = written.strip('"')
        for candidate in (written, f"{component}/{written}"):
            if candidate in self.paths or candidate in self.gone:
                return candidate
        return None

    def name(self, path: str) -> str:
        """The full name of an alarm."""
        component, _, key = path.partition("/")
        return self.bench.names.alarm(component, key)

    def unknown(self, written: str, span: Span) -> None:
        """Note a reference to an alarm that does not exist."""
        choices = [*self.paths, *(path.partition("/")[2] for path in self.paths)]
        self.bench.unknown("unknown-alarm", "alarm", written.strip('"'), span, choices)


def build_composite(
    bench: Bench, entity: Entity, notifications: Notifications, directory: Directory
) -> Subject[Alarm] | None:
    """The composite alarm, its rule with full names; children that are left out count as false."""
    node = entity.node
    rule = node.get("rule")
    if not isinstance(rule, ScalarNode):
        return None
    written = _resolved(rule, entity.component, directory)
    suppressor = None
    named = node.get("suppressed_by")
    if isinstance(named, ScalarNode):
        path = directory.path(named.text, entity.component)
        if path is None:
            directory.unknown(named.text, named.span)
        elif path in directory.gone:
            what = f"the suppressor of `{entity.path}`"
            lost_piece(bench, what, f"`{path}` is left out", named.span)
        else:
            suppressor = directory.name(path)
    if not _CALL.search(written) and not _LIST.search(written):
        why = "every alarm of its rule is left out, switched off or unknown"
        lost_piece(bench, f"`{entity.path}`", why, entity.origin)
        return None
    told = tell(bench, entity, notifications, {})
    piece = CompositeAlarm(
        name=bench.names.alarm(entity.component, entity.key),
        description=told.description,
        actions=told.actions,
        about=told.about,
        origin=entity.origin,
        rule=written,
        suppressor=suppressor,
        suppressor_wait=seconds(node, "wait", 60) if suppressor else 0,
        suppressor_extension=seconds(node, "extension", 60) if suppressor else 0,
    )
    where = places(node, COMPOSITE_WORDS)
    words = COMPOSITE_WORDS
    return Subject(piece, entity.path, entity.origin, where, words, texts=texts_of(node, words))


def _resolved(rule: ScalarNode, component: str, directory: Directory) -> str:
    """The rule with full names in quotes."""

    def full(written: str, offset: int) -> str | None:
        path = directory.path(written, component)
        if path is None:
            directory.unknown(written, rule.span_of(offset, offset + len(written)))
            return None
        return None if path in directory.gone else f'"{directory.name(path)}"'

    def call(match: re.Match[str]) -> str:
        name = full(match[2], match.start(2))
        return f"{match[1]}({name})" if name else "FALSE"

    def listed(match: re.Match[str]) -> str:
        names = [full(one[0], match.start(2) + one.start()) for one in _NAME.finditer(match[2])]
        return f"{match[1]}({', '.join(name for name in names if name)})"

    pattern = re.compile(f"(?P<list>{_LIST.pattern})|(?P<call>{_CALL.pattern})")

    def swap(match: re.Match[str]) -> str:
        inner = (_LIST if match["list"] else _CALL).match(rule.text, match.start())
        if inner is None:
            return match[0]
        return listed(inner) if match["list"] else call(inner)

    return " ".join(pattern.sub(swap, rule.text).split())


def build_mute(bench: Bench, entity: Entity, directory: Directory) -> Subject[MuteRule] | None:
    """The mute rule; None if switched off, or if none of its alarms is there."""
    node = entity.node
    if not bench.features.mute_rules:
        why = "mute rules are switched off in stack.yaml"
        lost_piece(bench, f"the mute rule `{entity.path}`", why, entity.origin)
        return None
    names = []
    for one in texts(node.get("alarms")):
        path = directory.path(one.text, entity.component)
        if path is None:
            directory.unknown(one.text, one.span)
        elif path not in directory.gone:
            names.append(directory.name(path))
    if not names:
        return None
    schedule, duration = text(node, "schedule"), 3600
    if "window" in node:
        window = text(node, "window")
        schedule, duration = window_schedule(getattr(bench.inventory.database, window))
    if "for" in node:
        duration = parse_duration(text(node, "for"))
    piece = MuteRule(
        name=bench.names.mute_rule(entity.key),
        schedule=schedule,
        duration=duration,
        alarm_names=tuple(names),
        timezone=text(node, "timezone", "UTC"),
        description=text(node, "because"),
        origin=entity.origin,
    )
    where = places(node, MUTE_WORDS)
    written = texts_of(node, MUTE_WORDS)
    return Subject(piece, entity.path, entity.origin, where, MUTE_WORDS, texts=written)


def window_schedule(window: str) -> tuple[str, int]:
    """The cron expression and the seconds of `03:00-04:00` or `sun:04:00-sun:05:00`."""
    parts = re.findall(r"(?:([a-z]{3}):)?(\d\d):(\d\d)", window)
    (day, hour, minute), (end_day, end_hour, end_minute) = parts[0], parts[1]
    days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    length = (int(end_hour) - int(hour)) * 60 + int(end_minute) - int(minute)
    if day:
        length += ((days.index(end_day) - days.index(day)) % 7) * 1440
    elif length <= 0:
        length += 1440
    weekday = day.upper() if day else "*"
    return f"cron({int(minute)} {int(hour)} * * {weekday})", length * 60
