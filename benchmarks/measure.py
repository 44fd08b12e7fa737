"""CPU seconds, wall time and peak memory of a child process, and tables of their medians."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

SIZE_MB = int(os.environ.get("BENCH_MB", "1000"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))


@dataclass(frozen=True)
class Sample:
    """One run of a child: all its processes' CPU, and its largest resident set."""

    cpu: float
    wall: float
    rss_mb: float
    output: str


@dataclass
class Series:
    """Runs of one engine on one question."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def wall(self) -> float:
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def rss_mb(self) -> float:
        return max(sample.rss_mb for sample in self.samples)

    @property
    def spread(self) -> str:
        values = [sample.cpu for sample in self.samples]
        return f"{min(values):.2f}-{max(values):.2f}"


def run(command: Sequence[str]) -> Sample:
    """Run a command to its end; raise if it fails."""
    begun = time.perf_counter()
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    output, errors = _drain(child)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command[0]} failed: {errors[-2000:]}")
    return Sample(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, output)


def _drain(child: subprocess.Popen[bytes]) -> tuple[str, str]:
    # Errors may be as many as lines: they must be read while the child runs.
    assert child.stdout is not None
    assert child.stderr is not None
    errors: list[bytes] = []

    def collect() -> None:
        assert child.stderr is not None
        while block := child.stderr.read(1 << 16):
            errors[:] = [*errors[-1:], block]

    thread = threading.Thread(target=collect)
    thread.start()
    output = child.stdout.read()
    thread.join()
    return output.decode("utf-8", "replace"), b"".join(errors).decode("utf-8", "replace")


def interleave(
    questions: Mapping[str, Mapping[str, Callable[[], Sample]]], runs: int = RUNS
) -> dict[tuple[str, str], Series]:
    """Every engine on every question, `runs` times, in turn; a first round is not counted."""
    found: dict[tuple[str, str], Series] = {}
    for round_number in range(runs):
        for question, engines in questions.items():
            for engine, measure in engines.items():
                sys.stderr.write(f"\r  run {round_number + 1}/{runs}: {question} {engine:<24}")
                sys.stderr.flush()
                found.setdefault((question, engine), Series()).samples.append(measure())
    sys.stderr.write("\r" + " " * 60 + "\r")
    return found


def peak_rss_mb() -> float:
    """This process's own peak."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
