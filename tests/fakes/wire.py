"""Faults on the wire: the n-th request of a run is answered by AWS's refusal, or not at all.

Registered on botocore's own `before-send` event, so that retries, parsing and translation are
the real ones. Error bodies have the form of the request's protocol.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)


class _Raw:
    """A body as urllib3 hands it over."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, *_: object, **__: object) -> Any:
        yield self.body

    def read(self, *_: object) -> bytes:
        return self.body


@dataclass(frozen=True)
class Fault:
    """One way for a request to go wrong. `lasts` is how many requests in a row it meets."""

    name: str
    act: Callable[[AWSPreparedRequest], AWSResponse]
    lasts: int = 1000


def _text(value: str) -> bytes:
    """A CBOR text string."""
    raw = value.encode()
    head = bytes([0x60 + len(raw)]) if len(raw) < 24 else bytes([0x78, len(raw)])
    return head + raw


def _error(status: int, code: str, message: str = "said the fake") -> Callable[..., AWSResponse]:
    def answer(request: AWSPreparedRequest) -> AWSResponse:
        sent = {key.lower(): str(value) for key, value in request.headers.items()}
        kind = sent.get("content-type", "")
        if "cbor" in kind or "cbor" in sent.get("smithy-protocol", ""):
            body = b"\xa2" + _text("__type") + _text(code) + _text("message") + _text(message)
            headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        elif "json" in kind:
            body = json.dumps({"__type": code, "message": message}).encode()
            headers = {"content-type": "application/x-amz-json-1.1"}
        else:
            body = (
                f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
                "<RequestId>r</RequestId></ErrorResponse>"
            ).encode()
            headers = {"content-type": "text/xml"}
        return AWSResponse(request.url, status, HeadersDict(headers), _Raw(body))  # type: ignore[arg-type]

    return answer


def _raise(make: Callable[[str], BaseException]) -> Callable[..., AWSResponse]:
    def answer(request: AWSPreparedRequest) -> AWSResponse:
        raise make(request.url)

    return answer


def _cut(request: AWSPreparedRequest) -> AWSResponse:
    headers = HeadersDict({"content-type": "text/xml"})
    return AWSResponse(request.url, 200, headers, _Raw(b"<Describe"))  # type: ignore[arg-type]


def _interrupt(request: AWSPreparedRequest) -> AWSResponse:
    del request
    raise KeyboardInterrupt


FAULTS = [
    Fault("throttled", _error(400, "ThrottlingException", "Rate exceeded")),
    Fault("throttled once", _error(400, "ThrottlingException", "Rate exceeded"), lasts=1),
    Fault("expired", _error(400, "ExpiredTokenException", "The token has expired")),
    Fault("denied", _error(403, "AccessDeniedException", "not authorized")),
    Fault("error 500", _error(500, "InternalFailure")),
    Fault("unavailable once", _error(503, "ServiceUnavailable"), lasts=1),
    Fault("time-out", _raise(lambda url: ReadTimeoutError(endpoint_url=url))),
    Fault("network cut", _raise(lambda url: ConnectionClosedError(endpoint_url=url))),
    Fault("unreachable", _raise(lambda url: EndpointConnectionError(endpoint_url=url))),
    Fault("body cut", _cut),
    Fault("clock skewed", _error(403, "SignatureDoesNotMatch", "Signature expired")),
    Fault("not found", _error(404, "ResourceNotFoundException", "no such thing")),
    Fault("unknown call", _error(400, "UnknownOperationException", "unknown")),
    Fault("Ctrl-C", _interrupt, lasts=1),
]


@dataclass
class Saboteur:
    """Lets `n - 1` requests through, and answers the next ones itself."""

    fault: Fault
    n: int
    requests: int = 0
    met: int = 0
    urls: list[str] = field(default_factory=list)

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        """botocore's before-send."""
        self.requests += 1
        self.urls.append(str(request.url))
        if self.requests < self.n or self.met >= self.fault.lasts:
            return None
        self.met += 1
        return self.fault.act(request)
