# ruff: noqa: E501, INP001, S311 - rows of a Markdown table are one line; a script is no package; no secrets are made
"""Replay variants of the recorded runs: other traffic, times, lengths, names and sizes.

python docs/vary_incidents.py [--runs FOLDER] [VARIANT ...]

FOLDER holds runs as scenarios/recordings does, which are excerpts; whole runs may be given instead.
Prints a table: for each variant what was missed, late, paged more than twice, or false.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gzip
import io
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from axonwatch.cli.main import main as axonwatch

ROOT = Path(__file__).parents[1]
STACK = "axonflow-prod-"
ALWAYS = "orchestrator-audit-entries-lost"
LATE, MOST_PAGES = 180, 2
# From 15:41 on Monday to the night before, and to the Sunday before that.
NIGHT, SUNDAY = -45_060, -127_860
# Written by a clock, not by a request: traffic does not thin them.
CLOCKED = re.compile(
    "Policy engine health|Health check:|olicy refresh|policies loaded|Falling back|starting|Starting"
    "|listening|Failed to connect to database|migrations|Exiting|Periodic|audit batch|Loaded "
)
Event = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run in memory: events by component, the balancer's series, when the incident lasts (ms)."""

    name: str
    events: dict[str, list[Event]]
    series: list[dict[str, Any]]
    onset: int | None
    end: int | None
    about: tuple[str, ...] = ()
    right: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """The first event's time."""
        return min(one["timestamp"] for events in self.events.values() for one in events)

    def each(self, change: Callable[[str, list[Event]], Iterable[Event]]) -> Run:
        """The run with each component's events changed."""
        return replace(self, events={c: list(change(c, e)) for c, e in self.events.items()})


def moment(text: str) -> int:
    """ISO time in milliseconds."""
    return int(dt.datetime.fromisoformat(text).timestamp() * 1000)


DATABASE = ("database-",)
# Folder names, onset, end, what the incident's alarms are called, and what else is right to tell.
RUNS: tuple[tuple[tuple[str, ...], str | None, str | None, tuple[str, ...], tuple[str, ...]], ...] = (
    (("none", "quiet"), None, None, (), ()),
    (
        ("db-outage", "database-outage"),
        "2026-11-23T15:46:16Z",
        "2026-11-23T15:49:34Z",
        DATABASE,
        ("agent-audit-entries-lost", "orchestrator-policies-stale", "orchestrator-heartbeat-lost", "orchestrator-connectors-failing"),
    ),
    (("llm-provider-outage",), "2026-11-23T15:46:16Z", "2026-11-23T15:49:34Z", ("orchestrator-llm-",), ("service-slo-burn-",)),
    (("policy-block-storm",), "2026-11-23T15:47:27Z", "2026-11-23T15:50:45Z", ("agent-policy-block-storm",), ("agent-policy-evaluation-slow",)),
    (("auth-failure-storm",), "2026-11-23T15:47:27Z", "2026-11-23T15:50:45Z", ("agent-auth-failure-storm",), ("agent-handler-panics",)),
    (("latency-regression",), "2026-11-23T15:47:27Z", "2026-11-23T15:50:45Z", ("orchestrator-llm-provider-slow", "database-lookups-slow"), ()),
    (("deploy",), "2026-11-23T15:42:49Z", "2026-11-23T15:43:40Z", ("agent-fatal-start", "orchestrator-policies-in-memory"), ()),
    (("extras",), "2026-11-23T16:02:23Z", None, ("agent-policies-fallback", "orchestrator-policies-in-memory"), ("database-", "orchestrator-policies-stale", "orchestrator-heartbeat-lost", "agent-task-differs")),
)  # fmt: skip


def load(folder: Path) -> dict[str, Run]:
    """The eight runs of a folder."""
    runs = {}
    for names, onset, end, about, right in RUNS:
        place = next(folder / one for one in names if (folder / one).is_dir())
        events = {}
        for component in ("agent", "orchestrator"):
            with gzip.open(place / f"{component}.jsonl.gz", "rt", encoding="utf-8") as lines:
                events[component] = [json.loads(line) for line in lines]
        series = json.loads((place / "alb.json").read_text(encoding="utf-8"))
        times = (moment(onset) if onset else None, moment(end) if end else None)
        runs[names[0]] = Run(names[0], events, series, *times, about, right)
    return runs


# ---- variants ----------------------------------------------------------------------------------


def as_recorded(run: Run, _: Run) -> Run:
    """Nothing changed."""
    return run


def shifted(seconds: int) -> Callable[[Run, Run], Run]:
    """Moved against the clock's minutes; the balancer's minutes stay."""

    def vary(run: Run, _: Run) -> Run:
        ms = seconds * 1000
        moved = run.each(lambda _c, events: [{**e, "timestamp": e["timestamp"] + ms} for e in events])
        onset = None if run.onset is None else run.onset + ms
        return replace(moved, onset=onset, end=None if run.end is None else run.end + ms)

    return vary


def hang_alone(seconds: int) -> Callable[[Run, Run], Run | None]:
    """Of the database's outage only the hang: the refusals before it are cut out of time."""

    def vary(run: Run, quiet: Run) -> Run | None:
        if run.name != "db-outage" or run.onset is None:
            return None
        frozen = moment("2026-11-23T15:48:44Z")
        first, last = run.onset - 2000, frozen - 8000

        def cut(_c: str, events: list[Event]) -> Iterable[Event]:
            for event in events:
                if event["timestamp"] < first:
                    yield {**event, "timestamp": event["timestamp"] + last - first}
                elif event["timestamp"] >= last:
                    yield event

        return shifted(seconds)(replace(run.each(cut), series=[], onset=frozen), quiet)

    return vary


def stretched(factor: float) -> Callable[[Run, Run], Run]:
    """Time goes slower or faster: traffic, heartbeats and the incident with it."""

    def vary(run: Run, _: Run) -> Run:
        start = run.start

        def at(ms: int) -> int:
            return start + int((ms - start) * factor)

        made = run.each(lambda _c, events: [{**e, "timestamp": at(e["timestamp"])} for e in events])
        times = [None if one is None else at(one) for one in (run.onset, run.end)]
        return replace(made, series=[], onset=times[0], end=times[1])

    return vary


def thinned(share: float, seed: int) -> Callable[[Run, Run], Run]:
    """Slices of five seconds left out by chance; what a clock writes stays."""

    def vary(run: Run, _: Run) -> Run:
        chance = random.Random(seed)
        kept: dict[int, bool] = {}

        def keep(_c: str, events: list[Event]) -> Iterable[Event]:
            for event in events:
                number = event["timestamp"] // 5000
                if number not in kept:
                    kept[number] = chance.random() < share
                if kept[number] or CLOCKED.search(event["message"]):
                    yield event

        return replace(run.each(keep), series=[])

    return vary


def one_task_each(run: Run, _: Run) -> Run:
    """Of the two tasks that serve at the onset only one is there, of each service."""
    if run.name in {"deploy", "extras"}:
        return run  # their tasks have different fates

    def first(_c: str, events: list[Event]) -> list[Event]:
        stream = min(e["logStream"] for e in events)
        return [e for e in events if e["logStream"] == stream]

    return replace(run.each(first), series=[])


def doubled(run: Run, _: Run) -> Run:
    """Four tasks each: every line once more, three seconds later, from another stream."""

    def twice(_c: str, events: list[Event]) -> list[Event]:
        again = [{**e, "timestamp": e["timestamp"] + 3000, "logStream": e["logStream"][:-4] + "dddd"} for e in events]
        return [*events, *again]

    return replace(run.each(twice), series=[])


OTHER = (
    ("acme-support", "north-desk"), ("globex-claims", "k2.claims_eu"), ("hooli-travel", "viajes-ñandú"),
    ("initech-hr", "7f3c1e2a-5f0b-4c0e-9d5e-2b8b0d6f1a11"), ("umbrella-care", "CARE"), ("stark-finance", "fin:batch"),
    ("10.0.", "172.31."), ("127.0.0.1", "fd00::17"), ("anthropic", "bedrock"), ("openai", "ollama"),
    ("AXON-V2-", "AXON-V3-"), ("axonflow.local", "svc.internal"),
)  # fmt: skip


def renamed(run: Run, _: Run) -> Run:
    """Other clients, keys, hosts, providers, streams."""

    def other(_c: str, events: list[Event]) -> Iterable[Event]:
        for event in events:
            text = event["message"]
            for old, new in OTHER:
                text = text.replace(old, new)
            yield {**event, "message": text, "logStream": event["logStream"][::-1].replace("/", "-")}

    return run.each(other)


def cut_to(before: int) -> Callable[[Run, Run], Run]:
    """Begins so many seconds before the onset (0: in the middle of things)."""

    def vary(run: Run, _: Run) -> Run:
        if run.onset is None:
            return run
        first = run.onset - before * 1000
        return run.each(lambda _c, events: [e for e in events if e["timestamp"] >= first])

    return vary


def ended(after: int) -> Callable[[Run, Run], Run]:
    """Ends so many seconds after the onset."""

    def vary(run: Run, _: Run) -> Run:
        if run.onset is None:
            return run
        last = run.onset + after * 1000
        return run.each(lambda _c, events: [e for e in events if e["timestamp"] <= last])

    return vary


def shortened(seconds: int) -> Callable[[Run, Run], Run]:
    """The incident is over after so many seconds: the rest of it is cut out of time."""

    def vary(run: Run, _: Run) -> Run:
        if run.onset is None or run.end is None or run.name == "deploy":
            return run
        first, last = run.onset + seconds * 1000, run.end + 10_000
        gone = last - first

        def cut(_c: str, events: list[Event]) -> Iterable[Event]:
            for event in events:
                if event["timestamp"] < first:
                    yield event
                elif event["timestamp"] >= last:
                    yield {**event, "timestamp": event["timestamp"] - gone}

        return replace(run.each(cut), series=[], end=first)

    return vary


def after_quiet(run: Run, quiet: Run) -> Run:
    """Eleven quiet minutes come before."""
    gap = run.start - max(e["timestamp"] for es in quiet.events.values() for e in es) - 500
    before = {c: [{**e, "timestamp": e["timestamp"] + gap} for e in es] for c, es in quiet.events.items()}
    return replace(run, events={c: [*before[c], *es] for c, es in run.events.items()})


def without_balancer(run: Run, _: Run) -> Run:
    """No series at all: logs only."""
    return replace(run, series=[])


def longer(run: Run, _: Run) -> Run:
    """The incident's minutes come three times, one after the other."""
    if run.onset is None or run.end is None or run.name in {"deploy", "extras"}:
        return run
    length = run.end - run.onset
    onset, end = run.onset, run.end

    def repeat(_c: str, events: list[Event]) -> Iterable[Event]:
        for event in events:
            at = event["timestamp"]
            if at < onset:
                yield event
            elif at < end:
                for number in range(3):
                    yield {**event, "timestamp": at + number * length}
            else:
                yield {**event, "timestamp": at + 2 * length}

    return replace(run.each(repeat), series=[], end=end + 2 * length)


VARIANTS: dict[str, tuple[Callable[[Run, Run], Run | None], ...]] = {
    "as recorded": (as_recorded,),
    "moved by 4, 8 ... 56 s, and by 17 and 41 s": tuple(shifted(one) for one in (17, 41, *range(4, 60, 4))),
    "the hang of 50 s alone, moved in 30 steps of 2 s": tuple(hang_alone(one) for one in range(0, 60, 2)),
    "at 03:10 (backup), at 04:10 on a Sunday (maintenance)": tuple(shifted(one) for one in (NIGHT, SUNDAY)),
    "logs only": (without_balancer,),
    "other clients, keys, hosts, providers, streams": (renamed,),
    "time 0.7, 1.5, 2 times": tuple(stretched(one) for one in (0.7, 1.5, 2.0)),
    "half the traffic (4 choices)": tuple(thinned(0.5, one) for one in range(4)),
    "a quarter of the traffic (4 choices)": tuple(thinned(0.25, one) for one in range(4)),
    "a tenth of the traffic (4 choices)": tuple(thinned(0.1, one) for one in range(4)),
    "one agent, one orchestrator": (one_task_each,),
    "four of each, twice the traffic": (doubled,),
    "begins 60, 20, 0 s before the onset": tuple(cut_to(one) for one in (60, 20, 0)),
    "ends 150 s after the onset": (ended(150),),
    "eleven quiet minutes before": (after_quiet,),
    "incident of 120, 75 s": tuple(shortened(one) for one in (120, 75)),
    "incident three times as long": (longer,),
}


# ---- replaying ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What came of one run in one variant."""

    run: str
    delay: float | None
    pages: tuple[str, ...]
    false: tuple[str, ...]
    told: tuple[str, ...]
    expected: bool


def result(run: Run) -> Result:
    """Replay a run in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = ["replay", "--json"]
        for component, events in run.events.items():
            path = folder / f"{component}.jsonl"
            ordered = sorted(events, key=lambda e: e["timestamp"])
            path.write_text("".join(json.dumps(e) + "\n" for e in ordered), encoding="utf-8")
            arguments += ["--local", f"{component}={path}"]
        if run.series:
            (folder / "alb.json").write_text(json.dumps(run.series), encoding="utf-8")
            arguments += ["--series", str(folder / "alb.json")]
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as errors:
            code = axonwatch(arguments)
    if code:
        sys.exit(errors.getvalue())
    return judge(run, json.loads(out.getvalue()))


def judge(run: Run, document: dict[str, Any]) -> Result:
    """First alarm about the incident, pages, and what is false."""
    alarms = sorted(
        (moment(entry["time"]), name.removeprefix(STACK))
        for name, entries in document["alarms"].items()
        for entry in entries
        if entry["state"] == "ALARM" and not name.endswith(ALWAYS)
    )
    sent = [
        (moment(action["time"]), action["alarm"].removeprefix(STACK), action["state"], target)
        for action in document["actions"]
        for target in action["targets"]
        if not action["alarm"].endswith(ALWAYS)
    ]
    onset = run.onset
    own = [t for t, name in alarms if onset is not None and t >= onset and name.startswith(run.about)]
    right = (*run.about, *run.right)
    false = [
        f"{name}{'' if state == 'ALARM' else ' ' + state}"
        for time, name, state, _ in sent
        if state != "OK" and (onset is None or time < onset or not name.startswith(right))
    ]
    pages = tuple(name for _, name, state, target in sent if state == "ALARM" and target.endswith("-page"))
    return Result(
        run.name,
        (own[0] - onset) / 1000 if own and onset is not None else None,
        pages,
        tuple(false),
        tuple(name for _, name, state, _ in sent if state == "ALARM"),
        onset is not None,
    )


def one_variant(job: tuple[str, str]) -> list[Result]:
    """All shapes of a variant of all runs."""
    folder, name = job
    runs = load(Path(folder))
    varied = [vary(run, runs["none"]) for vary in VARIANTS[name] for run in runs.values()]
    return [result(run) for run in varied if run is not None]


def row(name: str, results: Sequence[Result]) -> str:
    """A variant's line."""
    incidents = [one for one in results if one.expected]
    missed = [one.run for one in incidents if one.delay is None]
    late = [f"{one.run} {one.delay:.0f} s" for one in incidents if one.delay is not None and one.delay > LATE]
    many = [f"{one.run} {len(one.pages)}" for one in results if len(one.pages) > MOST_PAGES]
    false = [f"{one.run} `{alarm}`" for one in results for alarm in one.false]
    longest = max((one.delay for one in incidents if one.delay is not None), default=0)
    most = max(len(one.pages) for one in results)
    cells = [
        name,
        str(len(results)),
        f"{longest:.0f} s",
        str(most),
        *("; ".join(dict.fromkeys(found)) or "none" for found in (missed, late, many, false)),
    ]
    return "| " + " | ".join(cells) + " |\n"


HEAD = """\
| variant | replays | longest delay | most pages | missed | later than 180 s | more than two pages | false |
|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=Path, default=ROOT / "scenarios" / "recordings")
    parser.add_argument("--every", action="store_true", help="a line for each replay")
    parser.add_argument("variants", nargs="*")
    options = parser.parse_args()
    os.chdir(ROOT)
    names = [one for one in VARIANTS if not options.variants or any(w in one for w in options.variants)]
    sys.stdout.write(HEAD)
    with ProcessPoolExecutor(2) as pool:
        jobs = [(str(options.runs.resolve()), name) for name in names]
        for name, results in zip(names, pool.map(one_variant, jobs), strict=True):
            sys.stdout.write(row(name, results))
            if options.every:
                for one in results:
                    sys.stdout.write(f"    {one.run}: {one.delay} pages {one.pages} told {one.told} false {one.false}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
