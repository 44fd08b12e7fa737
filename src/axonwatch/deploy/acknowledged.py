"""What security scanners say of our templates, and why each finding stands.

One row a finding: for the reference stack the seed's sentence that asks for it, for the companion a
reason. `tests/unit/deploy/test_scanners.py` fails when a finding has no row, or a row no finding.
"""

from __future__ import annotations

from dataclasses import dataclass

PACKS = ("AwsSolutions", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321", "Serverless")


@dataclass(frozen=True)
class Acknowledgement:
    """`rule` without its pack's name, `resource` the logical id, `packs` those that have it.

    `because` is the seed's own sentence where the reference stack follows it.
    """

    rule: str
    resource: str
    because: str
    packs: tuple[str, ...]


SOLUTIONS = ("AwsSolutions",)
HIPAA_NIST = ("HIPAA.Security", "NIST.800.53.R5")
HIPAA_PCI = ("HIPAA.Security", "PCI.DSS.321")
NIST_PCI = ("NIST.800.53.R5", "PCI.DSS.321")
THREE = ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
CHECKOV = ("checkov",)
CFN_LINT = ("cfn-lint",)

_NO_LOGS = "the page lists the load balancer's features, and access logs are not among them"
_NO_KEY = "Type: AWS::SecretsManager::Secret"
_PLAIN_GROUPS = "Retention: 30 days"
_PROTECTION = "Deletion protection: disabled (can be enabled post-deployment)"
_SNAPSHOT = "Snapshot on Delete: Enabled (DeletionPolicy: Snapshot)"
_ROTATION = "Rotation: Not configured (can be enabled post-deployment)"
_HEADERS = "the page lists the load balancer's features, and header dropping is not among them"
_MANAGED = "AmazonECSTaskExecutionRolePolicy"
_MONITORING = "Enhanced Monitoring: 60-second interval"

# What hardening leaves: the seed's port, the policies of AWS, and a permission without resource.
HARDENED = (
    Acknowledgement("RDS11", "AxonFlowDatabase", "Port 5432 from Agent Security Group", SOLUTIONS),
    Acknowledgement("IAM4", "TaskExecutionRole", _MANAGED, SOLUTIONS),
    Acknowledgement("IAM4", "DatabaseMonitoringRole", _MONITORING, SOLUTIONS),
    Acknowledgement("IAM5", "TaskPolicy", "CloudWatch PutMetricData", SOLUTIONS),
)

REFERENCE = (
    *HARDENED[:3],
    Acknowledgement("IAM5", "TaskRole", "CloudWatch PutMetricData", SOLUTIONS),
    Acknowledgement("EC23", "ALBSecurityGroup", "Port 443 (HTTPS) from 0.0.0.0/0", SOLUTIONS),
    Acknowledgement("ELB2", "LoadBalancer", _NO_LOGS, SOLUTIONS),
    Acknowledgement("ELBLoggingEnabled", "LoadBalancer", _NO_LOGS, THREE),
    Acknowledgement("ELBDeletionProtectionEnabled", "LoadBalancer", _PROTECTION, HIPAA_NIST),
    Acknowledgement("ALBHttpDropInvalidHeaderEnabled", "LoadBalancer", _HEADERS, HIPAA_PCI),
    Acknowledgement("ALBWAFEnabled", "LoadBalancer", "Scheme: internal", NIST_PCI),
    Acknowledgement(
        "ELBv2ACMCertificateRequired",
        "HttpListener",
        "Port 80 (HTTP) from 0.0.0.0/0 (redirects to HTTPS)",
        THREE,
    ),
    Acknowledgement("SMG4", "DatabaseSecret", _ROTATION, SOLUTIONS),
    Acknowledgement("SecretsManagerRotationEnabled", "DatabaseSecret", _ROTATION, HIPAA_NIST),
    Acknowledgement("SecretsManagerUsingKMSKey", "DatabaseSecret", _NO_KEY, THREE),
    Acknowledgement("RDS10", "AxonFlowDatabase", _SNAPSHOT, SOLUTIONS),
    Acknowledgement(
        "RDSInstanceDeletionProtectionEnabled", "AxonFlowDatabase", _SNAPSHOT, HIPAA_NIST
    ),
    Acknowledgement(
        "RDSInBackupPlan", "AxonFlowDatabase", "Automated Backups: Enabled", HIPAA_NIST
    ),
    Acknowledgement(
        "RDSLoggingEnabled",
        "AxonFlowDatabase",
        "CloudWatch Logs: PostgreSQL logs exported",
        THREE,
    ),
    *(
        Acknowledgement("CloudWatchLogGroupEncrypted", group, _PLAIN_GROUPS, THREE)
        for group in ("AgentLogGroup", "OrchestratorLogGroup")
    ),
    *(
        Acknowledgement("ECS2", task, "PORT: " + port, SOLUTIONS)
        for task, port in (
            ("AgentTaskDefinition", "8080"),
            ("OrchestratorTaskDefinition", "8081"),
        )
    ),
    Acknowledgement(
        "IAMNoInlinePolicy",
        "TaskExecutionRole",
        "Secrets Manager read access (for database password)",
        THREE,
    ),
    Acknowledgement("IAMNoInlinePolicy", "TaskRole", "CloudWatch Logs write access", THREE),
    Acknowledgement(
        "CKV_AWS_260",
        "ALBSecurityGroup",
        "Port 80 (HTTP) from 0.0.0.0/0 (redirects to HTTPS)",
        CHECKOV,
    ),
    Acknowledgement("CKV_AWS_131", "LoadBalancer", _HEADERS, CHECKOV),
    Acknowledgement("CKV_AWS_91", "LoadBalancer", _NO_LOGS, CHECKOV),
    Acknowledgement("CKV_AWS_161", "AxonFlowDatabase", "Master Username: axonflow", CHECKOV),
    Acknowledgement("CKV_AWS_149", "DatabaseSecret", _NO_KEY, CHECKOV),
    *(
        Acknowledgement("CKV_AWS_158", group, _PLAIN_GROUPS, CHECKOV)
        for group in ("AgentLogGroup", "OrchestratorLogGroup")
    ),
    Acknowledgement("W1011", "AxonFlowDatabase", "- password: [from parameter]", CFN_LINT),
)

_UNDELIVERED = (
    "it is a dead-letter queue, of the topic's subscriptions, where the rule does not look"
)

# Two things: the role of log alarms, and the queues.
COMPANION = (
    Acknowledgement(
        "IAM5",
        "LogAlarmPolicy",
        "StopQuery, GetQueryResults and DescribeLogGroups take no resource, and the ARN of a log "
        "group ends in a wildcard",
        SOLUTIONS,
    ),
    *(
        Acknowledgement(rule, queue, _UNDELIVERED, packs)
        for queue in ("PageUndelivered", "TicketUndelivered")
        for rule, packs in (("SQS3", SOLUTIONS), ("SQSRedrivePolicy", ("Serverless",)))
    ),
)
