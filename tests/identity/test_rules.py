from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truestock.identity import rules
from truestock.identity.errors import PasswordWeakError, RightsExceedOwnError, ScopeUnknownError
from truestock.kernel.actor import Actor, ActorKind

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "length"),
        ("x" * 129, "length"),
        ("aaaaaaaaaaaa", "few_different_characters"),
        ("1234567890", "common"),
        ("Password123!", "common"),
        ("passwordpassword", "common"),
        ("!!Summer2024", "common"),
        ("qwertyuiop1", "keyboard_row"),
        ("lkjhgfdsa12", "keyboard_row"),
        ("Robin.Field99", "own_name"),
        ("robin1234567", "own_name"),
    ],
)
def test_an_easy_password_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(PasswordWeakError) as refused:
        rules.require_good_password(password, "robin", "Robin Field", "robin.field@example.com")
    assert refused.value.facts == {"reason": reason}


def test_a_refused_password_is_not_in_the_refusal() -> None:
    with pytest.raises(PasswordWeakError) as refused:
        rules.require_good_password("hunter1234567")
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "Tr0ub4dor&3xyz", "ünïcödé söntence"]
)
def test_a_sentence_or_a_random_password_is_taken(password: str) -> None:
    rules.require_good_password(password, "robin", "Robin Field")


def test_a_password_is_the_same_however_its_accents_are_typed() -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
    assert rules.normal_password(composed) == rules.normal_password(decomposed)


@given(st.text(max_size=200))
def test_any_text_gets_a_verdict(password: str) -> None:
    assert rules.password_weakness(password, ("robin",)) in {
        None,
        "length",
        "few_different_characters",
        "common",
        "keyboard_row",
        "own_name",
    }


PERMISSION = st.sampled_from(["a.read", "a.write", "b.read", "b.write"])
SITES = st.none() | st.frozensets(st.integers(1, 4), min_size=1)


@given(st.frozensets(PERMISSION), SITES, st.frozensets(PERMISSION), SITES)
def test_rights_are_given_exactly_when_they_are_within_the_givers(
    own: frozenset[str],
    own_sites: frozenset[int] | None,
    wanted: frozenset[str],
    sites: frozenset[int] | None,
) -> None:
    actor = Actor(1, ActorKind.PERSON, "x", own, own_sites)
    everywhere = frozenset(range(1, 5))
    within = wanted <= own and (sites or everywhere) <= (own_sites or everywhere)
    within = within and not (sites is None and own_sites is not None)
    try:
        rules.require_rights_within(actor, wanted, sites)
    except RightsExceedOwnError:
        assert not within
    else:
        assert within


def test_a_scope_that_is_no_permission_is_named() -> None:
    with pytest.raises(ScopeUnknownError) as refused:
        rules.require_known_scopes(["stock.read", "stock.steal"])
    assert refused.value.facts == {"scopes": ["stock.steal"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tsk",
        "tsk_",
        "tsk_abc",
        "tsk_abc_",
        "tsk__x",
        "xyz_abc_def",
        "tsk_a\u00e9_x",
        "tsk_abc_" + "x" * 200,
    ],
)
def test_a_text_of_another_form_is_no_key(text: str) -> None:
    assert rules.api_key_prefix(text) is None


def test_the_old_secret_holds_until_its_overlap_is_over() -> None:
    new, old, wrong = (rules.secret_hash(text) for text in ("new", "old", "wrong"))
    until = NOW + timedelta(hours=1)
    assert rules.secret_holds(new, new, old, until, until)
    assert rules.secret_holds(old, new, old, until, NOW)
    assert not rules.secret_holds(old, new, old, until, until)
    assert not rules.secret_holds(wrong, new, old, until, NOW)
    assert not rules.secret_holds(bytes(32), new, None, None, NOW)


def test_a_session_ends_by_idleness_or_by_age_whichever_is_first() -> None:
    idle = timedelta(minutes=30)
    assert rules.session_ends_at(NOW, NOW + timedelta(hours=12), idle) == NOW + idle
    soon = NOW + timedelta(minutes=5)
    assert rules.session_ends_at(NOW, soon, idle) == soon
