"""One look-up from method and path to what answers: literal paths first, then templates."""

import re
from typing import Generic, TypeVar

Target = TypeVar("Target")

_PARAMETER = re.compile(r"{(?P<name>[a-z_][a-z0-9_]*)(?::(?P<kind>[a-z]+))?}", re.IGNORECASE)
_FORMS = {"path": ".+", "int": "[0-9]+", "uuid": "[0-9a-fA-F-]{36}"}
_PREFIX_SEGMENTS = 3
"""Templates are grouped by this many leading segments (`api`, `v1`, the noun)."""


def template_regex(template: str) -> re.Pattern[str]:
    """Return the expression of a template such as `/items/{sku}` or `/files/{name:path}`."""
    parts, at = [], 0
    for found in _PARAMETER.finditer(template):
        form = _FORMS.get(found["kind"] or "", "[^/]+")
        parts.append(re.escape(template[at : found.start()]) + f"(?P<{found['name']}>{form})")
        at = found.end()
    return re.compile("".join(parts) + re.escape(template[at:]))


def without_kinds(template: str) -> str:
    """Return the template as OpenAPI writes it: `{name:path}` becomes `{name}`."""
    return _PARAMETER.sub(lambda found: "{" + found["name"] + "}", template)


class PathIndex(Generic[Target]):
    """Targets by method and path template.

    A literal path wins over a template, whatever the method: `/items/search` is no item.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._literal: dict[str, dict[str, Target]] = {}
        self._grouped: dict[tuple[str, ...], list[tuple[re.Pattern[str], str, Target]]] = {}
        self._loose: list[tuple[re.Pattern[str], str, Target]] = []

    def add(self, method: str, template: str, target: Target) -> None:
        """Register a target; the same method and template twice is a programmer's error."""
        if "{" not in template:
            at = self._literal.setdefault(template, {})
            assert method not in at, f"{method} {template} is registered twice"  # noqa: S101 - a programmer's error
            at[method] = target
            return
        leading = tuple(template.split("/")[1 : _PREFIX_SEGMENTS + 1])
        grouped = len(leading) == _PREFIX_SEGMENTS and not any("{" in part for part in leading)
        place = self._grouped.setdefault(leading, []) if grouped else self._loose
        place.append((template_regex(template), method, target))

    def find(self, method: str, path: str) -> tuple[Target | None, dict[str, str], set[str]]:
        """Return target and path parameters, or None, {} and the methods that would be answered."""
        at = self._literal.get(path)
        if at is not None:
            return (at[method], {}, set()) if method in at else (None, {}, set(at))
        allowed = set()
        group = self._grouped.get(tuple(path.split("/", 4)[1 : _PREFIX_SEGMENTS + 1]), ())
        for candidates in (group, self._loose):
            for pattern, offered, target in candidates:
                found = pattern.fullmatch(path)
                if found is None:
                    continue
                if offered == method:
                    return target, found.groupdict(), set()
                allowed.add(offered)
        return None, {}, allowed
