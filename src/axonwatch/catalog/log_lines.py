"""The log schema: every line that AxonFlow can write, as families with examples.

Data in `data/log_schema.json`. `check` asks it whether a pattern can match any line at all: a
filter on a line that no code writes is silent for ever, and looks healthy.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

import re2

from axonwatch.syntax.insights.known_lines import LogFacts

_TELLING = 6  # characters: shorter texts may be anything
_WORD = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True)
class LogFamily:
    """Lines of one template. `regex` (RE2) matches the whole line, date and all."""

    name: str
    services: tuple[str, ...]
    severity: str
    layout: str
    template: str
    regex: str
    examples: tuple[str, ...]


@cache
def log_schema() -> Mapping[str, Any]:
    """The data file."""
    text = resources.files("axonwatch.catalog.data").joinpath("log_schema.json").read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


@cache
def families() -> tuple[LogFamily, ...]:
    """All families, the more special before the more general."""
    return tuple(
        LogFamily(
            row["name"],
            tuple(row["services"]),
            row["severity"],
            row["layout"],
            row["template"],
            row["regex"],
            tuple(row["examples"]),
        )
        for row in log_schema()["families"]
    )


def entry_schema() -> Mapping[str, Any]:
    """The JSON Schema of the documented logger's entry."""
    found: Mapping[str, Any] = log_schema()["entry"]
    return found


@cache
def _compiled() -> tuple[tuple[LogFamily, Any], ...]:
    return tuple((family, re2.compile(family.regex)) for family in families())


def family_of(line: str, service: str) -> LogFamily | None:
    """The family of a line; None for a continuation line, or one that no code writes."""
    for family, regex in _compiled():
        if service in family.services and regex.match(line):
            return family
    return None


def known_lines(service: str | None = None) -> Iterator[str]:
    """Examples of every line that a service (None: any) can write, documented entries too."""
    for family in families():
        if service is None or service in family.services:
            yield from family.examples
    for name, entries in log_schema()["entries"].items():
        if service is None or service == name:
            yield from entries


def can_hold(text: str, service: str | None = None) -> bool:
    """Whether some known line of a service holds this literal text."""
    return any(text in line for line in known_lines(service))


def can_match(regex: str, service: str | None = None) -> bool:
    """Whether some known line of a service matches this RE2 expression (unanchored).

    Raises re2.error for what is no expression.
    """
    compiled = re2.compile(regex)
    return any(compiled.search(line) is not None for line in known_lines(service))


@cache
def facts_of(services: frozenset[str]) -> LogFacts:
    """What queries over the logs of these services can find: in documented entries, in any line."""
    entry = entry_schema()["properties"]
    inside = {f"fields.{name}" for name in entry["fields"]["properties"]}
    return LogFacts(
        fields=frozenset({*entry, *inside}),
        open=frozenset({"fields"}),
        spelled=partial(spelled, services=services),
    )


def spelled(text: str, services: frozenset[str]) -> str | None:
    """A text that no known line holds, as one spells it: in other case, or with one word mended.

    None for a text that stands in a line, and for one that is like nothing known: it may be a
    value, of which the examples have only some.
    """
    if len(text) < _TELLING:
        return None
    lines = [line for service in sorted(services) for line in known_lines(service)]
    if any(text in line for line in lines):
        return None
    for line in lines:
        found = re.search(re.escape(text), line, re.IGNORECASE)
        if found:
            return found.group()
    known = {word for line in lines for word in _WORD.findall(line)}
    strange = [word for word in _WORD.findall(text) if word not in known]
    if len(strange) != 1:
        return None
    for near in difflib.get_close_matches(strange[0], sorted(known), n=3, cutoff=0.8):
        mended = text.replace(strange[0], near)
        if any(mended in line for line in lines):
            return mended
    return None
