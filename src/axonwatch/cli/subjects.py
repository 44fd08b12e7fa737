"""Which alarms a command is about: our definitions, any template, or what describe-alarms printed.

Each becomes one `Suite`, so that tests, replays and backtests treat them alike.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from axonwatch.catalog.load import Loaded
    from axonwatch.catalog.subject import Subject
    from axonwatch.diagnostics import Span
    from axonwatch.model.alarms import Alarm, MetricFilter, MuteRule, Severity
    from axonwatch.model.inventory import Inventory
    from axonwatch.model.queries import SavedQuery
    from axonwatch.model.stack import Names
    from axonwatch.simulate.evaluation.evaluate import Settings
    from axonwatch.simulate.recordings.addresses import Addresses
    from axonwatch.simulate.scenarios.runner import OpenLogs, Suite


@dataclass(frozen=True, eq=False)
class Subjects:
    """The alarms of one source, and what is known around them."""

    loaded: Loaded
    alarms: Sequence[Alarm]
    filters: Sequence[MetricFilter]
    mute_rules: Sequence[MuteRule]
    places: Mapping[str, Subject[Alarm]]
    queries: Sequence[SavedQuery] = ()
    arns: Mapping[str, str] | None = None

    @property
    def names(self) -> Names:
        """The names of the main stack's companion."""
        return self.loaded.companion.names

    @property
    def inventory(self) -> Inventory:
        """The main stack as it is."""
        return self.loaded.companion.inventory

    def addresses(self) -> Addresses:
        """What the short words of scenarios stand for."""
        from axonwatch.simulate.recordings.addresses import Addresses

        return Addresses(self.alarms, self.filters, self.names, self.inventory)

    def settings(self) -> Settings:
        """Region, partition and known ARNs."""
        from axonwatch.simulate.evaluation.evaluate import Settings

        return Settings(
            region=self.inventory.region,
            partition=self.inventory.partition,
            arns=self.arns or {},
        )

    def severities(self) -> dict[str, Severity]:
        """The severity of each topic that the definitions know, by ARN."""
        from axonwatch.model.alarms import Severity

        found = {
            self.names.topic_arn(
                severity, partition=self.inventory.partition, region=self.inventory.region
            ): severity
            for severity in Severity
        }
        for topic in self.loaded.companion.notifications.topics:
            if topic.arn:
                found[topic.arn] = topic.severity
        for alarm in self.alarms:
            for arn in (*alarm.actions.alarm, *alarm.actions.ok):
                for severity in Severity:
                    if arn.rsplit(":", 1)[-1] == self.names.topic(severity):
                        found[arn] = severity
        return found

    def place(self, name: str, fact: str) -> tuple[Span, str] | None:
        """Where a fact of an alarm is written, and the file's word for it."""
        subject = self.places.get(name)
        if subject is None:
            return None
        if fact == "name":
            return subject.origin, ""
        return subject.at(fact), subject.word(fact)

    def suite(self, open_logs: OpenLogs | None) -> Suite:
        """Everything that the runner needs."""
        from axonwatch.simulate.scenarios.runner import Suite

        return Suite(
            alarms=self.alarms,
            filters=self.filters,
            mute_rules=self.mute_rules,
            settings=self.settings(),
            severities=self.severities(),
            place=self.place,
            short=self.addresses().short,
            open_logs=open_logs,
        )


def find_subjects(
    stack_file: Path | None, template: Path | None, described: Path | None
) -> Subjects:
    """The alarms that a command line names. Raises InvalidInput or UsageError."""
    from axonwatch.catalog.load import load_companion
    from axonwatch.catalog.project import find_project

    if template is not None and described is not None:
        raise UsageError("alarms come from a template or from describe-alarms, not from both")
    loaded = load_companion(find_project(stack_file=stack_file))
    companion = loaded.companion
    if template is not None:
        from axonwatch.catalog.template import read_template
        from axonwatch.cli.template_words import fill, words_of

        parts = [read_template(path) for path in _template_files(template)]
        words = [words_of(part, companion.inventory) for part in parts]
        both = list(zip(parts, words, strict=True))
        return Subjects(
            loaded,
            [fill(alarm, known) for part, known in both for alarm in part.alarms],
            [fill(one, known) for part, known in both for one in part.metric_filters],
            [fill(rule, known) for part, known in both for rule in part.mute_rules],
            {one.piece.name: one for part in parts for one in part.subjects},
        )
    if described is not None:
        from axonwatch.catalog.describe import read_described

        alarms = read_described(described)
        return Subjects(loaded, alarms.alarms, (), (), {}, arns=alarms.arns)
    companion = loaded.valid()
    return Subjects(
        loaded,
        companion.alarms,
        companion.metric_filters,
        companion.mute_rules,
        {one.piece.name: one for one in loaded.alarms},
        companion.queries,
    )


def _template_files(path: Path) -> list[Path]:
    """A template, or those of a folder: a companion stack has one for each part."""
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.template.json"))
    if not found:
        raise UsageError(f"`{path}` has no *.template.json", help="write some: axonwatch synth")
    return found


@contextmanager
def for_inventory(inventory: Path, stack_file: Path | None) -> Iterator[Path]:
    """A stack file for another main stack: the project's definitions, this inventory.

    Raises InvalidInput for an inventory that cannot be used.
    """
    from axonwatch.catalog.inventory import read_inventory, write_inventory
    from axonwatch.catalog.project import find_project

    found = read_inventory(inventory)
    project = find_project(stack_file=stack_file)
    with tempfile.TemporaryDirectory(prefix="axonwatch-") as folder:
        root = Path(folder)
        write_inventory(root / "inventory.json", found)
        text = f"main_stack: {json.dumps(found.stack_name)}\nregion: {json.dumps(found.region)}\n"
        path = root / "stack.yaml"
        path.write_text(text, encoding="utf-8")
        for name in ("alarms", "log_insights", "runbooks", "dashboards"):
            own = project.root / name
            if own.is_dir() and not project.packaged:
                (root / name).symlink_to(own.resolve())
        yield path
