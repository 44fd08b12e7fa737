"""Definitions against the account: everything that would keep a page from meaning what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from axonwatch.live.clients import Calls
from axonwatch.live.verification.alarms import verify_alarms
from axonwatch.live.verification.limits import verify_inventory
from axonwatch.live.verification.logs import verify_logs
from axonwatch.live.verification.metrics import verify_metrics
from axonwatch.live.verification.pages import Fetch, verify_links
from axonwatch.live.verification.result import Result, attempt
from axonwatch.live.verification.topics import verify_topics
from axonwatch.model.companion import Companion


@dataclass(frozen=True)
class Matter:
    """One part of verification."""

    name: str
    title: str
    look: Callable[[], Iterator[Result]]


def matters(
    aws: Calls, companion: Companion, *, run_queries: bool = True, fetch: Fetch | None = None
) -> list[Matter]:
    """All parts, in the order in which a fault of one explains those of the next."""
    return [
        Matter(
            "inventory",
            "the inventory is still true",
            lambda: attempt(
                "inventory",
                companion.inventory.stack_name,
                lambda: verify_inventory(aws, companion.inventory),
            ),
        ),
        Matter("paging", "pages can arrive", lambda: verify_topics(aws, companion)),
        Matter(
            "alarms",
            "alarms are there and enabled",
            lambda: attempt("alarm", "all", lambda: verify_alarms(aws, companion)),
        ),
        Matter(
            "metrics",
            "metrics exist and have data",
            lambda: attempt("metric", "all", lambda: verify_metrics(aws, companion)),
        ),
        Matter(
            "logs",
            "log groups exist, saved queries run",
            lambda: verify_logs(aws, companion, queries=run_queries),
        ),
        Matter("links", "runbook links answer", lambda: verify_links(companion, fetch)),
    ]
