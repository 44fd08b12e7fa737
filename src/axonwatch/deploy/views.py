"""Dashboards and saved queries: what people look at, and what may stand in any stack.

Part of the companion stack or of the one beside it. `View.size` is exact, so that `companion.py`
can tell where a view fits before it is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs

from axonwatch.deploy.alarms import CERTIFICATE_ARN as CERTIFICATES
from axonwatch.deploy.alarms import logical_id
from axonwatch.deploy.dashboard_body import ALARM_ARN, CERTIFICATE_ARN, dashboard_body
from axonwatch.deploy.ignores import METADATA, ignores, note_ignores
from axonwatch.diagnostics import Span
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.queries import SavedQuery
from axonwatch.model.stack import Names

# What the reference to the alarms' ARN, its escapes and the resource's frame take.
_FRAME = 360
_ESCAPE = "${!"


@dataclass(frozen=True)
class View:
    """A dashboard or a saved query, ready to be made in whichever stack has room."""

    id: str
    name: str
    body: str
    source: Dashboard | SavedQuery
    names: Names

    @property
    def part(self) -> str | None:
        """The part that a dashboard is about, by its key; None for others and for queries."""
        return self.source.key if isinstance(self.source, Dashboard) else None

    @property
    def size(self) -> int:
        """Bytes that it takes in a template, at most."""
        return len(json.dumps(self.body, ensure_ascii=False).encode()) + _FRAME + _extra(self)

    @property
    def origin(self) -> Span | None:
        """Where its definition stands."""
        return self.source.origin

    def make(self, stack: cdk.Stack) -> None:
        """Add it to `stack`."""
        if isinstance(self.source, Dashboard):
            made: cdk.CfnResource = cloudwatch.CfnDashboard(
                stack,
                self.id,
                dashboard_name=self.name,
                dashboard_body=_filled_in(self.body, self.names.stack),
            )
        else:
            made = logs.CfnQueryDefinition(
                stack,
                self.id,
                name=self.name,
                query_string=self.body,
                log_group_names=list(self.source.log_groups),
                parameters=_parameters(self.source) or None,
            )
        note_ignores(made, self.source.ignored)


def views(companion: Companion) -> Iterator[View]:
    """All dashboards, then all saved queries, in the order of their definitions."""
    names = companion.names
    for dashboard in companion.dashboards:
        yield View(
            logical_id(f"dashboard-{dashboard.key}"),
            dashboard.name,
            dashboard_body(
                dashboard,
                region=companion.inventory.region,
                stack=names.stack,
                queries=companion.queries,
            ),
            dashboard,
            names,
        )
    for query in companion.queries:
        yield View(
            logical_id(f"query-{query.name}"),
            names.saved_query(query.folder, query.name),
            query.text,
            query,
            names,
        )


def _filled_in(body: str, stack: str) -> str:
    """The body with the account's own beginnings of ARNs."""
    alarms = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:"
    beginnings = {ALARM_ARN: f"{alarms}{stack}-", CERTIFICATE_ARN: CERTIFICATES}
    used = {mark[2:-1]: cdk.Fn.sub(arn) for mark, arn in beginnings.items() if mark in body}
    if not used:
        return body.replace(_ESCAPE, _ESCAPE[:-1])
    return str(cdk.Fn.sub(body, used))


def _parameters(query: SavedQuery) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            **({} if parameter.default is None else {"defaultValue": parameter.default}),
            **({"description": parameter.description} if parameter.description else {}),
        }
        for parameter in query.parameters
    ]


def _extra(view: View) -> int:
    """Bytes of a query's groups and parameters, and of ignores."""
    rest: list[Any] = [view.name]
    if not isinstance(view.source, Dashboard):
        rest += [view.source.log_groups, _parameters(view.source)]
    if view.source.ignored:
        rest += [METADATA, "Metadata", "ignore", ignores(view.source.ignored)]
    return len(json.dumps(rest, ensure_ascii=False).encode())
