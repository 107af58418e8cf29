"""What can go wrong with rows of an import."""

from truestock.kernel.errors import TruestockError


class RowRepeatedError(TruestockError):
    """An earlier row of this import has the same code."""

    code = "row_repeated"
