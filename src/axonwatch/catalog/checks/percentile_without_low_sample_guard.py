"""A percentile alarm that judges a handful of samples as if they were many.

With fewer than 10/(1-p) samples a period, a p99 is little more than the slowest request. Source:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.catalog.metrics import statistic_family
from axonwatch.diagnostics import Diagnostic, Level

KEY = "EvaluateLowSampleCountPercentile"

CODE = "percentile-without-low-sample-guard"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm on one percentile that does not ignore low samples."""
    for subject, alarm in evidence.metric_alarms:
        if alarm.stat is None or alarm.ignore_low_samples or not subject.knows("low_samples"):
            continue
        if statistic_family(alarm.stat.stat) != "p" or not subject.knows("statistic"):
            continue
        share = float(alarm.stat.stat[1:]) / 100
        if not 0 < share < 1:
            continue
        needed = math.ceil(round(10 / (1 - share) if share >= 0.5 else 10 / share, 6))
        title = f"{called(subject)} judges {alarm.stat.stat} of any number of samples"
        label = f"below {needed:,} samples a period it is not steady"
        ignore = "`low_samples: ignore`" if evidence.loaded else f"`{KEY}: ignore`"
        cure = f"add {ignore}, or guard it with a minimum of traffic in metric math"
        yield finding(CODE, LEVEL, title, subject.at("statistic"), label, cure)
