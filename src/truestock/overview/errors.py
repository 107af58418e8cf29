"""What can go wrong with views."""

from truestock.kernel.errors import InvalidInputError, NotFoundError, TruestockError


class ViewNameTakenError(TruestockError):
    """You have a view of this name on this page already."""

    code = "view_name_taken"
    status = 409
    constraints = ("saved_view_name_unique",)


class ViewInvalidError(InvalidInputError):
    """A view has a page, a name of 1 to 80 characters and a query of at most 2,000."""

    code = "view_invalid"
    constraints = (
        "saved_view_page_form",
        "saved_view_name_length",
        "saved_view_query_length",
        "saved_view_owner_known",
    )


class ViewUnknownError(NotFoundError):
    """There is no such view, or it is not yours."""

    code = "view_unknown"


class NotificationUnknownError(NotFoundError):
    """There is no such notification, or it is not yours."""

    code = "notification_unknown"
