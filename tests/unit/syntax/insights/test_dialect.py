"""The page about the dialect is what the code says, and the code is whole."""

from __future__ import annotations

import pytest
from tests.goldens import assert_golden

from axonwatch.query.sql.aggregates import AGGREGATES
from axonwatch.query.sql.compiler import FUNCTION_MODULES
from axonwatch.query.sql.expressions import SCALARS
from axonwatch.syntax.insights.commands import COMMANDS, REFUSED
from axonwatch.syntax.insights.dialect import render_dialect
from axonwatch.syntax.insights.functions import BY_NAME, FUNCTIONS, SCALAR
from axonwatch.syntax.insights.parser import QueryParser

PAGE = "../../docs/insights-dialect.md"
# What stats evaluates itself, because it makes rows.
_BY_STATS = {"topk"}


def test_the_page_is_current() -> None:
    assert_golden(PAGE, render_dialect())


def test_every_function_has_an_evaluation_and_every_evaluation_a_function() -> None:
    assert FUNCTION_MODULES
    scalars = {rule.name for rule in FUNCTIONS if rule.kind == SCALAR}
    aggregates = {rule.name for rule in FUNCTIONS if rule.kind != SCALAR} - _BY_STATS
    assert set(SCALARS) == scalars
    assert set(AGGREGATES) == aggregates


def test_names_of_functions_are_unique() -> None:
    names = [name.lower() for rule in FUNCTIONS for name in (rule.name, *rule.others)]
    assert len(names) == len(set(names)) == len(BY_NAME)


@pytest.mark.parametrize("rule", COMMANDS, ids=lambda rule: rule.word)
def test_every_command_has_a_parser_or_a_reason(rule: object) -> None:
    from axonwatch.syntax.insights.commands import CommandRule

    assert isinstance(rule, CommandRule)
    if rule.status == REFUSED:
        assert rule.reason
        return
    for word in (rule.word, *rule.others):
        method = QueryParser._method(word.lower())
        assert callable(getattr(QueryParser, f"{method}_command"))
