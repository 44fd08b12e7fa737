"""A TCP proxy on a loopback port that cuts, holds or forwards: the network between us and AWS.

What reaches botocore is what a broken network gives: a reset, half an answer, silence.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BLOCK = 65_536
LINGER_NONE = struct.pack("ii", 1, 0)  # close() then sends a reset
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"x-amz-target: *[^\r\n]*?(\w+)\r", re.IGNORECASE)
_SMITHY = re.compile(rb"POST /service/\w+/operation/(\w+)")
_ACTION = re.compile(rb"(?:^|&|\n)Action=(\w+)")


def operation_of(request: bytes) -> str:
    """The operation that a request asks for, in any of AWS's protocols."""
    for pattern in (_TARGET, _SMITHY, _ACTION):
        found = pattern.search(request)
        if found:
            return found[1].decode()
    return ""


@dataclass
class Network:
    """The wire. `act` says what happens to a request.

    `pass`, `hold` (silence), `reset` (never arrives), `lost` (arrives, its answer does not), `half`
    (the answer ends inside its body), `head` (it ends inside its headers).
    """

    target: tuple[str, int]
    act: Callable[[str], str] = lambda _: "pass"
    url: str = ""
    asked: list[str] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        """Accept until the listener is closed."""
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def stop(self) -> None:
        """Let go of what is held."""
        self._over.set()

    def _one(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while request := _whole(client):
                operation = operation_of(request)
                self.asked.append(operation)
                act = self.act(operation)
                if act == "hold":
                    self.held.set()
                    self._over.wait(60)
                    return
                if act == "reset":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
                    return
                answer = self._forward(request)
                if act == "lost":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
                    return
                if act in {"half", "head"}:
                    head, _, body = answer.partition(b"\r\n\r\n")
                    kept = answer[: len(head) + 4 + len(body) // 2]
                    client.sendall(kept if act == "half" else head[: head.index(b"\r\n") + 2])
                    return
                client.sendall(answer)

    def _forward(self, request: bytes) -> bytes:
        with socket.create_connection(self.target, timeout=30) as server:
            server.sendall(request)
            return _whole(server)


def _whole(source: socket.socket) -> bytes:
    """A request or answer with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = source.recv(BLOCK)
        if not block:
            return b""
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    if b"100-continue" in head.lower():
        source.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    found = _LENGTH.search(head)
    missing = int(found[1]) - len(body) if found else 0
    while missing > 0:
        block = source.recv(BLOCK)
        if not block:
            break
        data += block
        missing -= len(block)
    return data


@contextmanager
def network(url: str) -> Iterator[Network]:
    """A network in front of a server, for as long as the block lasts."""
    place = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Network((place.hostname or "", place.port or 80))
        wire.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=wire.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            wire.stop()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
