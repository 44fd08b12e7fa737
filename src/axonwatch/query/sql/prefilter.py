r"""Texts that a line must hold to pass a condition: found before its JSON is opened.

A field's text stands in the message as it is, unless JSON escapes spell it: letters, digits and
such can only be spelled `\u00..`, so a message that holds neither the text nor `\u00` cannot have
it. A text that may be a number's is left alone, because `1e3` is shown as 1000. The condition
itself is still evaluated.
"""

from __future__ import annotations

import re

from axonwatch.query.sql.pipeline import quote_text
from axonwatch.query.sql.scope import Scope
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.regex import read_regex

_SHORTEST = 3
_SAFE = re.compile(r"[A-Za-z0-9 _.,:;!?@#$%&*()+=|~<>{}\[\]'^`-]+")
_NO_NUMBER = re.compile(r"[A-DF-Za-df-z]")
Texts = tuple[str, ...]  # one of them must be there


def prefilters(condition: n.Expression, scope: Scope) -> list[str]:
    """Conditions on the message that the condition implies."""
    message = scope.system["@message"].sql
    found = []
    for texts in _required(condition, scope):
        tests = [f"contains({message}, {quote_text(text)})" for text in texts]
        found.append(" OR ".join([*tests, f"contains({message}, '\\u00')"]))
    return found


def _required(node: n.Expression, scope: Scope) -> list[Texts]:
    """For each part that must hold, the texts of which one must be there."""
    match node:
        case n.And(terms):
            return [texts for term in terms for texts in _required(term, scope)]
        case n.Or(terms):
            ones = [_required(term, scope) for term in terms]
            if all(ones):
                return [tuple(dict.fromkeys(text for one in ones for text in one[0]))]
            return []
        case n.Comparison("=", n.Field() as field, n.String(value)):
            return _of_field(field, (value,), scope)
        case n.Comparison("=", n.String(value), n.Field() as field):
            return _of_field(field, (value,), scope)
        case n.In(n.Field() as field, items, False):
            values = tuple(item.value for item in items if isinstance(item, n.String))
            return _of_field(field, values, scope) if len(values) == len(items) else []
        case n.Like(n.Field() as field, n.String(value), False):
            return _of_field(field, (value,), scope)
        case n.Like(n.Field() as field, n.Regex(pattern), False):
            required = read_regex(pattern, node.span).required
            longest = max(required, key=len, default="")
            return _of_field(field, (longest,), scope)
        case _:
            return []


def _of_field(field: n.Field, values: Texts, scope: Scope) -> list[Texts]:
    """The texts, if the field is discovered in the message and they cannot be escaped."""
    name = field.name
    if name in scope.names or (name.startswith("@") and not name.startswith("@@")):
        return []
    prefixes = (".".join(field.segments[:length]) for length in range(1, len(field.segments)))
    if any(prefix in scope.names for prefix in prefixes):
        return []
    usable = (
        len(value) >= _SHORTEST and _SAFE.fullmatch(value) and _NO_NUMBER.search(value)
        for value in values
    )
    return [values] if values and all(usable) else []
