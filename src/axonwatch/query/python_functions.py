"""Functions of the language that are written in Python, and called by DuckDB for each value.

They are registered only for statements that use them: the first one costs the import of numpy.
None of them may raise: a value that they cannot read gives NULL.
"""

from __future__ import annotations

import csv
import io
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from axonwatch.query.duck import duckdb
from axonwatch.query.sql.document import DISCOVERED_FIELDS

_OPENINGS = 50
_PAIR = re.compile(r'([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?(?=\s|$)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_V6_PRIVATE = ipaddress.ip_network("fc00::/7")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _dump(value: object) -> str:
    return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def first_fields(text: str | None) -> str | None:
    """A JSON object cut to its first 200 fields."""
    if text is None:
        return None
    try:
        value = json.loads(text)
        left = [DISCOVERED_FIELDS]
        return _dump(_cut(value, left))
    except (ValueError, RecursionError):
        return None


def _cut(value: object, left: list[int]) -> object:
    if isinstance(value, dict):
        kept = {}
        for key, inner in value.items():
            if left[0] <= 0:
                break
            kept[key] = _cut(inner, left)
        return kept
    if isinstance(value, list):
        listed = []
        for inner in value:
            if left[0] <= 0:
                break
            listed.append(_cut(inner, left))
        return listed
    if value is not None:
        left[0] -= 1
    return value


def embedded(text: str | None) -> str | None:
    """The first JSON object in a text."""
    if text is None:
        return None
    decoder = json.JSONDecoder()
    start = -1
    for _ in range(_OPENINGS):
        start = text.find("{", start + 1)
        if start < 0:
            return None
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        fragment = text[start:end]
        return _dump(value) if "\\ud" in fragment.lower() else fragment
    return None


def logfmt(text: str | None) -> str | None:
    """The pairs `key=value` of a text, as a map; NULL if there is none."""
    if text is None or "=" not in text:
        return None
    found: dict[str, str] = {}
    for pair in _PAIR.finditer(text):
        key, quoted, plain = pair.groups()
        if quoted is not None:
            quoted = _ESCAPE.sub(lambda e: _CONTROLS.get(e[1], e[1]), quoted)
        found[key] = quoted if quoted is not None else plain or ""
    return _dump(found)


def csv_row(text: str | None) -> str | None:
    """The cells of a line, as a list."""
    if text is None:
        return None
    csv.field_size_limit(64 << 20)
    try:
        return _dump(next(csv.reader(io.StringIO(text)), []))
    except csv.Error:
        return None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def is_ipv6(text: str | None) -> bool | None:
    """Whether a text is an IPv6 address."""
    return None if text is None else isinstance(_address(text), ipaddress.IPv6Address)


def in_subnet(text: str | None, subnet: str | None, version: str | None) -> bool | None:
    """Whether an address lies in a subnet; `version` is 4, 6 or 0 for both."""
    if text is None or subnet is None:
        return None
    address = _address(text)
    try:
        network = ipaddress.ip_network(subnet.strip(), strict=False)
    except ValueError:
        return False
    if address is None or (version != "0" and str(address.version) != version):
        return False
    return address.version == network.version and address in network


def ipv6_scope(text: str | None) -> str | None:
    """`private`, `reserved` or `public`; NULL for what is no IPv6 address."""
    address = None if text is None else _address(text)
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _V6_PRIVATE:
        return "private"
    return "public" if address.is_global and not address.is_multicast else "reserved"


def narrowest(ranges: Iterable[str]) -> Callable[[str | None], str | None]:
    """A function that finds the narrowest of the ranges that hold an address, as it is spelled."""
    known: dict[tuple[int, int], dict[int, str]] = {}
    for text in ranges:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            continue
        places = known.setdefault((network.version, network.prefixlen), {})
        places.setdefault(int(network.network_address), text)
    lengths = sorted(known, key=lambda key: -key[1])

    def find(text: str | None) -> str | None:
        address = None if text is None else _address(text)
        if address is None:
            return None
        bits = address.max_prefixlen
        for version, length in lengths:
            if version == address.version:
                start = int(address) >> (bits - length) << (bits - length)
                found = known[version, length].get(start)
                if found is not None:
                    return found
        return None

    return find


_TEXT: Any = "VARCHAR"
_SPECIAL: Any = "special"
FUNCTIONS: Mapping[str, tuple[Callable[..., str | bool | None], list[Any], str]] = {
    "insights_first_fields": (first_fields, [_TEXT], _TEXT),
    "insights_embedded": (embedded, [_TEXT], _TEXT),
    "insights_logfmt": (logfmt, [_TEXT], _TEXT),
    "insights_csv": (csv_row, [_TEXT], _TEXT),
    "insights_is_ipv6": (is_ipv6, [_TEXT], "BOOLEAN"),
    "insights_in_subnet": (in_subnet, [_TEXT, _TEXT, _TEXT], "BOOLEAN"),
    "insights_ipv6_scope": (ipv6_scope, [_TEXT], _TEXT),
}


def register(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    ranges: Mapping[str, Iterable[str]],
) -> None:
    """Make functions known to a connection; `ranges` are the texts that a narrowest one knows."""
    for name in names:
        function, arguments, result = FUNCTIONS[name]
        connection.create_function(
            name, function, arguments, result, null_handling=_SPECIAL, side_effects=False
        )
    for name, texts in ranges.items():
        connection.create_function(
            name, narrowest(texts), [_TEXT], _TEXT, null_handling=_SPECIAL, side_effects=False
        )
