"""What is refused about background jobs, one class and one sentence each."""

from truestock.kernel.errors import InvalidInputError, TruestockError


class JobInvalidError(InvalidInputError):
    """A job's name or key is not of the expected form, or nobody is there to own it."""

    code = "job_invalid"
    constraints = (
        "job_name_form",
        "job_actor_known",
        "job_single_key_length",
        "job_state_known",
        "job_finished_iff_over",
    )


class JobAlreadyOpenError(TruestockError):
    """The same job is waiting or running already."""

    code = "job_already_open"
    status = 409
    constraints = ("job_single",)


class JobNotOpenError(TruestockError):
    """This job has ended; it cannot be cancelled any more."""

    code = "job_not_open"
    status = 409


class JobNotOverError(TruestockError):
    """Only a failed or cancelled job can be run again."""

    code = "job_not_over"
    status = 409


class JobCancelledError(TruestockError):
    """The job was cancelled while it ran."""

    code = "job_cancelled"
    status = 409


class JobActorGoneError(TruestockError):
    """Whoever asked for this job may not come in any more; somebody else has to ask for it."""

    code = "job_actor_gone"
    status = 409


class JobRightsChangedError(TruestockError):
    """Whoever asked for this job has lost a right since it began; run it again with the rest."""

    code = "job_rights_changed"
    status = 409


class JobUnknownError(TruestockError):
    """This version of Truestock has no job of this name."""

    code = "job_unknown"
    status = 409
