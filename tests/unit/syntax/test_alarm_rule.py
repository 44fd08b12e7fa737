from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonwatch.syntax.alarm_rule import (
    STATES,
    AllOf,
    AnyOf,
    AtLeast,
    Child,
    Constant,
    InState,
    Not,
    Rule,
    alarm_name,
    children,
    is_true,
    parse_rule,
    write_rule,
)
from axonwatch.syntax.text import SyntaxFault, TextSpan

SPAN = TextSpan(0, 0)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ALARM(a)", 'ALARM("a")'),
        ('OK("a b")', 'OK("a b")'),
        (r'ALARM("say \"hi\" \\")', r'ALARM("say \"hi\" \\")'),
        (r'ALARM("C:\temp")', r'ALARM("C:\\temp")'),
        ('ALARM(12" pipe)'.replace(" ", "-"), r'ALARM("12\"-pipe")'),
        ("ALARM(a) OR OK(b) AND NOT ALARM(c)", 'ALARM("a") OR (OK("b") AND NOT ALARM("c"))'),
        ("(ALARM(a) OR OK(b)) AND TRUE", '(ALARM("a") OR OK("b")) AND TRUE'),
        ("NOT(ALARM(a)OR FALSE)", 'NOT (ALARM("a") OR FALSE)'),
        ("AT_LEAST(2, ALARM, (a, b))", 'AT_LEAST(2, ALARM, ("a", "b"))'),
        ("AT_LEAST(50%, NOT OK, (a,b))", 'AT_LEAST(50%, NOT OK, ("a", "b"))'),
        ("ALARM(\n  a\n)\nAND\nOK(b)", 'ALARM("a") AND OK("b")'),
        ("INSUFFICIENT_DATA(a-b.c/d)", 'INSUFFICIENT_DATA("a-b.c/d")'),
    ],
)
def test_the_canonical_text(text: str, canonical: str) -> None:
    assert write_rule(parse_rule(text)) == canonical


@pytest.mark.parametrize(
    ("text", "code", "start"),
    [
        ("", "empty-rule", 0),
        ("ALARM(a", "unexpected-token", 7),
        ("ALARM()", "unexpected-token", 6),
        ("alarm(a)", "unexpected-token", 0),
        ("ALARM(a) ALARM(b)", "unexpected-token", 9),
        ("ALARM(a) AND", "unexpected-token", 12),
        ('ALARM("a', "unclosed-quote", 6),
        ('ALARM("")', "empty-name", 6),
        ("ALARM(a b)", "unexpected-token", 8),
        ("AT_LEAST(3, ALARM, (a, b))", "impossible-count", 0),
        ("AT_LEAST(0, ALARM, (a, b))", "impossible-count", 0),
        ("AT_LEAST(101%, ALARM, (a))", "impossible-share", 9),
        ("AT_LEAST(some, ALARM, (a))", "unexpected-token", 9),
        ("AT_LEAST(1, BROKEN, (a))", "unexpected-token", 12),
        ("NOT " * 101 + "TRUE", "too-deep", 400),
        ("ALARM(" + "a" * 10_240 + ")", "too-long", 10_240),
        (" OR ".join(f"ALARM(a{at})" for at in range(101)), "too-many-children", 0),
        (" OR ".join(["TRUE"] * 501), "too-many-elements", 0),
    ],
)
def test_faults_have_their_place(text: str, code: str, start: int) -> None:
    with pytest.raises(SyntaxFault) as caught:
        parse_rule(text)
    assert (caught.value.code, caught.value.span.start) == (code, start)


def test_a_lower_case_word_is_put_right() -> None:
    with pytest.raises(SyntaxFault) as caught:
        parse_rule("ALARM(a) and ALARM(b)")
    assert caught.value.help == "write `AND`"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("plain", "plain"),
        ("arn:aws:cloudwatch:us-east-1:111122223333:alarm:x", "x"),
        ("arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:a:b", "a:b"),
        ("arn:aws:sns:us-east-1:111122223333:topic", "arn:aws:sns:us-east-1:111122223333:topic"),
    ],
)
def test_the_name_in_an_arn(text: str, name: str) -> None:
    assert alarm_name(text) == name


@pytest.mark.parametrize(
    ("share", "amount", "needed"), [("1%", 10, 1), ("50%", 3, 2), ("100%", 3, 3), ("33.4%", 3, 2)]
)
def test_a_share_is_rounded_up(share: str, amount: int, needed: int) -> None:
    names = ", ".join(f"a{at}" for at in range(amount))
    rule = parse_rule(f"AT_LEAST({share}, ALARM, ({names}))")
    assert isinstance(rule, AtLeast)
    assert rule.needed == needed


names = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=6)
child = names.map(lambda name: Child(name, SPAN))
state = st.sampled_from(STATES)


def deeper(rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    several = st.lists(rules, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        rules.map(lambda r: Not(r, SPAN)),
        several.map(lambda r: AllOf(r, SPAN)),
        several.map(lambda r: AnyOf(r, SPAN)),
    )


rules = st.recursive(
    st.one_of(
        st.builds(lambda s, c: InState(s, c, SPAN), state, child),
        st.booleans().map(lambda value: Constant(value, SPAN)),
        st.builds(
            lambda s, n, c: AtLeast(s, n, tuple(c), 1, None, SPAN),
            state,
            st.booleans(),
            st.lists(child, min_size=1, max_size=3),
        ),
    ),
    deeper,
    max_leaves=8,
)


@given(rules, st.data())
def test_a_written_rule_means_the_same(rule: Rule, data: st.DataObject) -> None:
    again = parse_rule(write_rule(rule))
    known = {c.name for c in children(rule)}
    assert {c.name for c in children(again)} == known
    states = {name: data.draw(state) for name in known}
    assert is_true(again, states) == is_true(rule, states)
