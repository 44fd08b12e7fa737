"""The rules that surprise people: the code, the place, and a cure."""

from __future__ import annotations

import pytest

from axonwatch.syntax.insights.known_lines import LogFacts
from axonwatch.syntax.insights.lint import lint_query


def found(text: str, **options: object) -> list[tuple[str, str]]:
    """Code and marked text of each finding, errors first."""
    findings = lint_query(text, **options)  # type: ignore[arg-type]  # as the function's own
    return [
        (fault.code, text[fault.span.start : fault.span.end])
        for fault in (*findings.errors, *findings.warnings)
    ]


ERRORS = {
    "parse @message /(?<n>x)/ | stats count(*) as n": ("already-defined", "n"),
    "fields a as x, b as x": ("already-defined", "x"),
    'parse @message "a=*" as x | fields x': ("already-defined", "x"),
    "stats count(*) by bin(5m) | sort bin(5m) desc": ("sort-expression", "bin(5m)"),
    "sort a | stats count(*)": ("sort-before-stats", "sort a"),
    "fields a | limit 5 | stats count(*)": ("limit-before-stats", "limit 5"),
    "dedup a | sort a": ("after-dedup", "sort a"),
    "fields a | estimate | limit 1": ("after-estimate", "limit 1"),
    "filter @message like /x/i": ("regex-flags", "i"),
    "filter @message like /(x/": ("invalid-regex", "/(x/"),
    "stats count(*) as n by a | stats max(n) by bin(1h)": ("bin-without-time", "bin(1h)"),
    "stats count(*) as n by svc | sort svcc": ("unknown-after-stats", "svcc"),
    "stats count(*) | filter @message like 'x'": ("unknown-after-stats", "@message"),
    "parse @message /\\d+/ multi": ("multi-without-groups", "/\\d+/"),
    "parse @message /(\\d+)/ as x multi": ("multi-without-groups", "x"),
    "parse @message /(\\d+) (\\d+)/ as x": ("regex-names", "/(\\d+) (\\d+)/"),
    'parse @message "a=* b=*" as x': ("glob-names", "x"),
    "fields percentile(a, 5)": ("unknown-function", "percentile"),
    "fields strlenn(a)": ("unknown-function", "strlenn"),
    "fields strlen()": ("argument-count", "strlen()"),
    "fields sum(a)": ("misplaced-function", "sum(a)"),
    "stats strlen(a)": ("not-aggregated", "strlen(a)"),
    "stats max(min(a))": ("nested-aggregate", "min(a)"),
    "stats max(*)": ("misplaced-star", "max(*)"),
    "diff": ("diff-without-pattern", "diff"),
    "fields jsonParse(a) as j | dedup j": ("structure-key", "j"),
    "selct a": ("unknown-command", "selct"),
    "fields {{x}}": ("undeclared-parameter", "{{x}}"),
    "filter a = 1 = 2": ("chained-comparison", "="),
    "fields a where b = 1": ("missing-pipe", "where"),
    "stats count(*) by bin(5parsecs)": ("unknown-unit", "5parsecs"),
    "filter a in (fields b | filter b in (fields c))": ("nested-query", "fields c"),
    "limit 100001": ("limit-out-of-range", "100001"),
    "limit 0": ("limit-out-of-range", "0"),
    "fields 'abc": ("unterminated-string", "'"),
    "parse @message /abc": ("unterminated-regex", "/"),
    "fields a || b": ("unexpected-character", "||"),
    "fields a; b": ("unexpected-character", ";"),
}


@pytest.mark.parametrize("text", ERRORS)
def test_errors_name_their_place(text: str) -> None:
    assert found(text)[0] == ERRORS[text]


@pytest.mark.parametrize("text", ERRORS)
def test_every_error_is_told_in_the_house_style(text: str) -> None:
    for fault in lint_query(text).errors:
        assert fault.title[0].islower() or fault.title[0] == "`"
        assert not fault.title.endswith(".")
        assert "illegal" not in fault.title
        assert fault.span.start < fault.span.end
        assert fault.label or fault.help


WARNINGS = {
    "stats count(*) by bin(300s)": [("clamped-bin", "300s")],
    "stats count(*) by bin(36h)": [("clamped-bin", "36h")],
    "stats count(*) by bin(60m)": [],
    "fields a | sort by a | limit 5": [("old-spelling", "sort by")],
    "fields a": [("no-limit", "a")],
    "fields a | limit 5": [],
    "filter a != 1 | limit 5": [("negative-test", "a != 1")],
    "filter not a = 1 | limit 5": [("negative-test", "a = 1")],
    "filter a not in [1] | limit 5": [("negative-test", "a not in [1]")],
    "filter a not like 'x' | limit 5": [("negative-test", "a not like 'x'")],
    "filter @message not like 'x' | limit 5": [],
    "filter not ispresent(a) or a != 1 | limit 5": [],
    "stats count(*) as n by a | filter n != 1": [],
    "fields foo-bar as x | limit 5": [("unquoted-hyphen", "foo-bar")],
    "fields foo - bar as x | limit 5": [],
    "fields `foo-bar` as x | limit 5": [],
    "filter ok = true | limit 5": [("boolean-word", "true")],
    "filter @timestamp > '2026-01-01' | limit 5": [("time-as-text", "@timestamp > '2026-01-01'")],
    "filter @logStream like 'x' | limit 5": [("like-on-index", "@logStream like 'x'")],
    "filter @logStream = 'x' | limit 5": [],
    "parse @message /a=(?<x>.*?)/ | limit 5": [("lazy-tail", "/a=(?<x>.*?)/")],
    "parse @message /a=(?<x>.*?) / | limit 5": [],
    "head 5": [("old-spelling", "head")],
    "order by a | limit 5": [("old-spelling", "order by")],
    "fields a # why\n| limit 5": [("late-comment", "# why")],
    "# why\nfields a\n| limit 5": [],
    "fields jsonParse(a) as j, j.k as k | limit 5": [("same-command-path", "j.k")],
    "join left=l right=r where l.a = r.a (SOURCE 'g') | fields a | limit 5": [
        ("unprefixed-after-join", "a")
    ],
    "pattern @message": [("refused-command", "pattern @message")],
    "pattern @message | diff": [
        ("refused-command", "pattern @message"),
        ("refused-command", "diff"),
    ],
}


@pytest.mark.parametrize("text", WARNINGS)
def test_warnings_name_their_place(text: str) -> None:
    assert found(text) == WARNINGS[text]
    assert all(fault.help for fault in lint_query(text).warnings)


def test_near_words_are_suggested() -> None:
    (fault,) = lint_query("filtr a = 1").errors
    assert fault.help == "did you mean `filter`?"
    (fault,) = lint_query("fields strlenn(a) | limit 5").errors
    assert fault.help == "did you mean `strlen`?"
    (fault,) = lint_query("stats count(*) as requests by svc | sort request").errors
    assert fault.help == "did you mean `requests`?"


def test_all_errors_are_told_not_only_the_first() -> None:
    text = "fields lower(a) as x, upper(b) as x | sort strlen(a) | limit 5"
    codes = [code for code, _ in found(text)]
    assert codes == ["unknown-function", "unknown-function", "already-defined", "sort-expression"]


def test_parameters_are_filled_with_their_defaults() -> None:
    text = "filter a = {{n}} | limit {{rows}}"
    assert found(text, declared={"n": "1", "rows": "10"}) == []
    assert found(text, declared={"n": "1", "rows": "0"}) == [("limit-out-of-range", "{{rows}}")]


def test_a_parameter_that_is_not_used_is_said() -> None:
    assert found("limit 5", declared={"gone": "1"}) == [("unused-parameter", "l")]


def test_a_misspelled_parameter_is_suggested() -> None:
    (fault,) = lint_query("limit {{row}}", declared={"rows": "5"}).errors
    assert fault.help == "did you mean `rows`?"


def test_more_than_twenty_parameters_are_refused() -> None:
    names = [f"p{place}" for place in range(21)]
    text = " ".join(["fields", ", ".join(f"{{{{{name}}}}}" for name in names), "| limit 5"])
    codes = [code for code, _ in found(text, declared=dict.fromkeys(names, "a"))]
    assert "too-many-parameters" in codes


def test_fields_that_no_line_has_are_said_once_with_a_near_name() -> None:
    facts = LogFacts(fields=frozenset({"level", "fields.duration_ms"}))
    text = "filter levl = 'x' and levl = 'y' | stats avg(fields.duration_ms) by @logStream"
    findings = lint_query(text, facts=facts)
    (warning,) = findings.warnings
    assert (warning.code, warning.help) == ("unknown-field", "did you mean `level`?")


def test_under_an_open_map_only_a_near_name_is_doubted() -> None:
    facts = LogFacts(
        fields=frozenset({"level", "fields", "fields.duration_ms"}), open=frozenset({"fields"})
    )
    text = "filter fields.duraton_ms > 1 and fields.shard = 'x' | stats count(*) by level"
    assert found(text, facts=facts) == [("unknown-field", "fields.duraton_ms")]


def test_nothing_is_said_of_names_that_a_lookup_may_bring() -> None:
    facts = LogFacts(fields=frozenset({"level"}))
    text = "lookup owners level OUTPUT team | filter team = 'x' | stats count(*) by team"
    assert found(text, facts=facts) == []


def test_texts_that_lines_spell_otherwise_are_said() -> None:
    facts = LogFacts(spelled={"bloked": "blocked", "Failed to": "failed to"}.get)
    text = (
        "filter @message like 'bloked' or @message like /Failed to|other/ or message like 'bloked' "
        "or (@message not like 'bloked') | parse @message 'bloked*x' as v | stats count(*) by v"
    )
    assert found(text, facts=facts) == [
        ("unknown-text", "'bloked'"),
        ("unknown-text", "/Failed to|other/"),
        ("unknown-text", "'bloked*x'"),
    ]


def test_json_behind_a_prefix_has_no_fields() -> None:
    text = 'parse @message "x=*" as x | filter level = "ERROR" and x = 1 | stats count(*)'
    assert found(text, facts=LogFacts(prefixed=True)) == [("prefixed-json", "level")]


def test_a_query_of_ten_thousand_characters_is_read_and_one_more_is_not() -> None:
    text = "fields a | limit 5 # "
    assert found(text + "x" * (10_000 - len(text)))[0][0] == "late-comment"
    assert found(text + "x" * (10_001 - len(text)))[0][0] == "query-too-long"
