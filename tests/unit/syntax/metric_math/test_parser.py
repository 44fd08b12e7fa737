from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonwatch.syntax.metric_math import parse, write
from axonwatch.syntax.metric_math.nodes import (
    Array,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Reference,
    Text,
    Word,
    calls,
    references,
)
from axonwatch.syntax.text import SyntaxFault, TextSpan

SPAN = TextSpan(0, 0)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("m1+m2", "m1 + m2"),
        ("(m1 + m2) * 3", "(m1 + m2) * 3"),
        ("m1 + (m2 * 3)", "m1 + m2 * 3"),
        ("m1 - (m2 - m3)", "m1 - (m2 - m3)"),
        ("(m1 - m2) - m3", "m1 - m2 - m3"),
        ("2^m1^2", "2 ^ m1 ^ 2"),
        ("(2^m1)^2", "(2 ^ m1) ^ 2"),
        ("-m1^2", "-m1 ^ 2"),
        ("(-m1)^2", "(-m1) ^ 2"),
        ("2^-1", "2 ^ -1"),
        ("--m1", "--m1"),
        ("m1 && m2 || m3", "m1 AND m2 OR m3"),
        ("m1 AND (m2 OR m3)", "m1 AND (m2 OR m3)"),
        ("m1<=5", "m1 <= 5"),
        ("SUM( [m1 ,m2] )", "SUM([m1, m2])"),
        ('FILL(m1,REPEAT)+METRICS("err")', "FILL(m1, REPEAT) + METRICS('err')"),
        ("METRICS()", "METRICS()"),
        (r"METRICS('it\'s')", r"METRICS('it\'s')"),
        ("1e3 + .5 + 2.", "1000 + 0.5 + 2"),
        ("m_1", "m_1"),
    ],
)
def test_the_canonical_text(text: str, canonical: str) -> None:
    assert write(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("", "empty-expression", 0, 0),
        ("m1 +", "unexpected-token", 4, 4),
        ("m1 m2", "unexpected-token", 3, 5),
        ("(m1", "unclosed-bracket", 0, 1),
        ("SUM([m1)", "unexpected-token", 7, 8),
        ("SUM(m1", "unclosed-bracket", 3, 4),
        ("m1 $ 2", "unexpected-character", 3, 4),
        ("m1 = 2", "unexpected-character", 3, 4),
        ("METRICS('x", "unclosed-text", 8, 10),
        ("m1 + AND", "unexpected-token", 5, 8),
        ("(" * 61 + "m1" + ")" * 61, "too-deep", 60, 61),
        ("+".join(["m1"] * 210), "too-deep", 602, 603),
    ],
)
def test_faults_have_their_place(text: str, code: str, start: int, end: int) -> None:
    with pytest.raises(SyntaxFault) as caught:
        parse(text)
    assert (caught.value.code, caught.value.span) == (code, TextSpan(start, end))


def test_spans_cover_what_they_name() -> None:
    text = "100 * SUM([a, b]) / c"
    node = parse(text)
    assert isinstance(node, Binary)
    assert text[node.span.start : node.span.end] == text
    assert text[node.operator_span.start : node.operator_span.end] == "/"
    assert isinstance(node.left, Binary)
    call = node.left.right
    assert isinstance(call, Call)
    assert text[call.span.start : call.span.end] == "SUM([a, b])"
    assert text[call.name_span.start : call.name_span.end] == "SUM"


def test_what_an_expression_names() -> None:
    node = parse("IF(a > 1, SUM([b, a]), FILL(c, 0))")
    assert references(node) == ("a", "b", "c")
    assert calls(node) == {"IF", "SUM", "FILL"}


numbers = st.integers(0, 10**6).map(lambda n: Number(n / 4, SPAN))
texts = st.text("ab'\\ \"", max_size=4).map(lambda t: Text(t, SPAN))
ids = st.from_regex(r"[a-z][A-Za-z0-9_]{0,4}", fullmatch=True).map(lambda n: Reference(n, SPAN))
words = st.sampled_from(["REPEAT", "ASC", "AVG"]).map(lambda w: Word(w, SPAN))


def deeper(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    operators = st.sampled_from(
        ["+", "-", "*", "/", "^", "==", "!=", "<=", ">=", "<", ">", "AND", "OR"]
    )
    return st.one_of(
        nodes.map(lambda n: Negate(n, SPAN)),
        st.builds(lambda o, a, b: Binary(o, a, b, SPAN, SPAN), operators, nodes, nodes),
        st.lists(nodes, max_size=3).map(lambda items: Array(tuple(items), SPAN)),
        st.builds(
            lambda name, items: Call(name, tuple(items), SPAN, SPAN),
            st.sampled_from(["SUM", "FILL", "IF"]),
            st.lists(nodes, max_size=3),
        ),
    )


trees = st.recursive(st.one_of(numbers, texts, ids, words), deeper, max_leaves=12)


def bare(node: Node) -> Node:
    """The tree without its places."""
    match node:
        case Number(value=value):
            return Number(value, SPAN)
        case Text(value=value):
            return Text(value, SPAN)
        case Reference(id=name):
            return Reference(name, SPAN)
        case Word(value=value):
            return Word(value, SPAN)
        case Negate(operand=operand):
            return Negate(bare(operand), SPAN)
        case Array(items=items):
            return Array(tuple(map(bare, items)), SPAN)
        case Call(function=name, arguments=arguments):
            return Call(name, tuple(map(bare, arguments)), SPAN, SPAN)
        case Binary(operator=operator, left=left, right=right):
            return Binary(operator, bare(left), bare(right), SPAN, SPAN)


@given(trees)
def test_a_written_tree_reads_back(tree: Node) -> None:
    assert bare(parse(write(tree))) == tree


@given(st.text("m1+-*/^()[],<>=!&|'\" ANDORSUM.0e", max_size=30))
def test_any_text_parses_or_is_refused_with_a_place(text: str) -> None:
    fault = fault_of(text)
    assert fault is None or 0 <= fault.span.start <= fault.span.end <= len(text)


def fault_of(text: str) -> SyntaxFault | None:
    try:
        parse(text)
    except SyntaxFault as fault:
        return fault
    return None
