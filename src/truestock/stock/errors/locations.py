"""What can go wrong with sites and locations."""

from truestock.kernel.errors import InvalidInputError, NotFoundError, TruestockError


class SiteNotFoundError(NotFoundError):
    """There is no such site, or it is not one of yours."""

    code = "site_not_found"
    constraints = ("location_site_known",)


class SiteCodeTakenError(TruestockError):
    """Another site has this code."""

    code = "site_code_taken"
    status = 409
    constraints = ("site_code_unique",)


class SiteCodeFormError(InvalidInputError):
    """A site's code is 1 to 32 letters, digits, dots, dashes and underscores; no mark in front."""

    code = "site_code_form"
    constraints = ("site_code_form",)


class SiteNameError(InvalidInputError):
    """A site's name is 1 to 200 characters and not only spaces."""

    code = "site_name_form"
    constraints = ("site_name_form",)


class SiteAddressError(InvalidInputError):
    """A site's address is at most 2,000 characters."""

    code = "site_address_length"
    constraints = ("site_address_length",)


class TimeZoneUnknownError(InvalidInputError):
    """There is no such time zone; name one like Europe/Berlin or UTC."""

    code = "time_zone_unknown"
    constraints = ("site_time_zone_form",)


class SiteUsedError(TruestockError):
    """This site has locations; delete them first or deactivate the site."""

    code = "site_used"
    status = 409
    constraints_on_delete = ("location_site_known",)


class SiteInactiveError(TruestockError):
    """This site is inactive."""

    code = "site_inactive"
    status = 409


class LocationNotFoundError(NotFoundError):
    """There is no such location, or it is not in one of your sites."""

    code = "location_not_found"


class LocationCodeTakenError(TruestockError):
    """Another location has this code."""

    code = "location_code_taken"
    status = 409
    constraints = ("location_code_unique", "location_path_unique")


class LocationCodeFormError(InvalidInputError):
    """A location's code is 1 to 64 letters, digits, dots, dashes, underscores; no mark in front."""

    code = "location_code_form"
    constraints = ("location_code_form", "location_path_ends_in_code")


class LocationNameError(InvalidInputError):
    """A location's name is at most 200 characters."""

    code = "location_name_length"
    constraints = ("location_name_length",)


class LocationKindError(InvalidInputError):
    """A place in a site is a zone, aisle, bin, dock, stage or transit; virtual ones are fixed."""

    code = "location_kind"
    constraints = ("location_kind_known", "location_site_iff_physical", "location_virtual_is_plain")


class PlaceStatusUnknownError(InvalidInputError):
    """A site or location is active or inactive."""

    code = "place_status_unknown"
    constraints = ("location_status_known", "site_status_known")


class CapacityError(InvalidInputError):
    """A capacity is 1 to 1,000,000,000,000 base units."""

    code = "capacity_range"
    constraints = ("location_capacity_range",)


class ParentUnknownError(TruestockError):
    """There is no such parent location in this site."""

    code = "location_parent_unknown"
    constraints = ("location_parent_known", "location_site_key")


class LocationCycleError(TruestockError):
    """A location cannot lie within itself."""

    code = "location_cycle"
    status = 409
    constraints = ("location_not_own_parent",)


class LocationTooDeepError(TruestockError):
    """The path of a location is at most 1,000 characters; put it higher in the tree."""

    code = "location_too_deep"
    constraints = ("location_path_length",)


class LocationFixedError(TruestockError):
    """The virtual locations belong to the ledger and cannot be changed or deleted."""

    code = "location_fixed"
    status = 409


class LocationUsedError(TruestockError):
    """This location has had stock, so it stays; deactivate it instead."""

    code = "location_used"
    status = 409
    constraints_on_delete = ("balance_location_known",)


class LocationHasChildrenError(TruestockError):
    """This location has locations within it; delete or move them first."""

    code = "location_has_children"
    status = 409
    constraints_on_delete = ("location_parent_known",)


class LocationNotEmptyError(TruestockError):
    """There is stock here; move it first. `stock` names the first places and items."""

    code = "location_not_empty"
    status = 409


class ParentInactiveError(TruestockError):
    """What this location lies in is inactive; activate that first."""

    code = "location_parent_inactive"
    status = 409


class NegativeStockError(TruestockError):
    """Some stock here is below zero; put it right before forbidding it."""

    code = "negative_stock_here"
    status = 409


class LocationMovesError(TruestockError):
    """An import does not move a location to another parent or site, nor into or out of a kind."""

    code = "location_moves"
    status = 409


class RackTooLargeError(InvalidInputError):
    """A rack has 1 to 5,000 locations, numbers from 0 to 999,999 in rising order."""

    code = "rack_range"


class RackRefusedError(TruestockError):
    """The rack cannot be made: one of its locations is refused; nothing was added."""

    code = "rack_refused"
