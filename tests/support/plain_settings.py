"""Settings of a test: only what it says, nothing from the environment's `.env`."""

from typing import Any

from truestock.kernel.settings import Settings


def plain_settings(**given: Any) -> Settings:
    without_file: dict[str, Any] = {"_env_file": None, **given}
    return Settings(**without_file)
