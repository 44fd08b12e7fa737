"""A scenario file -> its tests, or everything that is wrong with it, each at its place.

The order within a test: where it starts (recordings and windows of the inventory may say), what is
expected and when, where it ends, and only then its series and events, which reach from before the
start to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path

from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode, plain
from axonwatch.catalog.schema_check import check_schema
from axonwatch.catalog.source import read_yaml
from axonwatch.diagnostics import Diagnostic, InvalidInput, Label, Span
from axonwatch.durations import MINUTE, parse_duration
from axonwatch.model.alarms import State
from axonwatch.model.metrics import Metric
from axonwatch.simulate.evaluation.look_back import look_back
from axonwatch.simulate.moments import read_zone
from axonwatch.simulate.recordings.addresses import Addresses, UnknownName
from axonwatch.simulate.scenarios.context import Context, Doors
from axonwatch.simulate.scenarios.events import deploy_drafts, window_start
from axonwatch.simulate.scenarios.expectations import Expectation, parse_expectation
from axonwatch.simulate.scenarios.logs import LogsReader
from axonwatch.simulate.scenarios.scenario import (
    DEFAULT_START,
    OTHERS,
    Channel,
    ExpectedMessage,
    ExpectedMessages,
    ScenarioTest,
)
from axonwatch.simulate.scenarios.series import Draft, SeriesReader, finish
from axonwatch.simulate.series.local_times import read_instant, read_moment
from axonwatch.simulate.series.series import Series
from axonwatch.syntax.text import SyntaxFault

Select = Callable[[str], bool]  # by `file: name`
_LONGEST = 400 * 86_400


@dataclass(frozen=True)
class ScenarioFile:
    """What came of one file. Tests that have findings are left out."""

    path: Path
    shown: str
    tests: tuple[ScenarioTest, ...]
    findings: tuple[Diagnostic, ...]
    skipped: int = 0


def find_scenarios(paths: Iterable[Path]) -> list[Path]:
    """The scenario files among files and folders, in order; a folder's YAML files at any depth."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)


def read_scenario(
    path: Path,
    *,
    root: Path,
    addresses: Addresses,
    doors: Doors,
    select: Select = lambda _: True,
) -> ScenarioFile:
    """Read one scenario file; nothing is raised, what is wrong is among the findings."""
    context = Context(path, root, addresses, doors)
    shown = context.shown(path)
    try:
        node = read_yaml(path, root=root)
    except InvalidInput as invalid:
        return ScenarioFile(path, shown, (), invalid.diagnostics)
    faults = check_schema("scenario", node)
    if faults or not isinstance(node, MapNode):
        return ScenarioFile(path, shown, (), tuple(faults))
    entries = node.get("tests")
    tests: list[ScenarioTest] = []
    seen: dict[str, Span] = {}
    skipped = 0
    for entry in entries.items if isinstance(entries, ListNode) else ():
        assert isinstance(entry, MapNode)  # noqa: S101 - the schema says so
        name, span = str(plain(entry.get("name"))), entry.value_span("name")
        if name in seen:
            first = (Label(seen[name], "first here"),)
            context.error(
                "duplicate-name", f"two tests are named `{name}`", span, "again", others=first
            )
            continue
        seen[name] = span
        if not select(f"{shown}: {name}"):
            skipped += 1
            continue
        before = len(context.findings)
        test = _Test(context, node, entry, name).build()
        if test is not None and len(context.findings) == before:
            tests.append(test)
    findings = tuple(dict.fromkeys(context.findings))
    return ScenarioFile(path, shown, tuple(tests), findings, skipped)


@dataclass
class _Test:
    """One test while it is read; `file` holds the defaults."""

    context: Context
    file: MapNode
    node: MapNode
    name: str
    zone: tzinfo = UTC
    expectations: list[Expectation] = field(default_factory=list)
    messages: list[ExpectedMessages] = field(default_factory=list)
    readers: list[SeriesReader] = field(default_factory=list)  # the file's, then the test's
    before: int = 0  # findings of the tests before this one

    def get(self, key: str) -> Node | None:
        """The value of a key, the file's if the test has none."""
        return self.node.get(key) or self.file.get(key)

    def word(self, key: str, default: str) -> str:
        value = self.get(key)
        return value.text if isinstance(value, ScalarNode) else default

    @property
    def component(self) -> str:
        return self.word("component", "")

    def build(self) -> ScenarioTest | None:
        context = self.context
        self.before = len(context.findings)
        zone = self.get("timezone")
        try:
            self.zone = read_zone(self.word("timezone", "UTC"))
        except ValueError as wrong:
            context.error("bad-time", str(wrong), zone.span if zone else None)
            return None
        logs = LogsReader(context, self.moment)
        for level in (self.file, self.node):
            logs.read(level.get("logs"))
        recorded = self._recording(logs)
        if not self._start(logs):
            return None
        drafts = self._drafts(recorded)
        edges = {metric: pair for reader in self.readers for metric, pair in reader.edges.items()}
        answers = {call: one for reader in self.readers for call, one in reader.answers.items()}
        logs.place()
        self._expect()
        self._channels()
        if "expect" not in self.node and not self.messages:
            context.error(
                "bad-expectation",
                f"the test `{self.name}` expects nothing",
                self.node.value_span("name"),
                "it would always pass",
                "add `expect`, `pages`, `tickets` or `recoveries`; `pages: []` expects none",
            )
        end = self._end(drafts, logs)
        if end is None:
            return None
        lead = self.word("lead", "first") == "first"
        alarms = context.addresses.alarms
        reach = look_back(alarms)
        series = finish(drafts, context, end, reach, lead=lead)
        bands = {m: finish(pair, context, end, reach, lead=lead) for m, pair in edges.items()}
        calls = {c: finish([one], context, end, {}, lead=lead) for c, one in answers.items()}
        named = {one.alarm for one in self.expectations if one.alarm}
        return ScenarioTest(
            name=self.name,
            file=context.shown(context.file),
            origin=self.node.value_span("name"),
            start=context.start,
            end=end,
            zone=self.word("timezone", "UTC"),
            initial=State(self.word("initial", State.OK)),
            series=tuple(series),
            bands=self._recorded_bands()
            | {m: (pair[0], pair[1]) for m, pair in bands.items() if len(pair) == 2},
            calls=self._recorded_calls() | {c: one[0] for c, one in calls.items() if one},
            events=logs.finish(end, lead=lead),
            expectations=tuple(one for one in self.expectations if one.alarm in named),
            others=tuple(one for one in self.expectations if not one.alarm),
            messages=tuple(self.messages),
        )

    def moment(self, node: Node) -> int | None:
        """The moment that a scalar names; a finding if it names none."""
        if not isinstance(node, ScalarNode):
            return None
        try:
            return read_moment(node.text, self.context.start, self.zone)
        except ValueError as wrong:
            self.context.error("bad-time", str(wrong), node.span)
            return None

    def _recording(self, logs: LogsReader) -> list[tuple[Path, Span]]:
        """The files of a recording that are no logs."""
        node = self.get("recording")
        if not isinstance(node, ScalarNode):
            return []
        folder = self.context.path(node)
        if folder is None:
            return []
        if not folder.is_dir():
            self.context.error("unreadable-file", f"`{node.text}` is not a folder", node.span)
            return []
        rest = logs.add_recorded(folder)
        found = [path for path in rest if path.suffix == ".json" and path.name != "truth.json"]
        if not found and not logs.groups:
            self.context.error(
                "unreadable-file",
                f"`{node.text}` holds no recording",
                node.span,
                "neither a log named after a component nor a JSON file of series",
                "for example agent.jsonl.gz and alb.json",
            )
        return [(path, node.span) for path in found]

    def _start(self, logs: LogsReader) -> bool:
        """Find out when the test starts; False if that cannot be said."""
        node = self.get("start")
        try:
            if isinstance(node, ScalarNode):
                self.context.start = read_instant(node.text, self.zone)
            else:
                first = logs.first_event()
                default = read_instant(DEFAULT_START, UTC)
                self.context.start = default if first is None else first // MINUTE * MINUTE
        except ValueError as wrong:
            self.context.error("bad-time", str(wrong), node.span if node else None)
            return False
        events = self.node.get("events")
        for event in events.items if isinstance(events, ListNode) else ():
            if isinstance(event, MapNode) and "window" in event:
                start = window_start(self.context, event)
                if start is None:
                    return False
                self.context.start = start
        return True

    def _drafts(self, recorded: list[tuple[Path, Span]]) -> list[Draft]:
        """The series of the test, then those of the file that it does not replace."""
        levels = []
        for level in (self.node, self.file):
            default = parse_duration(self.word("interval", "1m"))
            reader = SeriesReader(self.context, self.component, default, self.zone, self.moment)
            reader.read(level.get("series"))
            reader.read_bands(level.get("bands"))
            reader.read_calls(level.get("calls"))
            if level is self.node:
                reader.drafts += deploy_drafts(self.context, level, self.moment)
            if ("recording" in self.node) is (level is self.node):
                for path, span in recorded:
                    reader.add_recorded(path, span)
            self.context.findings += reader.overlaps()
            levels.append(reader.drafts)
            self.readers.insert(0, reader)
        own = {draft.metric for draft in levels[0]}
        return levels[0] + [draft for draft in levels[1] if draft.metric not in own]

    def _recorded_bands(self) -> dict[Metric, tuple[Series, Series]]:
        return {m: pair for reader in self.readers for m, pair in reader.bands.items()}

    def _recorded_calls(self) -> dict[str, Series]:
        return {call: one for reader in self.readers for call, one in reader.calls.items()}

    def _expect(self) -> None:
        expected = self.node.get("expect")
        if not isinstance(expected, MapNode):
            return
        for key, entry in expected.items():
            alarm = ""
            if key != OTHERS:
                try:
                    alarm = self.context.addresses.alarm(key, self.component)
                except UnknownName as unknown:
                    self.context.error(
                        unknown.code, unknown.title, entry.key.span, "", unknown.help
                    )
                    continue
            items = entry.value.items if isinstance(entry.value, ListNode) else (entry.value,)
            for item in items:
                if isinstance(item, ScalarNode):
                    self._sentence(item, alarm)

    def _sentence(self, node: ScalarNode, alarm: str) -> None:
        def read(word: str) -> int:
            return read_moment(word, self.context.start, self.zone)

        try:
            self.expectations.append(parse_expectation(node.text, alarm, read, node.span))
        except SyntaxFault as fault:
            self.context.fault(fault, node)

    def _channels(self) -> None:
        for channel in Channel:
            listed = self.node.get(channel)
            if isinstance(listed, ListNode):
                made = [self._message(one) for one in listed.items if isinstance(one, MapNode)]
                messages = tuple(one for one in made if one is not None)
                span = self.node.key_span(channel)
                self.messages.append(ExpectedMessages(channel, span, messages))

    def _message(self, node: MapNode) -> ExpectedMessage | None:
        word = str(plain(node.get("alarm")))
        try:
            alarm = self.context.addresses.alarm(word, self.component)
        except UnknownName as unknown:
            span = node.value_span("alarm")
            self.context.error(unknown.code, unknown.title, span, "", unknown.help)
            return None
        moments = {}
        for key in ("at", "by", "from"):
            value = node.get(key)
            moments[key] = self.moment(value) if value is not None else None
        if moments["at"] is not None and (moments["by"] is not None or "from" in node):
            self.context.error(
                "bad-expectation",
                "`at` says it all",
                node.value_span("at"),
                "beside `by` or `from`",
            )
        contains = plain(node.get("contains"))
        texts = contains if isinstance(contains, list) else [contains] if contains else []
        return ExpectedMessage(
            alarm,
            node.span,
            moments["from"] if moments["at"] is None else moments["at"],
            moments["by"] if moments["at"] is None else moments["at"],
            tuple(str(text) for text in texts),
        )

    def _end(self, drafts: list[Draft], logs: LogsReader) -> int | None:
        """The last moment: `end`, or the latest of what the test names."""
        node = self.node.get("end")
        start = self.context.start
        if node is not None:
            end = self.moment(node)
        else:
            named = [one.latest for one in self.expectations]
            named += [one.end for many in self.messages for one in many.messages]
            named += [draft.stop() for draft in drafts if not draft.is_endless]
            last = logs.last_event()
            named.append(None if last is None else (last // MINUTE + 1) * MINUTE)
            end = max((moment for moment in named if moment is not None), default=None)
            if end is None and len(self.context.findings) == self.before:
                self.context.error(
                    "bad-time",
                    f"the test `{self.name}` has no end",
                    self.node.value_span("name"),
                    "nothing in it says how long it lasts",
                    "add `end: 30m`",
                )
        if end is None:
            return None
        if not 0 < end - start <= _LONGEST:
            span = node.span if node is not None else self.node.value_span("name")
            title = "the test ends before it starts" if end <= start else "the test lasts too long"
            self.context.error("bad-time", title, span, "between a minute and 400 days")
            return None
        return end
