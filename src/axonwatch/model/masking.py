"""Secrets and control characters in text that is about to reach a person.

AxonFlow's own lines carry Redis URLs, keys and e-mail addresses. Mask after a query, never before,
or its answer changes. Equal secrets stay equal (four hex digits of their hash), so that groups and
counts can still be read. `visible` shows what would otherwise move the cursor or reorder the line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

# Possessive quantifiers (`++`) keep every pattern linear in the length of the line.
_DATABASES = (
    r"postgres(?:ql)?(?:\+\w+)?|rediss?|mysql(?:\+\w+)?|mongodb(?:\+srv)?|amqps?|mssql|clickhouse"
)
_MASKED = r"(?![\"']?(?:\*|<|\$\{|\.\.\.|%|null\b|none\b|nil\b|true\b|false\b|\[?REDACTED))"
_VALUE = r"""(?P<secret>(?:"[^"\r\n]*+"|'[^'\r\n]*+'|[^\s"',;&)}\]\\]++))"""


@dataclass(frozen=True)
class Pattern:
    """One kind of secret. `hints` are cheap signs, lower case, one of which must be there."""

    kind: str
    hints: tuple[str, ...]
    regex: re.Pattern[str]
    accept: Callable[[str], bool] = lambda _: True


def _passes_luhn(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _is_shown(text: str) -> bool:
    """Whether a value is a whole one: not cut or starred by whoever logged it."""
    bare = text.strip("\"'")
    return len(bare) >= 3 and "..." not in bare and "***" not in bare


def _is_token(text: str) -> bool:
    """Whether a word after `token=` is one: words of prose have no digits and are short."""
    bare = text.strip("\"'")
    if not _is_shown(text) or bare.isdigit() or len(bare) < 8:
        return False
    return len(bare) >= 20 or any(c.isdigit() for c in bare)


def _compile(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


PATTERNS = (
    Pattern(
        "private-key",
        ("private key-----",),
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,30}?PRIVATE KEY-----.*?"
            r"(?:-----END [A-Z0-9 ]{0,30}?PRIVATE KEY-----|\Z)",
            re.DOTALL,
        ),
    ),
    Pattern(
        "database-url",
        ("://",),
        _compile(rf"\b(?P<scheme>{_DATABASES})://[^\s\"'<>`]++"),
    ),
    Pattern(
        "url",
        ("://",),
        _compile(r"\b[a-z][a-z0-9+.-]{1,20}://(?P<secret>[^\s/@\"'<>]*+)@"),
    ),
    Pattern(
        "jwt",
        ("eyj",),
        re.compile(r"\beyJ[\w-]{6,}+\.[\w-]{4,}+(?:\.[\w-]*+)?"),
    ),
    Pattern(
        "aws-key-id",
        ("akia", "asia"),
        re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ),
    Pattern(
        "api-key",
        ("sk-", "sk_", "ghp_", "gho_", "ghs_", "github_pat_", "xox", "aiza"),
        re.compile(
            r"\b(?:sk[-_][\w-]{6,}+|rk_live_\w{8,}+|gh[pousr]_\w{16,}+|github_pat_\w{16,}+"
            r"|xox[abeprs]-[\w-]{8,}+|AIza[\w-]{30,}+)"
        ),
    ),
    Pattern(
        "credential",
        ("authorization", "bearer "),
        _compile(
            r"(?:\bauthorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|token|digest)\s+)?"
            r"|\bbearer\s+)(?!bearer|<|\*)(?P<secret>[\w.~+/=:-]{12,}+)"
        ),
    ),
    Pattern(
        "signature",
        ("x-amz-",),
        _compile(r"\bx-amz-(?:signature|security-token|credential)=(?P<secret>[^&\s\"']++)"),
    ),
    Pattern(
        "secret",
        ("passw", "pwd", "secret", "key"),
        _compile(
            r"(?<!<)(?:passwords?|passwd|pwd|secret|(?:api|access|private|signing|encryption|hmac)"
            rf"[ _-]?key)(?:\s+is)?[\"']?\s*[:=]\s*{_MASKED}{_VALUE}"
        ),
        _is_shown,
    ),
    Pattern(
        "token",
        ("token", "license", "hmac", "signature", "webhook"),
        _compile(
            r"(?<!<)(?:token|license[ _-]?key|hmac|signature|webhook)[\"']?\s*[:=]\s*"
            rf"{_MASKED}{_VALUE}"
        ),
        _is_token,
    ),
    Pattern(
        "email",
        ("@",),
        re.compile(
            r"(?<![\w.%+-])[\w.%+-]++@(?:[A-Za-z0-9-]++\.)+[A-Za-z]{2,24}(?![\w-])",
        ),
    ),
    Pattern(
        "card",
        (),
        re.compile(r"(?<![\w.-])(?:2[2-7]|[3-6]\d)(?:\d{11,17}|\d{2}(?:[ -]\d{4,6}){2,3})(?![\w])"),
        _passes_luhn,
    ),
)
_DIGITS = re.compile(r"\d{12}|\d{4}[ -]\d{4}")


def _stand_in(kind: str, secret: str) -> str:
    digest = hashlib.sha256(secret.strip("\"'").encode("utf-8", "replace")).hexdigest()
    return f"<{kind}:{digest[:4]}>"


def _replace(pattern: Pattern, match: re.Match[str]) -> str:
    groups = match.groupdict()
    secret = groups.get("secret")
    if secret is None:
        whole = match.group()
        if not pattern.accept(whole):
            return whole
        scheme = groups.get("scheme")
        kind = f"{scheme.lower().split('+')[0]}-url" if scheme else pattern.kind
        kind = {"postgresql-url": "postgres-url", "rediss-url": "redis-url"}.get(kind, kind)
        return _stand_in(kind, whole)
    if not secret or not pattern.accept(secret):
        return match.group()
    start = match.start("secret") - match.start()
    end = match.end("secret") - match.start()
    whole = match.group()
    quote = secret[0] if secret[0] in "\"'" else ""
    return f"{whole[:start]}{quote}{_stand_in(pattern.kind, secret)}{quote}{whole[end:]}"


def mask(text: str) -> str:
    """`text` with every secret that we know the shape of replaced by `<kind:4 hex>`."""
    lower = text.lower()
    for pattern in PATTERNS:
        if pattern.hints:
            if not any(hint in lower for hint in pattern.hints):
                continue
        elif not _DIGITS.search(text):
            continue
        text = pattern.regex.sub(partial(_replace, pattern), text)
    return text


# C0 without tab, DEL, C1, and what reorders or hides text: bidi marks and overrides, zero width.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return {0x0A: "\\n", 0x0D: "\\r"}.get(code) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    )


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with control and reordering characters written out; `lines` keeps line breaks."""
    if not lines:
        return _UNSEEN.sub(_escape, text)
    return "\n".join(_UNSEEN.sub(_escape, line) for line in text.split("\n"))


_ACCOUNT = re.compile(r"(?<=[:/])\d{12}(?=[:/])")


def hide_accounts(text: str) -> str:
    """`text` with the account ids of ARNs and queue addresses left out."""
    return _ACCOUNT.sub("<account>", text)


def for_person(text: str, *, lines: bool = False) -> str:
    """What may be shown to a person: masked, and nothing hidden."""
    return visible(mask(text), lines=lines)
