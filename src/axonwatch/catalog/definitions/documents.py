"""All definition files of a project, read and held against their schemas, overrides merged in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from axonwatch.catalog.definitions.bench import Entity, text
from axonwatch.catalog.definitions.stack_file import StackFile
from axonwatch.catalog.nodes import Entry, MapNode
from axonwatch.catalog.project import Project
from axonwatch.catalog.reading import display_path, inside, read_text, refuse
from axonwatch.catalog.schema_check import check_schema
from axonwatch.catalog.source import read_yaml
from axonwatch.diagnostics import Diagnostic, InvalidInput, Span
from axonwatch.model.companion import Runbook

KINDS = ("metric", "expression", "filter", "log_query", "query")
MAX_FILES = 1_000


@dataclass
class Documents:
    """Every entry of every file. `broken` are the paths of entries with a finding of their own."""

    alarms: list[Entity] = field(default_factory=list)
    composites: list[Entity] = field(default_factory=list)
    filters: list[Entity] = field(default_factory=list)
    mutes: list[Entity] = field(default_factory=list)
    dashboards: list[tuple[Path, MapNode]] = field(default_factory=list)
    queries: list[tuple[Path, MapNode]] = field(default_factory=list)
    runbooks: tuple[Runbook, ...] = ()
    findings: list[Diagnostic] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    runbook_files: dict[str, str] = field(default_factory=dict)
    components: dict[str, Span] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)


def read_documents(project: Project, stack: StackFile) -> Documents:
    """The documents of a project and of its overlay, which replaces what has the same key."""
    documents = Documents()
    documents.sources[stack.node.source.file] = stack.node.source.text
    runbooks: dict[str, Runbook] = {}
    layers = [_folders(project)]
    overlay = stack.overlay
    if overlay is not None:
        base = inside(project.stack_file.parent, overlay.text)
        if base is None or not base.is_dir():
            title = f"there is no overlay folder `{overlay.text}` in the project"
            documents.findings.append(refuse("path-outside", title, overlay.span))
        else:
            layers.append({name: base / name for name in layers[0]})
    for number, folders in enumerate(layers):
        layer = Documents(sources=documents.sources, runbook_files=documents.runbook_files)
        _read_alarms(layer, project, folders["alarms"], stack)
        _read_pages(layer, project, folders)
        runbooks |= {one.path: one for one in _runbooks(layer, project, folders["runbooks"])}
        _lay_over(documents, layer, replacing=number > 0)
    documents.runbooks = tuple(runbooks.values())
    return documents


def _folders(project: Project) -> dict[str, Path]:
    return {
        "alarms": project.alarms,
        "dashboards": project.dashboards,
        "log_insights": project.log_insights,
        "runbooks": project.runbooks,
    }


def _files(documents: Documents, folder: Path, *suffixes: str) -> list[Path]:
    """The files of a folder, in the order of their names; links that lead out are refused."""
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    kept = []
    for path in [one for one in found if one.suffix in suffixes][:MAX_FILES]:
        if path.resolve().is_relative_to(folder.resolve()):
            kept.append(path)
            continue
        title = f"`{path.name}` is a link that leads out of `{folder.name}/`"
        cure = "put the file itself there"
        documents.findings.append(refuse("path-outside", title, None, help=cure))
    return kept


def _read(documents: Documents, project: Project, path: Path) -> MapNode | None:
    try:
        node = read_yaml(path, root=project.root)
    except InvalidInput as invalid:
        documents.findings += invalid.diagnostics
        return None
    documents.sources[node.source.file] = node.source.text
    if isinstance(node, MapNode):
        return node
    documents.findings += check_schema("alarms", node)[:1]
    return None


def _read_alarms(documents: Documents, project: Project, folder: Path, stack: StackFile) -> None:
    for path in _files(documents, folder, ".yaml", ".yml"):
        node = _read(documents, project, path)
        if node is None:
            continue
        node = _overridden(node, stack)
        findings = check_schema("alarms", node)
        documents.findings += findings
        component = text(node, "component")
        if not component:
            continue
        documents.components.setdefault(component, node.value_span("component"))
        for section, entities in (
            ("alarms", documents.alarms),
            ("composites", documents.composites),
            ("filters", documents.filters),
            ("mutes", documents.mutes),
        ):
            for entity in _entities(node, section, component):
                overridden = entity.path in stack.override
                if any(_is_about(one, entity, overridden=overridden) for one in findings):
                    documents.broken.add(entity.path)
                else:
                    entities.append(entity)


def _entities(node: MapNode, section: str, component: str) -> Iterator[Entity]:
    block = node.get(section)
    for key, entry in block.items() if isinstance(block, MapNode) else ():
        if isinstance(entry.value, MapNode):
            yield Entity(component, key, entry.key, entry.value)


def _is_about(finding: Diagnostic, entity: Entity, *, overridden: bool) -> bool:
    """Whether a finding is about an entry: on its key, anywhere in it, or in its override."""
    place, whole = finding.span, entity.node.span
    if place is None or place.file != whole.file:
        return overridden
    return entity.origin.line <= place.line <= max(whole.end_line, entity.origin.line)


def _overridden(node: MapNode, stack: StackFile) -> MapNode:
    """The document with stack.yaml's overrides in place; their nodes keep their own source."""
    component = text(node, "component")
    for section in ("alarms", "composites"):
        block = node.get(section)
        if not isinstance(block, MapNode):
            continue
        entries = dict(block.entries)
        for key, entry in block.items():
            over = stack.override.get(f"{component}/{key}")
            if over and isinstance(over.value, MapNode) and isinstance(entry.value, MapNode):
                entries[key] = Entry(entry.key, _merged(entry.value, over.value))
        changed = MapNode(block.source, block.start, block.end, entries)
        node = MapNode(
            node.source,
            node.start,
            node.end,
            {**node.entries, section: Entry(node.entries[section].key, changed)},
        )
    return node


def _merged(base: MapNode, over: MapNode) -> MapNode:
    kept = dict(base.entries)
    if any(kind in over for kind in KINDS):
        kept = {key: entry for key, entry in kept.items() if key not in KINDS}
    return MapNode(base.source, base.start, base.end, {**kept, **over.entries})


def _read_pages(documents: Documents, project: Project, folders: dict[str, Path]) -> None:
    for kind, into in (("dashboards", documents.dashboards), ("log_insights", documents.queries)):
        for path in _files(documents, folders[kind], ".yaml", ".yml"):
            node = _read(documents, project, path)
            if node is None:
                continue
            findings = check_schema(kind, node)
            documents.findings += findings
            if not findings:
                into.append((path, node))


def _runbooks(documents: Documents, project: Project, folder: Path) -> Iterator[Runbook]:
    for path in _files(documents, folder, ".md"):
        try:
            source = read_text(path, root=project.root)
        except InvalidInput as invalid:
            documents.findings += invalid.diagnostics
            continue
        name = f"runbooks/{path.relative_to(folder).as_posix()}"
        shown = display_path(path, project.root)
        documents.sources[shown] = source.text
        documents.runbook_files[name] = shown
        yield Runbook(path.stem, name, source.text)


def _lay_over(documents: Documents, layer: Documents, *, replacing: bool) -> None:
    documents.findings += layer.findings
    documents.components = {**layer.components, **documents.components}
    documents.broken |= layer.broken
    for mine, theirs in (
        (documents.alarms, layer.alarms),
        (documents.composites, layer.composites),
        (documents.filters, layer.filters),
        (documents.mutes, layer.mutes),
    ):
        if replacing:
            replaced = {entity.path for entity in theirs}
            mine[:] = [entity for entity in mine if entity.path not in replaced]
        mine.extend(theirs)
    for pages, new in (
        (documents.dashboards, layer.dashboards),
        (documents.queries, layer.queries),
    ):
        if replacing:
            names = {path.stem for path, _ in new}
            pages[:] = [(path, node) for path, node in pages if path.stem not in names]
        pages.extend(new)
