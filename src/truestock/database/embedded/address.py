"""Where a running embedded server is found."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class ServerAddress:
    """A unix socket, and whom to be there.

    The socket's file is `socket_dir / f".s.PGSQL.{port}"`. The password is kept out of `repr`.
    """

    socket_dir: Path
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    def dsn(self) -> str:
        """Return a `postgresql://` URL that asyncpg, psycopg and libpq accept."""
        where = urlencode({"host": str(self.socket_dir), "port": self.port}, quote_via=quote)
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"postgresql://{who}@/{quote(self.database, safe='')}?{where}"

    def environment(self) -> dict[str, str]:
        """Return the PG* variables for psql, pgbench, pg_dump and their kin."""
        return {
            "PGHOST": str(self.socket_dir),
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.database,
        }
