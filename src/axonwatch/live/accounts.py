"""Which account, without keeping its id: a salted, slow digest that tells another from the same.

An account id has twelve digits only, so a plain hash of one can be undone; scrypt makes that dear.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

# 16 MiB and about 30 ms each: 10^12 candidates would take a thousand core-years.
_COST, _BLOCK, _LANES, _LENGTH = 2**14, 8, 1, 16


def make_account_check(account: str, salt: bytes | None = None) -> str:
    """A check value of `account`: `scrypt:<salt>:<digest>`, both in hex."""
    seed = secrets.token_bytes(8) if salt is None else salt
    digest = hashlib.scrypt(account.encode(), salt=seed, n=_COST, r=_BLOCK, p=_LANES, dklen=_LENGTH)
    return f"scrypt:{seed.hex()}:{digest.hex()}"


def is_same_account(check: str, account: str) -> bool:
    """Whether `check` was made of `account`; an unreadable check matches none."""
    try:
        kind, salt, _ = check.split(":")
        seed = bytes.fromhex(salt)
    except ValueError:
        return False
    return kind == "scrypt" and hmac.compare_digest(make_account_check(account, seed), check)
