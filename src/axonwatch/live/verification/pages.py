"""Whether the links in a page answer: a runbook that is a 404 at 03:00 is none."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from axonwatch.live.verification.result import Result, Verdict, fault, fine
from axonwatch.model.companion import Companion

MATTER = "runbook"
TIMEOUT = 10
_RUNBOOK = re.compile(r"^Runbook: (https?://\S+)$", re.MULTILINE)
Fetch = Callable[[str], int]


def runbook_links(companion: Companion) -> dict[str, str]:
    """Addresses of runbooks in the alarms' own texts, with the first alarm that names each."""
    found: dict[str, str] = {}
    for alarm in companion.alarms:
        for link in _RUNBOOK.findall(alarm.description):
            found.setdefault(link, alarm.name)
    return found


def verify_links(companion: Companion, fetch: Fetch | None = None) -> Iterator[Result]:
    """A result for each runbook address; none if the runbooks are files only."""
    links = runbook_links(companion)
    if not links:
        yield fine(MATTER, "runbooks", "are files beside the definitions; no address to look at")
        return
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = pool.map(lambda link: _look(link, fetch or status_of), links)
        for (link, alarm), (status, trouble) in zip(links.items(), answers, strict=True):
            if trouble:
                yield Result(MATTER, link, Verdict.UNKNOWN, trouble, "not-reached")
            elif status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                yield Result(MATTER, link, Verdict.UNKNOWN, "asks for a login", "not-reached")
            elif status >= HTTPStatus.BAD_REQUEST:
                text = f"answers {status} (named by {alarm})"
                cure = "correct runbook_url in stack.yaml, or write the page"
                yield fault(MATTER, link, "dead-runbook-link", text, cure)
            else:
                yield fine(MATTER, link)


def _look(link: str, fetch: Fetch) -> tuple[int, str]:
    try:
        return fetch(link), ""
    except OSError as lost:
        return 0, f"cannot be reached from here: {getattr(lost, 'reason', lost)}"


def status_of(link: str) -> int:
    """The status that a GET ends with, redirects followed. Raises OSError."""
    request = urllib.request.Request(link, headers={"User-Agent": "axonwatch"})  # noqa: S310 - http(s)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - http(s)
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return int(refused.code)
