"""Changes of monitoring's own tables."""

from datetime import datetime

import msgspec

from truestock.database import Transaction, load_sql
from truestock.monitoring.model import Verification

_ADD = load_sql(__name__, "add_verification")
_FORGET = load_sql(__name__, "forget_verifications")


async def add_verification(tx: Transaction, run: Verification, now: datetime) -> int:
    """Keep the result of one run of every invariant; results over a year old are forgotten."""
    broken = msgspec.json.encode(run.broken, enc_hook=str).decode()
    verification_id = await tx.value(_ADD, now, run.seconds, run.rules, broken)
    await tx.run(_FORGET, now)
    return int(verification_id)
