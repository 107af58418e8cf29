"""The verbs of identity: signing in, people, keys, roles, the gate every request passes, audit."""

from truestock.identity.operations.audit import here, record_audit
from truestock.identity.operations.finder import ActorFinder
from truestock.identity.operations.gate import Gate
from truestock.identity.operations.keys import create_api_key, revoke_api_key, rotate_api_key
from truestock.identity.operations.people import (
    add_person,
    change_person,
    create_first_administrator,
    job_actor,
    person_actor,
    prepared_password,
    set_password,
)
from truestock.identity.operations.role_requests import answer_role_request, request_role
from truestock.identity.operations.sessions import (
    Credentials,
    Visit,
    change_own_password,
    forget_old_sessions,
    sign_in,
    sign_out,
    sign_out_everywhere,
)

__all__ = [
    "ActorFinder",
    "Credentials",
    "Gate",
    "Visit",
    "add_person",
    "answer_role_request",
    "change_own_password",
    "change_person",
    "create_api_key",
    "create_first_administrator",
    "forget_old_sessions",
    "here",
    "job_actor",
    "person_actor",
    "prepared_password",
    "record_audit",
    "request_role",
    "revoke_api_key",
    "rotate_api_key",
    "set_password",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
]
