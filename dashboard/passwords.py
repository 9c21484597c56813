"""Passwords as they are kept: scrypt (RFC 7914) with a salt of its own for each."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

# OWASP's password storage cheat sheet (2024): N = 2^15, r = 8, p = 3; 32 MiB and some 0.3 s on a small computer.
_COST, _BLOCK, _LANES = 2**15, 8, 3
_MEMORY_BYTES = 64 * 2**20
_SALT_BYTES, _HASH_BYTES = 16, 32
SHORTEST, LONGEST = 10, 200
# A login of nobody takes as long as one of somebody.
_NOBODYS = (bytes(_SALT_BYTES), bytes(_HASH_BYTES))


class PasswordError(ValueError):
    """A password that cannot be taken; the text says why."""


def kept_form(password: str) -> str:
    """Return what to keep of a password: cost, block, lanes, salt and hash.

    Raises:
        PasswordError: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"password: expected {SHORTEST} to {LONGEST} characters, got {len(password)}")
    salt = secrets.token_bytes(_SALT_BYTES)
    return _written(salt, _scrypt(password, salt, _COST, _BLOCK, _LANES))


def fits(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one that was kept; None is nobody's, and takes as long."""
    cost, block, lanes, salt, expected = (kept or _written(*_NOBODYS)).split("$")
    if len(password) > LONGEST:
        return False
    found = _scrypt(password, b64decode(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, b64decode(expected)) and kept is not None


def _written(salt: bytes, found: bytes) -> str:
    return f"{_COST}${_BLOCK}${_LANES}${b64encode(salt).decode()}${b64encode(found).decode()}"


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=lanes,
        maxmem=_MEMORY_BYTES,
        dklen=_HASH_BYTES,
    )
