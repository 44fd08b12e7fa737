"""`preview --serve`: the page on a loopback port, made anew when a definition changes.

Binds 127.0.0.1 only; answers only to its own host name and token, so that no other page in the
browser can read it (DNS rebinding).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LOOPBACK = "127.0.0.1"


class PreviewServer:
    """Serves `render(token)` and `version()`; `port` 0 takes a free one.

    `render` makes the page with the token in it, `version` names the state of the definitions: the
    page reloads itself when it changes.
    """

    def __init__(
        self, render: Callable[[str], str], version: Callable[[], str], *, port: int = 0
    ) -> None:
        self.token = secrets.token_urlsafe(16)
        self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(self))
        self._render = render
        self._version = version

    @property
    def url(self) -> str:
        """The address to open, token included."""
        return f"http://{self.host}/?token={self.token}"

    @property
    def host(self) -> str:
        """The only Host header that is answered."""
        return f"{LOOPBACK}:{self._server.server_address[1]}"

    def serve(self) -> None:
        """Serve until `stop` is called from elsewhere."""
        self._server.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, host: str | None) -> tuple[HTTPStatus, str, str]:
        """Status, content type and body for a request."""
        parts = urlsplit(path)
        token = parse_qs(parts.query).get("token", [""])[0]
        if host != self.host or not hmac.compare_digest(token, self.token):
            return HTTPStatus.FORBIDDEN, "text/plain", "open the address that axonwatch printed\n"
        if parts.path == "/":
            return HTTPStatus.OK, "text/html", self._render(self.token)
        if parts.path == "/version":
            return HTTPStatus.OK, "text/plain", self._version()
        return HTTPStatus.NOT_FOUND, "text/plain", "nothing here\n"


def _handler(preview: PreviewServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, text = preview.answer(self.path, self.headers.get("Host"))
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Requests are not news."""

    return Handler
