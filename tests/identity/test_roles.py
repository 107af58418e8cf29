"""The table of roles, whole, so that a change of rights is seen by whoever reviews it."""

from pathlib import Path

from truestock.identity.model import (
    PERMISSIONS,
    ROLE_PERMISSIONS,
    ROLE_SENTENCES,
    Role,
    permissions_of,
)

GOLDEN = Path(__file__).with_name("roles.golden.txt")


def table() -> str:
    lines = []
    for permission in sorted(PERMISSIONS):
        holders = [role for role in Role if permission in ROLE_PERMISSIONS[role]]
        lines.append(f"{permission:18} {' '.join(holders)}")
    return "\n".join(lines) + "\n"


def test_the_table_of_roles_is_the_reviewed_one() -> None:
    assert table() == GOLDEN.read_text(encoding="utf-8")


def test_every_role_has_permissions_and_a_sentence() -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLE_SENTENCES) == set(Role)


def test_only_an_administrator_manages_people_keys_and_settings() -> None:
    for permission in ("user.manage", "key.manage", "settings.write"):
        assert [r for r in Role if permission in ROLE_PERMISSIONS[r]] == [Role.ADMIN]


def test_several_roles_permit_what_any_of_them_permits() -> None:
    both = permissions_of(["buyer", "accountant"])
    assert both == ROLE_PERMISSIONS[Role.BUYER] | ROLE_PERMISSIONS[Role.ACCOUNTANT]


def test_an_unknown_role_permits_nothing() -> None:
    assert permissions_of(["emperor"]) == frozenset()
