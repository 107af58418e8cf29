"""Which sites somebody may see: None is every site, and only then places outside all sites."""

from collections.abc import Collection

Sites = Collection[int] | None


def listed(sites: Sites) -> list[int] | None:
    """Return the sites as a parameter of a statement."""
    return None if sites is None else sorted(sites)


def scope_of(sites: Sites, site_id: int | None) -> Sites:
    """Return the sites a question is about: the one asked for, if it may be seen, else all."""
    if site_id is None:
        return sites
    return [site_id] if may_see(sites, site_id) else []


def may_see(sites: Sites, site_id: int | None) -> bool:
    """Tell whether something at this site (None: outside all sites) may be seen."""
    return sites is None or (site_id is not None and site_id in sites)
