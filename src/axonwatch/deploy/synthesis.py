"""Runs CDK and hands out templates as text: minified, the same bytes for the same input.

The way out of the wing: `cli` writes these files or gives them to `live` to deploy.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aws_cdk as cdk

from axonwatch.deploy.reference.stack import ReferenceOptions, build_reference
from axonwatch.diagnostics import Span

# What CreateChangeSet takes without a bucket, in bytes of UTF-8.
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
MAX_BODY_BYTES = 51_200
EXPLICIT_STACK_TAGS = "@aws-cdk/core:explicitStackTags"


@dataclass(frozen=True)
class StackTemplate:
    """One stack's template. `origins` tell the definition behind a logical id."""

    stack_name: str
    body: str
    description: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    origins: Mapping[str, Span] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of the body as it is sent."""
        return len(self.body.encode())


def synthesize_reference(options: ReferenceOptions) -> StackTemplate:
    """The reference main stack's template."""
    (body,) = _synthesize(lambda app: build_reference(app, options)).values()
    return StackTemplate(stack_name=options.stack, body=body)


def minified(template: object) -> str:
    """JSON without a space that nobody needs."""
    return json.dumps(template, ensure_ascii=False, separators=(",", ":"))


def new_app(outdir: str | None = None) -> cdk.App:
    """An app that writes nothing about itself: no analytics, no tree, no stack traces."""
    return cdk.App(
        outdir=outdir,
        analytics_reporting=False,
        tree_metadata=False,
        context={EXPLICIT_STACK_TAGS: True},
    )


def _synthesize(build: Callable[[cdk.App], object]) -> dict[str, str]:
    """Bodies by stack name, in the order in which the stacks were built."""
    with tempfile.TemporaryDirectory(prefix="axonwatch-") as folder:
        app = new_app(folder)
        build(app)
        assembly = app.synth()
        return {
            artifact.stack_name: minified(
                json.loads(Path(artifact.template_full_path).read_text(encoding="utf-8"))
            )
            for artifact in assembly.stacks
        }
