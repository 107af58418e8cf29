"""Asking a server, over its socket and without signing in, whether it takes connections.

postmaster.pid keeps saying "ready" while the server recovers from a killed backend, and a process
number means nothing from another container; the server's own answer settles both.
"""

import socket
import struct
from pathlib import Path

PROTOCOL_3_0 = 196_608
PROBE_SECONDS_MAX = 5.0
WANTS_PASSWORD = b"R"
"""First byte of the answer of a server that would let us sign in; "E" means not now."""


def takes_connections(socket_dir: Path, port: int, user: str) -> bool:
    """Begin to sign in, look at the first byte of the answer, and leave."""
    fields = b"".join(part.encode() + b"\0" for part in ("user", user, "database", user, ""))
    packet = struct.pack("!ii", 8 + len(fields), PROTOCOL_3_0) + fields
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PROBE_SECONDS_MAX)
            line.connect(str(socket_dir / f".s.PGSQL.{port}"))
            line.sendall(packet)
            # The whole answer is read: leaving some of it would be logged as a lost connection.
            return line.recv(8192)[:1] == WANTS_PASSWORD
    except OSError:
        return False
