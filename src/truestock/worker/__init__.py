"""The worker process: background jobs and what happens by the clock."""

from truestock.kernel.settings import Settings


def run_worker(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    raise NotImplementedError
