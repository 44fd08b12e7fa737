"""Runs CDK and hands out templates as text: minified, the same bytes for the same input.

The way out of the wing: `cli` writes these files or gives them to `live` to deploy.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aws_cdk as cdk

from axonwatch.deploy.companion import Builder
from axonwatch.deploy.reference.stack import ReferenceOptions, build_reference
from axonwatch.diagnostics import Diagnostic, InvalidInput, Level, Span
from axonwatch.model.companion import Companion

# What CreateChangeSet takes without a bucket, in bytes of UTF-8.
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
MAX_BODY_BYTES = 51_200
EXPLICIT_STACK_TAGS = "@aws-cdk/core:explicitStackTags"


@dataclass(frozen=True)
class StackTemplate:
    """One stack's template. `origins` tell the definition behind a logical id."""

    stack_name: str
    body: str
    tags: tuple[tuple[str, str], ...] = ()
    origins: Mapping[str, Span] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of the body as it is sent."""
        return len(self.body.encode())


def synthesize_companion(companion: Companion) -> tuple[StackTemplate, ...]:
    """The companion's templates in the order of their deployment.

    Raises InvalidInput when one thing alone is larger than a template.
    """
    with tempfile.TemporaryDirectory(prefix="axonwatch-") as folder:
        app = new_app(folder)
        builder = build_companion(app, companion)
        bodies = _bodies(app)
    templates = tuple(
        StackTemplate(
            stack_name=site.name,
            body=bodies[site.name],
            tags=companion.tags,
            origins=site.origins,
        )
        for site in builder.sites
    )
    refuse_large(templates)
    return templates


def build_companion(app: cdk.App, companion: Companion) -> Builder:
    """All stacks of the companion in `app`."""
    builder = Builder(
        app,
        companion,
        MAX_BODY_BYTES - 1,
        lambda: {name: len(body.encode()) for name, body in _bodies(app).items()},
    )
    builder.build()
    return builder


def refuse_large(templates: Iterable[StackTemplate]) -> None:
    """Raise InvalidInput for a body that CloudFormation would not take, naming what is large."""
    large = [
        Diagnostic(
            code="template-too-large",
            level=Level.ERROR,
            title=f"`{template.stack_name}` has {template.size:,} bytes; "
            f"a template takes fewer than {MAX_BODY_BYTES:,}",
            help="the largest are " + ", ".join(_largest(template)),
        )
        for template in templates
        if template.size >= MAX_BODY_BYTES
    ]
    if large:
        raise InvalidInput(large)


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


def _largest(template: StackTemplate) -> list[str]:
    sizes = {
        name: len(minified(resource).encode())
        for name, resource in json.loads(template.body)["Resources"].items()
    }
    return [
        f"{name} ({sizes[name]:,} bytes)" for name in sorted(sizes, key=lambda n: -sizes[n])[:3]
    ]


def _bodies(app: cdk.App) -> dict[str, str]:
    """Bodies by stack name, in the order of deployment."""
    assembly = app.synth(force=True)
    return {
        str(artifact.stack_name): minified(
            json.loads(Path(artifact.template_full_path).read_text(encoding="utf-8"))
        )
        for artifact in assembly.stacks
    }


def _synthesize(build: Callable[[cdk.App], object]) -> dict[str, str]:
    """Bodies by stack name, in the order in which the stacks were built."""
    with tempfile.TemporaryDirectory(prefix="axonwatch-") as folder:
        app = new_app(folder)
        build(app)
        return _bodies(app)
