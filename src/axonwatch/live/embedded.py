"""The demo's account: an AWS of our own on a loopback port, and a main stack inside it.

Only the ground that a real deployment finds laid (a VPC with two private subnets) is made here by
hand; everything else comes from the reference template.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.request import Request, urlopen

from axonwatch.errors import CouldNotRun, MissingExtra
from axonwatch.live.clients import Calls

POLL_SECONDS = 0.2
LIMIT_SECONDS = 120
LOOPBACK = "127.0.0.1"


class NotMade(logging.Handler):
    """Collects the kinds of resources that moto accepts in a template and does not make."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Moto says it in a log line a resource, which ends in the kind."""
        kind = record.getMessage().rpartition(" ")[2]
        if kind.startswith("AWS::"):
            self.kinds.add(kind)


@contextmanager
def embedded_aws() -> Iterator[tuple[str, NotMade]]:
    """The endpoint of an emulated AWS on a free loopback port, for as long as the block runs.

    With it comes what that AWS did not make: a stack that stands there proves nothing for those.

    Raises MissingExtra if moto is not installed.
    """
    try:
        from moto.server import ThreadedMotoServer  # noqa: PLC0415 - an extra, heavy
    except ImportError as absent:
        raise MissingExtra("demo", "moto") from absent
    # The server's own log is a line a request, and a warning for each kind it does not make.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="moto")
    not_made = NotMade()
    log = logging.getLogger("moto")
    log.addHandler(not_made)
    log.propagate = False
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        _forget(f"http://{host}:{port}")
        yield f"http://{host}:{port}", not_made
    finally:
        server.stop()
        log.removeHandler(not_made)
        log.propagate = True


def _forget(endpoint: str) -> None:
    """Empty the account: moto's state is the process's, whatever the port."""
    request = Request(f"{endpoint}/moto-api/reset", method="POST")  # noqa: S310 - our own server
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
        answer.read()


def lay_ground(aws: Calls, stack: str) -> dict[str, str]:
    """A VPC, two private subnets and a certificate, as parameters of the reference main stack."""
    vpc = aws.call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws.call(
            "ec2",
            "CreateSubnet",
            VpcId=vpc,
            CidrBlock=f"10.0.{number}.0/24",
            AvailabilityZone=f"{aws.region}{zone}",
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab", start=1)
    ]
    # moto makes no certificate from a template; the seed's own is therefore requested by its API.
    certificate = aws.call(
        "acm",
        "RequestCertificate",
        DomainName=f"{stack.lower()}.{aws.region}.axonflow.internal",
        ValidationMethod="DNS",
    )["CertificateArn"]
    return {
        "CertificateArn": str(certificate),
        "VpcId": vpc,
        "PrivateSubnet1": subnets[0],
        "PrivateSubnet2": subnets[1],
        "DBPassword": secrets.token_hex(12),
    }


def fit_for_moto(body: str) -> str:
    """The reference template with the two places changed in which moto is not AWS.

    It fails on a Ref to a database parameter group, and it takes windows that touch (03:00-04:00
    and 04:00-05:00) for overlapping ones.
    """
    template = json.loads(body)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::RDS::DBInstance":
            resource["Properties"].pop("DBParameterGroupName", None)
            resource["Properties"]["PreferredBackupWindow"] = "03:00-03:59"
    return json.dumps(template)


def add_what_moto_left_out(
    aws: Calls, cluster: str, services: Mapping[str, tuple[int, int]]
) -> None:
    """Container Insights and auto scaling by their own APIs; moto drops both from a template.

    `services` are minimum and maximum by service name, as the template has them.
    """
    aws.call(
        "ecs",
        "UpdateCluster",
        cluster=cluster,
        settings=[{"name": "containerInsights", "value": "enabled"}],
    )
    for service, (minimum, maximum) in services.items():
        aws.call(
            "application-autoscaling",
            "RegisterScalableTarget",
            ServiceNamespace="ecs",
            ResourceId=f"service/{cluster}/{service}",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=minimum,
            MaxCapacity=maximum,
        )


def create_main_stack(
    aws: Calls,
    name: str,
    body: str,
    parameters: Mapping[str, str],
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Create a stack, wait until it stands, and return the number of its resources.

    Raises CouldNotRun with the stack's own reason if it does not come to stand.
    """
    aws.call(
        "cloudformation",
        "CreateStack",
        about=f"stack {name}",
        StackName=name,
        TemplateBody=fit_for_moto(body),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waited_until = time.monotonic() + LIMIT_SECONDS
    while True:
        found = aws.call("cloudformation", "DescribeStacks", StackName=name)["Stacks"][0]
        status = str(found["StackStatus"])
        tell(status)
        if status == "CREATE_COMPLETE":
            break
        if not status.endswith("_IN_PROGRESS") or time.monotonic() > waited_until:
            raise CouldNotRun(
                f"stack {name} is {status}", help=str(found.get("StackStatusReason", ""))
            )
        time.sleep(POLL_SECONDS)
    return sum(
        1
        for _ in aws.pages(
            "cloudformation", "ListStackResources", "StackResourceSummaries", StackName=name
        )
    )
