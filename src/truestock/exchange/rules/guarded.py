"""Texts that a spreadsheet would run as a formula are written with an apostrophe before them. Pure.

The apostrophe is the spreadsheets' own mark for text. Reading takes it off again; a text that came
with apostrophes before such a sign gets one more, so nothing is lost on the way there and back.
"""

import re

SIGNS = "=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"
"""What begins a formula: the four signs, their full-width forms, and what is skipped before one."""

_RISKY = re.compile(f"'*[{re.escape(SIGNS)}]")
_GUARDED = re.compile(f"'+[{re.escape(SIGNS)}]")


def guarded(text: str) -> str:
    """Return the text so that no spreadsheet runs it."""
    return "'" + text if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text
