"""What can go wrong when stock is asked for."""

from truestock.kernel.errors import NotFoundError


class BalanceUnknownError(NotFoundError):
    """There has never been stock of this item in this place."""

    code = "balance_unknown"
