"""AWS in this process: a moto server on a free loopback port, real HTTP, one for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen


@contextmanager
def embedded_aws() -> Iterator[str]:
    """The address of a running server; `reset` empties it between tests."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def reset(url: str) -> None:
    """Forget all that was created."""
    request = Request(f"{url}/moto-api/reset", method="POST")  # noqa: S310 - our own server
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        answer.read()
