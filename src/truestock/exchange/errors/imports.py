"""What is refused about an import."""

from collections.abc import Sequence
from typing import Any

from truestock.kernel.errors import InvalidInputError, NotFoundError, TruestockError


class ImportNotFoundError(NotFoundError):
    """There is no such import, or it is not yours to see."""

    code = "import_not_found"
    constraints = ("import_part_import_known", "import_problem_import_known")


class ImportInvalidError(InvalidInputError):
    """An import's kind, file name or counts are not of the expected form."""

    code = "import_invalid"
    constraints = (
        "import_run_kind_known",
        "import_run_file_name_length",
        "import_run_content_hash_length",
        "import_run_state_known",
        "import_run_actor_known",
        "import_run_ended_iff_over",
        "import_run_position_range",
        "import_poster_fingerprint_length",
        "import_poster_actor_known",
        "import_mapping_kind_known",
        "import_mapping_name_form",
        "import_mapping_actor_known",
    )


class MappingInvalidError(InvalidInputError):
    """The mapping does not fit the file or the kind of import."""

    code = "mapping_invalid"


class MappingNotFoundError(NotFoundError):
    """There is no saved mapping of this kind and name."""

    code = "mapping_not_found"


class ImportStateError(TruestockError):
    """An import that is being applied or was applied takes no other mapping."""

    code = "import_state"
    status = 409


class ImportRefusedError(TruestockError):
    """The import is strict and some lines are refused: nothing was imported."""

    code = "import_refused"
    status = 422

    def __init__(self, problems: Sequence[Any], **facts: Any) -> None:
        """Carry what is wrong with the lines, to be kept when all else is undone."""
        super().__init__(**facts)
        self.problems = problems


class ImportTooLargeError(TruestockError):
    """A strict import goes in one transaction and takes a limited number of rows."""

    code = "import_too_large"


class SiteMissingError(TruestockError):
    """This import needs a site; there is no such site."""

    code = "site_missing"
