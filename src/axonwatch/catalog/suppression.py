"""Findings that someone has looked at: `# axonwatch: ignore[code] until 2027-01-31 reason`.

The comment stands at the end of a line, or alone on the line above; it covers that line and the
block that the line opens. In templates `Metadata.axonwatch.ignore`, a list of code, reason and
until, covers its resource, or at the top the whole template; with `from` it is the copy of a
comment. A reason is a must; what is expired or covers nothing is a finding itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode
from axonwatch.catalog.schema_check import suggest
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Diagnostic, Level, Span

_COMMENT = re.compile(
    r"(?:^|(?<=\s))(?:#|<!--)\s*axonwatch:\s*ignore\[(?P<codes>[^\]]*)\]"
    r"(?:\s+until\s+(?P<until>\S+))?(?:\s+(?P<reason>.*?))?\s*(?:-->)?$"
)
Rule = Callable[[str], bool]


@dataclass(frozen=True)
class Ignore:
    """One code that is switched off for some lines of a file. `until` is the last day.

    `columns` are the first on the first line and the one after the last on the last line, where
    that matters: a minified template is one line. `origin` is the file of definitions that a
    template's copy came from.
    """

    code: str
    file: str
    first: int
    last: int
    span: Span
    reason: str
    until: date | None
    malformed: str = ""
    origin: str = ""
    columns: tuple[int, int] | None = None


def ignores_of_text(file: str, text: str) -> list[Ignore]:
    """The comments of a file."""
    lines = text.split("\n")
    found = []
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line) if "axonwatch:" in line else None
        if match is None:
            continue
        alone = not line[: match.start()].strip()
        target = _next_line(lines, number) if alone else number
        last = block_end(lines, target)
        first = target
        if file.endswith(".md"):
            first, last = 1, len(lines)
        span = Span(file, number, match.start() + 1, number, len(line.rstrip()) + 1)
        where = _Where(file, first, last, span)
        codes = match["codes"].split(",")
        found += [_ignore(code.strip(), where, match["reason"], match["until"]) for code in codes]
    return found


@dataclass(frozen=True)
class _Where:
    file: str
    first: int
    last: int
    span: Span
    columns: tuple[int, int] | None = None


def _ignore(
    code: str, where: _Where, reason: str | None, until: str | None, origin: str = ""
) -> Ignore:
    malformed = ""
    day = None
    if until:
        try:
            day = date.fromisoformat(until)
        except ValueError:
            malformed = f"`{until}` is not a date such as 2027-01-31"
    reason = (reason or "").strip(" -")
    place = (where.file, where.first, where.last, where.span)
    return Ignore(code, *place, reason, day, malformed, origin, where.columns)


def _next_line(lines: list[str], number: int) -> int:
    for index in range(number, len(lines)):
        stripped = lines[index].strip()
        if stripped and not stripped.startswith("#"):
            return index + 1
    return number


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def block_end(lines: list[str], target: int) -> int:
    """The last line of the block that `target` opens: all that is indented deeper."""
    indent = _indent(lines[target - 1])
    last = target
    for index in range(target, len(lines)):
        if not lines[index].strip():
            continue
        if _indent(lines[index]) <= indent:
            break
        last = index + 1
    return last


def ignores_of_template(template: Template) -> list[Ignore]:
    """What the metadata of a template and of its resources switch off."""
    whole = _Where(template.file, 1, len(template.root.source.lines), template.root.span)
    found = _listed(template.root.get("Metadata"), whole)
    for resource in template.resources.values():
        last, end = resource.node.source.place(max(resource.node.end - 1, resource.node.start))
        columns = (resource.origin.column, end + 1)
        place = (template.file, resource.origin.line, last)
        found += _listed(resource.node.get("Metadata"), _Where(*place, resource.origin, columns))
    return found


def _listed(metadata: Node | None, place: _Where) -> list[Ignore]:
    ours = metadata.get("axonwatch") if isinstance(metadata, MapNode) else None
    listed = ours.get("ignore") if isinstance(ours, MapNode) else None
    found = []
    for one in listed.items if isinstance(listed, ListNode) else ():
        if isinstance(one, MapNode):
            texts = {
                key: entry.value.text
                for key, entry in one.items()
                if isinstance(entry.value, ScalarNode)
            }
            code = texts.get("code") or texts.get("id") or ""
            reason, until = texts.get("reason"), texts.get("until")
            span = one.value_span("code") if "code" in one else one.span
            where = replace(place, span=span)
            found.append(_ignore(code, where, reason, until, texts.get("from", "")))
    return found


def apply_ignores(
    findings: Iterable[Diagnostic],
    ignores: Iterable[Ignore],
    *,
    today: date,
    codes: Mapping[str, bool],
) -> list[Diagnostic]:
    """The findings that stay, and what is wrong with the ignores.

    `codes` are all codes that checks know, and whether they may be ignored.
    """
    rules = list(ignores)
    used: set[int] = set()
    kept = []
    for one in findings:
        covering = [rule for rule in rules if _covers(rule, one)]
        used |= {id(rule) for rule in covering}
        valid = [r for r in covering if r.reason and not r.malformed and not _expired(r, today)]
        if not valid or codes.get(one.code) is False or one.level is Level.ERROR:
            kept.append(one)
    for rule in rules:
        kept += _judge(rule, used=id(rule) in used, today=today, codes=codes)
    return kept


def _covers(rule: Ignore, found: Diagnostic) -> bool:
    span = found.span
    if rule.code != found.code or span is None or span.file != rule.file:
        return False
    if rule.columns is None:
        return rule.first <= span.line <= rule.last
    first, end = rule.columns
    return (rule.first, first) <= (span.line, span.column) < (rule.last, end)


def _expired(rule: Ignore, today: date) -> bool:
    return rule.until is not None and rule.until < today


def _judge(
    rule: Ignore, *, used: bool, today: date, codes: Mapping[str, bool]
) -> Iterable[Diagnostic]:
    if rule.malformed:
        cure = "write `until 2027-01-31` and the reason"
        yield Diagnostic("bad-ignore", Level.WARNING, rule.malformed, rule.span, "", cure)
    elif rule.code not in codes:
        title = f"there is no check `{rule.code}`"
        yield Diagnostic(
            "bad-ignore", Level.WARNING, title, rule.span, "", suggest(rule.code, codes)
        )
    elif codes[rule.code] is False:
        title = f"`{rule.code}` cannot be ignored"
        yield Diagnostic("bad-ignore", Level.WARNING, title, rule.span, "", "cure the finding")
    elif not rule.reason:
        title = f"`{rule.code}` is ignored without a reason"
        cure = "write the reason behind the bracket"
        yield Diagnostic("ignore-without-reason", Level.WARNING, title, rule.span, "", cure)
    elif _expired(rule, today):
        title = f"the ignore of `{rule.code}` expired on {rule.until}"
        cure = "cure the finding, or give a later date and say why"
        yield Diagnostic("expired-ignore", Level.WARNING, title, rule.span, "", cure)
    elif not used and not rule.origin:
        title = f"the ignore of `{rule.code}` covers no finding"
        yield Diagnostic("unused-ignore", Level.WARNING, title, rule.span, "", "delete it")
