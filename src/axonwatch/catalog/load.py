"""Definitions, inventory and stack.yaml to one `Companion`, with every finding on the way.

Two stages: documents are read and held against their schemas; then each kind of thing is built of
the entries that are in order. What cannot be built is a finding, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from axonwatch.catalog.carried import carrier_of
from axonwatch.catalog.definitions.alarms import build_metric_alarm
from axonwatch.catalog.definitions.bench import Bench, Entity
from axonwatch.catalog.definitions.composites import Directory, build_composite, build_mute
from axonwatch.catalog.definitions.dashboards import Shelf, build_dashboard
from axonwatch.catalog.definitions.documents import Documents, read_documents
from axonwatch.catalog.definitions.filters import build_filters
from axonwatch.catalog.definitions.log_alarms import build_log_alarm, with_defaults
from axonwatch.catalog.definitions.metric_queries import defined_twice, lost_piece
from axonwatch.catalog.definitions.queries import build_query
from axonwatch.catalog.definitions.stack_file import StackFile, read_stack_file
from axonwatch.catalog.inventory import read_inventory
from axonwatch.catalog.project import Project
from axonwatch.catalog.reading import refuse
from axonwatch.catalog.schema_check import correction
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Diagnostic, InvalidInput, Level
from axonwatch.model.alarms import Alarm, MetricFilter, MuteRule
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.inventory import Inventory
from axonwatch.model.queries import SavedQuery

# What a broken entry leaves behind elsewhere: with one, these would call a consequence a cause.
CONSEQUENCES = frozenset(
    {
        "lost-alarm",
        "unknown-alarm",
        "unknown-dashboard",
        "unknown-filter",
        "unknown-query",
    }
)


@dataclass(frozen=True)
class Loaded:
    """What came of the definitions. With an error among `diagnostics` the companion has gaps."""

    companion: Companion
    diagnostics: tuple[Diagnostic, ...]
    project: Project
    stack: StackFile
    documents: Documents
    alarms: tuple[Subject[Alarm], ...] = ()
    metric_filters: tuple[Subject[MetricFilter], ...] = ()
    mute_rules: tuple[Subject[MuteRule], ...] = ()
    dashboards: tuple[Subject[Dashboard], ...] = ()
    queries: tuple[Subject[SavedQuery], ...] = ()
    left_out: frozenset[str] = field(default_factory=frozenset)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that make the definitions invalid."""
        return tuple(one for one in self.diagnostics if one.level is Level.ERROR)

    def valid(self) -> Companion:
        """The companion, whole. Raises InvalidInput if anything makes the definitions invalid."""
        if self.errors:
            raise InvalidInput(self.errors)
        return self.companion


def load_companion(project: Project) -> Loaded:
    """Load the definitions of a project.

    Raises InvalidInput when nothing can be made of the files: stack.yaml or the inventory cannot
    be used.
    """
    stack = read_stack_file(project.stack_file, root=project.root)
    inventory = _inventory(project, stack)
    documents = read_documents(project, stack)
    bench = Bench(stack.names, inventory, stack.features, stack.runbook_url)
    first = [*documents.findings, *_without_unknown_components(bench, documents)]
    loaded = _build(project, stack, documents, bench)
    if not first:
        return loaded
    later = [one for one in loaded.diagnostics if one.code not in CONSEQUENCES]
    return replace(loaded, diagnostics=(*first, *later))


def _inventory(project: Project, stack: StackFile) -> Inventory:
    base = project.stack_file.parent
    path = Project(base, project.stack_file).inside(stack.inventory)
    if path is None:
        title = f"`{stack.inventory}` leads out of the folder of stack.yaml"
        cure = "name a file beside it, or below"
        raise InvalidInput([refuse("path-outside", title, stack.at("inventory"), help=cure)])
    inventory = read_inventory(path, root=project.root)
    found = []
    if inventory.stack_name != stack.main_stack:
        title = f"the inventory is of `{inventory.stack_name}`, stack.yaml of `{stack.main_stack}`"
        cure = f"run `axonwatch init --stack {stack.main_stack}`, or name the right stack"
        found.append(refuse("other-inventory", title, stack.at("main_stack"), "this stack", cure))
    if stack.region and stack.region != inventory.region:
        title = f"the inventory is of {inventory.region}, stack.yaml of {stack.region}"
        cure = "run `axonwatch init` in the right region"
        found.append(refuse("other-inventory", title, stack.at("region"), "this region", cure))
    if found:
        raise InvalidInput(found)
    return inventory


def _build(project: Project, stack: StackFile, documents: Documents, bench: Bench) -> Loaded:
    dashboard_keys = [path.stem for path, _ in documents.dashboards]
    bench.dashboards = tuple(dashboard_keys)
    alarms = _unique(bench, [*documents.alarms, *documents.composites], "the alarm")
    directory = Directory(bench, [*documents.alarms, *documents.composites])
    directory.gone |= documents.broken
    off = _switched_off(bench, stack, directory)
    carrier = carrier_of(documents.sources, {p: e.key.span for p, e in stack.override.items()})
    filters = carrier.laden(build_filters(bench, documents.filters))
    by_key = {one.piece.metric: one.piece for one in filters}
    made = (build_query(bench, path, node) for path, node in documents.queries)
    queries = carrier.laden(one for one in made if one is not None)
    texts = {one.piece.name: one.piece for one in queries}
    built: dict[str, Subject[Alarm]] = {}
    composites = {id(entity) for entity in documents.composites}
    for entity in alarms:
        if entity.path in off or id(entity) in composites:
            continue
        if "log_query" in entity.node or "query" in entity.node:
            subject = build_log_alarm(bench, entity, stack.notifications, texts)
        else:
            subject = build_metric_alarm(bench, entity, stack.notifications, by_key)
        if subject is not None:
            built[entity.path] = subject
    directory.gone |= {one.path for one in alarms if id(one) not in composites} - set(built) | off
    waiting = [one for one in alarms if id(one) in composites and one.path not in off]
    built |= _composites(bench, waiting, stack, directory)
    mutes = [one for e in documents.mutes if (one := build_mute(bench, e, directory)) is not None]
    mutes = carrier.laden(mutes)
    shelf = Shelf(built, texts, by_key, directory, dashboard_keys)
    dashboards = carrier.laden(
        build_dashboard(bench, path, node, shelf) for path, node in documents.dashboards
    )
    subjects = carrier.laden(built.values())
    companion = Companion(
        names=bench.names,
        inventory=bench.inventory,
        notifications=stack.notifications,
        alarms=tuple(one.piece for one in subjects),
        metric_filters=tuple(one.piece for one in filters),
        mute_rules=tuple(one.piece for one in mutes),
        dashboards=tuple(one.piece for one in dashboards),
        queries=tuple(_queries(bench, queries)),
        runbooks=documents.runbooks,
        tags=stack.tags,
    )
    return Loaded(
        companion=companion,
        diagnostics=tuple(dict.fromkeys(bench.findings)),
        project=project,
        stack=stack,
        documents=documents,
        alarms=tuple(subjects),
        metric_filters=tuple(filters),
        mute_rules=tuple(mutes),
        dashboards=tuple(dashboards),
        queries=tuple(queries),
        left_out=frozenset(directory.gone),
    )


def _without_unknown_components(bench: Bench, documents: Documents) -> list[Diagnostic]:
    """Leaves out what belongs to components that the main stack does not have, and says so."""
    known = [*bench.catalogue.components, *(one.component for one in bench.inventory.services)]
    strange = {name: span for name, span in documents.components.items() if name not in known}
    for entities in (
        documents.alarms,
        documents.composites,
        documents.filters,
        documents.mutes,
    ):
        documents.broken |= {one.path for one in entities if one.component in strange}
        entities[:] = [one for one in entities if one.component not in strange]
    return [
        refuse(
            "unknown-component",
            f"there is no component `{component}`",
            span,
            help=correction(component, known),
        )
        for component, span in strange.items()
    ]


def _composites(
    bench: Bench, waiting: list[Entity], stack: StackFile, directory: Directory
) -> dict[str, Subject[Alarm]]:
    """The composites; again when one is left out, because others may name it."""
    while True:
        mark = len(bench.findings)
        gone = set(directory.gone)
        built = {}
        for entity in waiting:
            subject = build_composite(bench, entity, stack.notifications, directory)
            if subject is None:
                directory.gone.add(entity.path)
            else:
                built[entity.path] = subject
        if directory.gone == gone:
            return built
        del bench.findings[mark:]


def _queries(bench: Bench, queries: Iterable[Subject[SavedQuery]]) -> Iterable[SavedQuery]:
    """The saved queries; where the region lacks parameters, with the defaults in the text."""
    for one in queries:
        if bench.features.query_parameters or not one.piece.parameters:
            yield one.piece
        else:
            what = f"the choice of parameters of the query `{one.key}`"
            lost_piece(bench, what, "they are switched off in stack.yaml", one.at("parameters"))
            yield replace(one.piece, text=with_defaults(one.piece), parameters=())


def _unique(bench: Bench, entities: Iterable[Entity], what: str) -> list[Entity]:
    """The entities without those whose name is taken already."""
    seen: dict[str, Entity] = {}
    for entity in entities:
        name = bench.names.alarm(entity.component, entity.key)
        if name in seen:
            defined_twice(bench, f"{what} `{entity.path}`", entity.origin, seen[name].origin)
        else:
            seen[name] = entity
    return list(seen.values())


def _switched_off(bench: Bench, stack: StackFile, directory: Directory) -> set[str]:
    """The paths that stack.yaml switches off; unknown names in `off` and `override` are noted."""
    off = set()
    for one in stack.off:
        if one.path not in directory.paths:
            cure = correction(one.path, directory.paths)
            bench.error("unknown-alarm", f"there is no alarm `{one.path}`", one.span, help=cure)
        off.add(one.path)
    for path, entry in stack.override.items():
        if path not in directory.paths:
            cure = correction(path, directory.paths)
            title = f"there is no alarm `{path}` to override"
            bench.error("unknown-alarm", title, entry.key.span, help=cure)
    return off
