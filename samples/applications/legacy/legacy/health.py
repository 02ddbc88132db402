"""Tells whether the service that runs here is well: ``python -m legacy.health`` ends with 0 if so, else with 1."""

from __future__ import annotations

import os
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

#: Where the running service says which port it took.
PORT_FILE = Path(os.environ.get("LEGACY_PORT_FILE") or Path(tempfile.gettempdir()) / "legacy-port")


def main() -> int:
    """Print what is wrong."""
    host = os.environ.get("LEGACY_HOST") or "127.0.0.1"
    try:
        port = int(PORT_FILE.read_text(encoding="ascii"))
        # No proxy of the environment may stand in between.
        asking = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with asking.open(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/health", timeout=3):
            return 0
    except (OSError, ValueError, urllib.error.URLError) as error:
        print(f"not well: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
