"""Each code has a bad example that produces it and nothing else, and a page that shows it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.unit.catalog.cases import BAD, run_case

from axonwatch.catalog.checking import all_checks, all_codes
from axonwatch.catalog.faults import _pages
from axonwatch.catalog.pages import all_pages
from axonwatch.catalog.project import check_pages

CATALOG = Path(__file__).parents[3] / "src" / "axonwatch" / "catalog"
# An ignore that does not count leaves the finding where it was.
UNCOVERED = {"expired-ignore": {"untested-alarm"}, "ignore-without-reason": {"untested-alarm"}}
EXAMPLE = re.compile(r"(## Example\n\n```text\n).*?(\n```\n)", re.DOTALL)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_example_gives_its_code_and_its_whole_message(path: Path, tmp_path: Path) -> None:
    outcome = run_case(path, tmp_path)
    assert outcome.codes == {path.stem} | UNCOVERED.get(path.stem, set())
    expected = path.with_suffix(".txt")
    page = check_pages() / f"{path.stem}.md"
    if os.environ.get("GOLDEN") == "write":
        expected.write_text(outcome.text, encoding="utf-8")
        if page.is_file():
            example = outcome.text.rstrip("\n")
            text = EXAMPLE.sub(lambda m: f"{m[1]}{example}{m[2]}", page.read_text(encoding="utf-8"))
            page.write_text(text, encoding="utf-8")
    assert outcome.text == expected.read_text(encoding="utf-8")
    assert outcome.text.rstrip("\n") in page.read_text(encoding="utf-8")


def test_every_code_has_a_bad_example_and_a_page() -> None:
    codes = set(all_codes())
    assert {path.stem for path in BAD} == codes
    assert codes <= _pages()


def test_every_page_has_its_parts() -> None:
    for page in all_pages():
        assert page.text.startswith(f"# {page.code}\n"), page.code
        assert page.level in {"error", "warning", "info"}, page.code
        assert page.summary, page.code
        for part in ("## Why", "## Cure"):
            assert part in page.text, (page.code, part)


def test_a_check_is_named_as_its_module_and_page() -> None:
    modules = {p.stem.replace("_", "-") for p in (CATALOG / "checks").glob("*.py")} - {"--init--"}
    assert modules == {check.code for check in all_checks()}
    levels = {page.code: page.level for page in all_pages()}
    assert {c.code: levels[c.code] for c in all_checks()} == {
        c.code: str(c.level) for c in all_checks()
    }


def test_at_least_25_checks() -> None:
    assert len(all_checks()) >= 25


def test_every_code_that_is_spelled_in_the_source_is_known() -> None:
    """`refuse("code"`, `error("code"` and `_refuse("code"` name codes; so do Diagnostics."""
    pattern = re.compile(
        r'(?:refuse|_refuse|error|unknown|note|_Fault|_fault|Diagnostic|_found)\(\s*"([a-z]+(?:-[a-z0-9]+)+)"'
    )
    spelled = set()
    modules = set(CATALOG.rglob("*.py")) - {CATALOG / "describe.py"}  # its codes are JSON's alone
    for module in modules:
        spelled |= set(pattern.findall(module.read_text(encoding="utf-8")))
    assert spelled <= set(all_codes())
