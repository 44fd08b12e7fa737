"""A small preview with hostile text in every place that shows text."""

from __future__ import annotations

import math

from axonwatch.preview.view import (
    AlarmCard,
    Board,
    Chart,
    Choice,
    Grid,
    Interval,
    Mark,
    Preview,
    SentPage,
    Tile,
    Trace,
)

START = 1_795_448_520
END = START + 7200
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\u2028"


def chart(label: str = "CPUUtilization") -> Chart:
    times = tuple(START + 60 * i for i in range(120))
    values = tuple(None if 50 < i < 55 else 40 + 30 * math.sin(i / 9) for i in range(120))
    return Chart(
        traces=(Trace(label, times, values), Trace("right", times, values, "right")),
        marks=(Mark(80, label, fill="above"),),
        intervals=(Interval(START + 1200, START + 2400, "ALARM"),),
        left_label="percent",
        left_range=(0, 100),
    )


def preview(text: str = "plain") -> Preview:
    name = "axonflow-prod-database-incident"
    tiles = (
        Tile(
            0,
            0,
            24,
            2,
            markdown=f"# On call\n{text} [x](javascript:alert(1)) [ok](https://example.com)",
        ),
        Tile(0, 2, 24, 3, text, alarms=(name, "axonflow-prod-absent")),
        Tile(0, 5, 12, 6, "CPU", chart=chart(text)),
        Tile(12, 5, 12, 6, "Outcomes", grid=Grid(("outcome", text), ((text, "1"),))),
        Tile(
            0, 11, 12, 4, "Now", chart=Chart(chart(text).traces, view="gauge", left_range=(0, 100))
        ),
        Tile(12, 11, 12, 4, "Nothing", chart=Chart(note="no data in this time")),
    )
    page = SentPage(
        START + 1200, "ALARM", (text,), f'ALARM: "{name}"', f"mail {text}", f'{{"a": "{text}"}}'
    )
    card = AlarmCard(
        name=name,
        kind="composite",
        severity="page",
        component="database",
        summary=text,
        state="OK",
        reason=text,
        condition=text,
        intervals=(
            Interval(START, START + 1200, "OK"),
            Interval(START + 1200, START + 2400, "ALARM"),
            Interval(START + 2400, END, "OK"),
        ),
        chart=chart(text),
        rule=f"ALARM({text})",
        children=("axonflow-prod-absent",),
        pages=(page,),
        runbook=f"# Runbook\n{text}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    )
    board = Board(
        "on-call", "axonflow-prod-on-call", tiles, (Choice("Stack", text, ((text, text),)),)
    )
    return Preview("axonflow-prod", text, START, END, (board,), (card,), (text,))
