"""What is known about the installation's health."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How well something is, worst last."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, how it is, one sentence, and the figures."""

    name: str
    level: Level
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """One run of every invariant; `broken` names those that do not hold, with a few rows."""

    rules: int
    seconds: float
    broken: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests should be sent here, and if not, why."""

    ready: bool
    reasons: list[str]
