"""Edits carry the version they were made from: ETag out, If-Match in; a stale one is refused."""

import re
from typing import Annotated

from fastapi import Depends, Header

from truestock.kernel.errors import InvalidInputError, TruestockError

VERSION_MAX = 2**31 - 1

_FORM = re.compile(r'(?:W/)?"([0-9]{1,10})"')


class VersionMissingError(TruestockError):
    """A change needs an If-Match header with the ETag that you read."""

    code = "version_missing"
    status = 428


class VersionFormError(InvalidInputError):
    """If-Match must be the ETag as it was given: the version in quotes."""

    code = "version_form"


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def expected_version(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag that you read.", examples=['"1"']),
    ] = None,
) -> int:
    """Return the version named by If-Match (a FastAPI dependency).

    Raises `VersionMissingError` without the header, `VersionFormError` for another form.
    """
    if if_match is None:
        raise VersionMissingError
    found = _FORM.fullmatch(if_match.strip())
    if found is None or int(found[1]) > VERSION_MAX:
        raise VersionFormError(if_match=if_match)
    return int(found[1])


ExpectedVersion = Annotated[int, Depends(expected_version)]
