"""The one door to AWS: sessions, regions, endpoints, retries, pages; every fault in our words.

`connect` makes an `Aws`; everything else in `live` sees only the protocol `Calls`, so that a fake
can stand in. Answers are botocore's plain dicts: they stop at this wing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias, TypeVar
from urllib.parse import urlsplit

import botocore.session
from botocore import exceptions as boto
from botocore.config import Config
from botocore.parsers import ResponseParserError

from axonwatch import __version__
from axonwatch.errors import AxonwatchError, CallDenied, CouldNotRun
from axonwatch.live.accounts import is_same_account
from axonwatch.live.faults import Unreachable, Where, from_client_error, from_library
from axonwatch.model.inventory import Inventory
from axonwatch.model.masking import mask

Answer: TypeAlias = dict[str, Any]
T = TypeVar("T")

TOTAL_ATTEMPTS = 6
# IAM's prefix where it is not the service's name in botocore.
IAM_PREFIXES = {"elbv2": "elasticloadbalancing"}


def iam_action(service: str, operation: str) -> str:
    """The IAM action of a call: `elbv2`, `DescribeListeners` -> elasticloadbalancing:..."""
    return f"{IAM_PREFIXES.get(service, service)}:{operation}"


@dataclass(frozen=True)
class Identity:
    """Who the credentials belong to."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """The ARN's partition."""
        return self.arn.split(":")[1] if self.arn.count(":") > 1 else "aws"

    @property
    def principal(self) -> str:
        """The ARN without the account: `role/oncall (jane)`, `user/jane`."""
        resource = self.arn.rsplit(":", 1)[-1]
        assumed = re.fullmatch(r"assumed-role/(.+)/([^/]+)", resource)
        return f"role/{assumed[1]} ({assumed[2]})" if assumed else resource


class Calls(Protocol):
    """What the rest of `live` needs of AWS."""

    @property
    def region(self) -> str:
        """The region that is asked."""

    @property
    def partition(self) -> str:
        """The partition of the region."""

    @property
    def identity(self) -> Identity:
        """Who is asking."""

    def call(self, service: str, operation: str, /, *, about: str = "", **given: object) -> Answer:
        """One call, with all retries. `about` names the resource in error messages."""

    def answers(
        self, service: str, operation: str, /, *, about: str = "", **given: object
    ) -> Iterator[Answer]:
        """The answer of every page."""

    def pages(
        self, service: str, operation: str, key: str, /, *, about: str = "", **given: object
    ) -> Iterator[Any]:
        """Every item of the list `key`, over all pages."""


@dataclass(frozen=True)
class Target:
    """Where to call: the command line's words, before anything is looked up."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None


@dataclass
class Aws:
    """Calls to one region with one set of credentials. `tell` is told of waiting, in words."""

    session: botocore.session.Session
    target: Target
    region: str
    tell: Callable[[str], None] = lambda _: None
    _clients: dict[str, Any] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    @property
    def where(self) -> Where:
        """Region and profile, for messages."""
        return Where(
            self.region, self.target.profile or self.session.get_config_variable("profile")
        )

    @cached_property
    def partition(self) -> str:
        """The partition of the region (`aws`, `aws-cn`, `aws-us-gov`, ...)."""
        try:
            return str(self.session.get_partition_for_region(self.region))
        except boto.UnknownRegionError:
            return "aws"

    @cached_property
    def identity(self) -> Identity:
        """Who the credentials belong to (sts:GetCallerIdentity needs no permission)."""
        answer = self.call("sts", "GetCallerIdentity", about="the credentials")
        return Identity(str(answer["Account"]), str(answer["Arn"]))

    @property
    def endpoint(self) -> str:
        """The address that CloudFormation is called at, without user and password."""
        return mask(str(self._client("cloudformation").meta.endpoint_url))

    @property
    def is_foreign(self) -> bool:
        """Whether the calls go to something else than AWS: an emulator, a proxy of one's own."""
        host = urlsplit(str(self._client("cloudformation").meta.endpoint_url)).hostname or ""
        data = self.session.get_data("partitions")
        suffixes = {
            str(partition["outputs"][key])
            for partition in data["partitions"]
            for key in ("dnsSuffix", "dualStackDnsSuffix")
        }
        return not any(host.endswith(f".{suffix}") for suffix in suffixes)

    def _client(self, service: str) -> Any:  # noqa: ANN401 - botocore's clients are made at run time
        if service not in self._clients:
            client = self.session.create_client(
                service,
                region_name=self.region,
                endpoint_url=self.target.endpoint_url,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": TOTAL_ATTEMPTS},
                    connect_timeout=5,
                    read_timeout=30,
                    user_agent_extra=f"axonwatch/{__version__}",
                ),
            )
            client.meta.events.register("request-created", self._tell_of_retries)
            client.meta.events.register("needs-retry", _again_if_cut)  # type: ignore[arg-type]
            client.meta.events.register("after-call", _refuse_cut)
            self._clients[service] = client
        return self._clients[service]

    def _tell_of_retries(self, request: Any, operation_name: str, **_: object) -> None:  # noqa: ANN401 - botocore's event
        """From the third attempt on the user waits for seconds: say what for, once a call."""
        attempt = request.context.get("retries", {}).get("attempt", 1)
        if attempt >= 3 and operation_name not in self._told:
            self._told.add(operation_name)
            self.tell(f"AWS does not answer {operation_name} yet; trying again ...")

    def call(self, service: str, operation: str, /, *, about: str = "", **given: object) -> Answer:
        """One call, with all retries; `about` names the resource in error messages.

        Raises CallDenied, NoCredentials, CallFailed and its kinds in `live.faults`.
        """
        action = iam_action(service, operation)
        with _Translated(action, about, self.where):
            client = self._client(service)
            method = getattr(client, botocore.xform_name(operation))
            answer: Answer = method(**given)
        return _Whole(answer, action, self.where)

    def answers(
        self, service: str, operation: str, /, *, about: str = "", **given: object
    ) -> Iterator[Answer]:
        """The answer of every page. Raises as `call`."""
        action = iam_action(service, operation)
        with _Translated(action, about, self.where):
            client = self._client(service)
            name = botocore.xform_name(operation)
            if client.can_paginate(name):
                answers: Iterator[Answer] = iter(client.get_paginator(name).paginate(**given))
            else:
                answers = _by_token(getattr(client, name), given)
        while True:
            with _Translated(action, about, self.where):
                answer = next(answers, None)
            if answer is None:
                return
            yield answer

    def pages(
        self, service: str, operation: str, key: str, /, *, about: str = "", **given: object
    ) -> Iterator[Any]:
        """Every item of the list `key`, over all pages. Raises as `call`."""
        for answer in self.answers(service, operation, about=about, **given):
            yield from answer.get(key) or ()


def _is_cut(answer: Any) -> bool:  # noqa: ANN401 - botocore's AWSResponse
    """Whether an answer ended before its end. botocore reads half a JSON document as an empty one.

    Then all alarms would be gone, and nobody subscribed. AWS gives a length, or sends chunks.
    """
    if answer.status_code >= 300 or answer.raw is None:  # botocore's Stubber has none
        return False
    length = answer.headers.get("content-length")
    if length is None:
        return answer.headers.get("transfer-encoding") is None
    return len(answer.content) != int(length)


def _again_if_cut(response: Any, attempts: int, operation: Any, **_: object) -> float | None:  # noqa: ANN401 - botocore's event
    """Seconds to wait before a call that only reads is made again; None to leave it."""
    reads = operation.name.startswith(("Describe", "Get", "List"))
    if response is None or not reads or attempts >= TOTAL_ATTEMPTS or not _is_cut(response[0]):
        return None
    return 0.5 * attempts


def _refuse_cut(http_response: Any, **_: object) -> None:  # noqa: ANN401 - botocore's event
    if _is_cut(http_response):
        raise boto.ConnectionClosedError(endpoint_url=http_response.url)


def _by_token(method: Callable[..., Answer], given: Mapping[str, object]) -> Iterator[Answer]:
    """Pages of a call for which botocore has no paginator: `NextToken` or `nextToken`."""
    asked = dict(given)
    seen: set[str] = set()
    while True:
        answer = method(**asked)
        yield answer
        name = next((n for n in ("NextToken", "nextToken") if answer.get(n)), None)
        if name is None:
            return
        if answer[name] in seen:
            raise boto.PaginationError(message="the same page came twice")
        seen.add(answer[name])
        asked[name] = answer[name]


class _Whole(dict[str, Any]):
    """An answer; asking it for what it does not have means that it was cut on its way.

    botocore reads half a JSON document as an empty answer.
    """

    def __init__(self, answer: Answer, action: str, where: Where) -> None:
        super().__init__(answer)
        self._action = action
        self._where = where

    def __missing__(self, key: str) -> Any:  # noqa: ANN401 - never returns
        """Say that the answer was cut. Raises Unreachable."""
        raise Unreachable(
            f"{self._action} in {self._where}: the answer has no `{key}`, it was cut on its way",
            help="run it again",
        )


class _Translated:
    """A stretch of code in which botocore's exceptions become ours."""

    def __init__(self, action: str, about: str, where: Where) -> None:
        self.action = action
        self.about = about
        self.where = where

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """Turn what is botocore's into ours; let everything else pass."""
        if isinstance(error, boto.ClientError):
            raise from_client_error(error, self.action, self.about, self.where) from error
        if isinstance(error, boto.BotoCoreError | ResponseParserError):
            raise from_library(error, self.action, self.where) from error


def connect(target: Target, *, tell: Callable[[str], None] = lambda _: None) -> Aws:
    """A connection; nothing is called yet.

    The region is the target's, else the environment's or the profile's. Raises UsageError if none
    is set, NoCredentials if there is no such profile.
    """
    where = Where(target.region or "no region", target.profile or os.environ.get("AWS_PROFILE"))
    with _Translated("the session", "", where):
        session = new_session(target.profile)
        region = target.region or session.get_config_variable("region")
        if not region:
            raise boto.NoRegionError
    if not re.fullmatch(r"[a-z]{2,}(-[a-z0-9]+)+-\d+", str(region)):
        raise from_library(
            boto.InvalidRegionError(region_name=region), "the session", Where(str(region))
        )
    return Aws(session, target, str(region), tell)


def new_session(profile: str | None) -> botocore.session.Session:
    """A botocore session; tests register their event hooks on it."""
    session = botocore.session.Session(profile=profile)
    session.full_config  # noqa: B018 - reads the profile now, where ProfileNotFound can be caught
    if profile is not None:
        session.get_scoped_config()
    return session


def ensure_account(aws: Calls, inventory: Inventory) -> None:
    """Refuse, before any other call, an account or region that is not the inventory's.

    Raises CouldNotRun.
    """
    if aws.region != inventory.region:
        raise CouldNotRun(
            f"the inventory is of {inventory.region}, but the calls go to {aws.region}",
            help=f"leave --region away, or run `axonwatch init --stack {inventory.stack_name} "
            f"--region {aws.region}`",
        )
    if inventory.account_check and not is_same_account(
        inventory.account_check, aws.identity.account
    ):
        raise CouldNotRun(
            f"these credentials are of another account than the inventory of "
            f"`{inventory.stack_name}`",
            help="choose the right --profile, or run `axonwatch init` again for this account",
        )


def allowed(attempt: Callable[[], T]) -> T | AxonwatchError:
    """What `attempt` gives, or the CallDenied that stopped it: a column may stay unknown."""
    try:
        return attempt()
    except CallDenied as denied:
        return denied
