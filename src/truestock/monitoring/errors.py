"""What monitoring refuses, one class and one sentence each."""

from truestock.kernel.errors import InvalidInputError


class VerificationInvalidError(InvalidInputError):
    """A verification has a time and counts that are not negative."""

    code = "verification_invalid"
    constraints = ("verification_seconds_not_negative", "verification_rules_not_negative")
