"""The text of a page: the alarm's description, our only voice in the mail that CloudWatch sends.

One template, in this order, at most 1,024 characters; placeholders of the summary are resolved
here, at synth, because CloudWatch fills nothing in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

MAX_DESCRIPTION = 1024
PLACEHOLDERS = ("limit", "threshold", "capacity", "percent", "stack", "minutes")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_CONSOLES = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "{region}.console.amazonaws.cn",
    "aws-us-gov": "{region}.console.amazonaws-us-gov.com",
}


@dataclass(frozen=True)
class PageText:
    """The parts of a description."""

    summary: str
    impact: str
    shape: str
    first: Sequence[str]
    runbook: str
    dashboard: str
    look: str | None
    severity: str
    component: str
    stack: str

    def text(self) -> str:
        """The description."""
        lines = [self.summary]
        if self.impact:
            lines.append(f"Impact: {self.impact}")
        if self.shape:
            lines.append(f"Shape: {self.shape}")
        if self.first:
            lines.append("Do first:")
            lines += [f"{number}. {step}" for number, step in enumerate(self.first, 1)]
        if self.runbook:
            lines.append(f"Runbook: {self.runbook}")
        if self.dashboard:
            lines.append(f"Dashboard: {self.dashboard}")
        if self.look:
            lines.append(f"Look: axonwatch query {self.look} --since 1h")
        lines.append(f"severity={self.severity} component={self.component} stack={self.stack}")
        return "\n".join(lines)


def fill(summary: str, values: dict[str, str]) -> str:
    """The summary with its placeholders resolved; unknown ones stay as they are."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), summary)


def dashboard_link(name: str, *, partition: str, region: str) -> str:
    """The console's address of a dashboard."""
    host = _CONSOLES.get(partition, _CONSOLES["aws"]).format(region=region)
    return f"https://{host}/cloudwatch/home?region={region}#dashboards:name={quote(name)}"
