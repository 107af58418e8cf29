"""What can go wrong with the terms of suppliers."""

from truestock.kernel.errors import InvalidInputError, NotFoundError, TruestockError


class TermNotFoundError(NotFoundError):
    """This supplier has no terms for this item."""

    code = "term_not_found"
    constraints = ("supplier_price_break_term_known",)


class TermExistsError(TruestockError):
    """This supplier has terms for this item already; send If-Match to change them."""

    code = "term_exists"
    status = 409
    constraints = ("supplier_term_pk",)


class TermItemUnknownError(TruestockError):
    """The terms are for an item that does not exist."""

    code = "term_item_unknown"
    constraints = ("supplier_term_item_known",)


class SupplierUnknownError(TruestockError):
    """There is no such supplier; a customer cannot have supplier terms."""

    code = "supplier_unknown"
    constraints = ("supplier_term_supplier_known",)


class SupplierSkuError(InvalidInputError):
    """A supplier's own code of an item is at most 64 characters."""

    code = "supplier_sku_length"
    constraints = ("supplier_term_sku_length",)


class LeadTimeError(InvalidInputError):
    """A lead time is 0 to 3,650 days."""

    code = "lead_time_range"
    constraints = ("supplier_term_lead_time_range",)


class OrderQuantityError(InvalidInputError):
    """Minimum, multiple and price breaks are 1 to 1,000,000,000,000 base units."""

    code = "order_quantity_range"
    constraints = (
        "supplier_term_minimum_range",
        "supplier_term_multiple_range",
        "supplier_price_break_minimum_range",
    )


class PriceBreakRepeatedError(InvalidInputError):
    """Each price break has another minimum quantity."""

    code = "price_break_repeated"
    constraints = ("supplier_price_break_pk",)


class PriceBreaksTooManyError(InvalidInputError):
    """Terms have at most 50 price breaks."""

    code = "price_breaks_too_many"


class PreferredTakenError(TruestockError):
    """Another supplier was made the preferred one at the same moment; try again."""

    code = "preferred_taken"
    status = 409
    constraints = ("supplier_term_one_preferred",)
