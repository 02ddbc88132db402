"""The web service: a picture in, its thumbnail out."""

from __future__ import annotations

import time
from typing import Annotated

from contoso_metrics import Registry
from contoso_thumbnail import PictureError, average_colour, make
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from imaging import __version__

#: Bytes of the largest picture that is taken.
LARGEST = 20 * 1024 * 1024

Pixels = Annotated[int, Query(ge=1, le=4096)]


async def _body(request: Request) -> bytes:
    """Read the body, and no further than a picture may be long."""
    taken = bytearray()
    async for part in request.stream():
        taken += part
        if len(taken) > LARGEST:
            raise HTTPException(413, f"a picture has at most {LARGEST} bytes")
    return bytes(taken)


def create_app() -> FastAPI:
    """Make the service, with metrics of its own."""
    app = FastAPI(title="imaging", version=__version__)
    registry = Registry()
    made = registry.counter("imaging_thumbnails_total", "Pictures that came", ["outcome"])
    seconds = registry.histogram("imaging_thumbnail_seconds", "Time to make one thumbnail")

    @app.post("/thumbnails", response_class=Response)
    async def thumbnail(
        request: Request,
        width: Pixels = 320,
        height: Pixels = 320,
        quality: Annotated[int, Query(ge=1, le=100)] = 85,
    ) -> Response:
        picture = await _body(request)
        started = time.perf_counter()
        try:
            # The extension lets go of the interpreter while it works, so other requests go on.
            small = await run_in_threadpool(make, picture, width, height, quality)
            colour = await run_in_threadpool(average_colour, small)
        except PictureError as error:
            made.inc(outcome="refused")
            raise HTTPException(422, f"this is not a picture that can be used: {error}") from error
        made.inc(outcome="made")
        seconds.observe(time.perf_counter() - started)
        return Response(small, media_type="image/jpeg", headers={"X-Average-Colour": colour})

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "well", "version": __version__}

    @app.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(registry.text(), media_type="text/plain; version=0.0.4")

    return app
