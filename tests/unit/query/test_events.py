"""Log groups become views that hold every line of every file."""

from __future__ import annotations

from pathlib import Path

from axonwatch.query.events import LogGroup, open_events


def test_an_export_of_events_becomes_a_view(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"timestamp": 5, "message": "one", "logStream": "s"}\n'
        '{"timestamp": 6, "message": "two", "ingestionTime": 7}\n'
    )
    with open_events([LogGroup("/ecs/app", (str(file),))]) as events:
        answer = events.run(f"SELECT * FROM {events.relation('/ecs/app')} ORDER BY seq")
    assert answer.columns == ("ts", "ingest", "stream", "log", "message", "seq")
    assert answer.rows == [
        (5, None, "s", "000000000000:/ecs/app", "one", 1),
        (6, 7, None, "000000000000:/ecs/app", "two", 2),
    ]
