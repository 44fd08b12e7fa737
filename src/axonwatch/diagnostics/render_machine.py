"""Findings for machines: JSON, JSON lines, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from axonwatch.diagnostics.diagnostic import Diagnostic, Level, Span

SCHEMA_VERSION = 1
_SARIF_LEVEL = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_GITHUB_LEVEL = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def _span(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _record(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "level": str(found.level),
        "title": found.title,
        "span": _span(found.span),
        "label": found.label,
        "help": found.help,
        "others": [{"span": _span(one.span), "text": one.text} for one in found.others],
        "see": found.see,
    }


def render_json(findings: Iterable[Diagnostic]) -> str:
    """One document: `{"schema_version": 1, "findings": [...]}`."""
    document = {"schema_version": SCHEMA_VERSION, "findings": [_record(one) for one in findings]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def render_jsonl(findings: Iterable[Diagnostic]) -> str:
    """One finding a line."""
    return "".join(json.dumps(_record(one), ensure_ascii=False) + "\n" for one in findings)


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def render_github(findings: Iterable[Diagnostic]) -> str:
    """Workflow commands that GitHub shows as annotations; nothing in them can be a command."""
    lines = []
    for found in findings:
        properties = []
        if found.span:
            properties = [
                f"file={_escape_property(found.span.file)}",
                f"line={found.span.line}",
                f"col={found.span.column}",
                f"endLine={found.span.end_line}",
                f"endColumn={found.span.end_column}",
            ]
        properties.append(f"title={_escape_property(found.code)}")
        body = found.title + (f"\n{found.label}" if found.label else "")
        body += f"\nhelp: {found.help}" if found.help else ""
        level = _GITHUB_LEVEL[found.level]
        lines.append(f"::{level} {','.join(properties)}::{_escape_data(body)}\n")
    return "".join(lines)


def _location(span: Span, text: str = "") -> dict[str, Any]:
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": PurePosixPath(span.file).as_posix()},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }
    location: dict[str, Any] = {"physicalLocation": physical}
    if text:
        location["message"] = {"text": text}
    return location


def _result(found: Diagnostic) -> dict[str, Any]:
    span = found.span or Span.point("stack.yaml")
    parts = [found.title, found.label, f"help: {found.help}" if found.help else ""]
    print_of = f"{found.code}\0{span.file}\0{found.title}"
    result: dict[str, Any] = {
        "ruleId": found.code,
        "level": _SARIF_LEVEL[found.level],
        "message": {"text": "\n".join(part for part in parts if part)},
        "locations": [_location(span)],
        "partialFingerprints": {
            "axonwatch/v1": hashlib.sha256(print_of.encode("utf-8", "replace")).hexdigest()
        },
    }
    if found.others:
        result["relatedLocations"] = [
            {"id": index, **_location(one.span, one.text)}
            for index, one in enumerate(found.others, 1)
        ]
    return result


def render_sarif(findings: Iterable[Diagnostic]) -> str:
    """SARIF 2.1.0 as GitHub's code scanning wants it."""
    ordered = list(findings)
    rules = [
        {
            "id": code,
            "name": "".join(word.capitalize() for word in code.split("-")),
            "shortDescription": {"text": code.replace("-", " ")},
            "help": {"text": f"axonwatch explain {code}, or docs/checks/{code}.md"},
        }
        for code in sorted({one.code for one in ordered})
    ]
    driver = {"name": "axonwatch", "rules": rules}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(one) for one in ordered]}],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
