"""API keys for machines: `tsk_<prefix>_<secret>`, 192 random bits, kept as a hash, shown once.

Rotation keeps the key's actor, so its request keys and its history go on; the old secret stays good
until a moment, so that callers can be changed one by one. A key outlives whoever made it: it
belongs to the installation and shows its maker in the list.
"""

import secrets
import string
from datetime import timedelta
from typing import Final

from truestock.database import Transaction
from truestock.identity import rules, writes
from truestock.identity.errors import ApiKeyInvalidError, ApiKeyRevokedError
from truestock.identity.model import AuditEvent, Deed, KeyDraft, KeyMade, sites_of
from truestock.identity.operations.audit import record_audit
from truestock.kernel.errors import StaleVersionError

SECRET_BYTES: Final = 24
PREFIX_LENGTH: Final = 10
VALID_DAYS_MAX: Final = 3650
OVERLAP_MAX: Final = timedelta(days=30)


async def create_api_key(tx: Transaction, deed: Deed, draft: KeyDraft) -> KeyMade:
    """Make a key whose scopes and sites are within the actor's own.

    Raises `ScopeUnknownError`, `RightsExceedOwnError`, `ApiKeyInvalidError`.
    """
    deed.actor.require("key.manage")
    rules.require_known_scopes(draft.scopes)
    rules.require_rights_within(deed.actor, frozenset(draft.scopes), sites_of(draft.site_ids))
    if not 1 <= draft.valid_days <= VALID_DAYS_MAX:
        raise ApiKeyInvalidError(field="valid_days")
    expires_at = deed.at + timedelta(days=draft.valid_days)
    letters = string.ascii_lowercase + string.digits
    prefix = "".join(secrets.choice(letters) for _ in range(PREFIX_LENGTH))
    text = _new_text(prefix)
    kept = rules.secret_hash(text)
    maker = deed.actor.actor_id
    actor_id = await writes.add_api_key(
        tx, draft, prefix, kept, created_by=maker, now=deed.at, expires_at=expires_at
    )
    shown = {"name": draft.name, "scopes": sorted(draft.scopes), "site_ids": draft.site_ids}
    made = AuditEvent("key.created", "key", actor_id, after={**shown, "expires_at": expires_at})
    await record_audit(tx, deed, made)
    return KeyMade(actor_id, text, expires_at)


async def rotate_api_key(
    tx: Transaction, deed: Deed, actor_id: int, *, overlap: timedelta, valid_days: int, version: int
) -> KeyMade:
    """Give a key a new secret; the present one stays good for `overlap`.

    Raises `ApiKeyRevokedError`, `ApiKeyInvalidError`, `StaleVersionError`, `RightsExceedOwnError`.
    """
    deed.actor.require("key.manage")
    if not timedelta(0) <= overlap <= OVERLAP_MAX or not 1 <= valid_days <= VALID_DAYS_MAX:
        raise ApiKeyInvalidError(field="overlap_seconds")
    row = await writes.locked_api_key(tx, actor_id)
    if row["revoked_at"] is not None:
        raise ApiKeyRevokedError(key_id=actor_id)
    if row["version"] != version:
        raise StaleVersionError(version=row["version"])
    rules.require_rights_within(deed.actor, frozenset(row["scopes"]), sites_of(row["site_ids"]))
    text = _new_text(row["prefix"])
    old_until = min(deed.at + overlap, row["expires_at"])
    expires_at = deed.at + timedelta(days=valid_days)
    await writes.rotate_api_key(tx, actor_id, rules.secret_hash(text), old_until, expires_at)
    before: dict[str, object] = {"expires_at": row["expires_at"]}
    after: dict[str, object] = {"expires_at": expires_at, "previous_valid_until": old_until}
    await record_audit(tx, deed, AuditEvent("key.rotated", "key", actor_id, before, after))
    return KeyMade(actor_id, text, expires_at)


async def revoke_api_key(tx: Transaction, deed: Deed, actor_id: int) -> None:
    """Make a key useless for ever, both secrets; revoking twice changes nothing.

    Raises `RightsExceedOwnError` for a key that may do more than the actor.
    """
    deed.actor.require("key.manage")
    row = await writes.locked_api_key(tx, actor_id)
    rules.require_rights_within(deed.actor, frozenset(row["scopes"]), sites_of(row["site_ids"]))
    if row["revoked_at"] is None:
        await writes.revoke_api_key(tx, actor_id, deed.at)
        await record_audit(tx, deed, AuditEvent("key.revoked", "key", actor_id))


def _new_text(prefix: str) -> str:
    return f"{rules.API_KEY_MARK}_{prefix}_{secrets.token_hex(SECRET_BYTES)}"
