"""The main stack as CloudFormation knows it: status, outputs, and resources of nested stacks too.

By exact name: `axonflow-prod` is a prefix of `axonflow-production`, and neither is the other.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from axonwatch.errors import AxonwatchError, CouldNotRun
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound

NESTED = "AWS::CloudFormation::Stack"
# Nothing, or nothing any more, is there to discover.
EMPTY = {
    "REVIEW_IN_PROGRESS": "its first change set was never executed",
    "CREATE_FAILED": "its creation failed",
    "ROLLBACK_IN_PROGRESS": "its creation failed and is being undone",
    "ROLLBACK_COMPLETE": "its creation failed and was undone",
    "ROLLBACK_FAILED": "its creation failed",
    "DELETE_IN_PROGRESS": "it is being deleted",
    "DELETE_COMPLETE": "it was deleted",
}


class NoMainStack(CouldNotRun):
    """There is no such stack, or nothing in it."""


@dataclass(frozen=True)
class Resource:
    """One resource of the stack."""

    kind: str
    logical: str
    physical: str
    status: str


@dataclass(frozen=True)
class Stack:
    """The stack: outputs and parameters by name, resources with those of nested stacks."""

    name: str
    status: str
    outputs: dict[str, str]
    parameters: dict[str, str]
    resources: tuple[Resource, ...]

    @property
    def is_changing(self) -> bool:
        """Whether an operation is under way, or ended half-way."""
        return self.status.endswith("_IN_PROGRESS") or self.status.endswith("_FAILED")

    def of_kind(self, kind: str) -> list[Resource]:
        """The resources of a type that exist."""
        return [r for r in self.resources if r.kind == kind and r.physical]

    def output(self, *names: str) -> str:
        """The first of these outputs that there is; empty if none."""
        lower = {key.lower(): value for key, value in self.outputs.items()}
        return next((lower[n.lower()] for n in names if lower.get(n.lower())), "")


def read_stack(aws: Calls, name: str) -> Stack:
    """The stack of exactly this name. Raises NoMainStack if there is none, or nothing in it."""
    try:
        answer = aws.call(
            "cloudformation", "DescribeStacks", about=f"stack `{name}`", StackName=name
        )
    except NotFound as absent:
        raise NoMainStack(
            f"there is no stack `{name}` in {aws.region}", help=_similar(aws, name)
        ) from absent
    described: Answer = answer["Stacks"][0]
    status = str(described["StackStatus"])
    if status in EMPTY:
        raise NoMainStack(
            f"stack `{name}` is {status}: {EMPTY[status]}", help="deploy the main stack first"
        )
    return Stack(
        name=name,
        status=status,
        outputs={o["OutputKey"]: str(o["OutputValue"]) for o in described.get("Outputs", ())},
        parameters={
            p["ParameterKey"]: str(p.get("ResolvedValue") or p.get("ParameterValue", ""))
            for p in described.get("Parameters", ())
        },
        resources=tuple(_resources(aws, name)),
    )


def _resources(aws: Calls, name: str, depth: int = 0) -> Iterator[Resource]:
    """Resources of a stack and of the stacks nested in it."""
    for entry in aws.pages(
        "cloudformation",
        "ListStackResources",
        "StackResourceSummaries",
        about=f"stack `{name}`",
        StackName=name,
    ):
        one = Resource(
            kind=str(entry.get("ResourceType") or ""),
            logical=str(entry.get("LogicalResourceId") or ""),
            physical=str(entry.get("PhysicalResourceId") or ""),
            status=str(entry.get("ResourceStatus") or ""),
        )
        if one.status == "DELETE_COMPLETE" or not one.kind:
            continue  # moto lists what it cannot create as blanks
        yield one
        if one.kind == NESTED and one.physical and depth < 5:
            yield from _resources(aws, one.physical, depth + 1)


def _similar(aws: Calls, name: str) -> str:
    """What the user may have meant: needs the right to describe all stacks, and may be silent."""
    try:
        names = [
            str(stack["StackName"])
            for stack in aws.pages("cloudformation", "DescribeStacks", "Stacks", about="all stacks")
        ]
    except AxonwatchError:
        return (
            "names are case-sensitive; is it in another region (--region) or account (--profile)?"
        )
    folded = {one.lower(): one for one in names}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    if near:
        return f"a similar stack exists: `{folded[near[0]]}`"
    listed = ", ".join(f"`{one}`" for one in sorted(names)[:8])
    return f"there are: {listed}" if listed else "there is no stack at all: is the region right?"
