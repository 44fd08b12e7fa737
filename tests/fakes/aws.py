"""AWS as a table of answers: the same protocol as `live.clients`, without a network.

Parameters and answers are held against botocore's own models, so that a fake cannot say what AWS
never would. `denied` actions answer with AccessDenied, in the words of `live.faults`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.validate import validate_parameters

from axonwatch.errors import AxonwatchError
from axonwatch.live.clients import Answer, Identity, iam_action
from axonwatch.live.faults import Where, from_client_error

ACCOUNT = "123456789012"
Scripted = Answer | list[Any] | AxonwatchError | Callable[[dict[str, Any]], Any]


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(service)


def client_error(
    code: str, message: str = "", *, action: str = "x:Y", about: str = ""
) -> AxonwatchError:
    """Our error for a code, as it would come out of `Aws.call`."""
    error = ClientError({"Error": {"Code": code, "Message": message}}, action.split(":")[1])
    return from_client_error(error, action, about, Where("us-east-1", "ops"))


@dataclass
class FakeAws:
    """Answers by IAM action. A list answers one call each; its last goes on answering."""

    region: str = "us-east-1"
    partition: str = "aws"
    identity: Identity = field(
        default_factory=lambda: Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/test")
    )
    table: dict[str, list[Scripted]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    refuses: Callable[[str], bool] = field(default=lambda _: False)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def on(self, service: str, operation: str, *scripted: Scripted) -> FakeAws:
        """Answer a call: dicts, errors, or functions of the parameters, in turn."""
        self.table[iam_action(service, operation)] = list(scripted)
        return self

    def asked(self, action: str) -> list[dict[str, Any]]:
        """The parameters of every call of an action."""
        return [given for name, given in self.calls if name == action]

    def call(self, service: str, operation: str, /, *, about: str = "", **given: object) -> Answer:
        """The next answer of the table."""
        action = iam_action(service, operation)
        shape = _model(service).operation_model(operation)
        if shape.input_shape is not None:
            validate_parameters(given, shape.input_shape)
        self.calls.append((action, dict(given)))
        if action in self.denied or self.refuses(action):
            raise client_error("AccessDenied", action=action, about=about)
        scripted = self.table.get(action)
        if not scripted:
            raise AssertionError(f"unexpected call {action} {given}")
        answer = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        if callable(answer):
            answer = answer(dict(given))
        if isinstance(answer, BaseException):
            raise answer
        assert isinstance(answer, dict)
        if shape.output_shape is not None:
            validate_parameters(answer, shape.output_shape)
        return answer

    def answers(
        self, service: str, operation: str, /, *, about: str = "", **given: object
    ) -> Iterator[Answer]:
        """One page: several are `Aws`'s own business."""
        yield self.call(service, operation, about=about, **given)

    def pages(
        self, service: str, operation: str, key: str, /, *, about: str = "", **given: object
    ) -> Iterator[Any]:
        """The items under `key`."""
        for answer in self.answers(service, operation, about=about, **given):
            yield from answer.get(key) or ()
