"""Two people may edit the same thing: the later one hears of it instead of undoing the earlier."""

from truestock.kernel.errors import StaleVersionError


def require_version(current: int, expected: int) -> None:
    """Raise `StaleVersionError` unless the row is still at the version the change was made from."""
    if current != expected:
        raise StaleVersionError(version=current, version_expected=expected)
