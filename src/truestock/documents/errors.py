"""What can go wrong with documents."""

from truestock.kernel.errors import ForbiddenError, InvalidInputError, NotFoundError, TruestockError


class DocumentNotFoundError(NotFoundError):
    """There is no such document, or it is of a site that is not yours."""

    code = "document_not_found"
    constraints = (
        "document_line_document_known",
        "document_original_known",
        "document_reversal_known",
    )


class DocumentTypeUnknownError(InvalidInputError):
    """There is no such type of document."""

    code = "document_type_unknown"
    constraints = (
        "document_type_known",
        "document_counter_type_known",
        "document_type_pk",
        "document_threshold_type_known",
    )


class PolicyInvalidError(InvalidInputError):
    """A prefix is two to six capitals of its own; a currency has one threshold, not negative."""

    code = "document_policy_invalid"
    constraints = (
        "document_type_prefix_unique",
        "document_type_prefix_form",
        "document_threshold_currency_form",
        "document_threshold_value_range",
        "document_threshold_pk",
    )


class DocumentTypeFixedError(TruestockError):
    """The type of a document stays; cancel it and write another one."""

    code = "document_type_fixed"
    status = 409


class ReceiptPlacesError(InvalidInputError):
    """A receipt needs a target location in a site and comes from outside."""

    code = "receipt_places"
    constraints = ("document_receipt_places",)


class DeliveryPlacesError(InvalidInputError):
    """A delivery needs a source location in a site and goes outside."""

    code = "delivery_places"
    constraints = ("document_delivery_places",)


class TransferPlacesError(InvalidInputError):
    """A transfer needs a source and a target location, both in a site."""

    code = "transfer_places"
    constraints = ("document_transfer_places",)


class AdjustmentPlacesError(InvalidInputError):
    """An adjustment has one location in a site: a source to take away or a target to add."""

    code = "adjustment_places"
    constraints = ("document_adjustment_places",)


class PlacesSameError(InvalidInputError):
    """Source and target must be two different locations."""

    code = "places_same"
    constraints = ("document_places_differ", "document_line_places_differ")


class LinePlaceError(InvalidInputError):
    """A line's own location must be in the same site as the document's."""

    code = "line_place_elsewhere"


class PlaceUnknownError(InvalidInputError):
    """There is no such location."""

    code = "document_location_unknown"
    constraints = (
        "document_source_known",
        "document_target_known",
        "document_source_in_site",
        "document_target_in_site",
        "document_line_source_known",
        "document_line_target_known",
    )


class ItemUnknownError(InvalidInputError):
    """There is no such item."""

    code = "document_item_unknown"
    constraints = ("document_line_item_known",)


class ItemTwiceError(InvalidInputError):
    """An item stands at most once on a document, unless its lot or disposition differs."""

    code = "item_twice"
    constraints = ("document_line_item_once",)


class LinesTooManyError(InvalidInputError):
    """A document has at most 1,000 lines."""

    code = "lines_too_many"
    constraints = ("document_line_number_range", "document_line_pk")


class LineQuantityError(InvalidInputError):
    """A quantity is above zero and, in base units, whole and at most 1,000,000,000,000."""

    code = "line_quantity"
    constraints = ("document_line_entered_positive", "document_line_quantity_range")


class LineFormError(InvalidInputError):
    """A lot is 1 to 64 characters without space around it; a unit 1 to 32; a disposition known."""

    code = "line_form"
    constraints = (
        "document_line_lot_form",
        "document_line_unit_form",
        "document_line_disposition_known",
    )


class CostNotHereError(InvalidInputError):
    """Only the lines of a receipt have a unit cost, from 0 up with at most six decimals."""

    code = "unit_cost_not_here"
    constraints = ("document_line_cost_range",)


class PartyMisfitError(InvalidInputError):
    """Receipts name an active supplier, deliveries an active customer, others nobody."""

    code = "party_misfit"
    constraints = ("document_party_known", "document_party_fits")


class ReasonUnknownError(InvalidInputError):
    """Adjustments, and only they, have a reason, one of the list, that fits what they do."""

    code = "reason_code_invalid"
    constraints = ("document_reason_known", "document_reason_iff_adjustment")


class ReasonListError(InvalidInputError):
    """A reason has a short code of small letters, a name and a direction."""

    code = "reason_list_invalid"
    constraints = (
        "reason_code_pk",
        "reason_code_form",
        "reason_code_name_form",
        "reason_code_direction_known",
    )


class DocumentTextError(InvalidInputError):
    """A reference is at most 200 characters, a note 2,000, a cancel reason 1 to 2,000."""

    code = "document_text"
    constraints = (
        "document_reference_length",
        "document_note_length",
        "document_cancel_reason_form",
    )


class DocumentMomentError(InvalidInputError):
    """`occurred_at` needs a time zone and lies neither before 1970 nor more than a day ahead."""

    code = "document_occurred_at"
    constraints = ("document_occurred_range", "document_year_range")


class DocumentDueError(InvalidInputError):
    """`due_on` is a day from 1970 to 9999."""

    code = "document_due_on"
    constraints = ("document_due_range",)


class UnitResizedError(TruestockError):
    """A unit means another quantity now than when this document was written; save it again."""

    code = "unit_resized"
    status = 409


class NotDraftError(TruestockError):
    """Only a draft can be changed, approved or cancelled."""

    code = "not_draft"
    status = 409
    constraints = ("document_line_fixed", "document_fixed")


class AlreadyPostedError(TruestockError):
    """This document has been posted already; that happens once."""

    code = "already_posted"
    status = 409


class DocumentCancelledError(TruestockError):
    """This document was cancelled; it cannot be posted any more."""

    code = "document_cancelled"
    status = 409


class NotPostedError(TruestockError):
    """Only a posted document can be reversed."""

    code = "not_posted"
    status = 409
    constraints = ("document_reversed_was_posted",)


class DocumentReversedError(TruestockError):
    """This document has been reversed already, or its reversal is waiting to be posted."""

    code = "document_reversed"
    status = 409
    constraints = ("document_reversed_once", "document_reversal_unique")


class ReversalFixedError(TruestockError):
    """A reversing document is neither changed nor reversed; write a new document instead."""

    code = "reversal_fixed"
    status = 409
    constraints = ("document_reversal_of_another",)


class ApprovalMissingError(TruestockError):
    """Documents of this type must be approved before they are posted."""

    code = "approval_missing"
    status = 409


class ValueNotApprovedError(TruestockError):
    """It is worth more than may be posted without approval, or an item's cost is unknown."""

    code = "value_not_approved"
    status = 409
    constraints = ("document_approved_first",)


class ApprovedFixedError(TruestockError):
    """An approved document changes only when its approval is taken back with the change."""

    code = "approved_fixed"
    status = 409
    constraints = ("document_approved_fixed",)


class ApprovedAlreadyError(TruestockError):
    """This document is approved already."""

    code = "approved_already"
    status = 409


class FourEyesError(ForbiddenError):
    """Somebody else than who wrote this document must approve or post it."""

    code = "four_eyes"
    constraints = ("document_approver_differs",)


class ApproverNotPersonError(ForbiddenError):
    """Only a signed-in person can approve a document, or be the second pair of eyes."""

    code = "approver_not_person"


class DocumentPermanentError(TruestockError):
    """Documents are never deleted; cancel a draft, reverse what is posted."""

    code = "document_permanent"
    status = 409
    constraints = ("document_append_only",)


class NumberTakenError(TruestockError):
    """This number was given to another document at the same moment; try again."""

    code = "document_number_taken"
    status = 503
    retry_after_seconds = 1
    constraints = (
        "document_pk",
        "document_number_unique",
        "document_index_unique",
        "document_counter_pk",
        "document_counter_positive",
    )


class DocumentStateError(TruestockError):
    """A document cannot be in that state, or its state lacks who and when."""

    code = "document_state"
    status = 409
    constraints = (
        "document_state_known",
        "document_state_fits_type",
        "document_posted_is_whole",
        "document_approved_is_whole",
        "document_cancelled_is_whole",
    )


class WriterUnknownError(TruestockError):
    """Whoever does this is not known here."""

    code = "writer_unknown"
    status = 403
    constraints = (
        "document_creator_known",
        "document_changer_known",
        "document_approver_known",
        "document_poster_known",
        "document_canceller_known",
    )


class NamedByDocumentError(TruestockError):
    """A document names it; archive or deactivate it instead of deleting it."""

    code = "named_by_document"
    status = 409
    constraints_on_delete = (
        "document_party_known",
        "document_source_known",
        "document_target_known",
        "document_source_in_site",
        "document_target_in_site",
        "document_reason_known",
        "document_line_item_known",
        "document_line_source_known",
        "document_line_target_known",
    )
