"""What makes a supplier or customer right, and what an import row does to one. Pure."""

from dataclasses import fields, replace
from typing import Any

from truestock.catalog.errors.items import CurrencyFormError
from truestock.catalog.errors.parties import (
    ContactNameError,
    ContactsTooManyError,
    EmailFormError,
    PartyCodeFormError,
    PartyKindUnknownError,
    PartyNameError,
    PartyTextError,
)
from truestock.catalog.model.parties import Contact, Party, PartyFields, PartyKind, PartyRow
from truestock.catalog.rules.texts import is_code, is_currency, is_email, is_name, is_text

NAME_LENGTH_MAX = 300
PHONE_LENGTH_MAX = 64
ADDRESS_LENGTH_MAX = 2_000
NOTE_LENGTH_MAX = 10_000
CONTACT_NAME_LENGTH_MAX = 200
ROLE_LENGTH_MAX = 100
CONTACTS_MAX = 50


def checked(party: PartyFields) -> PartyFields:
    """Return the party; raise what is wrong with it."""
    if not is_code(party.code):
        raise PartyCodeFormError(party=party.code)
    if not is_name(party.name, NAME_LENGTH_MAX):
        raise PartyNameError
    if not is_currency(party.currency):
        raise CurrencyFormError(currency=party.currency)
    _require_email(party.email)
    _require_text("phone", party.phone, PHONE_LENGTH_MAX)
    _require_text("address", party.address, ADDRESS_LENGTH_MAX)
    _require_text("note", party.note, NOTE_LENGTH_MAX)
    if len(party.contacts) > CONTACTS_MAX:
        raise ContactsTooManyError(contacts=len(party.contacts))
    for contact in party.contacts:
        _require_contact(contact)
    return party


def fields_of(party: Party) -> PartyFields:
    """Return what a person decided of a stored party."""
    return PartyFields(**{each.name: getattr(party, each.name) for each in fields(PartyFields)})


def kind_named(kind: str) -> PartyKind:
    """Return the kind with this name; raises `PartyKindUnknownError`."""
    if kind not in set(PartyKind):
        raise PartyKindUnknownError(kind=kind)
    return PartyKind(kind)


def new_from_row(row: PartyRow) -> PartyFields:
    """Return the new party that an import row describes; without a name it is named by its code."""
    return checked(PartyFields(**{"name": row.code, **_given(row)}))


def changed_by_row(party: PartyFields, row: PartyRow) -> PartyFields:
    """Return the party as an import row changes it; its contacts stay."""
    return checked(replace(party, **_given(row)))


def _given(row: PartyRow) -> dict[str, Any]:
    given = {each.name: getattr(row, each.name) for each in fields(PartyRow)}
    given["kind"] = kind_named(row.kind)
    return {name: value for name, value in given.items() if value is not None}


def _require_contact(contact: Contact) -> None:
    if not is_name(contact.name, CONTACT_NAME_LENGTH_MAX):
        raise ContactNameError
    _require_email(contact.email)
    _require_text("phone", contact.phone, PHONE_LENGTH_MAX)
    _require_text("role", contact.role, ROLE_LENGTH_MAX)


def _require_email(email: str | None) -> None:
    if email is not None and not is_email(email):
        raise EmailFormError(email=email)


def _require_text(field: str, text: str | None, length_max: int) -> None:
    if text is not None and not is_text(text, length_max):
        raise PartyTextError(field=field, length_max=length_max)
