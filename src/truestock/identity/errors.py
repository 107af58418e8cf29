"""What identity refuses, one class and one sentence each."""

from truestock.kernel.errors import InvalidInputError, TruestockError


class SignInRefusedError(TruestockError):
    """This name and password do not open an account here."""

    code = "sign_in_refused"
    status = 401


class SignInLockedError(TruestockError):
    """Too many failed attempts with this name; wait before trying again."""

    code = "sign_in_locked"
    status = 429

    def __init__(self, *, retry_after_seconds: int) -> None:
        """Say for how many seconds the name stays locked."""
        super().__init__(retry_after_seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds  # type: ignore[misc]  # of this very lock


class SignInBusyError(TruestockError):
    """Too many people are signing in at this moment; try again in a second."""

    code = "sign_in_busy"
    status = 503
    retry_after_seconds = 1


class CsrfRefusedError(TruestockError):
    """This write came without the session's CSRF token; reload the page and try again."""

    code = "csrf_refused"
    status = 403


class PasswordWeakError(InvalidInputError):
    """This password is too easy to guess or not between 10 and 128 characters long."""

    code = "password_weak"


class PasswordWrongError(TruestockError):
    """The present password is not this one."""

    code = "password_wrong"
    status = 403


class PasswordTemporaryError(TruestockError):
    """This password was given by an administrator; choose one of your own first."""

    code = "password_temporary"
    status = 403


class PersonOnlyError(TruestockError):
    """Only a signed-in person can do this; an API key cannot."""

    code = "person_only"
    status = 403


class LoginTakenError(TruestockError):
    """Another person signs in with this name."""

    code = "login_taken"
    status = 409
    constraints = ("person_login_unique",)


class PersonInvalidError(InvalidInputError):
    """A person's name, login, address or roles are not of the expected form."""

    code = "person_invalid"
    constraints = (
        "actor_kind_known",
        "actor_name_length",
        "person_login_form",
        "person_email_length",
        "person_roles_known",
        "person_site_ids_not_empty",
        "person_status_known",
    )


class RightsExceedOwnError(TruestockError):
    """Nobody can give or change rights beyond their own."""

    code = "rights_exceed_own"
    status = 403


class LastAdministratorError(TruestockError):
    """This is the last active administrator; make another one first."""

    code = "last_administrator"
    status = 409


class AdministratorExistsError(TruestockError):
    """There is an administrator already; people are added by one of them."""

    code = "administrator_exists"
    status = 409


class ScopeUnknownError(InvalidInputError):
    """There is no such permission to give to a key."""

    code = "scope_unknown"


class ApiKeyInvalidError(InvalidInputError):
    """An API key's scopes, sites or expiry are not of the expected form."""

    code = "api_key_invalid"
    constraints = ("api_key_scopes_not_empty", "api_key_site_ids_not_empty")


class ApiKeyRevokedError(TruestockError):
    """This key has been revoked and cannot be used or changed again."""

    code = "api_key_revoked"
    status = 409


class RoleHeldError(TruestockError):
    """You have this role already."""

    code = "role_held"
    status = 409


class RoleRequestOpenError(TruestockError):
    """You have asked for this role already; an administrator will answer."""

    code = "role_request_open"
    status = 409
    constraints = ("role_request_one_open",)


class RoleRequestAnsweredError(TruestockError):
    """This request has been answered already."""

    code = "role_request_answered"
    status = 409
