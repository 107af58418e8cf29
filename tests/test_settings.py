"""The example of the settings is whole, right, and says what each is for."""

import re
from pathlib import Path
from typing import Any

import pytest

from support.plain_settings import plain_settings
from truestock.kernel.settings import Settings, UnsafeSettingsError

EXAMPLE = Path(__file__).parent.parent / ".env.example"
LINE = re.compile(r"^TRUESTOCK_([A-Z_]+)=(.*)$", re.MULTILINE)


def test_every_setting_stands_in_the_example_once() -> None:
    named = [name.lower() for name, _ in LINE.findall(EXAMPLE.read_text())]
    assert sorted(named) == sorted(Settings.model_fields), (
        "Describe each setting in .env.example, once."
    )


def test_the_example_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TRUESTOCK_{name.upper()}", raising=False)
    given: dict[str, Any] = {"_env_file": EXAMPLE}
    assert Settings(**given).model_dump() == plain_settings().model_dump()


GOOD = {"environment": "production", "secret": "x" * 32}


def test_production_starts_with_safe_values() -> None:
    plain_settings(**GOOD).require_safe()


@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        ({"secret": None}, "TRUESTOCK_SECRET"),
        ({"secret": "short"}, "TRUESTOCK_SECRET"),
        ({"debug": True}, "TRUESTOCK_DEBUG"),
        ({"cors_origins": "https://a.example,*"}, "TRUESTOCK_CORS_ORIGINS"),
        ({"trusted_proxies": "*"}, "TRUESTOCK_TRUSTED_PROXIES"),
    ],
)
def test_production_refuses_what_is_unsafe_and_names_it(unsafe: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsafeSettingsError, match=named):
        plain_settings(**GOOD | unsafe).require_safe()
    plain_settings(**unsafe).require_safe()


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET", "PORT"):
        monkeypatch.setenv(f"TRUESTOCK_{name}", "")
    found = plain_settings()
    assert (found.database_url, found.redis_url, found.secret, found.port) == (
        None,
        None,
        None,
        8080,
    )
