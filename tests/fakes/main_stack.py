"""A small main stack: what discovery looks at, and no more, as a CloudFormation template.

The whole of the seed is in `axonwatch reference`; this one can be bent: other names, other logical
ids, no outputs, no scaling, no Container Insights.
"""

from __future__ import annotations

from typing import Any


def template(
    *,
    named: bool = True,
    outputs: bool = True,
    insights: str = "enabled",
    scaling: bool = True,
    instance_class: str = "db.t3.medium",
    tier: str | None = "Growth",
    agent_tasks: int = 5,
    certificate: str | None = None,
) -> dict[str, Any]:
    """The template. `named` False leaves every name to CloudFormation.

    moto makes no certificates of a template: `certificate` is the ARN of an imported one.
    """

    def name(key: str, suffix: str) -> dict[str, Any]:
        return {key: {"Fn::Sub": f"${{AWS::StackName}}-{suffix}"}} if named else {}

    environment = [{"Name": "PORT", "Value": "8080"}]
    environment.append({"Name": "DATABASE_URL", "Value": "postgres://axonflow:hunter2@db/axonflow"})
    if tier:
        environment += [
            {"Name": "TIER", "Value": tier},
            {"Name": "MAX_REQUESTS", "Value": "500000"},
        ]

    resources: dict[str, Any] = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "SubnetA": _subnet("10.0.1.0/24", "us-east-1a"),
        "SubnetB": _subnet("10.0.2.0/24", "us-east-1b"),
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "all", "VpcId": {"Ref": "Vpc"}},
        },
        "Cluster": {
            "Type": "AWS::ECS::Cluster",
            "Properties": {
                **name("ClusterName", "cluster"),
                "ClusterSettings": [{"Name": "containerInsights", "Value": insights}],
            },
        },
        "LoadBalancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                **name("Name", "alb"),
                "Scheme": "internal",
                "Type": "application",
                "Subnets": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}],
                "SecurityGroups": [{"Ref": "Group"}],
            },
        },
        "AgentTargetGroup": {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                **name("Name", "agent"),
                "Port": 8080,
                "Protocol": "HTTP",
                "TargetType": "ip",
                "VpcId": {"Ref": "Vpc"},
                "HealthCheckPath": "/health",
            },
        },
        "Listener": {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "LoadBalancer"},
                **(
                    {
                        "Port": 443,
                        "Protocol": "HTTPS",
                        "Certificates": [{"CertificateArn": certificate}],
                    }
                    if certificate
                    else {"Port": 80, "Protocol": "HTTP"}
                ),
                "DefaultActions": [
                    {"Type": "forward", "TargetGroupArn": {"Ref": "AgentTargetGroup"}}
                ],
            },
        },
        "DatabaseSubnets": {
            "Type": "AWS::RDS::DBSubnetGroup",
            "Properties": {
                "DBSubnetGroupDescription": "both",
                "SubnetIds": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}],
            },
        },
        "AxonFlowDatabase": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {
                **name("DBInstanceIdentifier", "db"),
                "Engine": "postgres",
                "EngineVersion": "15.4",
                "DBInstanceClass": instance_class,
                "AllocatedStorage": "100",
                "StorageType": "gp3",
                "MultiAZ": True,
                "MasterUsername": "axonflow",
                "MasterUserPassword": "hunter2hunter2",
                "DBSubnetGroupName": {"Ref": "DatabaseSubnets"},
                "PreferredBackupWindow": "03:00-03:59",  # moto holds 04:00 and 04:00 to overlap
                "PreferredMaintenanceWindow": "sun:04:00-sun:05:00",
                "EnableCloudwatchLogsExports": ["postgresql"],
            },
        },
    }
    for component, logical, port, tasks in (
        ("agent", "Agent", 8080, agent_tasks),
        ("orchestrator", "Orchestrator", 8081, 10),
    ):
        resources |= _service(
            component, logical, port, tasks, environment=environment, name=name, scaling=scaling
        )
    resources["AgentService"]["Properties"]["LoadBalancers"] = [
        {
            "ContainerName": "agent",
            "ContainerPort": 8080,
            "TargetGroupArn": {"Ref": "AgentTargetGroup"},
        }
    ]
    body: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    if outputs:
        body["Outputs"] = {
            "ClusterName": {"Value": {"Ref": "Cluster"}},
            "AgentServiceName": {"Value": {"Fn::GetAtt": ["AgentService", "Name"]}},
            "OrchestratorServiceName": {"Value": {"Fn::GetAtt": ["OrchestratorService", "Name"]}},
            "DatabaseEndpoint": {"Value": {"Fn::GetAtt": ["AxonFlowDatabase", "Endpoint.Address"]}},
            **({"PricingTierDeployed": {"Value": tier}} if tier else {}),
        }
    return body


def _subnet(block: str, zone: str) -> dict[str, Any]:
    return {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": block, "AvailabilityZone": zone},
    }


def _service(
    component: str,
    logical: str,
    port: int,
    tasks: int,
    *,
    environment: list[dict[str, str]],
    name: Any,
    scaling: bool,
) -> dict[str, Any]:
    made: dict[str, Any] = {
        f"{logical}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": {"Fn::Sub": f"/ecs/${{AWS::StackName}}/{component}"},
                "RetentionInDays": 30,
            },
        },
        f"{logical}TaskDefinition": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Cpu": "1024",
                "Memory": "2048",
                "NetworkMode": "awsvpc",
                "RequiresCompatibilities": ["FARGATE"],
                "ContainerDefinitions": [
                    {
                        "Name": component,
                        "Image": "example/axonflow",
                        "PortMappings": [{"ContainerPort": port}],
                        "Environment": environment,
                        "LogConfiguration": {
                            "LogDriver": "awslogs",
                            "Options": {
                                "awslogs-group": {"Ref": f"{logical}Logs"},
                                "awslogs-region": {"Ref": "AWS::Region"},
                                "awslogs-stream-prefix": component,
                            },
                        },
                    }
                ],
            },
        },
        f"{logical}Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                **name("ServiceName", f"{component}-service"),
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": {"Ref": f"{logical}TaskDefinition"},
                "DesiredCount": tasks,
                "LaunchType": "FARGATE",
            },
        },
    }
    if scaling:
        made[f"{logical}Scaling"] = {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "ServiceNamespace": "ecs",
                "ScalableDimension": "ecs:service:DesiredCount",
                "ResourceId": {
                    "Fn::Sub": f"service/${{Cluster}}/${{{logical}Service.Name}}",
                },
                "MinCapacity": tasks,
                "MaxCapacity": 50,
                "RoleARN": "arn:aws:iam::123456789012:role/scaling",
            },
        }
    return made
