"""Log events of any size, the same bytes for the same seed: the documented shape and the lines as
AxonFlow writes them, with what real logs mix in (dates before JSON, panics, cut JSON).
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

START_MS = 1_767_225_600_000
COMPONENTS = ("agent", "orchestrator", "gateway", "planner", "policy", "connector")
CLIENTS = tuple(f"client-{n:03d}" for n in range(500))
HOSTS = tuple(f"ip-10-0-{10 + n // 32}-{20 + n % 32}" for n in range(64))
PANIC = (
    "goroutine 1304 [running]:",
    "net/http.(*conn).serve.func1()",
    "\t/usr/local/go/src/net/http/server.go:1897 +0xbd",
)
_quote: Callable[[str], str] = json.encoder.encode_basestring  # keeps UTF-8 as it is


def data_folder() -> Path:
    """Where the data lies: BENCH_DIR, kept, or a folder for the user's temporary files."""
    folder = Path(os.environ.get("BENCH_DIR", Path(tempfile.gettempdir()) / "axonwatch-bench"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def events_file(shape: str, megabytes: int, *, mixed: bool = True) -> Path:
    """An event export of this size, generated once."""
    name = f"{shape}-{'mixed' if mixed else 'pure'}-{megabytes}mb.jsonl"
    file = data_folder() / name
    if not file.exists():
        part = file.with_suffix(".part")
        lines = {"documented": documented, "as-written": as_written}[shape]
        with part.open("w", encoding="utf-8", newline="\n") as out:
            written, block = 0, []
            for line in lines(random.Random(shape), mixed=mixed):  # noqa: S311  # a fixed seed
                block.append(line)
                if len(block) == 10_000:
                    written += out.write("".join(block))
                    block.clear()
                    if written >= megabytes * 1_000_000:
                        break
        part.replace(file)
    return file


def _event(ts: int, message: str, stream: str) -> str:
    return f'{{"timestamp": {ts}, "message": {_quote(message)}, "logStream": "{stream}"}}\n'


def documented(chance: random.Random, *, mixed: bool) -> Iterator[str]:
    """Entries of the shared JSON logger; with `mixed`, 16 % of other lines among them."""
    number = 0
    pick = chance.random
    while True:
        number += 1
        ts = START_MS + number * 3
        roll = pick()
        host = int(pick() * 64)
        level = (
            "ERROR"
            if roll < 0.005
            else "WARN"
            if roll < 0.05
            else "INFO"
            if roll < 0.7
            else "DEBUG"
        )
        component = COMPONENTS[int(pick() * 6)]
        client = CLIENTS[int(pick() * 500)]
        clock = f"{ts // 3_600_000 % 24:02d}:{ts // 60_000 % 60:02d}:{ts // 1000 % 60:02d}"
        entry = (
            f'{{"timestamp":"2026-01-01T{clock}.{ts % 1000:03d}Z","level":"{level}",'
            f'"component":"{component}","instance_id":"i-{host:04d}","container":"{HOSTS[host]}",'
            f'"client_id":"{client}","request_id":"req_{ts}{number % 1000:03d}",'
            f'"message":"Request {number % 7919} from 10.0.{number % 7}.{number % 251} done in '
            f'{int(pick() * 900)} ms","fields":{{"duration_ms":{pick() ** 4 * 900:.3f},'
            f'"status_code":{500 if level == "ERROR" else 200}}}}}'
        )
        if mixed:
            kind = number % 100
            if kind < 10:
                entry = f"2026/01/01 {clock} {entry}"
            elif kind < 15:
                entry = PANIC[kind % 3] if kind < 14 else f"2026/01/01 {clock} plain text ✅ done"
            elif kind == 15:
                entry = entry[:-17]
        yield _event(ts, entry, f"{component}/{HOSTS[host]}")


def as_written(chance: random.Random, *, mixed: bool) -> Iterator[str]:
    """The agent's lines of one request after another."""
    del mixed  # these lines are mixed by nature
    number = 0
    while True:
        number += 1
        ts = START_MS + number * 40
        clock = (
            f"2026/01/01 {ts // 3_600_000 % 24:02d}:{ts // 60_000 % 60:02d}:{ts // 1000 % 60:02d}"
        )
        client = CLIENTS[int(chance.random() * 500)]
        stream = f"agent/agent/{int(chance.random() * 5):032x}"
        policy = 300 * chance.random() ** 6
        took = f"{policy:.6f}ms" if policy >= 1 else f"{policy * 1000:.3f}µs"
        blocked = chance.random() < 0.02
        lines = [
            f"📨 Incoming request from 10.0.1.{number % 90}:{32768 + number % 20000} - Method: POST, Path: /api/request",
            "   Headers: X-License-Key: AXON-V2-...74a7, X-Client-Secret: <empty>, Content-Type: application/json",
            f"[TIMING] Request parse: {60 + number % 90}.{number % 999:03d}µs",
            f"   Request body: ClientID='{client}', RequestType='sql', Query='SELECT id FROM orders WHERE region = 'emea''",
            f"🔐 Validating license for client '{client}' with key 'AXON-V2-...74a7...'",
            f"✅ License validated successfully for client '{client}' (Tier: ENT)",
            f"[TIMING] Client validation: 1.{number % 999999:06d}ms",
            f"✅ Policy evaluation complete: Blocked={'true' if blocked else 'false'}, TriggeredPolicies=1",
            f"[TIMING] Policy evaluation: {took}",
        ]
        if blocked:
            lines.append(
                f"Request blocked by static policy for user u{number % 40}@{client}.example: "
                "SQL injection attempt detected: Detects UNION SELECT statements (pattern: union_select)"
            )
        else:
            status = 500 if number % 61 == 0 else 200
            lines += [
                f"🚀 Forwarding to orchestrator: http://orchestrator:8081/api/v1/process (ClientID: {client}, Type: sql)",
                f"✅ Orchestrator responded with status: {status}",
                f"✅ Orchestrator responded successfully (time: {0.2 + chance.random() * 3:.9f}s)",
                (
                    '[DEBUG] Actual JSON being sent: {"blocked":false,"data":{"data":"The order was shipped on Tuesday.",'
                    f'"metadata":{{"request_id":"req_{ts}"}}}},"success":true}}'
                ),
            ]
        for line in lines:
            yield _event(ts, f"{clock} {line}", stream)
        if number % 400 == 0:
            for line in PANIC:
                yield _event(ts, line, stream)
