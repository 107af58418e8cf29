"""Which texts PostgreSQL can keep: no NUL, no half of a surrogate pair."""


def is_storable(text: str) -> bool:
    """Tell whether the text can be stored as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
