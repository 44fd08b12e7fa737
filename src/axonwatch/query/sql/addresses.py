"""IP address functions."""

from __future__ import annotations

import ipaddress

from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.expressions import Expressions, scalar
from axonwatch.query.sql.pipeline import quote_text
from axonwatch.query.sql.values import Kind, Value
from axonwatch.syntax.insights import nodes as n

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
V4_PATTERN = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
# Source: RFC 6890, the special-purpose address registries.
_RESERVED = (
    "0.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)


def is_v4(column: str) -> str:
    """BOOLEAN SQL: whether a text is an IPv4 address."""
    return f"regexp_full_match({column}, {quote_text(V4_PATTERN)})"


def v4_number(column: str) -> str:
    """BIGINT SQL of a valid IPv4 address; NULL for other texts."""
    parts = [
        f"CAST(split_part({column}, '.', {place + 1}) AS BIGINT) * {256 ** (3 - place)}"
        for place in range(4)
    ]
    return f"CASE WHEN {is_v4(column)} THEN {' + '.join(parts)} END"


def _in_v4(number: str, ranges: tuple[str, ...]) -> str:
    tests = []
    for text in ranges:
        network = ipaddress.IPv4Network(text)
        tests.append(f"{number} BETWEEN {int(network[0])} AND {int(network[-1])}")
    return f"({' OR '.join(tests)})"


def is_v6(on: Expressions, column: str) -> str:
    """BOOLEAN SQL: whether a text is an IPv6 address."""
    test = on.context.uses("insights_is_ipv6")
    return f"CASE WHEN contains({column}, ':') THEN {test}({column}) ELSE false END"


def _column(on: Expressions, value: Value) -> str:
    return on.let(on.text(value))


def _truth(column: str, test: str) -> Value:
    return Value(Kind.BOOLEAN, f"CASE WHEN {column} IS NOT NULL THEN coalesce({test}, false) END")


@scalar("isValidIpV4")
def is_valid_v4(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether it is an IPv4 address."""
    del node
    column = _column(on, arguments[0])
    return _truth(column, is_v4(column))


@scalar("isValidIpV6")
def is_valid_v6(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether it is an IPv6 address."""
    del node
    column = _column(on, arguments[0])
    return _truth(column, is_v6(on, column))


@scalar("isValidIp")
def is_valid(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether it is an address."""
    del node
    column = _column(on, arguments[0])
    return _truth(column, f"{is_v4(column)} OR {is_v6(on, column)}")


@scalar("ipv4ToNumber")
def ipv4_to_number(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """An IPv4 address as a number."""
    del node
    return Value(Kind.INTEGER, v4_number(_column(on, arguments[0])))


@scalar("isIpInSubnet", "isIpv4InSubnet", "isIpv6InSubnet")
def is_in_subnet(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether an address lies in a subnet."""
    column = _column(on, arguments[0])
    subnet = node.arguments[1]
    if isinstance(subnet, n.String):
        network = _network(subnet)
        only = {"isipv4insubnet": 4, "isipv6insubnet": 6}.get(node.function.lower())
        if only is not None and network.version != only:
            return _truth(column, "false")
        if isinstance(network, ipaddress.IPv4Network):
            number = on.let(v4_number(column))
            return _truth(column, _in_v4(number, (str(network),)))
    test = on.context.uses("insights_in_subnet")
    version = {"isipv4insubnet": "4", "isipv6insubnet": "6"}.get(node.function.lower(), "0")
    return _truth(column, f"{test}({column}, {on.text(arguments[1])}, '{version}')")


def _network(subnet: n.String) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(subnet.value, strict=False)
    except ValueError:
        refuse(
            "invalid-subnet",
            f"`{subnet.value}` is not a subnet",
            subnet.span,
            label="not an address range",
            help='write it as "10.0.0.0/8"',
        )


@scalar("isPrivateIP", "isPublicIP", "isReservedIP")
def is_of_range(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """To which part of the address space an address belongs."""
    column = _column(on, arguments[0])
    number = on.let(v4_number(column))
    test = on.context.uses("insights_ipv6_scope")
    word = node.function.lower().removeprefix("is").removesuffix("ip")
    private, reserved = _in_v4(number, _PRIVATE), _in_v4(number, _RESERVED)
    v4 = {
        "private": private,
        "reserved": reserved,
        "public": f"NOT ({private} OR {reserved})",
    }[word]
    v6 = f"CASE WHEN contains({column}, ':') THEN {test}({column}) = '{word}' ELSE false END"
    return _truth(column, f"CASE WHEN {number} IS NOT NULL THEN {v4} ELSE {v6} END")
