"""Whether JSON stands behind other text in a log's events, so that nothing is discovered in it.

Go's `log.Println(json)` writes `2026/01/01 00:00:00 {..}`: to CloudWatch a line of text. A query
for its fields finds nothing and does not say why. Asked only when a query names such fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from axonwatch.query.events import Events

LOOKED_AT = 20_000  # events
BEHIND = re.compile(r"[^{]{1,80}\{\s*\".*\}\s*")


def is_prefixed(events: Events, relations: Sequence[str]) -> bool:
    """Whether some of the first events hold JSON behind other text, and none is JSON itself."""
    read = " UNION ALL ".join(f"SELECT message FROM {relation}" for relation in relations)
    (whole, behind), *_ = events.run(
        "SELECT count(*) FILTER (WHERE starts_with(ltrim(message), '{')), "
        "count(*) FILTER (WHERE regexp_full_match(message, ?)) "
        f"FROM (SELECT message FROM ({read}) LIMIT {LOOKED_AT})",
        [BEHIND.pattern],
    ).rows
    return whole == 0 and behind != 0
