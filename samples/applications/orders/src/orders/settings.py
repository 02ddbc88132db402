"""What the environment says, read once at the start and refused there when it cannot be used."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """A variable of the environment cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen and where to keep orders."""

    database: Path
    host: str
    port: int
    poll: float
    health: Path

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises :class:`SettingsError` with the variable's name."""
        env = os.environ if environment is None else environment
        temporary = Path(tempfile.gettempdir())
        return cls(
            database=Path(env.get("ORDERS_DATABASE") or temporary / "orders" / "orders.db"),
            host=env.get("ORDERS_HOST") or "0.0.0.0",
            port=int(_number(env, "ORDERS_PORT", 8000, 0, 65535, whole=True)),
            poll=_number(env, "ORDERS_POLL", 0.5, 0.01, 60),
            health=Path(env.get("ORDERS_HEALTH") or temporary / "orders-health"),
        )


def _number(
    env: Mapping[str, str], name: str, default: float, least: float, most: float, *, whole: bool = False
) -> float:
    written = env.get(name) or str(default)
    try:
        number = int(written) if whole else float(written)
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        kind = "a whole number" if whole else "a number"
        raise SettingsError(f"{name} is {written!r}, and must be {kind} from {least} to {most}")
    return number
