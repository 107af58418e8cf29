"""What can go wrong with movements and reservations."""

from truestock.kernel.errors import BusyError, InvalidInputError, NotFoundError, TruestockError


class InsufficientStockError(TruestockError):
    """There is not enough stock; `shortages` names every short line."""

    code = "insufficient_stock"
    status = 409
    constraints = ("balance_not_negative", "balance_reserved_within")


class SerialNotHereError(TruestockError):
    """This serial number is not in the place it is taken from, or already in another one."""

    code = "serial_elsewhere"
    status = 409
    constraints = ("serial_place_one_place", "balance_serial_is_one")


class SerialQuantityError(TruestockError):
    """A line of a serial-tracked item has quantity 1 and names its serial number."""

    code = "serial_quantity"


class UnitCostError(TruestockError):
    """A unit cost is a number from 0 to 1,000,000,000,000 with at most six decimals."""

    code = "unit_cost_invalid"


class LotMissingError(TruestockError):
    """This item is tracked by lot; the line must name one."""

    code = "lot_missing"


class LotCodeError(TruestockError):
    """A lot or serial number has 1 to 64 printable characters and no space around it."""

    code = "lot_code_invalid"
    constraints = ("lot_code_form",)


class LotNotTrackedError(TruestockError):
    """This item is not tracked by lot; the line must not name one."""

    code = "lot_not_tracked"


class ItemUnknownError(TruestockError):
    """There is no such item."""

    code = "item_unknown"
    constraints = ("lot_item_known", "balance_item_known")


class ItemArchivedError(TruestockError):
    """This item is archived and takes no movements."""

    code = "item_archived"
    status = 409


class LocationUnknownError(TruestockError):
    """There is no such location."""

    code = "location_unknown"
    constraints = ("balance_location_known",)


class LocationInactiveError(TruestockError):
    """This location is inactive and takes no movements."""

    code = "location_inactive"
    status = 409


class UnitUnknownError(TruestockError):
    """This item is not counted in that unit."""

    code = "unit_unknown"


class SameLocationError(TruestockError):
    """A line moves between two different places."""

    code = "same_location"
    constraints = ("movement_line_moves",)


class LocationMissingError(InvalidInputError):
    """This kind of movement needs both a source and a target location."""

    code = "location_missing"


class LinesMissingError(InvalidInputError):
    """A movement has 1 to 1000 lines."""

    code = "lines_missing"
    constraints = ("movement_has_lines",)


class OccurredAtError(InvalidInputError):
    """`occurred_at` needs a time zone and lies neither before 1970 nor more than a day ahead."""

    code = "occurred_at_invalid"


class TextTooLongError(InvalidInputError):
    """This text is too long or holds characters that cannot be stored."""

    code = "text_invalid"


class BalanceOutOfRangeError(TruestockError):
    """This would take a balance beyond 9,007,199,254,740,991."""

    code = "balance_out_of_range"


class MovementUnknownError(NotFoundError):
    """There is no such movement."""

    code = "movement_unknown"


class AlreadyReversedError(TruestockError):
    """This movement has been reversed already; a reversal happens once."""

    code = "already_reversed"
    status = 409
    constraints = ("movement_reversed_once",)


class ReversalOfReversalError(TruestockError):
    """A reversal cannot be reversed; post the movement anew."""

    code = "reversal_of_reversal"
    status = 409


class MovementOfDocumentError(TruestockError):
    """This movement belongs to a document; reverse the document."""

    code = "movement_of_document"
    status = 409


class ReservationUnknownError(NotFoundError):
    """There is no such reservation."""

    code = "reservation_unknown"


class ReservationResolvedError(TruestockError):
    """This reservation has been posted, voided or has expired; that happens once."""

    code = "reservation_resolved"
    status = 409
    constraints = ("reservation_resolved_once", "reservation_posted_has_movement")


class ReservationTooSmallError(TruestockError):
    """More is to be posted than was reserved."""

    code = "reservation_too_small"
    status = 409
    constraints = ("reservation_posted_within",)


class NotReservableError(TruestockError):
    """Only available stock in a physical place can be reserved."""

    code = "not_reservable"
    status = 409


class HistoryIsPermanentError(TruestockError):
    """Posted facts are never changed or deleted; reverse them instead."""

    code = "history_permanent"
    status = 409
    constraints = (
        "movement_append_only",
        "movement_line_append_only",
        "ledger_seal_append_only",
    )


class RequestClaimedError(TruestockError):
    """Another request with this key is being carried out just now."""

    code = "request_in_progress"
    status = 409
    retry_after_seconds = 1
    constraints = ("request_pk",)


class BalanceChangedError(BusyError):
    """A balance was changed since it was looked at; nothing was kept, trying again is safe."""

    code = "balance_changed"
    constraints = ("balance_as_believed",)


class FactsStaleError(BusyError):
    """An item or a location was changed meanwhile; nothing was kept, trying again is safe."""

    code = "facts_stale"
    constraints = ("fact_stamp_as_used",)


class ExpiryPastError(InvalidInputError):
    """A reservation ends in the future, at a moment with a time zone."""

    code = "expiry_past"


class PriorityOutOfRangeError(InvalidInputError):
    """A priority is from 0 (first) to 1000."""

    code = "priority_out_of_range"
    constraints = ("reservation_priority_range",)
