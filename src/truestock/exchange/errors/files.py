"""What is refused about a file before any of its lines is looked at."""

from truestock.kernel.errors import TruestockError


class FileEmptyError(TruestockError):
    """The file has no header line and no data."""

    code = "file_empty"


class FileFormatError(TruestockError):
    """This is not a CSV text, a gzip of one, or an Excel workbook (.xlsx)."""

    code = "file_format"
    status = 415


class FileDamagedError(TruestockError):
    """The file is damaged and cannot be unpacked or read to its end."""

    code = "file_damaged"


class FileTooLargeError(TruestockError):
    """The file is larger than allowed, packed or unpacked."""

    code = "file_too_large"
    status = 413


class RowsTooManyError(TruestockError):
    """The file has more rows or columns than allowed; import it in parts."""

    code = "rows_too_many"


class CellTooLongError(TruestockError):
    """A cell is longer than allowed; often a quotation mark was opened and never closed."""

    code = "cell_too_long"


class SheetUnknownError(TruestockError):
    """The workbook has no sheet of this name."""

    code = "sheet_unknown"


class EncodingUnknownError(TruestockError):
    """The text cannot be read in this encoding."""

    code = "encoding_unknown"
