"""The worker process: background jobs and what happens by the clock."""

from truestock.worker.loop import every_job, run_worker, work

__all__ = ["every_job", "run_worker", "work"]
