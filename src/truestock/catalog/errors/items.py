"""What can go wrong with items, their packs and their codes."""

from truestock.kernel.errors import InvalidInputError, NotFoundError, TruestockError


class ItemNotFoundError(NotFoundError):
    """There is no such item."""

    code = "item_not_found"
    constraints = ("item_gtin_item_known", "item_pack_item_known")


class SkuTakenError(TruestockError):
    """Another item has this SKU."""

    code = "sku_taken"
    status = 409
    constraints = ("item_sku_unique",)


class SkuFormError(InvalidInputError):
    """A SKU is 1 to 64 characters, no space at either end and no control characters."""

    code = "sku_form"
    constraints = ("item_sku_form",)


class ItemNameError(InvalidInputError):
    """An item's name is 1 to 300 characters and not only spaces."""

    code = "item_name_form"
    constraints = ("item_name_form",)


class ItemDescriptionError(InvalidInputError):
    """An item's description is at most 10,000 characters."""

    code = "item_description_length"
    constraints = ("item_description_length",)


class UnitFormError(InvalidInputError):
    """A unit is 1 to 32 characters, no space at either end and no control characters."""

    code = "unit_form"
    constraints = ("item_base_unit_form", "item_pack_unit_form")


class TrackingUnknownError(InvalidInputError):
    """An item is tracked by none, lot or serial."""

    code = "tracking_unknown"
    constraints = ("item_tracking_known",)


class ItemStatusUnknownError(InvalidInputError):
    """An item is active or archived."""

    code = "item_status_unknown"
    constraints = ("item_status_known",)


class ShelfLifeError(InvalidInputError):
    """A shelf life is 1 to 36,500 days."""

    code = "shelf_life_range"
    constraints = ("item_shelf_life_range",)


class CurrencyFormError(InvalidInputError):
    """A currency is three capital letters."""

    code = "currency_form"
    constraints = ("item_currency_form", "party_currency_form", "supplier_term_currency_form")


class PriceRangeError(InvalidInputError):
    """A price is a whole number of minor units from 0 to 1,000,000,000,000,000."""

    code = "price_range"
    constraints = ("item_list_price_range", "item_cost_range", "supplier_price_break_price_range")


class PictureLinkError(InvalidInputError):
    """A picture link starts with http:// or https://, has no space, at most 2,000 characters."""

    code = "picture_link_form"
    constraints = ("item_picture_url_form",)


class GtinInvalidError(InvalidInputError):
    """A GTIN has 8, 12, 13 or 14 digits and its last one is the check digit of the others."""

    code = "gtin_invalid"
    constraints = ("item_gtin_form",)


class GtinTakenError(TruestockError):
    """Another item or pack has this GTIN."""

    code = "gtin_taken"
    status = 409
    constraints = ("item_gtin_unique", "item_gtin_one_per_unit")


class PackUnknownError(TruestockError):
    """This item has no such pack."""

    code = "pack_unknown"
    constraints = ("item_gtin_pack_known",)


class PackRepeatedError(InvalidInputError):
    """An item has each unit once."""

    code = "pack_repeated"
    constraints = ("item_pack_pk",)


class PackIsBaseUnitError(InvalidInputError):
    """A pack has another name than the item's base unit."""

    code = "pack_is_base_unit"
    constraints = ("item_pack_differs_from_base", "item_base_unit_key")


class PackFactorError(InvalidInputError):
    """A pack's factor is a fraction of whole numbers from 1 to 1,000,000,000."""

    code = "pack_factor_range"
    constraints = (
        "item_pack_numerator_range",
        "item_pack_denominator_range",
        "item_pack_factor_lowest",
    )


class PacksTooManyError(InvalidInputError):
    """An item has at most 50 packs."""

    code = "packs_too_many"


class ItemMovedError(TruestockError):
    """This item has moved or has lots, so it stays; archive it instead."""

    code = "item_moved"
    status = 409
    constraints_on_delete = ("balance_item_known", "lot_item_known")


class ItemFixedError(TruestockError):
    """The base unit and the tracking of an item cannot change once it has moved."""

    code = "item_fixed_once_moved"
    status = 409
    constraints = ("item_fixed_once_moved",)
