"""Resource policies of IAM, as far as a page needs them: may this service do this, to this?

Three-valued: a key, an operator or a value that the template does not tell makes MAYBE, and nobody
claims anything. Only what surely fails is NO. Source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from axonwatch.catalog.cloudformation.values import Unknown, Value, boolean, items
from axonwatch.catalog.page_path.verdict import Verdict, all_of, any_of

ACCOUNT = "${AWS::AccountId}"
REGION = "${AWS::Region}"
PARTITION = "${AWS::Partition}"
_TOKEN = re.compile(r"\$\{[^}]*\}")
_COLON = re.compile(r":(?![^{]*\})")
_ARN_LIKE = ("arn:", "*", "$", "{", "?", "a*", "ar*", "arn*")
_ACCOUNT_ID = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Home:
    """What a template says of where it is deployed: the literals that stand for its own place."""

    accounts: frozenset[str] = frozenset()
    names_account: bool = False
    names_region: bool = False
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Request:
    """One call: who, what, on which resource, with which condition keys (lower case)."""

    service: str
    action: str
    resource: str
    keys: Mapping[str, str]
    absent: frozenset[str] = field(default_factory=frozenset)


def split_arn(text: str) -> list[str]:
    """The parts of an ARN between its colons; those inside of references do not count."""
    return _COLON.split(text)


def match_text(pattern: str, actual: str, home: Home) -> Verdict:
    """Whether a text with `*` and `?` matches; references on either side may stand for anything."""
    if pattern in {"*", actual}:
        return Verdict.YES
    pattern_parts, actual_parts = split_arn(pattern), split_arn(actual)
    is_arn = pattern.startswith("arn:") and actual.startswith("arn:") and len(actual_parts) > 5
    if is_arn and "*" not in ":".join(pattern_parts[:5]) and len(pattern_parts) >= 6:
        pairs = list(zip(pattern_parts[:5], actual_parts[:5], strict=True))
        pairs.append((":".join(pattern_parts[5:]), ":".join(actual_parts[5:])))
        return all_of(_match_part(one, other, home) for one, other in pairs)
    return _match_part(pattern, actual, home)


def _match_part(pattern: str, actual: str, home: Home) -> Verdict:
    if pattern in {"*", actual}:
        return Verdict.YES
    if actual == ACCOUNT and _ACCOUNT_ID.fullmatch(pattern):
        return _own(pattern, home.accounts, named=home.names_account)
    if actual == REGION and re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", pattern):
        return _own(pattern, home.regions, named=home.names_region)
    if actual == PARTITION and re.fullmatch(r"aws(-[a-z]+)*", pattern):
        return Verdict.MAYBE
    if "${" in pattern or "${" in actual:
        return _match_tokens(pattern, actual)
    return Verdict.YES if _glob(pattern).fullmatch(actual) else Verdict.NO


def _own(literal: str, known: frozenset[str], *, named: bool) -> Verdict:
    """Whether a literal is the template's own place: it contradicts a reference to that place."""
    if literal in known:
        return Verdict.YES
    return Verdict.NO if named or known else Verdict.MAYBE


def _match_tokens(pattern: str, actual: str) -> Verdict:
    """References are opaque: equal ones match, different resources do not, the rest is MAYBE."""
    regex = "".join(
        ".*" if part == "*" else "." if part == "?" else re.escape(part)
        for part in re.split(r"([*?])", pattern)
    )
    if re.fullmatch(regex, actual, re.DOTALL):
        return Verdict.YES
    both = [_TOKEN.fullmatch(pattern), _TOKEN.fullmatch(actual)]
    if all(both) and "AWS::" not in pattern + actual:
        # Two references to resources of one template: different ids are different resources.
        one, other = (text[2:-1].partition(".") for text in (pattern, actual))
        if one[0] != other[0]:
            return Verdict.NO
        return Verdict.YES if {one[2], other[2]} <= {"", "TopicArn"} else Verdict.MAYBE
    loose = "".join(
        ".*" if part == "*" or part.startswith("${") else "." if part == "?" else re.escape(part)
        for part in re.split(r"(\$\{[^}]*\}|[*?])", pattern)
        if part
    )
    if "${" in actual or re.fullmatch(loose, actual, re.DOTALL):
        return Verdict.MAYBE
    return Verdict.NO


def _glob(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", pattern)
    return re.compile(
        "".join(".*" if p == "*" else "." if p == "?" else re.escape(p) for p in parts), re.DOTALL
    )


def statements(document: Value) -> list[Value]:
    """The statements of a policy document."""
    return items(document.get("Statement")) if isinstance(document, dict) else []


def decide(document: Value, request: Request, home: Home) -> Verdict:
    """Whether a policy lets a request pass: a Deny wins, without an Allow nothing passes."""
    if isinstance(document, Unknown) or document is None:
        return Verdict.MAYBE
    allowed = Verdict.NO
    denied = Verdict.NO
    for statement in statements(document):
        if not isinstance(statement, dict):
            return Verdict.MAYBE
        verdict = applies(statement, request, home)
        effect = statement.get("Effect")
        if effect == "Deny":
            denied = any_of((denied, verdict))
        elif effect == "Allow":
            allowed = any_of((allowed, verdict))
        elif verdict is not Verdict.NO:
            return Verdict.MAYBE
    return all_of((allowed, denied.inverse()))


def applies(statement: Mapping[str, Value], request: Request, home: Home) -> Verdict:
    """Whether a statement speaks of a request."""
    return all_of(
        (
            names_principal(statement, request.service),
            names_action(statement, request.action),
            _names_resource(statement, request.resource, home),
            *conditions(statement, request, home),
        )
    )


def names_principal(statement: Mapping[str, Value], service: str) -> Verdict:
    """Whether the statement speaks of a service."""
    if "NotPrincipal" in statement:
        # A Deny for all but some accounts and roles denies services, too; an Allow is not used.
        named = _names(statement["NotPrincipal"], service)
        return named.inverse() if statement.get("Effect") == "Deny" else Verdict.MAYBE
    return _names(statement.get("Principal"), service)


def _names(principal: Value, service: str) -> Verdict:
    if principal == "*":
        return Verdict.YES
    if isinstance(principal, Unknown) or not isinstance(principal, dict):
        return Verdict.MAYBE if isinstance(principal, Unknown) else Verdict.NO
    found = [Verdict.NO]
    for kind, value in principal.items():
        found += [_names_service(kind, one, service) for one in items(value)]
    return any_of(found)


def _names_service(kind: str, one: Value, service: str) -> Verdict:
    if isinstance(one, Unknown):
        return Verdict.MAYBE
    if kind in {"AWS", "*"}:
        return Verdict.YES if one == "*" else Verdict.NO
    if kind != "Service" or not isinstance(one, str):
        return Verdict.NO
    if one in {service, "*"}:
        return Verdict.YES
    if "${" not in one:
        return Verdict.NO
    return Verdict.YES if one.startswith(service.removesuffix("amazonaws.com")) else Verdict.MAYBE


def names_action(statement: Mapping[str, Value], action: str) -> Verdict:
    """Whether the statement speaks of an action."""
    key = "NotAction" if "NotAction" in statement else "Action"
    verdicts = []
    for one in items(statement.get(key)):
        if not isinstance(one, str) or "${" in one:
            verdicts.append(Verdict.MAYBE)
        else:
            fits = _glob(one.lower()).fullmatch(action.lower())
            verdicts.append(Verdict.YES if fits else Verdict.NO)
    verdict = any_of(verdicts)
    return verdict.inverse() if key == "NotAction" else verdict


def _names_resource(statement: Mapping[str, Value], resource: str, home: Home) -> Verdict:
    key = "NotResource" if "NotResource" in statement else "Resource"
    verdicts = []
    for one in items(statement.get(key)):
        if isinstance(one, str) and resource != "*" and not one.startswith(_ARN_LIKE):
            verdicts.append(Verdict.NO)  # a name is no ARN
        elif isinstance(one, str):
            verdicts.append(match_text(one, resource, home))
        else:
            verdicts.append(Verdict.MAYBE)
    verdict = any_of(verdicts)
    return verdict.inverse() if key == "NotResource" else verdict


def conditions(statement: Mapping[str, Value], request: Request, home: Home) -> Iterator[Verdict]:
    """The verdict on each key of each condition: all must hold."""
    block = statement.get("Condition")
    if block is None:
        return
    if not isinstance(block, dict):
        yield Verdict.MAYBE
        return
    for operator, tests in block.items():
        if not isinstance(tests, dict):
            yield Verdict.MAYBE
            continue
        for key, value in tests.items():
            yield _condition(operator, key.lower(), items(value), request, home)


def _condition(
    operator: str, key: str, values: list[Value], request: Request, home: Home
) -> Verdict:
    optional = operator.endswith("IfExists")
    name = operator.removesuffix("IfExists").rpartition(":")[2].lower()
    if key in request.absent:
        if name == "null":
            return Verdict.YES if any(boolean(one) is True for one in values) else Verdict.NO
        negative = "not" in name
        return Verdict.YES if optional or negative else Verdict.NO
    actual = request.keys.get(key)
    if actual is None:
        return Verdict.MAYBE
    texts = [one for one in values if isinstance(one, str | bool | int)]
    if len(texts) != len(values):
        return Verdict.MAYBE
    wanted = [str(one).lower() if isinstance(one, bool) else str(one) for one in texts]
    match name:
        case "stringequals" | "stringlike" | "arnequals" | "arnlike":
            if name == "stringequals":  # takes `*` and `?` for themselves, ArnEquals does not
                wanted = [one for one in wanted if not re.search(r"[*?]", one)]
            verdict = any_of(match_text(one, actual, home) for one in wanted)
            several = key == "aws:sourceaccount" and len(wanted) > 1
            return max(verdict, Verdict.MAYBE) if several else verdict
        case "stringnotequals" | "stringnotlike" | "arnnotequals" | "arnnotlike":
            if name == "stringnotequals":
                wanted = [one for one in wanted if not re.search(r"[*?]", one)]
            return any_of(match_text(one, actual, home) for one in wanted).inverse()
        case "stringequalsignorecase":
            same = (match_text(one.lower(), actual.lower(), home) for one in wanted)
            return any_of(same)
        case "bool":
            return Verdict.YES if actual in {one.lower() for one in wanted} else Verdict.NO
        case "null":
            return Verdict.YES if all(one.lower() == "false" for one in wanted) else Verdict.NO
        case _:
            return Verdict.MAYBE
