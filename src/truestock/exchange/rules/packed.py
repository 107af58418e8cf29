"""From the bytes of an upload to plain bytes or a harmless workbook, whatever was sent. Pure.

Nothing is unpacked beyond the limit, whatever the headers promise: a few kilobytes can be a
terabyte of zeros, and one cell at the far corner of a sheet makes readers reserve all before it.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from truestock.exchange.errors.files import (
    FileDamagedError,
    FileFormatError,
    FileTooLargeError,
    RowsTooManyError,
)
from truestock.exchange.model.imports import Limits

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
PARTS_MAX = 2_000
CELLS_MAX = 5_000_000
"""Cells of the rectangle that holds all of a sheet; readers keep it whole."""

_PIECE = 1 << 18
_LOCAL_HEADER = 30
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,8})([0-9]{1,12})[\"']")
_TAIL = 64
_LETTERS = 26


def unpacked(content: bytes, limits: Limits) -> bytes:
    """Return the content without gzip; raises `FileTooLargeError` beyond the limit."""
    if content.startswith(GZIP):
        return b"".join(_inflated_gzip(content, limits.bytes_max))
    if len(content) > limits.bytes_max:
        raise FileTooLargeError(bytes_max=limits.bytes_max)
    return content


def is_workbook(content: bytes) -> bool:
    """Tell whether these bytes are a workbook, after `unpacked`; raise for what is neither."""
    if content.startswith(OLD_EXCEL):
        raise FileFormatError(reason="an old Excel workbook; save it as .xlsx")
    if content.startswith(ZIP):
        return True
    if b"\x00" in content[:4096] and not content.startswith(UTF_16):
        raise FileFormatError(reason="not a text")
    return False


def require_harmless_workbook(content: bytes, limits: Limits) -> None:
    """Raise unless the archive unpacks within the limit and its sheets are of bounded size."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise FileDamagedError(reason="not a whole archive") from error
    if len(parts) > PARTS_MAX:
        raise FileTooLargeError(parts_max=PARTS_MAX)
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise FileFormatError(reason="an archive, but not an Excel workbook")
    left = limits.bytes_max
    for part in parts:
        is_sheet = "/worksheets/" in part.filename
        corner = _Corner(limits)
        for piece in _inflated_part(content, part, left):
            left -= len(piece)
            if is_sheet:
                corner.look(piece)


class _Corner:
    """Finds how far a sheet's cells reach, in pieces of its XML."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows = self._columns = 0
        self._tail = b""

    def look(self, piece: bytes) -> None:
        """Raise `RowsTooManyError` when the rectangle of all cells is too large."""
        text = self._tail + piece
        for letters, digits in _CELL.findall(text):
            self._rows = max(self._rows, int(digits))
            self._columns = max(self._columns, _column_number(letters))
        self._tail = text[-_TAIL:]
        if (
            self._rows > self._limits.rows_max + 1
            or self._columns > self._limits.columns_max
            or self._rows * self._columns > CELLS_MAX
        ):
            raise RowsTooManyError(
                rows_max=self._limits.rows_max, columns_max=self._limits.columns_max
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + letter - ord("A") + 1
    return number


def _inflated_gzip(content: bytes, bytes_max: int) -> Iterator[bytes]:
    """Yield the pieces of all members of a gzip file."""
    rest = content
    left = bytes_max
    while rest:
        machine = zlib.decompressobj(wbits=31)
        for piece in _inflated(machine, rest, left):
            left -= len(piece)
            yield piece
        if not machine.eof:
            raise FileDamagedError(reason="the gzip file ends too early")
        rest = machine.unused_data.lstrip(b"\x00")


def _inflated_part(content: bytes, part: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
    """Yield the pieces of one part by its packed bytes, not by the size it claims to have."""
    at = part.header_offset
    header = content[at : at + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or not header.startswith(ZIP) or part.flag_bits & 1:
        raise FileDamagedError(part=part.filename)
    begin = at + _LOCAL_HEADER + header[26] + header[27] * 256 + header[28] + header[29] * 256
    packed = content[begin : begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        if len(packed) > left:
            raise FileTooLargeError(bytes_max=left)
        yield packed
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        yield from _inflated(zlib.decompressobj(wbits=-15), packed, left)
    else:
        raise FileDamagedError(part=part.filename)


def _inflated(machine: "zlib._Decompress", packed: bytes, left: int) -> Iterator[bytes]:
    rest = packed
    while rest and not machine.eof:
        try:
            piece = machine.decompress(rest, _PIECE)
        except zlib.error as error:
            raise FileDamagedError(reason=str(error)) from error
        left -= len(piece)
        if left < 0:
            raise FileTooLargeError(reason="unpacked it is larger than allowed")
        yield piece
        if not piece and machine.unconsumed_tail == rest:
            return
        rest = machine.unconsumed_tail
