"""The examples at the end of each command's help; tests hold each against the command's options."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "demo": ("axonwatch demo", "axonwatch demo --out look-here"),
    "init": (
        "axonwatch init --stack axonflow-prod --region us-east-1",
        "axonwatch init --stack axonflow-prod --set database.max_connections=380",
        "axonwatch init --stack axonflow-prod --dry-run",
    ),
    "check": (
        "axonwatch check",
        "axonwatch check --template other-stack.yaml",
        "axonwatch check --format github --report findings.sarif",
    ),
    "explain": ("axonwatch explain silent-missing-data", "axonwatch explain --all"),
    "test": (
        "axonwatch test",
        "axonwatch test scenarios/rolling-deployment.yaml -v",
        "axonwatch test --run database --watch",
        "axonwatch test --coverage-threshold 100 --report results.xml",
        "axonwatch test --template cdk.out",
    ),
    "evaluate": (
        "axonwatch evaluate alarms.json --series series.json",
        "axonwatch evaluate alarms.json --series series.json --every --json",
    ),
    "why": (
        "axonwatch why database/cpu-high --at 03:12 --series series.json",
        "axonwatch why my-alarm --at 2026-11-23T15:48:00Z --alarms alarms.json --series s.json",
    ),
    "replay": (
        "axonwatch replay --local agent=agent.jsonl.gz --local orchestrator=orchestrator.jsonl.gz",
        "axonwatch replay --local agent=agent.jsonl --series alb.json --json",
    ),
    "backtest": (
        "axonwatch backtest database/cpu-high --series cpu.csv --metric database/CPUUtilization",
        'axonwatch backtest --series series.json --try "when=>= 85%" --try "for=5 of 5"',
        "axonwatch backtest --series series.json --windows incidents.json --svg backtest.svg",
        'axonwatch backtest database/cpu-high --since 14d --try "when=>= 85%"',
    ),
    "query": (
        "axonwatch query agent-outcomes --since 1h",
        "axonwatch query database-symptoms --local agent=a.jsonl --local orchestrator=o.jsonl",
        "axonwatch query 'stats count(*) by level' --local app.log -o csv",
        "axonwatch query 'filter @message like /refused/' --local app.log --explain",
    ),
    "preview": (
        "axonwatch preview",
        "axonwatch preview --scenario scenarios/rolling-deployment.yaml --png",
        "axonwatch preview --local agent=agent.jsonl.gz --series alb.json",
        "axonwatch preview --live --since 6h",
        "axonwatch preview --template other-stack.yaml --serve",
    ),
    "reference": (
        "axonwatch reference --stack axonflow-prod --out templates",
        "axonwatch reference --hardened --engine-version 16.8",
    ),
    "synth": ("axonwatch synth", "axonwatch synth --out templates"),
    "deploy": (
        "axonwatch deploy",
        "axonwatch deploy --yes --profile ops",
        "axonwatch deploy --resume",
    ),
    "diff": ("axonwatch diff", "axonwatch diff --check"),
    "destroy": ("axonwatch destroy",),
    "status": (
        "axonwatch status",
        "axonwatch status --watch 30s",
        "axonwatch status --until-ok 10m",
    ),
    "verify": ("axonwatch verify", "axonwatch verify --only paging --json"),
    "page": (
        "axonwatch page show database/incident",
        "axonwatch page show database/incident --as sms",
    ),
    "page-test": (
        "axonwatch page-test --severity page",
        "axonwatch page-test --severity ticket --queue https://sqs.example/queue",
    ),
    "triage": (
        "axonwatch triage database/incident",
        "axonwatch triage database/incident --since 2h",
    ),
    "drift": ("axonwatch drift", "axonwatch drift --fix"),
    "cost": ("axonwatch cost", "axonwatch cost --each --logs-gb-a-day 2"),
    "mute": (
        'axonwatch mute database/incident --for 2h --why "failover under way"',
        "axonwatch mute --list",
    ),
    "unmute": ("axonwatch unmute database/incident",),
    "policy": ("axonwatch policy deploy", "axonwatch policy status query --explain"),
    "completion": (
        "axonwatch completion bash > ~/.local/share/bash-completion/completions/axonwatch",
        "axonwatch completion zsh",
    ),
}


def epilog_of(name: str) -> str:
    """The examples as click prints them: unwrapped, below the options."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in EXAMPLES.get(name, ()))])
