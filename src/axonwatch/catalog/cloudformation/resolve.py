"""Intrinsic functions, as far as a template alone tells their values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from axonwatch.catalog.cloudformation.values import (
    ABSENT,
    Absent,
    Unknown,
    Value,
    is_known,
    whole,
)
from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode

_SUB = re.compile(r"\$\{(!?)\s*([A-Za-z0-9:._-]+)\s*\}")
# Types whose `Ref`, and whose attribute, is the name that a property gives.
_NAMED = {
    "AWS::Logs::LogGroup": ("LogGroupName", ""),
    "AWS::CloudWatch::Alarm": ("AlarmName", ""),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName", ""),
    "AWS::CloudWatch::LogAlarm": ("AlarmName", ""),
    "AWS::CloudWatch::Dashboard": ("DashboardName", ""),
    "AWS::ECS::Cluster": ("ClusterName", ""),
    "AWS::ECS::Service": ("ServiceName", "Name"),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", ""),
    "AWS::Lambda::Function": ("FunctionName", ""),
    "AWS::DynamoDB::Table": ("TableName", ""),
    "AWS::SNS::Topic": ("TopicName", "TopicName"),
    "AWS::SQS::Queue": ("QueueName", "QueueName"),
    "AWS::Kinesis::Stream": ("Name", ""),
    "AWS::ApiGateway::RestApi": ("Name", "-"),
}
_ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::LogAlarm")
MAX_STEPS = 200_000
MAX_DEPTH = 8
MAX_TEXT = 2_000_000


@dataclass
class Resolver:
    """Values of a template's nodes. With `defaults`, a parameter stands for its default.

    `assumed` counts how often that was done: what rests on it may be otherwise when deployed.
    """

    root: MapNode
    defaults: bool = True
    given: Mapping[str, Value] = field(default_factory=dict)
    steps: int = 0
    assumed: int = 0
    depth: int = 0

    def value(self, node: Node | None) -> Value:
        """The value of a node."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            return Unknown("the template is too large to follow")
        if isinstance(node, ScalarNode):
            return node.value
        if isinstance(node, ListNode):
            values = [self.value(item) for item in node.items]
            return [value for value in values if not isinstance(value, Absent)]
        if isinstance(node, MapNode):
            if len(node.entries) == 1:
                name, entry = next(iter(node.items()))
                if name == "Ref" or name.startswith("Fn::") or name == "Condition":
                    return self._function(name, entry.value)
            values_of = {key: self.value(entry.value) for key, entry in node.items()}
            return {k: value for k, value in values_of.items() if not isinstance(value, Absent)}
        return None

    def _function(self, name: str, node: Node) -> Value:
        match name:
            case "Ref":
                return self._ref(node.text if isinstance(node, ScalarNode) else "")
            case "Fn::Sub":
                return self._sub(node)
            case "Fn::Join":
                return self._join(node)
            case "Fn::GetAtt":
                return self._get_att(node)
            case "Fn::If":
                return self._if(node)
            case "Fn::FindInMap":
                return self._find_in_map(node)
            case "Fn::Select":
                return self._select(node)
            case "Fn::Split":
                return self._split(node)
            case "Fn::ToJsonString":
                value = self.value(node)
                if _holds_unknown(value):
                    return Unknown("Fn::ToJsonString of what is not known")
                return json.dumps(value, default=str)
            case _:
                return Unknown(f"`{name}`")

    def _section(self, name: str) -> MapNode | None:
        section = self.root.get(name)
        return section if isinstance(section, MapNode) else None

    def _ref(self, name: str) -> Value:
        if name == "AWS::NoValue":
            return ABSENT
        if name in self.given:
            return self.given[name]
        parameters = self._section("Parameters")
        if parameters is not None and name in parameters:
            return self._parameter(name, parameters.get(name))
        return self._physical(name, "") if name else Unknown("`Ref` of nothing")

    def _physical(self, name: str, attribute: str) -> Value:
        """The name that a resource is given, where `Ref` or an attribute returns it."""
        symbol = f"${{{name}.{attribute}}}" if attribute else f"${{{name}}}"
        resources = self._section("Resources")
        node = resources.get(name) if resources is not None else None
        kind = node.get("Type") if isinstance(node, MapNode) else None
        if not isinstance(node, MapNode) or not isinstance(kind, ScalarNode):
            return symbol
        known, returns = _NAMED.get(kind.text, ("", "-"))
        if returns != attribute or self.depth > MAX_DEPTH:
            return symbol
        properties = node.get("Properties")
        given = properties.get(known) if isinstance(properties, MapNode) else None
        if given is None:
            return name if kind.text in _ALARMS else symbol
        self.depth += 1
        value = self.value(given)
        self.depth -= 1
        return value if isinstance(value, str) else symbol

    def _parameter(self, name: str, node: Node | None) -> Value:
        kind = node.get("Type") if isinstance(node, MapNode) else None
        default = node.get("Default") if isinstance(node, MapNode) else None
        written = kind.text if isinstance(kind, ScalarNode) else "String"
        if not self.defaults or not isinstance(default, ScalarNode) or "AWS::" in written:
            return Unknown(f"the parameter `{name}`") if written == "Number" else f"${{{name}}}"
        self.assumed += 1
        if written in {"CommaDelimitedList", "List<Number>"}:
            return [part.strip() for part in default.text.split(",")]
        if default.text == "":
            return f"${{{name}}}"
        return default.text

    def _text(self, value: Value) -> str | None:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        return None

    def _sub(self, node: Node) -> Value:
        values: dict[str, Value] = {}
        template = node
        if isinstance(node, ListNode) and len(node.items) == 2:
            template, given = node.items
            if isinstance(given, MapNode):
                values = {key: self.value(entry.value) for key, entry in given.items()}
        if not isinstance(template, ScalarNode):
            return Unknown("`Fn::Sub`")

        def fill(match: re.Match[str]) -> str:
            if match[1]:
                return match[0]
            name = match[2]
            owner, _, attribute = name.partition(".")
            if name in values:
                value = values[name]
            else:
                value = self._physical(owner, attribute) if attribute else self._ref(name)
            filled = self._text(value)
            return filled if filled is not None else f"${{{name}}}"

        return _SUB.sub(fill, template.text)[:MAX_TEXT]

    def _join(self, node: Node) -> Value:
        if not isinstance(node, ListNode) or len(node.items) != 2:
            return Unknown("`Fn::Join`")
        separator = self._text(self.value(node.items[0]))
        parts = self.value(node.items[1])
        if separator is None or not isinstance(parts, list):
            return Unknown("`Fn::Join` of a list that is not known")
        texts = [self._text(part) for part in parts]
        if None in texts:
            return Unknown("`Fn::Join` of a part that is not known")
        return separator.join(text for text in texts if text is not None)[:MAX_TEXT]

    def _get_att(self, node: Node) -> Value:
        parts = [node.text] if isinstance(node, ScalarNode) else []
        if isinstance(node, ListNode):
            parts = [item.text for item in node.items if isinstance(item, ScalarNode)]
            parts = parts if len(parts) == len(node.items) else []
        if parts:
            owner, _, attribute = ".".join(parts).partition(".")
            return self._physical(owner, attribute)
        return Unknown("`Fn::GetAtt`")

    def _if(self, node: Node) -> Value:
        if not isinstance(node, ListNode) or len(node.items) != 3:
            return Unknown("`Fn::If`")
        yes, no = self.value(node.items[1]), self.value(node.items[2])
        return yes if yes == no else Unknown("`Fn::If`")

    def _find_in_map(self, node: Node) -> Value:
        keys = [self.value(item) for item in node.items] if isinstance(node, ListNode) else []
        mappings = self._section("Mappings")
        if len(keys) < 3 or mappings is None:
            return Unknown("`Fn::FindInMap`")
        found: list[Node] = [mappings]
        for key in keys[:3]:
            below: list[Node] = []
            for one in found:
                if not isinstance(one, MapNode):
                    continue
                if isinstance(key, str) and is_known(key):
                    inner = one.get(key)
                    below += [inner] if inner is not None else []
                else:
                    below += [entry.value for _, entry in one.items()]
            found = below
        values = [self.value(one) for one in found]
        if values and all(value == values[0] for value in values):
            return values[0]
        return Unknown("`Fn::FindInMap`")

    def _select(self, node: Node) -> Value:
        if isinstance(node, ListNode) and len(node.items) == 2:
            index = whole(self.value(node.items[0]))
            choices = self.value(node.items[1])
            if index is not None and isinstance(choices, list) and 0 <= index < len(choices):
                return choices[index]
        return Unknown("`Fn::Select`")

    def _split(self, node: Node) -> Value:
        if isinstance(node, ListNode) and len(node.items) == 2:
            separator, text = (self.value(item) for item in node.items)
            if (
                isinstance(separator, str)
                and separator
                and isinstance(text, str)
                and is_known(text)
            ):
                return list(text.split(separator))
        return Unknown("`Fn::Split`")


def _holds_unknown(value: Value) -> bool:
    if isinstance(value, list):
        return any(_holds_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(_holds_unknown(item) for item in value.values())
    return isinstance(value, Unknown)
