"""Serves until SIGTERM."""

from __future__ import annotations

import os
import socket
import sys

import uvicorn

from imaging.service import create_app


def main() -> int:
    """Give 0 at the end, and 2 for a port that is none."""
    host = os.environ.get("IMAGING_HOST") or "0.0.0.0"
    written = os.environ.get("IMAGING_PORT") or "8080"
    if not written.isascii() or not written.isdigit() or int(written) > 65535:
        print(f"imaging: IMAGING_PORT is {written!r}, and must be a whole number from 0 to 65535", file=sys.stderr)
        return 2
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, int(written)), family=family) as listening:
        print(f"imaging listens on port {listening.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(create_app(), access_log=False)).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
