"""Background work in the database: a job exists exactly if the data that asked for it does.

`enqueue` stands in the caller's transaction. A handler gets a `JobRun`, may run more than once and
must then change nothing more. The queue is pgqueuer's; the rows a person sees are ours.
"""

from truestock.jobs.control import ask_to_cancel, job_counts, retry
from truestock.jobs.errors import JobCancelledError, JobNotOpenError, JobNotOverError
from truestock.jobs.queue import enqueue
from truestock.jobs.registry import Registry
from truestock.jobs.run import JobRun

__all__ = [
    "JobCancelledError",
    "JobNotOpenError",
    "JobNotOverError",
    "JobRun",
    "Registry",
    "ask_to_cancel",
    "enqueue",
    "job_counts",
    "retry",
]
