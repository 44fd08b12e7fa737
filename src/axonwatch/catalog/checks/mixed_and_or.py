"""AND and OR side by side without brackets: AWS does not say which binds first."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.composites import rule_of
from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.alarm_rule import AllOf, AnyOf, Not, Rule
from axonwatch.syntax.text import SyntaxFault

CODE = "mixed-and-or"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every rule in which an AND stands bare beside an OR."""
    for subject, alarm in evidence.composite_alarms:
        rule = rule_of(subject)
        if rule is None or isinstance(rule, SyntaxFault) or not _is_mixed(rule, alarm.rule):
            continue
        title = f"{called(subject)} mixes AND and OR without brackets"
        label = "AWS does not document which of the two binds first"
        cure = "put brackets around what belongs together"
        yield finding(CODE, LEVEL, title, subject.at("rule"), label, cure)


def _is_mixed(rule: Rule, text: str) -> bool:
    match rule:
        case AnyOf(operands=operands):
            bare = [one for one in operands if isinstance(one, AllOf) and not _bracketed(one, text)]
            return bool(bare) or any(_is_mixed(one, text) for one in operands)
        case AllOf(operands=operands):
            return any(_is_mixed(one, text) for one in operands)
        case Not(operand=operand):
            return _is_mixed(operand, text)
        case _:
            return False


def _bracketed(rule: AllOf, text: str) -> bool:
    """Whether brackets stand around the rule: in its own span, or just outside."""
    start, end = rule.span.start, rule.span.end
    before, after = text[:start].rstrip(), text[end:].lstrip()
    if before.endswith("(") and after.startswith(")"):
        return True
    inner = text[start:end].strip()
    if not (inner.startswith("(") and inner.endswith(")")):
        return False
    depth = 0
    for at, sign in enumerate(inner):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and at < len(inner) - 1:
            return False
    return True
