"""What a regular expression (RE2) is made of: groups, shortest match, texts that it must contain.

RE2 itself judges whether the pattern is valid; this light reading never runs a pattern. Where it is
in doubt it claims less: a shorter match, no required text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import re2

from axonwatch.syntax.text import SyntaxFault, TextSpan

_NAME = re.compile(r"\?P?<([^>]*)>")
_VALID_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FLAGS = re.compile(r"\?([a-zA-Z]*)(?:-([a-zA-Z]+))?(:|\))")
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
_UNICODE = re.compile(r"\\[pP](?:\{[^}]*\}|.)", re.DOTALL)
_HEX = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_NOTHING = "AbBzQEG"
_LONGEST = 1_000_000


@dataclass(frozen=True)
class Group:
    """A capturing group. `optional`: the pattern may match without it; `shortest`: its length."""

    name: str | None
    optional: bool
    shortest: int


@dataclass(frozen=True)
class RegexFacts:
    """What is known of a pattern. `pattern` is its spelling with groups that have no names."""

    pattern: str
    groups: tuple[Group, ...]
    shortest: int
    literal: str | None  # the pattern is exactly this text
    required: tuple[str, ...]  # every match contains each of these texts
    prefix: str = ""  # every match begins with this text, and with nothing before it

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its groups."""
        return tuple(group.name for group in self.groups if group.name is not None)


@dataclass
class _Piece:
    """A part of the pattern: its shortest match, its exact text, the texts that it requires.

    `tail` is the required text that the part ends with, and that may grow; `head` the one that it
    begins with.
    """

    shortest: int = 0
    text: str | None = ""
    required: tuple[str, ...] = ()
    tail: str = ""
    head: str = ""

    def then(self, other: _Piece) -> _Piece:
        shortest = min(self.shortest + other.shortest, _LONGEST)
        head = self.head if self.text is None else self.text + other.head
        if other.text is not None:
            text = None if self.text is None else self.text + other.text
            return _Piece(shortest, text, self.required, self.tail + other.text, head)
        return _Piece(shortest, None, self.all_required() + other.required, other.tail, head)

    def all_required(self) -> tuple[str, ...]:
        return (*self.required, self.tail) if self.tail else self.required


def _literal(text: str) -> _Piece:
    return _Piece(len(text), text, (), text, text)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.out: list[str] = []
        self.groups: list[Group] = []
        self.folded = False

    def take(self, length: int) -> str:
        taken = self.pattern[self.at : self.at + length]
        self.at += length
        self.out.append(taken)
        return taken

    def alternatives(self) -> _Piece:
        first_group = len(self.groups)
        branches = [self._branch()]
        while self.pattern[self.at : self.at + 1] == "|":
            self.take(1)
            branches.append(self._branch())
        if len(branches) == 1:
            return branches[0]
        self._make_optional(first_group)
        return _Piece(min(branch.shortest for branch in branches), None)

    def _make_optional(self, first: int) -> None:
        self.groups[first:] = [Group(g.name, True, g.shortest) for g in self.groups[first:]]

    def _branch(self) -> _Piece:
        whole = _Piece()
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            first_group = len(self.groups)
            piece = self._repeat(self._atom(), first_group)
            whole = whole.then(piece)
        return whole

    def _repeat(self, piece: _Piece, first_group: int) -> _Piece:
        while self.at < len(self.pattern):
            character = self.pattern[self.at]
            found = _COUNT.match(self.pattern, self.at) if character == "{" else None
            if character in "*?":
                self.take(1)
                least = 0
            elif character == "+":
                self.take(1)
                least = 1
            elif found is not None:
                self.take(len(found.group()))
                least = int(found[1])
            else:
                return piece
            if least == 0:
                self._make_optional(first_group)
                piece = _Piece(0, None)
            else:
                shortest = min(piece.shortest * least, _LONGEST)
                piece = _Piece(shortest, None, piece.all_required(), head=piece.head)
        return piece

    def _atom(self) -> _Piece:
        character = self.pattern[self.at]
        if character == "(":
            return self._group()
        if character == "[":
            found = _CLASS.match(self.pattern, self.at)
            self.take(len(found.group()) if found else 1)
            return _Piece(1, None)
        if character == "\\":
            return self._escape()
        self.take(1)
        if character in "^$":
            return _Piece(0, None)
        if character == ".":
            return _Piece(1, None)
        return _literal(character)

    def _escape(self) -> _Piece:
        for known in (_UNICODE, _HEX):
            found = known.match(self.pattern, self.at)
            if found is not None:
                self.take(len(found.group()))
                digits = (found[1] or found[2]) if known is _HEX else None
                code = int(digits, 16) if digits else 0
                return _literal(chr(code)) if 0 < code < 0x80 else _Piece(1, None)
        letter = self.take(2)[1:]
        if letter in _CONTROLS:
            return _literal(_CONTROLS[letter])
        if letter and not letter.isalnum():
            return _literal(letter)
        if letter in tuple("dDsSwWC"):
            return _Piece(1, None)
        return _Piece(0, None)

    def _group(self) -> _Piece:
        self.take(1)
        index: int | None = None
        named = _NAME.match(self.pattern, self.at)
        flags = _FLAGS.match(self.pattern, self.at)
        if named is not None:
            self.at = named.end()
            index = self._open(named[1])
        elif flags is not None:
            self.take(len(flags.group()))
            self.folded |= "i" in flags[1]
            if flags[3] == ")":
                return _Piece()
        elif self.pattern[self.at : self.at + 1] != "?":
            index = self._open(None)
        inner = self.alternatives()
        self.take(1)
        if index is not None:
            group = self.groups[index]
            self.groups[index] = Group(group.name, group.optional, inner.shortest)
        return inner

    def _open(self, name: str | None) -> int:
        self.groups.append(Group(name, False, 0))
        return len(self.groups) - 1


def read_regex(pattern: str, span: TextSpan) -> RegexFacts:
    """What the pattern is made of; a fault at `span` if RE2 does not take it."""
    reader = _Reader(pattern)
    whole = _Piece()
    try:
        while reader.at < len(pattern):
            whole = whole.then(reader.alternatives())
            if reader.at < len(pattern):
                reader.take(1)
    except RecursionError:
        raise _fault("it is nested too deeply", span) from None
    spelled = "".join(reader.out)
    _refuse_invalid(pattern, spelled, span)
    _refuse_names([group.name for group in reader.groups if group.name is not None], span)
    literal, required, prefix = whole.text, whole.all_required(), whole.head
    if reader.folded or "\\Q" in pattern:
        literal, required, prefix = None, (), ""
    if reader.groups:
        literal = None
    groups = tuple(reader.groups)
    return RegexFacts(spelled, groups, whole.shortest, literal or None, required, prefix)


def branches(pattern: str) -> tuple[str, ...]:
    """The alternatives of a valid pattern: those of its outermost `|`; with flags, the whole."""
    found, start, at, depth = [], 0, 0, 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
        elif character == "[" and (inside := _CLASS.match(pattern, at)):
            at = inside.end() - 1
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            found.append(pattern[start:at])
            start = at + 1
        at += 1
    whole = not found or "(?" in pattern or "\\Q" in pattern
    return (pattern,) if whole else (*found, pattern[start:])


def _refuse_names(names: list[str], span: TextSpan) -> None:
    for position, name in enumerate(names):
        if not _VALID_NAME.fullmatch(name):
            raise _fault(f"`{name}` is not a name for a group", span)
        if name in names[:position]:
            raise _fault(f"two groups are called `{name}`", span)


def _refuse_invalid(pattern: str, spelled: str, span: TextSpan) -> None:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
        re2.compile(spelled, options)
    except re2.error as error:
        text = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise _fault(text, span) from None


def _fault(reason: str, span: TextSpan) -> SyntaxFault:
    help_text = ""
    if "(?=" in reason or "(?!" in reason or "(?<" in reason:
        help_text = "RE2 has no look-ahead and look-behind"
    elif "invalid escape" in reason:
        help_text = "RE2 has no backreferences; write a backslash itself as `\\\\`"
    elif "repetition" in reason or "repetition size" in reason:
        help_text = "RE2 repeats at most 1000 times, nested repetitions multiplied"
    return SyntaxFault(
        "invalid-regex",
        f"the regular expression is not valid: {reason}",
        span,
        label="not valid in RE2",
        help=help_text,
    )
