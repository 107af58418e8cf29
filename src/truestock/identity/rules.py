"""Pure decisions of identity: which password, which rights, which credentials still hold."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from truestock.identity.errors import (
    PasswordWeakError,
    RightsExceedOwnError,
    ScopeUnknownError,
)
from truestock.identity.model import PERMISSIONS
from truestock.kernel.actor import Actor

PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_LENGTH_MAX: Final = 128
DIFFERENT_CHARACTERS_MIN: Final = 5
API_KEY_MARK: Final = "tsk"
API_KEY_LENGTH_MAX: Final = 100

_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertzuiop", "qwertyuiop", "asdfghjkl")
_COMMON_STEMS: Final = frozenset(
    """
    password passwort passw0rd p@ssword p@ssw0rd pa$$word motdepasse contrasena welcome
    willkommen letmein iloveyou sunshine princess football baseball basketball superman batman
    dragon monkey master shadow michael jennifer charlie liverpool chelsea starwars pokemon
    computer internet trustno whatever changeme default secret admin administrator root guest
    test testing demo login user truestock warehouse inventory company summer winter spring
    autumn qwerty qwertz azerty asdfgh zxcvbn abc abcd abcdef hello freedom killer soccer hunter
    ranger jordan harley mustang access flower cheese samsung google facebook
    """.split()  # noqa: SIM905 - as words they read better
)
"""What common passwords of ten characters and more are made of, with digits and marks around."""


def normal_password(password: str) -> str:
    """Return the password in NFKC, so that it is the same from every keyboard."""
    return unicodedata.normalize("NFKC", password)


def require_good_password(password: str, *own: str) -> None:
    """Raise `PasswordWeakError` with the reason unless the password is hard enough to guess.

    10 to 128 characters, no rule of composition; refused are common ones, rows of the keyboard,
    few different characters, and the person's own words (`own`: login, name, email).
    """
    reason = password_weakness(normal_password(password), own)
    if reason:
        raise PasswordWeakError(reason=reason)


def password_weakness(password: str, own: Iterable[str]) -> str | None:
    """Return why the password is weak, or None."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        return "length"
    folded = password.casefold()
    if len(set(folded)) < DIFFERENT_CHARACTERS_MIN:
        return "few_different_characters"
    core = folded.strip("0123456789!?.,-_#$%&*+@ ")
    if not core or _is_common(core):
        return "common"
    if _is_in_a_row(core):
        return "keyboard_row"
    words = (word.casefold() for text in own for word in (text, *text.replace("@", " ").split()))
    if any(core == word for word in words):
        return "own_name"
    return None


def _is_common(core: str) -> bool:
    return any(core in {stem, stem * 2} for stem in _COMMON_STEMS)


def _is_in_a_row(core: str) -> bool:
    return any(core in row * 2 or core[::-1] in row * 2 for row in _ROWS)


def require_rights_within(
    actor: Actor, permissions: frozenset[str], site_ids: frozenset[int] | None
) -> None:
    """Raise `RightsExceedOwnError` when the rights are more, or wider, than the actor's own."""
    missing = permissions - actor.permissions
    if missing:
        raise RightsExceedOwnError(permissions=sorted(missing))
    if actor.site_ids is not None and (site_ids is None or site_ids - actor.site_ids):
        beyond = None if site_ids is None else sorted(site_ids - actor.site_ids)
        raise RightsExceedOwnError(site_ids=beyond)


def require_known_scopes(scopes: Iterable[str]) -> None:
    """Raise `ScopeUnknownError` naming the scopes that are no permissions."""
    unknown = sorted(set(scopes) - PERMISSIONS)
    if unknown:
        raise ScopeUnknownError(scopes=unknown)


def secret_hash(text: str) -> bytes:
    """Return the SHA-256 of a secret of at least 160 random bits; such need no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def csrf_token_of(session_token: str) -> str:
    """Derive the CSRF token of a session; it tells nothing about the session token."""
    return hmac.digest(session_token.encode(), b"truestock csrf", "sha256").hex()


def api_key_prefix(text: str) -> str | None:
    """Return the public prefix of a key of our form `tsk_<prefix>_<secret>`, else None."""
    if len(text) > API_KEY_LENGTH_MAX or not text.isascii():
        return None
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    return prefix if mark == API_KEY_MARK and prefix.isalnum() and secret else None


def secret_holds(
    offered: bytes,
    kept: bytes,
    previous: bytes | None,
    previous_valid_until: datetime | None,
    now: datetime,
) -> bool:
    """Tell whether an offered hash is the present one or the previous one in its overlap."""
    present = hmac.compare_digest(offered, kept)
    before = hmac.compare_digest(offered, previous or bytes(len(offered)))
    overlapping = previous_valid_until is not None and now < previous_valid_until
    return present or (before and overlapping)


def session_ends_at(seen_at: datetime, expires_at: datetime, idle: timedelta) -> datetime:
    """Return when a session ends unless it is used again: idle or absolute, what comes first."""
    return min(seen_at + idle, expires_at)
