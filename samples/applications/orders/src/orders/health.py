"""Tells whether the program that runs here is well: ``python -m orders.health`` ends with 0 if so, else with 1."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from orders.settings import Settings


def announce(file: Path, host: str, port: int) -> None:
    """Write down where this program's health can be asked for; all at once, so that no half of it is read."""
    reachable = "127.0.0.1" if host in ("0.0.0.0", "", "::") else host
    address = f"[{reachable}]" if ":" in reachable else reachable
    half = file.with_name(f"{file.name}.{os.getpid()}")
    half.write_text(f"http://{address}:{port}/health\n", encoding="utf-8")
    half.replace(file)


def check(file: Path, seconds: float = 3) -> str | None:
    """Give what is wrong, or nothing."""
    try:
        url = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        return f"nothing has started here yet: {error}"
    try:
        # No proxy of the environment may stand in between.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=seconds):
            return None
    except (urllib.error.URLError, OSError, ValueError) as error:
        return f"{url}: {error}"


def main() -> int:
    """Print what is wrong."""
    problem = check(Settings.read().health)
    if problem is not None:
        print(problem, file=sys.stderr)
    return 0 if problem is None else 1


if __name__ == "__main__":
    sys.exit(main())
