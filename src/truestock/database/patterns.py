"""Text to look for becomes a LIKE pattern in which nothing of it is a wildcard."""


def containing(text: str) -> str:
    """Return the pattern of what contains `text`."""
    return f"%{_literal(text)}%"


def starting_with(text: str) -> str:
    """Return the pattern of what starts with `text`."""
    return f"{_literal(text)}%"


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
