"""The web service: its routes, and the console script that serves them."""

from __future__ import annotations

import os
import sys

import uvicorn
from fastapi import FastAPI, HTTPException

from hello import __version__
from hello.greeting import greet


def create_app() -> FastAPI:
    """Make the service."""
    app = FastAPI(title="hello", version=__version__)

    @app.get("/hello/{name}")
    async def hello(name: str) -> dict[str, str]:
        try:
            return {"greeting": greet(name)}
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "well", "version": __version__}

    return app


def main() -> int:
    """Serve on port 8000, or HELLO_PORT, until SIGTERM."""
    text = os.environ.get("HELLO_PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        print(f"hello: HELLO_PORT must be a number from 1 to 65535, and is {text!r}", file=sys.stderr)
        return 2
    uvicorn.run(create_app(), host="0.0.0.0", port=int(text), access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
