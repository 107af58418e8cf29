"""GTINs: 8, 12, 13 or 14 digits, one number space, the last digit checks the others.

Source of the check digit: GS1 General Specifications, 7.9.1 (weights 3 and 1 from the right).
"""

from truestock.catalog.errors.items import GtinInvalidError

LENGTHS = (8, 12, 13, 14)
DIGITS = 14
"""Every length is this many digits with leading zeros, which is how two codes are compared."""


def check_digit(digits: str) -> str:
    """Return the digit that makes these digits (all but the last) a GTIN."""
    weighted = (
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[::-1])
    )
    return str(-sum(weighted) % 10)


def is_gtin(text: str) -> bool:
    """Tell whether this text is a GTIN with the right check digit."""
    return (
        len(text) in LENGTHS
        and text.isascii()
        and text.isdigit()
        and check_digit(text[:-1]) == text[-1]
    )


def require_gtin(text: str) -> None:
    """Raise `GtinInvalidError` unless this is a GTIN; when only the last digit errs, name it."""
    if is_gtin(text):
        return
    facts = {"gtin": text}
    if len(text) in LENGTHS and text.isascii() and text.isdigit():
        facts["check_digit"] = check_digit(text[:-1])
    raise GtinInvalidError(**facts)


def comparable(text: str) -> str:
    """Return a code as 14 digits if it is all digits, else as it is."""
    return text.rjust(DIGITS, "0") if text.isascii() and text.isdigit() else text
