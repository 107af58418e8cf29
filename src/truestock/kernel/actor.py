"""Who is doing it: a person, an API key or a job, with what they may do and where."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from truestock.kernel.errors import ForbiddenError


class ActorKind(StrEnum):
    """What stands behind an actor."""

    PERSON = "person"
    KEY = "key"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Actor:
    """An identified caller. `site_ids` is None when not limited to sites."""

    actor_id: int
    kind: ActorKind
    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    site_ids: frozenset[int] | None = None

    def require(self, permission: str) -> None:
        """Raise `ForbiddenError` unless this actor holds `permission`."""
        if permission not in self.permissions:
            raise ForbiddenError(permission=permission)

    def may_act_at(self, site_id: int | None) -> bool:
        """Tell whether this actor may act at the site; None is a place outside every site."""
        return self.site_ids is None or site_id is None or site_id in self.site_ids

    def within(self, other: "Actor") -> "Actor":
        """Return this actor with only those rights, at only those sites, that the other has too."""
        if self.site_ids is None or other.site_ids is None:
            sites = other.site_ids if self.site_ids is None else self.site_ids
        else:
            sites = self.site_ids & other.site_ids
        return replace(self, permissions=self.permissions & other.permissions, site_ids=sites)

    def require_site(self, site_id: int | None) -> None:
        """Raise `ForbiddenError` unless this actor may act at the site."""
        if not self.may_act_at(site_id):
            raise ForbiddenError(site_id=site_id)
