"""What the seed leaves open or says in two ways, and what the reference stack does about it.

Shown by `axonwatch reference`, explained in docs/adr/0020. Each is a warning with the parameter
that changes it, never a silent choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from axonwatch.deploy.reference.parameters import SEED_ENGINE_VERSION
from axonwatch.model.stack import MainNames


@dataclass(frozen=True)
class Contradiction:
    """`seed` is what it says, `done` what stands in the template, `change` how to change it."""

    seed: str
    done: str
    change: str

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{self.seed}: {self.done} ({self.change})"


def contradictions(stack: str, engine_version: str) -> tuple[Contradiction, ...]:
    """Those that concern a reference stack of this name and version."""
    names = MainNames(stack)
    found = [
        Contradiction(
            "outputs show axonflow-alb and axonflow-db, the naming rule the stack's whole name",
            f"the rule holds, `{names.load_balancer}` and `{names.database}`",
            "parameters LoadBalancerName and DBIdentifier",
        ),
        Contradiction(
            "the certificate's domain ends in axonflow.internal, which public DNS cannot validate",
            "it is requested, and the stack waits for it",
            "parameter CertificateArn takes one that exists",
        ),
        Contradiction(
            "ORCHESTRATOR_URL is an internal endpoint, and no resource gives the orchestrator one",
            "the agents get an address that you must make resolvable",
            "parameter OrchestratorUrl",
        ),
        Contradiction(
            "execute command is enabled, and the task role has no ssmmessages permission",
            "the permissions are the seed's, so `ecs execute-command` is refused",
            "add a policy to the role",
        ),
        Contradiction(
            "DATABASE_URL is a plain variable, and the password is kept in Secrets Manager",
            "the URL holds no password; it comes as PGPASSWORD from the secret",
            "nothing to do",
        ),
    ]
    if engine_version == SEED_ENGINE_VERSION:
        found.insert(
            0,
            Contradiction(
                f"the engine version is {SEED_ENGINE_VERSION}, which AWS no longer creates",
                "it is the default all the same",
                "--engine-version, or parameter DBEngineVersion",
            ),
        )
    if names.load_balancer != f"{stack}-alb":
        found.append(
            Contradiction(
                f"`{stack}-alb` is longer than the 32 characters of a load balancer's name",
                f"it is called `{names.load_balancer}`",
                "parameter LoadBalancerName",
            )
        )
    return tuple(found)
