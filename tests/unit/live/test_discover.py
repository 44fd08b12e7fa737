"""Discovery against scripted answers: what moto cannot show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.fakes.aws import ACCOUNT, FakeAws, client_error

from axonwatch.errors import CouldNotRun, NoCredentials, UsageError
from axonwatch.live.accounts import is_same_account
from axonwatch.live.discover import Discovery, discover
from axonwatch.live.discovery.by_hand import keys, read_by_hand
from axonwatch.live.discovery.found import DiscoveryIncomplete
from axonwatch.live.faults import Throttled
from axonwatch.live.instances import (
    class_memory,
    connections_of_formula,
    default_connections,
    known_instance,
    storage_gives,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
BALANCER = f"{ARN}:loadbalancer/app/axonflow-prod-alb/50dc6c495c0c9188"
GROUP = f"{ARN}:targetgroup/axonflow-prod-agent/73e2d6bc24d8a067"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1f2e"
OUTPUTS = {
    "ClusterName": "axonflow-prod-cluster",
    "AgentServiceName": "axonflow-prod-agent-service",
    "OrchestratorServiceName": "axonflow-prod-orchestrator-service",
    "DatabaseEndpoint": "axonflow-prod-db.abc.us-east-1.rds.amazonaws.com",
    "PricingTierDeployed": "Growth",
}
RESOURCES = [
    ("AWS::ECS::Cluster", "Cluster", "axonflow-prod-cluster"),
    (
        "AWS::ECS::Service",
        "AgentService",
        "arn:x/axonflow-prod-cluster/axonflow-prod-agent-service",
    ),
    (
        "AWS::ECS::Service",
        "OrchestratorService",
        "arn:x/axonflow-prod-cluster/axonflow-prod-orchestrator-service",
    ),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "ApplicationLoadBalancer", BALANCER),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "AgentTargetGroup", GROUP),
    ("AWS::RDS::DBInstance", "AxonFlowDatabase", "axonflow-prod-db"),
]


def stack(status: str = "CREATE_COMPLETE", **outputs: str) -> dict[str, Any]:
    return {
        "Stacks": [
            {
                "StackName": "axonflow-prod",
                "CreationTime": NOW,
                "StackStatus": status,
                "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()],
            }
        ]
    }


def resources(*rows: tuple[str, str, str], status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    return {
        "StackResourceSummaries": [
            {
                "ResourceType": kind,
                "LogicalResourceId": logical,
                **({"PhysicalResourceId": physical} if physical else {}),
                "ResourceStatus": status,
                "LastUpdatedTimestamp": NOW,
            }
            for kind, logical, physical in rows
        ]
    }


def service(component: str, **changes: Any) -> dict[str, Any]:
    one = {
        "serviceName": f"axonflow-prod-{component}-service",
        "status": "ACTIVE",
        "desiredCount": 5 if component == "agent" else 10,
        "taskDefinition": f"arn:task/{component}:1",
        "deployments": [{"status": "PRIMARY", "taskDefinition": f"arn:task/{component}:1"}],
        "loadBalancers": [{"targetGroupArn": GROUP}] if component == "agent" else [],
    }
    return {"services": [one | changes]}


def task(given: dict[str, Any]) -> dict[str, Any]:
    component = "agent" if "agent" in given["taskDefinition"] else "orchestrator"
    options = {"awslogs-group": f"/ecs/axonflow-prod/{component}", "awslogs-stream-prefix": "x"}
    return {
        "taskDefinition": {
            "cpu": "1024",
            "memory": "2048",
            "containerDefinitions": [
                {"name": "proxy", "essential": True},
                {
                    "name": component,
                    "logConfiguration": {"logDriver": "awslogs", "options": options},
                    "environment": [{"name": "TIER", "value": "Pilot"}],
                },
            ],
        }
    }


DATABASE: dict[str, Any] = {
    "DBInstanceIdentifier": "axonflow-prod-db",
    "DBInstanceClass": "db.t3.medium",
    "Engine": "postgres",
    "EngineVersion": "15.4",
    "DbiResourceId": "db-ABC",
    "AllocatedStorage": 100,
    "StorageType": "gp3",
    "Iops": 3000,
    "StorageThroughput": 125,
    "MultiAZ": True,
    "PreferredBackupWindow": "03:00-04:00",
    "PreferredMaintenanceWindow": "sun:04:00-sun:05:00",
    "EnabledCloudwatchLogsExports": ["postgresql"],
    "DBParameterGroups": [{"DBParameterGroupName": "default.postgres15"}],
}


@pytest.fixture
def aws() -> FakeAws:
    fake = FakeAws()
    fake.on("cloudformation", "DescribeStacks", stack(**OUTPUTS))
    fake.on("cloudformation", "ListStackResources", resources(*RESOURCES))
    fake.on(
        "ecs",
        "DescribeClusters",
        {
            "clusters": [
                {
                    "clusterName": "axonflow-prod-cluster",
                    "settings": [{"name": "containerInsights", "value": "enhanced"}],
                }
            ]
        },
    )
    fake.on(
        "ecs",
        "DescribeServices",
        lambda given: service("agent" if "agent" in given["services"][0] else "orchestrator"),
    )
    fake.on("ecs", "DescribeTaskDefinition", task)
    fake.on(
        "application-autoscaling",
        "DescribeScalableTargets",
        lambda given: {
            "ScalableTargets": [
                {
                    "ServiceNamespace": "ecs",
                    "ResourceId": given["ResourceIds"][0],
                    "ScalableDimension": "ecs:service:DesiredCount",
                    "MinCapacity": 5,
                    "MaxCapacity": 50,
                    "RoleARN": "arn:aws:iam::123456789012:role/scaling",
                    "CreationTime": NOW,
                }
            ]
        },
    )
    fake.on(
        "elbv2",
        "DescribeListeners",
        {"Listeners": [{"Certificates": [{"CertificateArn": CERTIFICATE}]}]},
    )
    fake.on("elbv2", "DescribeTargetGroups", {"TargetGroups": [{"LoadBalancerArns": [BALANCER]}]})
    fake.on("rds", "DescribeDBInstances", {"DBInstances": [DATABASE]})
    fake.on(
        "logs",
        "DescribeLogGroups",
        lambda given: {
            "logGroups": [
                {"logGroupName": given["logGroupNamePrefix"] + "-old", "retentionInDays": 1},
                {"logGroupName": given["logGroupNamePrefix"], "retentionInDays": 30},
            ]
        },
    )
    return fake


def run(aws: FakeAws, name: str = "axonflow-prod", **by_hand: Any) -> Discovery:
    return discover(aws, name, {k.replace("__", "."): v for k, v in by_hand.items()}, now=NOW)


def missing(aws: FakeAws, **by_hand: Any) -> dict[str, str]:
    """Every missing key, with why."""
    with pytest.raises(DiscoveryIncomplete) as incomplete:
        run(aws, **by_hand)
    return {key: gap.why for gap in incomplete.value.gaps for key in gap.keys}


def test_everything_that_the_design_lists_is_found(aws: FakeAws) -> None:
    found = run(aws)
    inventory = found.inventory
    assert found.notes == ()
    assert inventory.cluster == "axonflow-prod-cluster"
    assert inventory.container_insights
    agent, orchestrator = inventory.service("agent"), inventory.service("orchestrator")
    assert (agent.desired, agent.minimum, agent.maximum) == (5, 5, 50)
    assert (orchestrator.name, orchestrator.desired) == ("axonflow-prod-orchestrator-service", 10)
    assert (agent.log_group, agent.log_retention_days) == ("/ecs/axonflow-prod/agent", 30)
    assert (agent.container, agent.cpu_units, agent.memory_mib) == ("agent", 1024, 2048)
    assert inventory.load_balancer.full_name == "app/axonflow-prod-alb/50dc6c495c0c9188"
    assert (
        inventory.load_balancer.target_group_full_name
        == "targetgroup/axonflow-prod-agent/73e2d6bc24d8a067"
    )
    assert inventory.load_balancer.certificate_id == "1f2e"
    database = inventory.database
    assert (database.identifier, database.resource_id) == ("axonflow-prod-db", "db-ABC")
    assert (database.allocated_storage, database.iops) == (100 * 1024**3, 3000)
    assert (database.throughput, database.max_connections) == (125 * 1024**2, 405)
    assert (database.memory, database.vcpus) == (4 * 1024**3, 2)
    assert (database.ebs_baseline_iops, database.ebs_baseline_throughput) == (2000, 43_375_000)
    assert database.log_group == "/aws/rds/instance/axonflow-prod-db/postgresql"
    assert (inventory.tier, inventory.monthly_requests) == ("Growth", 500_000)
    assert inventory.discovered_at == "2026-11-24T12:00:00Z"


def test_the_account_is_checked_and_its_id_is_nowhere(aws: FakeAws) -> None:
    inventory = run(aws).inventory
    assert is_same_account(inventory.account_check, ACCOUNT)
    assert ACCOUNT not in repr(inventory)


def test_two_stacks_of_which_one_is_a_prefix_are_not_confused(aws: FakeAws) -> None:
    run(aws)
    assert aws.asked("cloudformation:DescribeStacks") == [{"StackName": "axonflow-prod"}]
    prefix = aws.asked("logs:DescribeLogGroups")[0]["logGroupNamePrefix"]
    assert run(aws).inventory.service("agent").log_retention_days == 30, prefix


def test_without_outputs_the_resources_tell(aws: FakeAws) -> None:
    aws.on("cloudformation", "DescribeStacks", stack())
    inventory = run(aws).inventory
    assert inventory.service("agent").name == "axonflow-prod-agent-service"
    assert inventory.database.identifier == "axonflow-prod-db"
    assert inventory.tier == "Pilot"  # from the task's TIER
    assert inventory.monthly_requests == 50_000


def test_outputs_alone_are_enough_where_another_stack_made_the_parts(aws: FakeAws) -> None:
    aws.on("cloudformation", "ListStackResources", resources())
    inventory = run(aws).inventory
    assert inventory.load_balancer.name == "axonflow-prod-alb"  # by the service's target group
    assert inventory.database.identifier == "axonflow-prod-db"  # by the endpoint


def test_parts_in_nested_stacks_are_found(aws: FakeAws) -> None:
    nested = resources(("AWS::CloudFormation::Stack", "Services", "arn:nested"))
    aws.on("cloudformation", "DescribeStacks", stack())
    aws.on(
        "cloudformation",
        "ListStackResources",
        lambda given: resources(*RESOURCES) if given["StackName"] == "arn:nested" else nested,
    )
    assert run(aws).inventory.cluster == "axonflow-prod-cluster"


def test_names_cut_and_generated_are_taken_from_arns(aws: FakeAws) -> None:
    cut = f"{ARN}:loadbalancer/app/AXONFLOW-PRODUCTION-EUROPE-Appl/0123456789abcdef"
    rows = [r for r in RESOURCES if "LoadBalancer" not in r[0]]
    rows.append(("AWS::ElasticLoadBalancingV2::LoadBalancer", "X", cut))
    aws.on("cloudformation", "ListStackResources", resources(*rows))
    balancer = run(aws).inventory.load_balancer
    assert balancer.name == "AXONFLOW-PRODUCTION-EUROPE-Appl"
    assert balancer.full_name == "app/AXONFLOW-PRODUCTION-EUROPE-Appl/0123456789abcdef"


def test_a_missing_stack_suggests_what_was_meant(aws: FakeAws) -> None:
    absent = client_error("ValidationError", "Stack with id Axonflow-Prod does not exist")
    aws.on("cloudformation", "DescribeStacks", absent, stack())
    with pytest.raises(CouldNotRun, match="there is no stack `Axonflow-Prod`") as refused:
        run(aws, "Axonflow-Prod")
    assert refused.value.help == "a similar stack exists: `axonflow-prod`"


@pytest.mark.parametrize(
    "status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS"]
)
def test_a_stack_with_nothing_in_it_is_refused(aws: FakeAws, status: str) -> None:
    aws.on("cloudformation", "DescribeStacks", stack(status, **OUTPUTS))
    with pytest.raises(CouldNotRun, match=f"is {status}"):
        run(aws)


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_half_updated_is_read_with_a_warning(aws: FakeAws, status: str) -> None:
    aws.on("cloudformation", "DescribeStacks", stack(status, **OUTPUTS))
    assert "half old and half new" in run(aws).notes[0]


def test_a_service_that_is_still_being_created_is_a_gap_to_wait_for(aws: FakeAws) -> None:
    rows = [r for r in RESOURCES if r[1] != "OrchestratorService"]
    rows.append(("AWS::ECS::Service", "OrchestratorService", ""))
    aws.on("cloudformation", "DescribeStacks", stack("CREATE_IN_PROGRESS"))
    aws.on("cloudformation", "ListStackResources", resources(*rows))
    assert "still being created" in missing(aws)["orchestrator.name"]


def test_the_newest_deployment_counts_while_one_is_under_way(aws: FakeAws) -> None:
    deployments = [
        {"status": "ACTIVE", "taskDefinition": "arn:task/agent:1"},
        {"status": "PRIMARY", "taskDefinition": "arn:task/agent:2"},
    ]
    aws.on(
        "ecs",
        "DescribeServices",
        lambda given: (
            service("agent", deployments=deployments, taskDefinition="arn:task/agent:2")
            if "agent" in given["services"][0]
            else service("orchestrator")
        ),
    )
    assert "a deployment of" in run(aws).notes[0]
    assert {"taskDefinition": "arn:task/agent:2"} in aws.asked("ecs:DescribeTaskDefinition")


def test_every_missing_permission_is_named_at_once(aws: FakeAws) -> None:
    aws.denied = {
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "rds:DescribeDBInstances",
        "logs:DescribeLogGroups",
        "elasticloadbalancing:DescribeListeners",
    }
    told = missing(aws)
    for key, action in {
        "container_insights": "ecs:DescribeClusters",
        "agent.desired": "ecs:DescribeServices",
        "database.iops": "rds:DescribeDBInstances",
        "load_balancer.certificate_id": "elasticloadbalancing:DescribeListeners",
    }.items():
        assert f"{action} was denied" in told[key]
    with pytest.raises(DiscoveryIncomplete) as incomplete:
        run(aws)
    assert 'in us-east-1 with profile "ops"' in incomplete.value.message
    assert "add `rds:DescribeDBInstances`" in incomplete.value.message
    assert "--set" in incomplete.value.help


ACTIONS = [
    ("application-autoscaling:DescribeScalableTargets", "agent.maximum"),
    ("ecs:DescribeTaskDefinition", "agent.log_group"),
    ("logs:DescribeLogGroups", "agent.log_retention_days"),
]


@pytest.mark.parametrize(("action", "key"), ACTIONS)
def test_a_denied_call_can_be_replaced_by_hand(aws: FakeAws, action: str, key: str) -> None:
    aws.denied = {action}
    told = missing(aws)
    assert action in told[key]
    examples: dict[type, Any] = {int: 7, str: "x", bool: True}
    by_hand: dict[str, Any] = {}
    for name in told:
        kind = keys()[name]
        by_hand[name] = examples[kind] if isinstance(kind, type) else 7
    inventory = run(aws, **by_hand).inventory
    assert inventory.given_by_hand == tuple(sorted(by_hand))


def test_with_everything_by_hand_only_the_stack_is_asked_for(aws: FakeAws) -> None:
    special = {"tier": "Growth", "database.instance_class": "db.t3.medium"}
    examples: dict[type, Any] = {int: 1, bool: True, str: "x"}
    values = {
        key: special.get(key, examples[kind] if isinstance(kind, type) else 1)
        for key, kind in keys().items()
    }
    discover(aws, "axonflow-prod", values, now=NOW)
    assert {action for action, _ in aws.calls} == {
        "cloudformation:DescribeStacks",
        "cloudformation:ListStackResources",
    }


@pytest.mark.parametrize("kind", [NoCredentials, Throttled])
def test_what_stops_every_call_stops_the_run(aws: FakeAws, kind: type[Exception]) -> None:
    code = {NoCredentials: "ExpiredToken", Throttled: "ThrottlingException"}[kind]
    aws.on("rds", "DescribeDBInstances", client_error(code))
    with pytest.raises(kind):
        run(aws)


def test_container_insights_off_is_a_fact_with_a_note(aws: FakeAws) -> None:
    aws.on("ecs", "DescribeClusters", {"clusters": [{"clusterName": "c", "settings": []}]})
    found = run(aws)
    assert not found.inventory.container_insights
    assert "aws ecs update-cluster-settings" in found.notes[0]


def test_without_auto_scaling_the_desired_count_is_both_ends(aws: FakeAws) -> None:
    aws.on("application-autoscaling", "DescribeScalableTargets", {"ScalableTargets": []})
    found = run(aws)
    agent = found.inventory.service("agent")
    assert (agent.minimum, agent.maximum) == (5, 5)
    assert "has no auto scaling" in found.notes[0]


def test_a_log_group_without_retention_keeps_for_ever(aws: FakeAws) -> None:
    aws.on(
        "logs",
        "DescribeLogGroups",
        lambda given: {"logGroups": [{"logGroupName": given["logGroupNamePrefix"]}]},
    )
    assert run(aws).inventory.service("agent").log_retention_days is None


def test_a_log_group_that_is_not_there_is_a_gap(aws: FakeAws) -> None:
    aws.on("logs", "DescribeLogGroups", {"logGroups": []})
    assert "knows no `/ecs/axonflow-prod/agent`" in missing(aws)["agent.log_retention_days"]


def test_a_tier_that_axonflow_does_not_have_is_a_gap(aws: FakeAws) -> None:
    aws.on("cloudformation", "DescribeStacks", stack(**OUTPUTS | {"PricingTierDeployed": "Gold"}))
    assert "`Gold` is none of Pilot" in missing(aws)["tier"]
    assert run(aws, tier="enterprise").inventory.tier == "Enterprise"
    assert run(aws, tier="enterprise").inventory.monthly_requests is None


def test_pending_changes_of_the_database_are_told(aws: FakeAws) -> None:
    pending = DATABASE | {"PendingModifiedValues": {"DBInstanceClass": "db.r5.large"}}
    aws.on("rds", "DescribeDBInstances", {"DBInstances": [pending]})
    assert "pending changes (DBInstanceClass)" in run(aws).notes[0]


def with_group(aws: FakeAws, value: str) -> None:
    custom = DATABASE | {"DBParameterGroups": [{"DBParameterGroupName": "ours"}]}
    aws.on("rds", "DescribeDBInstances", {"DBInstances": [custom]})
    aws.on(
        "rds",
        "DescribeDBParameters",
        {"Parameters": [{"ParameterName": "max_connections", "ParameterValue": value}]},
    )


def test_a_parameter_group_of_the_users_own_is_asked(aws: FakeAws) -> None:
    with_group(aws, "250")
    assert run(aws).inventory.database.max_connections == 250
    with_group(aws, "HALF({Everything})")
    assert "which we cannot read" in missing(aws)["database.max_connections"]


def test_a_class_that_the_table_lacks_is_asked_of_ec2(aws: FakeAws) -> None:
    strange = DATABASE | {"DBInstanceClass": "db.z9.large"}
    aws.on("rds", "DescribeDBInstances", {"DBInstances": [strange]})
    aws.on(
        "ec2",
        "DescribeInstanceTypes",
        {
            "InstanceTypes": [
                {
                    "VCpuInfo": {"DefaultVCpus": 2},
                    "MemoryInfo": {"SizeInMiB": 16_384},
                    "EbsInfo": {
                        "EbsOptimizedInfo": {"BaselineIops": 4000, "BaselineThroughputInMBps": 80.5}
                    },
                    "BurstablePerformanceSupported": False,
                }
            ]
        },
    )
    database = run(aws).inventory.database
    assert (database.vcpus, database.ebs_baseline_throughput) == (2, 80_500_000)
    assert 1600 < database.max_connections < 1800
    assert aws.asked("ec2:DescribeInstanceTypes") == [{"InstanceTypes": ["z9.large"]}]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("LEAST({DBInstanceClassMemory/9531392},5000)", 420),
        ("{DBInstanceClassMemory/12582880}", 318),
        ("GREATEST({DBInstanceClassMemory*2/9531392}, 100)", 841),
        ("sum({DBInstanceClassMemory/9531392},10)", 430),
        ("300", 300),
        ("LEAST(x,5)", None),
        ("", None),
    ],
)
def test_parameter_formulas(formula: str, value: int | None) -> None:
    assert connections_of_formula(formula, 4_009_754_624) == value


def test_the_default_formula_agrees_with_what_was_seen() -> None:
    assert class_memory(4 * 1024**3) < 4 * 1024**3
    assert 405 <= default_connections(4 * 1024**3) <= 413
    assert 847 <= default_connections(8 * 1024**3) <= 856
    assert default_connections(10**12) == 5000
    assert known_instance("db.none.none") is None


@pytest.mark.parametrize(
    ("kind", "gib", "iops", "megabytes", "gives"),
    [
        ("gp3", 100, None, None, (3000, 125)),
        ("gp3", 400, None, None, (12_000, 500)),
        ("gp3", 400, 16_000, 700, (16_000, 700)),
        ("gp2", 100, None, None, (300, 128)),
        ("gp2", 1000, None, None, (3000, 250)),
        ("io1", 100, 4000, None, (4000, 1000)),
        ("standard", 100, None, None, (100, 10)),
    ],
)
def test_what_a_volume_gives(
    kind: str, gib: int, iops: int | None, megabytes: int | None, gives: tuple[int, int]
) -> None:
    assert storage_gives(kind, gib, iops, megabytes) == gives


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("database.iops", "has no value"),
        ("databse.iops=1", "a similar one exists: `database.iops`"),
        ("database.iops=many", "whole number"),
        ("container_insights=perhaps", "true or false"),
        ("cluster=", "must not be empty"),
    ],
)
def test_a_wrong_value_by_hand_is_refused(word: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_by_hand([word])
    assert said in refused.value.message + refused.value.help


def test_values_by_hand_are_read_as_what_they_are() -> None:
    assert read_by_hand(
        [
            "database.iops=5",
            "agent.log_retention_days=null",
            "database.multi_az=False",
            "tier=Pilot",
        ]
    ) == {
        "database.iops": 5,
        "agent.log_retention_days": None,
        "database.multi_az": False,
        "tier": "Pilot",
    }
