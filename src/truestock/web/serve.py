"""Running the web processes: granian around the application, told to stop in good order.

On SIGTERM every process first says `not ready` on /health/ready, keeps answering for
`drain_seconds`, then takes no new connection, finishes what it has begun and closes the database.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server
from granian.server.common import AbstractServer

from truestock.kernel.errors import TruestockError
from truestock.kernel.processes import end_with_parent
from truestock.kernel.settings import Settings

if TYPE_CHECKING:
    from truestock.web.app import Application

BACKLOG = 1024
_LOGS = {"version": 1, "disable_existing_loggers": False, "loggers": {"_granian": {}}}


class PortBusyError(TruestockError):
    """Another program listens on this address already."""

    code = "port_busy"

    @property
    def detail(self) -> str:
        """Name the address and the way out."""
        host, port = self.facts["host"], self.facts["port"]
        return f"Another program listens on {host}:{port}; choose another one with --port."


class AddressUnusableError(TruestockError):
    """This machine cannot listen on this address."""

    code = "address_unusable"


def require_free_port(host: str, port: int) -> None:
    """Raise `PortBusyError` or `AddressUnusableError` unless we can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == 98:  # noqa: PLR2004 - EADDRINUSE
                raise PortBusyError(host=host, port=port) from error
            reason = error.strerror or str(error)
            raise AddressUnusableError(host=host, port=port, reason=reason) from error


def serve(settings: Settings, *, pretty_logs: bool | None = None) -> None:
    """Serve until SIGTERM or SIGINT; returns when every process has ended in good order.

    Raises `UnsafeSettingsError`, `PortBusyError`, `AddressUnusableError`; exits with status 1 when
    a web process could not start or died.
    """
    settings.require_safe()
    require_free_port(settings.host, settings.port)
    server = Server(
        "truestock.web.app:create_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.web_processes,
        backlog=BACKLOG,
        log_dictconfig=_LOGS,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=settings.stop_seconds,
    )
    server.on_startup(partial(_install_signals, server, settings))
    server.serve(target_loader=partial(_application, settings, pretty_logs), wrap_loader=False)


def _application(settings: Settings, pretty_logs: bool | None) -> "Application":  # noqa: FBT001 - bound by name in a partial
    """Make the application of one web process (runs in that process)."""
    end_with_parent()
    from truestock.http.request_ids import current_request_id
    from truestock.kernel.logs import configure_logs
    from truestock.web.app import create_app

    configure_logs(
        settings.log_level,
        facts=lambda: {"request_id": found} if (found := current_request_id()) else {},
        pretty=pretty_logs,
    )
    app = create_app(settings)
    app.openapi()  # half a second of work that no caller should wait for

    def drain(_signal: int, _frame: FrameType | None) -> None:
        app.state.draining = True

    signal.signal(signal.SIGUSR1, drain)
    return app


def _install_signals(server: AbstractServer[Any], settings: Settings) -> None:
    """Let SIGTERM drain first; a second one, or SIGINT, does not wait."""
    draining = threading.Event()
    stop: Callable[[], None] = server.signal_handler_interrupt

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        if draining.is_set() or settings.drain_seconds == 0:
            stop()
            return
        draining.set()
        for worker in server.wrks:
            with suppress(ProcessLookupError):
                os.kill(worker.inner.pid, signal.SIGUSR1)
        timer = threading.Timer(settings.drain_seconds, stop)
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGTERM, terminate)
