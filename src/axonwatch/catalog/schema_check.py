"""Documents against their JSON Schemas, with errors in our words: the key, the rule, the cure.

The schemas (`catalog/schema/*.schema.json`, draft-07) are the public contract of the YAML; editors
read the same files. jsonschema is imported only when something seems to be wrong.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

from axonwatch.catalog.nodes import MapNode, Node, ScalarNode, find, plain
from axonwatch.catalog.reading import refuse
from axonwatch.diagnostics import Diagnostic, Label, Level, Span

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

Fault: TypeAlias = Any  # jsonschema's ValidationError, whose fields are typed as maybe unset

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


@cache
def schema(name: str) -> Mapping[str, Any]:
    """A schema by its short name (`alarms`)."""
    path = resources.files("axonwatch.catalog") / "schema" / f"{name}.schema.json"
    loaded: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator(name: str) -> Draft7Validator:
    from jsonschema import Draft7Validator  # noqa: PLC0415 - 70 ms that `--help` need not spend

    return Draft7Validator(schema(name))


def check_schema(name: str, node: Node) -> list[Diagnostic]:
    """Everything in which `node` breaks the schema `name`, in the order of the file."""
    if isinstance(node, ScalarNode) and node.value is None:
        title = f"`{node.source.file}` is empty"
        span = Span.point(node.source.file)
        cure = f"see the examples in docs/definitions.md, section {name}"
        return [refuse("empty-file", title, span, help=cure)]
    found: list[Diagnostic] = []
    for error in _validator(name).iter_errors(plain(node)):
        found += _translate(error, node)
    return sorted(dict.fromkeys(found), key=lambda one: one.span or Span.point(""))


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` most likely means."""
    return next(iter(difflib.get_close_matches(word, list(choices), n=1, cutoff=0.6)), None)


def suggest(word: str, choices: Iterable[str]) -> str:
    """`did you mean x?`, or the choices if they are few; may be empty."""
    known = list(choices)
    near = nearest(word, known)
    if near:
        return f"did you mean `{near}`?"
    if 0 < len(known) <= 8:
        return "one of " + ", ".join(f"`{one}`" for one in known)
    return ""


def correction(word: str, choices: Iterable[str]) -> str:
    """What to do about a name that means nothing: the nearest that does, or to define it."""
    return suggest(word, choices) or "correct the name, or define it first"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _owner(path: tuple[str | int, ...]) -> str:
    """How a message calls the thing that a path leads to: its last name."""
    names = [str(step) for step in path if isinstance(step, str)]
    if not names:
        return "the file"
    return f"an entry of `{names[-1]}`" if isinstance(path[-1], int) else f"`{names[-1]}`"


def _translate(error: Fault, root: Node) -> list[Diagnostic]:
    path = tuple(error.absolute_path)
    node = find(root, path)
    where = node.span
    owner = _owner(path)
    rule = error.validator
    if rule == "additionalProperties" and isinstance(node, MapNode):
        return _unknown_keys(error, node, owner)
    if rule == "propertyNames":
        name = str(error.instance)
        title = f"`{name}` is not a name that can be used here"
        cure = (
            error.parent.schema.get("propertyNames", {}).get("description", "")
            if error.parent
            else ""
        )
        cure = cure or error.schema.get("description", "")
        span = node.key_span(name) if isinstance(node, MapNode) else where
        return [refuse("bad-name", title, span, help=cure)]
    if (
        rule == "pattern"
        and error.validator_value
        and "propertyNames" in error.absolute_schema_path
    ):
        name = str(error.instance)
        span = node.key_span(name) if isinstance(node, MapNode) else where
        title = f"`{name}` is not a name that can be used here"
        return [refuse("bad-name", title, span, help=str(error.schema.get("description", "")))]
    if rule == "required":
        return _missing_keys(error, node, owner, root, path)
    if rule in {"oneOf", "anyOf"}:
        return _choices(error, node, root, owner, path)
    if rule == "type":
        wanted = error.validator_value
        names = [wanted] if isinstance(wanted, str) else list(wanted)
        expected = " or ".join(_TYPES[name] for name in names)
        title = f"{owner} is {expected}"
        cure = _hint(error)
        if expected == "text" and isinstance(node, MapNode):
            cure = "put quotes around text that holds `: `"
        return [refuse("wrong-type", title, where, f"this is {_kind(node)}", cure)]
    if rule in {"enum", "const"}:
        choices = (
            [str(one) for one in error.validator_value]
            if rule == "enum"
            else [str(error.validator_value)]
        )
        given = "" if error.instance is None else str(error.instance)
        title = f"`{given}` is not a value of {owner}"
        cure = suggest(given, choices) or f"one of {_quoted(choices)}"
        return [refuse("bad-value", title, where, help=cure)]
    title = {
        "pattern": f"`{error.instance}` is not written as {owner} is",
        "minLength": f"{owner} is empty",
        "maxLength": f"{owner} has {_length(error)} characters; at most {error.validator_value}",
        "minItems": f"{owner} has too few entries: at least {error.validator_value}",
        "maxItems": f"{owner} has {_length(error)} entries; at most {error.validator_value}",
        "minProperties": f"{owner} is empty",
        "minimum": f"{owner} is at least {error.validator_value}",
        "maximum": f"{owner} is at most {error.validator_value}",
        "exclusiveMinimum": f"{owner} is more than {error.validator_value}",
        "uniqueItems": f"{owner} names something twice",
    }.get(rule, f"{owner} breaks the rule `{rule}`")
    code = "too-long" if rule == "maxLength" else "bad-value"
    return [refuse(code, title, where, help=_hint(error))]


def _length(error: Fault) -> int:
    return len(error.instance) if isinstance(error.instance, str | list) else 0


def _hint(error: Fault) -> str:
    """What to write: the schema's examples, else the first sentence of its description."""
    examples = error.schema.get("examples", [])
    if examples:
        shown = " or ".join(
            f"`{json.dumps(one) if not isinstance(one, str) else one}`" for one in examples[:2]
        )
        return f"for example {shown}"
    return str(error.schema.get("description", "")).split(". ")[0]


def _kind(node: Node) -> str:
    value = plain(node)
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"


def _unknown_keys(error: Fault, node: MapNode, owner: str) -> list[Diagnostic]:
    known = list(error.schema.get("properties", {}))
    patterns = error.schema.get("patternProperties", {})
    found = []
    for key in node.entries:
        if key in known or patterns:
            continue
        title = f"{owner} has no key `{key}`"
        cure = suggest(key, [one for one in known if one not in node])
        if not cure:
            cure = f"keys are {_quoted(known)}"
        found.append(refuse("unknown-key", title, node.key_span(key), help=cure))
    return found


def _missing_keys(
    error: Fault, node: Node, owner: str, root: Node, path: tuple[str | int, ...]
) -> list[Diagnostic]:
    if not isinstance(node, MapNode):
        return []
    missing = next((key for key in error.validator_value if f"{key!r}" in error.message), "")
    if not missing or missing in node:
        return []
    about = error.schema.get("properties", {}).get(missing, {})
    described = str(about.get("description", "")).split(". ")[0]
    examples = about.get("examples", [])
    cure = f"add `{missing}: {examples[0]}`" if examples and isinstance(examples[0], str) else ""
    cure = cure or (f"add `{missing}`: {described}" if described else f"add `{missing}`")
    above = find(root, path[:-1]) if path else node
    span = node.span
    if path and isinstance(above, MapNode) and isinstance(path[-1], str):
        span = above.key_span(path[-1])
    typo = next((key for key in node.entries if nearest(key, [missing])), None)
    if typo and typo not in error.schema.get("properties", {}):
        return []  # the unknown key is the cause, and says so itself
    title = f"{owner} has no `{missing}`"
    return [Diagnostic("missing-key", Level.ERROR, title, span, "", cure)]


def _choices(
    error: Fault, node: Node, root: Node, owner: str, path: tuple[str | int, ...]
) -> list[Diagnostic]:
    options = error.validator_value
    wanted = [option["required"][0] for option in options if set(option) <= {"required", "title"}]
    if len(wanted) == len(options) and isinstance(node, MapNode):
        present = [key for key in wanted if key in node]
        above = find(root, path[:-1]) if path else node
        span = node.span
        if path and isinstance(above, MapNode) and isinstance(path[-1], str):
            span = above.key_span(path[-1])
        if not present:
            title = f"{owner} has none of {_quoted(wanted)}"
            return [refuse("missing-key", title, span, help="write one of them")]
        title = f"{owner} has both `{present[0]}` and `{present[1]}`"
        label = Label(node.key_span(present[0]), "the first")
        text = "keep one of the two"
        return [
            Diagnostic(
                "conflicting-keys",
                Level.ERROR,
                title,
                node.key_span(present[1]),
                "",
                text,
                (label,),
            )
        ]
    kind = _json_type(plain(node))
    fitting = [i for i, option in enumerate(options) if _fits(option, kind)]
    if isinstance(node, MapNode) and len(fitting) > 1:
        keys = set(node.entries)
        fitting.sort(key=lambda i: -len(keys & set(options[i].get("properties", {}))))
        fitting = fitting[:1]
    if len(fitting) == 1:
        inner = [one for one in error.context if one.schema_path[0] == fitting[0]]
        return [found for one in inner for found in _translate(one, root)]
    names = [_TYPES[t] for option in options for t in [option.get("type")] if isinstance(t, str)]
    title = f"{owner} is {' or '.join(dict.fromkeys(names)) or 'written otherwise'}"
    return [refuse("wrong-type", title, node.span, f"this is {_kind(node)}", _hint(error))]


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((dict, "object"), (list, "array"), (str, "string"), (int, "integer")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "number"


def _fits(option: Mapping[str, Any], kind: str) -> bool:
    wanted = option.get("type", kind)
    names = [wanted] if isinstance(wanted, str) else wanted
    return kind in names or (kind == "integer" and "number" in names)
