"""What can go wrong with suppliers, customers and their contacts."""

from truestock.kernel.errors import InvalidInputError, NotFoundError, TruestockError


class PartyNotFoundError(NotFoundError):
    """There is no such supplier or customer."""

    code = "party_not_found"
    constraints = ("party_contact_party_known",)


class PartyCodeTakenError(TruestockError):
    """Another supplier or customer has this code."""

    code = "party_code_taken"
    status = 409
    constraints = ("party_code_unique",)


class PartyCodeFormError(InvalidInputError):
    """A party's code is 1 to 64 characters, no space at either end and no control characters."""

    code = "party_code_form"
    constraints = ("party_code_form",)


class PartyNameError(InvalidInputError):
    """A party's name is 1 to 300 characters and not only spaces."""

    code = "party_name_form"
    constraints = ("party_name_form",)


class PartyKindUnknownError(InvalidInputError):
    """A party is a supplier or a customer."""

    code = "party_kind_unknown"
    constraints = ("party_kind_known", "party_kind_key")


class PartyStatusUnknownError(InvalidInputError):
    """A party is active or archived."""

    code = "party_status_unknown"
    constraints = ("party_status_known",)


class EmailFormError(InvalidInputError):
    """An email address has an @ between its two parts, no spaces, at most 320 characters."""

    code = "email_form"
    constraints = ("party_email_form", "party_contact_email_form")


class PartyTextError(InvalidInputError):
    """Phone at most 64 characters, address 2,000, note 10,000, a contact's role 100."""

    code = "party_text_length"
    constraints = (
        "party_phone_length",
        "party_address_length",
        "party_note_length",
        "party_contact_phone_length",
        "party_contact_role_length",
    )


class ContactNameError(InvalidInputError):
    """A contact's name is 1 to 200 characters and not only spaces."""

    code = "contact_name_form"
    constraints = ("party_contact_name_form",)


class ContactsTooManyError(InvalidInputError):
    """A supplier or customer has at most 50 contacts."""

    code = "contacts_too_many"


class PartyUsedError(TruestockError):
    """This supplier still has terms; archive it instead."""

    code = "party_used"
    status = 409
    constraints_on_delete = ("supplier_term_supplier_known",)
