"""Where the definitions are: the user's project, or what the package brings along.

`stack.yaml` is looked for from the working directory upwards, no further than the git root; outside
of any project the definitions packaged in the wheel stand in (in a checkout: the repository's own).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from axonwatch.catalog.reading import inside, refuse
from axonwatch.diagnostics import InvalidInput

STACK_FILE = "stack.yaml"
INVENTORY_FILE = "inventory.json"
ENVIRONMENT = "AXONWATCH_STACK_FILE"


@dataclass(frozen=True)
class Project:
    """The folders and files of one set of definitions.

    `packaged` tells that they are ours, not the user's. A project without a definitions folder of
    its own (only stack.yaml and inventory.json) takes the packaged one for it.
    """

    root: Path
    stack_file: Path
    packaged: bool = False

    def _folder(self, name: str) -> Path:
        own = self.root / name
        return own if own.is_dir() else packaged_root() / name

    @property
    def alarms(self) -> Path:
        """The folder of alarm definitions."""
        return self._folder("alarms")

    @property
    def dashboards(self) -> Path:
        """The folder of dashboard definitions."""
        return self._folder("dashboards")

    @property
    def log_insights(self) -> Path:
        """The folder of saved queries."""
        return self._folder("log_insights")

    @property
    def runbooks(self) -> Path:
        """The folder of runbooks."""
        return self._folder("runbooks")

    @property
    def scenarios(self) -> Path:
        """The folder of scenarios. Ours test our alarms: who has alarms of their own has none."""
        own = self.root / "scenarios"
        return own if (self.root / "alarms").is_dir() else self._folder("scenarios")

    @property
    def inventory_file(self) -> Path:
        """The inventory beside stack.yaml; `stack.yaml` may name another, see `load`."""
        return self.stack_file.parent / INVENTORY_FILE

    def inside(self, given: str) -> Path | None:
        """A path that a definition names, or None if it leads out of the project."""
        return inside(self.root, given)


def packaged_root() -> Path:
    """The definitions that came with axonwatch: in the wheel, or the checkout around the source."""
    package = Path(str(resources.files("axonwatch")))
    shipped = package / "definitions"
    if (shipped / STACK_FILE).is_file():
        return shipped
    return package.parents[1]


def check_pages() -> Path:
    """The folder of the pages about checks: in the wheel, or in the checkout."""
    root = packaged_root()
    shipped = root / "checks"
    return shipped if shipped.is_dir() else root / "docs" / "checks"


def _upwards(start: Path) -> Iterator[Path]:
    """`start` and the folders above it, up to the git root."""
    for folder in (start, *start.parents):
        yield folder
        if (folder / ".git").exists():
            return


def find_project(start: Path | None = None, stack_file: Path | None = None) -> Project:
    """The project of `start` (default: the working directory), or of an explicit `stack_file`.

    Raises InvalidInput if `stack_file`, or the one in AXONWATCH_STACK_FILE, does not exist.
    """
    given = stack_file or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    if given is not None:
        if not given.is_file():
            title = f"there is no stack file `{given}`"
            cure = "run `axonwatch init --stack NAME`, or name the file with --stack-file"
            raise InvalidInput([refuse("unreadable-file", title, None, help=cure)])
        return Project(given.resolve().parent, given.resolve())
    for folder in _upwards((start or Path.cwd()).resolve()):
        if (folder / STACK_FILE).is_file():
            return Project(folder, folder / STACK_FILE, packaged=folder == packaged_root())
    root = packaged_root()
    return Project(root, root / STACK_FILE, packaged=True)
