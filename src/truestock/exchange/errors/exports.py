"""What is refused about an export."""

from truestock.kernel.errors import InvalidInputError, NotFoundError, TruestockError


class ExportNotFoundError(NotFoundError):
    """There is no such export file, it is no longer kept, or it is not yours."""

    code = "export_not_found"
    constraints = ("export_part_export_known",)


class ExportInvalidError(InvalidInputError):
    """An export's list, format or name is not of the expected form."""

    code = "export_invalid"
    constraints = (
        "export_file_list_form",
        "export_file_format_known",
        "export_file_name_length",
        "export_file_actor_known",
        "export_file_ready_is_whole",
    )


class ExportTooLargeError(TruestockError):
    """This format cannot hold so many rows; choose CSV or Parquet, or narrow the filter."""

    code = "export_too_large"


class ExportNotReadyError(TruestockError):
    """The file is still being written; its job tells how far it is."""

    code = "export_not_ready"
    status = 409
    retry_after_seconds = 2
