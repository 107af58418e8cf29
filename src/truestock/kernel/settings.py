"""Configuration from the environment and `.env`, typed, documented; unsafe production refuses."""

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Environment(StrEnum):
    """Where this installation runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class UnsafeSettingsError(Exception):
    """This configuration is not safe for production."""


def _commas(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


class Settings(BaseSettings):
    """Every setting is an environment variable `TRUESTOCK_<NAME>`; see `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix="TRUESTOCK_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    environment: Environment = Environment.DEVELOPMENT
    data_dir: Path = Field(Path(".truestock"), description="Embedded database, files, credentials.")
    database_url: SecretStr | None = Field(
        None, description="An external PostgreSQL 16 or newer; empty uses the embedded one."
    )
    database_pool_size: int = Field(8, ge=2, le=100, description="Connections per process.")
    redis_url: SecretStr | None = Field(None, description="Optional shared cache and rate limits.")
    secret: SecretStr | None = Field(None, description="At least 32 characters; signs tokens.")
    debug: bool = False
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    web_processes: int = Field(1, ge=1, le=64, description="Web server processes.")
    base_url: str = Field("", description="Public address, for links in mails; empty: from host.")
    cors_origins: Annotated[list[str], NoDecode] = []
    trusted_proxies: Annotated[list[str], NoDecode] = []
    body_bytes_max: int = Field(5_000_000, ge=1_000, description="Largest JSON request body.")
    upload_bytes_max: int = Field(50_000_000, ge=1_000, description="Largest uploaded file.")
    import_bytes_max: int = Field(
        200_000_000, ge=1_000, description="Largest imported file once unpacked."
    )
    import_rows_max: int = Field(1_000_000, ge=1, description="Most rows of an imported file.")
    session_idle_minutes: int = Field(30, ge=1)
    session_hours_max: int = Field(12, ge=1)
    login_failures_max: int = Field(5, ge=1)
    login_lock_minutes: int = Field(15, ge=1)
    rate_anonymous: str = Field("60/minute", description="Limit per address without sign-in.")
    rate_login: str = Field("20/minute", description="Sign-in attempts per address.")
    rate_user: str = Field("1200/minute", description="Limit per signed-in person.")
    rate_key: str = Field("6000/minute", description="Limit per API key.")
    posting_queue_max: int = Field(
        20_000, ge=1_000, description="Waiting commands before 503; at least a full batch."
    )
    posting_group_max: int = Field(1_000, ge=1, description="Largest group of one commit.")
    log_level: str = "INFO"
    access_log: bool = Field(True, description="One line for each request; slow ones always.")
    drain_seconds: float = Field(
        0.0, ge=0, le=120, description="Between `not ready` and the end, for load balancers."
    )
    stop_seconds: int = Field(25, ge=1, le=600, description="For what runs when told to stop.")
    slow_request_seconds: float = Field(1.0, gt=0)
    slow_query_seconds: float = Field(0.5, gt=0)
    otel_endpoint: str = Field("", description="OpenTelemetry collector, OTLP over HTTP.")

    _split = field_validator("cors_origins", "trusted_proxies", mode="before")(_commas)

    @cached_property
    def is_production(self) -> bool:
        """Tell whether the production rules apply."""
        return self.environment is Environment.PRODUCTION

    def unsafe_for_production(self) -> list[str]:
        """Name each value that must not go into production, as sentences."""
        found = []
        secret = self.secret.get_secret_value() if self.secret else ""
        if len(secret) < 32:  # noqa: PLR2004 - the rule itself, named in the sentence
            found.append("TRUESTOCK_SECRET is missing or shorter than 32 characters.")
        if self.debug:
            found.append("TRUESTOCK_DEBUG is on.")
        if "*" in self.cors_origins:
            found.append("TRUESTOCK_CORS_ORIGINS holds a wildcard.")
        if "*" in self.trusted_proxies:
            found.append("TRUESTOCK_TRUSTED_PROXIES trusts everybody.")
        return found

    def require_safe(self) -> None:
        """Raise `UnsafeSettingsError` naming every unsafe value when this is production."""
        found = self.unsafe_for_production() if self.is_production else []
        if found:
            raise UnsafeSettingsError("Refusing to start in production. " + " ".join(found))
