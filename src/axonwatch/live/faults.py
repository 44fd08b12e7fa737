"""What AWS, the network or the credentials said, as our errors: one table, code -> cause -> cure.

Called by `live.clients` alone, for every call that is made. Texts name the call, the resource, the
profile and the region; never an account id, never a secret.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from axonwatch.errors import AxonwatchError, CallDenied, CallFailed, NoCredentials, UsageError
from axonwatch.model.masking import hide_accounts, mask


class Refused(CallFailed):
    """AWS answered a call with an error code that is not about permission or credentials."""

    def __init__(self, action: str, code: str, message: str, *, help: str = "") -> None:
        super().__init__(message, help=help)
        self.action = action
        self.code = code


class NotFound(Refused):
    """The thing that the call was about does not exist."""


class Unsupported(Refused):
    """This region, or this endpoint, does not know the call."""


class Throttled(Refused):
    """AWS asked us to slow down, and still did after all retries."""


class Unreachable(CallFailed):
    """No answer came: network, proxy, name, certificate or time-out."""


class Kind(StrEnum):
    """What a code means for us."""

    DENIED = "denied"
    CREDENTIALS = "credentials"
    NOT_FOUND = "not found"
    UNSUPPORTED = "unsupported"
    THROTTLED = "throttled"
    BROKEN = "broken"


@dataclass(frozen=True)
class Cause:
    """A family of codes: what they mean and what to do. `{login}` is filled in."""

    kind: Kind
    codes: frozenset[str]
    cause: str
    cure: str


@dataclass(frozen=True)
class Where:
    """Who calls from where: goes into every message."""

    region: str
    profile: str | None = None

    def __str__(self) -> str:
        """As in `us-east-1 with profile "ops"`."""
        return f'{self.region} with profile "{self.profile}"' if self.profile else self.region

    @property
    def login(self) -> str:
        """The command that gets new credentials."""
        return f"aws sso login --profile {self.profile}" if self.profile else "aws sso login"


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html and
# the services' own pages; which of them botocore retries was measured (reliability notes, part 4).
CAUSES = (
    Cause(
        Kind.DENIED,
        _codes(
            "AccessDenied AccessDeniedException AccessDeniedFault AuthorizationError "
            "AuthorizationErrorException NotAuthorized UnauthorizedAccess UnauthorizedOperation "
            "KMSAccessDenied KMSAccessDeniedException"
        ),
        "was denied",
        "",
    ),
    Cause(
        Kind.CREDENTIALS,
        _codes("ExpiredToken ExpiredTokenException TokenRefreshRequired"),
        "the credentials have expired",
        "log in again: {login}",
    ),
    Cause(
        Kind.CREDENTIALS,
        _codes(
            "InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId AuthFailure "
            "OptInRequired MissingAuthenticationToken IncompleteSignature"
        ),
        "AWS does not know these credentials in this region",
        "the key is gone, the region is not enabled in the account, or the session token is of the "
        "old global kind; try: aws sts get-caller-identity --region {region}",
    ),
    Cause(
        Kind.CREDENTIALS,
        _codes(
            "SignatureDoesNotMatch InvalidSignatureException RequestExpired RequestTimeTooSkewed "
            "InvalidSignature"
        ),
        "AWS does not accept the signature",
        "the secret key is wrong, or this machine's clock is{skew}",
    ),
    Cause(
        Kind.THROTTLED,
        _codes(
            "Throttling ThrottlingException ThrottledException ThrottlingError RequestThrottled "
            "RequestThrottledException TooManyRequestsException RequestLimitExceeded "
            "BandwidthLimitExceeded PriorRequestNotComplete SlowDown EC2ThrottledException"
        ),
        "AWS throttled the call, and went on doing so after all retries",
        "wait a minute and run it again; other tools in the account may be using up the rate",
    ),
    Cause(
        Kind.UNSUPPORTED,
        _codes(
            "UnknownOperationException InvalidAction UnknownOperation NotImplemented "
            "UnsupportedOperation UnsupportedOperationException OperationNotSupportedException "
            "NotImplementedException"
        ),
        "this region does not know the call",
        "switch the feature off in stack.yaml, or look at AWS's list of features by region",
    ),
    Cause(
        Kind.NOT_FOUND,
        _codes(
            "ResourceNotFoundException ResourceNotFound NotFound NotFoundException "
            "DashboardNotFoundError ClusterNotFoundException ServiceNotFoundException "
            "DBInstanceNotFound DBInstanceNotFoundFault DBParameterGroupNotFound "
            "LoadBalancerNotFound TargetGroupNotFound ListenerNotFound ChangeSetNotFound "
            "StackNotFoundException QueueDoesNotExist "
            "AWS.SimpleQueueService.NonExistentQueue"
        ),
        "does not exist",
        "",
    ),
    Cause(
        Kind.BROKEN,
        _codes(
            "InternalError InternalFailure InternalServerError InternalServerException "
            "InternalServiceError InternalServiceFault ServiceUnavailable "
            "ServiceUnavailableException RequestTimeout RequestTimeoutException ServerException "
            "500 502 503 504"
        ),
        "AWS failed to answer, after all retries",
        "look at https://health.aws.amazon.com, then run it again",
    ),
)
_LOOSE = {"ValidationError", "InvalidParameterValue"}
_BY_CODE = {code: cause for cause in CAUSES for code in cause.codes}


def from_client_error(
    error: boto.ClientError, action: str, about: str, where: Where
) -> AxonwatchError:
    """Our error for an answer that AWS gave."""
    response: dict[str, Any] = dict(error.response)
    code = str(response.get("Error", {}).get("Code", "Unknown")).removesuffix("Fault")
    said = hide_accounts(mask(_plain(str(response.get("Error", {}).get("Message", "")))))
    known = _BY_CODE.get(code) or _BY_CODE.get(f"{code}Fault")
    if known is None and code in _LOOSE and "does not exist" in said:
        # CloudFormation's way of saying that there is no such stack.
        return NotFound(action, code, f"{about or action}: does not exist in {where}")
    if known is None:
        return Refused(action, code, f"{action} failed for {about or 'the call'}: {said or code}")
    resource = about or "all resources"
    if known.kind is Kind.DENIED:
        return CallDenied(
            action,
            f"{resource} in {where}",
            help=f"add `{action}` to the role or user, or choose another with --profile; "
            "`axonwatch policy COMMAND` prints all that a command needs",
        )
    cure = known.cure.format(login=where.login, region=where.region, skew=_skew(response))
    if known.kind is Kind.CREDENTIALS:
        return NoCredentials(f"{known.cause} ({code} from {action} in {where})", help=cure)
    if known.kind is Kind.NOT_FOUND:
        return NotFound(action, code, f"{resource} {known.cause} in {where} (asked by {action})")
    text = f"{known.cause}: {action} in {where}" + (f" ({said})" if said else "")
    family = {Kind.UNSUPPORTED: Unsupported, Kind.THROTTLED: Throttled}.get(known.kind, Refused)
    return family(action, code, text, help=cure)


def _plain(said: str) -> str:
    """The words of an answer: a proxy, or a server that broke, sends a page of HTML instead."""
    if not said.lstrip().startswith("<"):
        return said.strip()
    title = re.search(r"<title[^>]*>([^<]*)</title>", said, re.IGNORECASE)
    return " ".join((title[1] if title else re.sub(r"<[^>]*>", " ", said)).split())


def _skew(response: dict[str, Any]) -> str:
    """How far this machine's clock is off, from the answer's Date header."""
    stamp = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        theirs = parsedate_to_datetime(str(stamp))
    except ValueError:
        return " off"
    seconds = round((datetime.now(UTC) - theirs).total_seconds())
    if abs(seconds) < 60:
        return " off (it looks right: then the secret key is wrong)"
    return f" {abs(seconds)} s {'ahead' if seconds > 0 else 'behind'}"


def from_library(error: Exception, action: str, where: Where) -> AxonwatchError:
    """Our error for what botocore raised without an answer of AWS."""
    text = hide_accounts(mask(str(error))).strip()
    if isinstance(error, boto.ProfileNotFound):
        return NoCredentials(
            f'there is no profile "{where.profile}"',
            help="`aws configure list-profiles` lists them; AWS_PROFILE and --profile name one",
        )
    if isinstance(error, boto.NoRegionError):
        return UsageError("no region is set", help="add --region, or `region:` in stack.yaml")
    if isinstance(error, boto.InvalidRegionError):
        return UsageError(f"`{where.region}` is not a region", help="as in: --region us-east-1")
    if isinstance(error, boto.CredentialRetrievalError):
        return NoCredentials(
            f"the credential process of {where} gave no credentials",
            help="run the `credential_process` of ~/.aws/config by hand to see why",
        )
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
        return NoCredentials(
            f"no credentials for {where}",
            help=f"log in ({where.login}), name a --profile, or set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY",
        )
    if _is_login_fault(error):
        return NoCredentials(f"not logged in for {where}: {text}", help=where.login)
    if isinstance(error, boto.HTTPClientError | boto.ConnectionError):
        return _from_network(error, action, where, text)
    if isinstance(error, ResponseParserError):
        return Unreachable(
            f"{action} in {where}: the answer is not one of AWS's",
            help="a proxy or AWS_ENDPOINT_URL may answer in its place; run it again",
        )
    return CallFailed(f"{action} failed in {where}: {text or type(error).__name__}")


def _is_login_fault(error: Exception) -> bool:
    names = ("SSOError", "SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError")
    known = tuple(getattr(boto, name) for name in names if hasattr(boto, name))
    return isinstance(error, known) or type(error).__name__.startswith("Login")


def _from_network(error: Exception, action: str, where: Where, text: str) -> AxonwatchError:
    bundle = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle and not Path(bundle).is_file():
        # botocore reports this as a failed connection, like every other.
        return Unreachable(
            f"{action} in {where}: AWS_CA_BUNDLE names `{bundle}`, which is no file",
            help="correct or unset AWS_CA_BUNDLE",
        )
    proxy = next((n for n in ("HTTPS_PROXY", "https_proxy") if os.environ.get(n)), None)
    if isinstance(error, boto.ProxyConnectionError) or (proxy and "roxy" in text):
        return Unreachable(
            f"{action} in {where}: the proxy `{mask(os.environ.get(proxy or '', ''))}` "
            "does not answer",
            help=f"correct or unset {proxy or 'HTTPS_PROXY'}",
        )
    if isinstance(error, boto.SSLError):
        return Unreachable(
            f"{action} in {where}: the server's certificate is not trusted ({text})",
            help="behind a proxy that opens TLS, set AWS_CA_BUNDLE to its certificate",
        )
    if isinstance(error, boto.ConnectTimeoutError | boto.ReadTimeoutError):
        return Unreachable(f"{action} in {where}: no answer in time ({text})", help=_NETWORK)
    if isinstance(error, boto.EndpointConnectionError):
        return Unreachable(
            f"{action} in {where}: cannot reach AWS ({text.rstrip('.')})",
            help=f"is `{where.region}` a region, and is there a network? AWS_ENDPOINT_URL, if "
            "set, must answer",
        )
    return Unreachable(f"{action} in {where}: the connection broke ({text})", help=_NETWORK)


_NETWORK = "check the network and run it again; nothing was lost"
