"""The pages about findings, `docs/checks/CODE.md`: what `axonwatch explain` prints.

Their form: `# code`, a line `level: ...`, one sentence, then Why, Example and Cure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from axonwatch.catalog.project import check_pages

_LEVEL = re.compile(r"^level: (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One page."""

    code: str
    level: str
    summary: str
    text: str

    def record(self) -> dict[str, str]:
        """The page for JSON."""
        return {
            "code": self.code,
            "level": self.level,
            "summary": self.summary,
            "text": self.text,
            "see": f"docs/checks/{self.code}.md",
        }


def read_page(code: str) -> Page | None:
    """The page of a code, or None."""
    if not re.fullmatch(r"[a-z0-9-]+", code):
        return None
    path = check_pages() / f"{code}.md"
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    level = _LEVEL.search(text)
    paragraphs = [part.strip() for part in text.split("\n\n")]
    summary = next((p for p in paragraphs[1:] if p and not p.startswith(("level:", "#"))), "")
    return Page(code, level[1] if level else "", " ".join(summary.split()), text)


def all_pages() -> tuple[Page, ...]:
    """Every page, by code."""
    folder = check_pages()
    names = sorted(path.stem for path in folder.glob("*.md")) if folder.is_dir() else []
    return tuple(page for name in names if (page := read_page(name)) is not None)
