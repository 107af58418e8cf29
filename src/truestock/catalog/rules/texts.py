"""Forms that several kinds of catalogue rows share."""

import re

CODE_LENGTH_MAX = 64

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def is_code(text: str, length_max: int = CODE_LENGTH_MAX) -> bool:
    """Tell whether a text can be a code: not empty, no outer spaces, no control characters."""
    fits = 0 < len(text) <= length_max and text == text.strip()
    return fits and not _CONTROL.search(text) and is_storable(text)


def is_name(text: str, length_max: int) -> bool:
    """Tell whether a text can be a name: not only spaces, not too long, storable."""
    return bool(text.strip(" ")) and len(text) <= length_max and is_storable(text)


def is_text(text: str, length_max: int) -> bool:
    """Tell whether a text is short enough and storable."""
    return len(text) <= length_max and is_storable(text)


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can hold this text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_currency(text: str) -> bool:
    """Tell whether this is a currency's three capital letters."""
    return _CURRENCY.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Tell whether this has the form of an email address."""
    return len(text) <= 320 and _EMAIL.fullmatch(text) is not None and is_storable(text)  # noqa: PLR2004 - RFC 3696
