from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from axonwatch.preview.server import LOOPBACK, PreviewServer


@pytest.fixture
def server() -> Iterator[PreviewServer]:
    preview = PreviewServer(lambda token: f"<p>{token}</p>", lambda: "7")
    thread = threading.Thread(target=preview.serve)
    thread.start()
    yield preview
    preview.stop()
    thread.join()


def get(url: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_printed_address_shows_the_page(server: PreviewServer) -> None:
    assert get(server.url) == (HTTPStatus.OK, f"<p>{server.token}</p>")


def test_the_page_asks_for_the_version_with_its_token(server: PreviewServer) -> None:
    assert get(f"http://{server.host}/version?token={server.token}") == (HTTPStatus.OK, "7")


@pytest.mark.parametrize("path", ["/", "/version", "/?token=wrong"])
def test_without_the_token_nothing_is_shown(server: PreviewServer, path: str) -> None:
    assert get(f"http://{server.host}{path}")[0] == HTTPStatus.FORBIDDEN


def test_another_host_name_is_refused_even_with_the_token(server: PreviewServer) -> None:
    assert get(server.url, Host="evil.example")[0] == HTTPStatus.FORBIDDEN


def test_only_loopback_is_bound(server: PreviewServer) -> None:
    assert server._server.server_address[0] == LOOPBACK
