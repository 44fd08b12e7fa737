"""What a change set will do, in words: changes, replacements, lost histories, who may do what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from axonwatch.live.clients import Answer
from axonwatch.model.masking import for_person

SIGNS = {"Add": "+", "Remove": "-", "Modify": "~", "Import": ">", "Dynamic": "?"}
# Two texts of today and the words that a newer wording would have, too.
_NOTHING = re.compile(
    r"didn.t contain changes|no updates are to be performed|no changes|not contain any change",
    re.IGNORECASE,
)
_NAMED_IAM = ("RoleName", "ManagedPolicyName", "PolicyName", "UserName", "GroupName")


@dataclass(frozen=True)
class Change:
    """One resource's change."""

    action: str
    kind: str
    logical: str
    physical: str = ""
    replaces: str = ""
    properties: tuple[str, ...] = ()

    def line(self) -> str:
        """As shown to the user."""
        what = f"{SIGNS.get(self.action, '?')} {self.kind} {self.physical or self.logical}"
        if self.properties:
            what += f": {', '.join(self.properties)}"
        if self.replaces in {"True", "Conditional"}:
            what += " (replaced)" if self.replaces == "True" else " (may be replaced)"
        return what


@dataclass(frozen=True)
class Plan:
    """A change set of ours.

    `creates` tells that there is no stack yet, `born_here` that it was not even in review.
    """

    stack: str
    change_set: str
    token: str
    creates: bool = False
    born_here: bool = False
    changes: tuple[Change, ...] = ()
    iam: tuple[str, ...] = ()

    def counts(self) -> Counter[str]:
        """Changes by action."""
        return Counter(change.action for change in self.changes)

    def lines(self) -> Iterator[str]:
        """Everything that the user must see before agreeing."""
        yield f"{self.stack}: {self.summary()}"
        for change in self.changes:
            yield f"  {for_person(change.line())}"
        renamed = self.lost_histories()
        if renamed:
            yield f"  these alarms lose their history: {', '.join(renamed)}"
        for line in self.iam:
            yield f"  {line}"

    def summary(self) -> str:
        """As in `12 to add, 3 to change, 1 to remove`."""
        words = {"Add": "to add", "Modify": "to change", "Remove": "to remove"}
        return ", ".join(
            f"{number} {words.get(action, action.lower())}"
            for action, number in sorted(self.counts().items())
        )

    def question(self) -> str:
        """What is asked."""
        verb = "Create" if self.creates else "Update"
        return f"{verb} `{self.stack}` ({self.summary()})?"

    def lost_histories(self) -> list[str]:
        """Alarms that are removed or replaced: CloudWatch forgets their history."""
        return [
            change.physical or change.logical
            for change in self.changes
            if change.kind.startswith("AWS::CloudWatch::")
            and change.kind.endswith("Alarm")
            and (change.action == "Remove" or change.replaces == "True")
        ]


def describe_plan(
    draft: Plan, answer: Answer, changes: Sequence[Answer], template: Mapping[str, Any]
) -> Plan:
    """The plan of a described change set."""
    del answer
    listed = tuple(
        _change(entry["ResourceChange"]) for entry in changes if "ResourceChange" in entry
    )
    touched = {change.logical for change in listed if change.action in {"Add", "Modify"}}
    return replace(draft, changes=listed, iam=tuple(_iam_lines(template, touched)))


def _change(entry: Answer) -> Change:
    names = {
        str(detail.get("Target", {}).get("Name") or detail.get("Target", {}).get("Attribute") or "")
        for detail in entry.get("Details") or ()
    }
    return Change(
        action=str(entry.get("Action", "")),
        kind=str(entry.get("ResourceType", "")),
        logical=str(entry.get("LogicalResourceId", "")),
        physical=str(entry.get("PhysicalResourceId", "")),
        replaces=str(entry.get("Replacement", "")),
        properties=tuple(sorted(names - {""})),
    )


def is_empty(answer: Answer, changes: Sequence[Answer]) -> bool:
    """Whether a failed change set failed only because nothing changes."""
    return not changes and bool(_NOTHING.search(str(answer.get("StatusReason", ""))))


def needed_capabilities(template: Mapping[str, Any]) -> list[str]:
    """CAPABILITY_IAM or CAPABILITY_NAMED_IAM if the template holds IAM; never AUTO_EXPAND."""
    iam = [r for r in template.get("Resources", {}).values() if _is_iam(r)]
    if not iam:
        return []
    named = any(name in r.get("Properties", {}) for r in iam for name in _NAMED_IAM)
    return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"]


def _is_iam(resource: Mapping[str, Any]) -> bool:
    return str(resource.get("Type", "")).startswith("AWS::IAM::")


def _iam_lines(template: Mapping[str, Any], touched: set[str]) -> Iterator[str]:
    """Who is trusted with what: acknowledged by agreeing to the plan."""
    for logical, resource in template.get("Resources", {}).items():
        if logical not in touched or not _is_iam(resource):
            continue
        properties = resource.get("Properties", {})
        trust = properties.get("AssumeRolePolicyDocument")
        documents = [p.get("PolicyDocument", {}) for p in properties.get("Policies") or ()]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        who = sorted(_principals(trust)) if trust else []
        actions = sorted({a for d in documents for a in _actions(d)})
        yield (
            f"IAM {logical}"
            + (f", for {', '.join(who)}" if who else "")
            + (f", may {', '.join(actions)}" if actions else "")
        )


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = document.get("Statement") or []
    return list(found) if isinstance(found, list) else [found]


def _principals(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in _statements(document):
        principal = statement.get("Principal", {})
        values = principal.values() if isinstance(principal, Mapping) else [principal]
        for value in values:
            yield from (str(v) for v in (value if isinstance(value, list) else [value]))


def _actions(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in _statements(document):
        if statement.get("Effect") == "Allow":
            given = statement.get("Action") or []
            yield from given if isinstance(given, list) else [str(given)]
