"""What can go wrong when stock is asked for."""

from truestock.kernel.errors import InvalidInputError, NotFoundError


class BalanceUnknownError(NotFoundError):
    """There has never been stock of this item in this place."""

    code = "balance_unknown"


class SortTooWideError(InvalidInputError):
    """There are too many balances to sort them by a quantity; filter by site, place or item."""

    code = "sort_too_wide"
