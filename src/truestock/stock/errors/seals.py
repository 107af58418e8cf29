"""What can go wrong with the seals of the ledger."""

from truestock.kernel.errors import TruestockError


class SealTakenError(TruestockError):
    """This block of the ledger has been sealed already."""

    code = "seal_taken"
    status = 409
    constraints = (
        "ledger_seal_pk",
        "ledger_seal_last_unique",
        "ledger_seal_range",
        "ledger_seal_hash_length",
    )


class LedgerBrokenError(TruestockError):
    """The ledger does not verify; `invariants` and `seals` name what is broken."""

    code = "ledger_broken"
    status = 409
