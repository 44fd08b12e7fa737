"""The table code -> cause -> cure, and what botocore raises without an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from axonwatch.errors import AxonwatchError, CallDenied, CallFailed, NoCredentials, UsageError
from axonwatch.live.faults import (
    CAUSES,
    NotFound,
    Refused,
    Throttled,
    Unreachable,
    Unsupported,
    Where,
    from_client_error,
    from_library,
)

WHERE = Where("eu-west-1", "ops")


def error(code: str, message: str = "", headers: dict[str, str] | None = None) -> AxonwatchError:
    raw = boto.ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPHeaders": headers or {}},  # type: ignore[typeddict-item]
        },
        "DescribeAlarms",
    )
    return from_client_error(raw, "cloudwatch:DescribeAlarms", "alarm `a`", WHERE)


def test_a_page_of_html_in_the_place_of_an_answer_is_one_line() -> None:
    page = "<!doctype html>\n<html lang=en>\n<title>502 Bad Gateway</title>\n<h1>Bad</h1>\n<p>x</p>"
    for said in (page, "<html><body>\n502\nBad Gateway</body></html>"):
        failed = error("502", said)
        assert failed.message.endswith('in eu-west-1 with profile "ops" (502 Bad Gateway)')


def test_a_denied_call_names_the_action_the_resource_the_region_and_the_profile() -> None:
    denied = error("AccessDenied", "User: arn:aws:iam::123456789012:user/x is not authorized")
    assert isinstance(denied, CallDenied)
    assert denied.action == "cloudwatch:DescribeAlarms"
    assert denied.message == (
        'cloudwatch:DescribeAlarms was denied for alarm `a` in eu-west-1 with profile "ops"'
    )
    assert "add `cloudwatch:DescribeAlarms`" in denied.help
    assert "123456789012" not in denied.message + denied.help


@pytest.mark.parametrize(
    ("code", "kind", "cure"),
    [
        ("ExpiredToken", NoCredentials, "aws sso login --profile ops"),
        ("ExpiredTokenException", NoCredentials, "aws sso login --profile ops"),
        ("InvalidClientTokenId", NoCredentials, "not enabled in the account"),
        ("UnrecognizedClientException", NoCredentials, "not enabled in the account"),
        ("OptInRequired", NoCredentials, "not enabled in the account"),
        ("ThrottlingException", Throttled, "wait a minute"),
        ("InvalidAction", Unsupported, "switch the feature off"),
        ("UnknownOperationException", Unsupported, "switch the feature off"),
        ("DBInstanceNotFoundFault", NotFound, ""),
        ("DBInstanceNotFound", NotFound, ""),
        ("ResourceNotFoundException", NotFound, ""),
        ("InternalFailure", Refused, "health.aws.amazon.com"),
        ("AccessDeniedException", CallDenied, "axonwatch policy"),
        ("SomethingNew", Refused, ""),
    ],
)
def test_a_code_has_a_cause_and_a_cure(code: str, kind: type[AxonwatchError], cure: str) -> None:
    made = error(code, "said AWS")
    assert isinstance(made, kind)
    assert cure in made.help
    assert made.exit_code == 3


def test_every_family_of_codes_says_something_of_its_own() -> None:
    codes = [code for cause in CAUSES for code in cause.codes]
    assert len(codes) == len(set(codes))
    assert all(error(code).message for code in codes)


@pytest.mark.parametrize(
    ("seconds", "said"), [(400, "400 s ahead"), (-90, "90 s behind"), (0, "secret key is wrong")]
)
def test_a_refused_signature_measures_the_clock(seconds: int, said: str) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=seconds), usegmt=True)
    assert said.split(" ", 1)[1] in error("SignatureDoesNotMatch", headers={"date": date}).help


def test_a_stack_that_does_not_exist_is_not_found() -> None:
    assert isinstance(error("ValidationError", "Stack with id x does not exist"), NotFound)
    assert not isinstance(error("ValidationError", "Template format error"), NotFound)


def test_a_secret_in_what_aws_says_is_masked() -> None:
    assert "hunter2" not in error("Weird", "bad url postgres://a:hunter2@h/d").message


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (boto.NoCredentialsError(), NoCredentials, "no credentials for eu-west-1"),
        (boto.ProfileNotFound(profile="ops"), NoCredentials, 'no profile "ops"'),
        (boto.NoRegionError(), UsageError, "no region is set"),
        (boto.InvalidRegionError(region_name="x"), UsageError, "is not a region"),
        (
            boto.CredentialRetrievalError(provider="custom-process", error_msg=""),
            NoCredentials,
            "credential process",
        ),
        (boto.SSOTokenLoadError(error_msg="no file"), NoCredentials, "not logged in"),
        (boto.UnauthorizedSSOTokenError(), NoCredentials, "not logged in"),
        (
            boto.EndpointConnectionError(endpoint_url="https://x", error="refused"),
            Unreachable,
            "cannot reach AWS",
        ),
        (
            boto.ReadTimeoutError(endpoint_url="https://x", error="slow"),
            Unreachable,
            "no answer in time",
        ),
        (
            boto.ConnectionClosedError(endpoint_url="https://x", error="cut"),
            Unreachable,
            "the connection broke",
        ),
        (
            boto.SSLError(endpoint_url="https://x", error=OSError("self-signed")),
            Unreachable,
            "certificate",
        ),
        (ResponseParserError("<html>"), Unreachable, "not one of AWS's"),
        (boto.PaginationError(message="twice"), CallFailed, "failed in eu-west-1"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_the_library_raises_has_a_cause(
    raised: Exception, kind: type[AxonwatchError], said: str
) -> None:
    made = from_library(raised, "logs:StartQuery", WHERE)
    assert isinstance(made, kind)
    assert said in made.message


def test_a_missing_certificate_bundle_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))
    raised = boto.EndpointConnectionError(endpoint_url="https://x", error="refused")
    assert "AWS_CA_BUNDLE names" in from_library(raised, "sts:GetCallerIdentity", WHERE).message


def test_a_proxy_that_is_down_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://jane:hunter2@proxy:3128")
    raised = boto.ProxyConnectionError(proxy_url="http://proxy:3128", error="refused")
    message = from_library(raised, "sts:GetCallerIdentity", WHERE).message
    assert "the proxy" in message
    assert "hunter2" not in message
