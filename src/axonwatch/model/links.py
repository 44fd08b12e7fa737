"""Addresses in the CloudWatch console: alarm, dashboard, log group, metric graph, Insights query.

The console's own encoding is not documented and may change; it lives here alone, and the tests
rebuild addresses that a console made. Form B (no bare `~ ( ) '`) goes into everything that is sent,
because mail and chat programs end a link at those characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote

from axonwatch.model.metrics import Metric

Tilde: TypeAlias = "str | bool | int | Sequence[Tilde] | Mapping[str, Tilde]"

_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
_FORM_B = str.maketrans({"~": "$257E", "(": "$2528", ")": "$2529", "'": "$2527"})
HOSTS: Mapping[str, str] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}


@dataclass(frozen=True)
class Window:
    """A stretch of time, in UTC."""

    start: datetime
    end: datetime

    def texts(self) -> tuple[str, str]:
        """Both ends as the console writes them."""
        return _stamp(self.start), _stamp(self.end)


def _stamp(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def tilde(value: Tilde) -> str:
    """A value in the console's notation: `~(key~'text~list~(~1~2))` without the leading `~`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return "'" + "".join(
            chr(byte) if chr(byte) in _SAFE else f"*{byte:02x}" for byte in value.encode()
        )
    if isinstance(value, Mapping):
        return "(" + "~".join(f"{key}~{tilde(one)}" for key, one in value.items()) + ")"
    return "(" + "".join(f"~{tilde(one)}" for one in value) + ")"


@dataclass(frozen=True)
class Console:
    """The console of one region."""

    region: str
    partition: str = "aws"

    @property
    def home(self) -> str:
        """The address up to the fragment."""
        host = HOSTS.get(self.partition, HOSTS["aws"])
        return f"https://{self.region}.{host}/cloudwatch/home?region={self.region}"

    def alarm(self, name: str, window: Window | None = None) -> str:
        """An alarm, with its graph over `window`."""
        link = f"{self.home}#alarmsV2:alarm/{quote(name, safe='')}"
        if window is None:
            return link
        start, end = window.texts()
        return f"{link}?~{tilde({'timeRange': {'startDate': start, 'endDate': end}})}"

    def dashboard(self, name: str) -> str:
        """A dashboard."""
        return f"{self.home}#dashboards:name={quote(name, safe='')}"

    def log_group(self, name: str) -> str:
        """A log group: its name percent-encoded twice, each `%` then written `$`."""
        twice = quote(quote(name, safe=""), safe="").replace("%", "$")
        return f"{self.home}#logsV2:log-groups/log-group/{twice}"

    def graph(self, metric: Metric, stat: str, period: int, window: Window | None = None) -> str:
        """A metric's graph."""
        path: list[Tilde] = [metric.namespace, metric.name]
        for dimension in metric.dimensions:
            path += [dimension.name, dimension.value]
        shown: dict[str, Tilde] = {
            "metrics": [path],
            "view": "timeSeries",
            "stacked": False,
            "region": self.region,
        }
        start, end = window.texts() if window else ("-PT3H", "P0D")
        shown |= {"start": start, "end": end, "stat": stat, "period": period}
        return f"{self.home}#metricsV2:graph=~{tilde(shown)}"

    def insights(
        self,
        text: str,
        log_groups: Sequence[str],
        window: Window | int,
        *,
        form: str = "B",
        **more: Tilde,
    ) -> str:
        """A Logs Insights query over a window, or over the last so many seconds.

        Form A is what the console's address bar shows; only form B survives mail and chat.
        """
        detail: dict[str, Tilde] = {}
        if isinstance(window, int):
            detail |= {"end": 0, "start": -window, "timeType": "RELATIVE", "unit": "seconds"}
        else:
            start, end = window.texts()
            zone = more.pop("tz", "UTC")
            detail |= {"end": end, "start": start, "timeType": "ABSOLUTE", "tz": zone}
        detail |= {"editorString": text, **more, "source": list(log_groups)}
        encoded = f"~{tilde(detail)}"
        if form == "B":
            encoded = encoded.translate(_FORM_B)
        return f"{self.home}#logsV2:logs-insights$3FqueryDetail$3D{encoded}"


def through_portal(portal: str, account: str, role: str, link: str) -> str:
    """A link that signs in to the right account first, by the company's access portal."""
    return (
        f"https://{portal}.awsapps.com/start/#/console?account_id={account}"
        f"&role_name={quote(role, safe='')}&destination={quote(link, safe='')}"
    )
