"""The web service that takes orders."""

from __future__ import annotations

import logging
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from orders import __version__
from orders.health import announce
from orders.log import start_log
from orders.settings import Settings, SettingsError
from orders.store import Line, Order, Store

log = logging.getLogger("orders.api")


class LineBody(BaseModel):
    """One line of an order, as it is sent."""

    model_config = ConfigDict(extra="forbid")
    item: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Annotated[int, Field(ge=1, le=1000)]
    cents: Annotated[int, Field(ge=0, le=100_000_000)]


class OrderBody(BaseModel):
    """An order, as it is sent."""

    model_config = ConfigDict(extra="forbid")
    customer: Annotated[str, Field(min_length=1, max_length=200)]
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=100)]


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


StoreOfApp = Annotated[Store, Depends(_store)]


def create_app(settings: Settings) -> FastAPI:
    """Make the service; it opens its database when it starts and closes it when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = Store(settings.database)
        try:
            yield
        finally:
            app.state.store.close()

    app = FastAPI(title="orders", version=__version__, lifespan=lifespan)

    @app.post("/orders", status_code=201)
    async def place(
        body: OrderBody,
        response: Response,
        store: StoreOfApp,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> Order:
        lines = tuple(Line(line.item, line.quantity, line.cents) for line in body.lines)
        order, new = store.place(body.customer, lines, idempotency_key)
        if not new:
            response.status_code = 200
        response.headers["Location"] = f"/orders/{order.id}"
        log.info("order %s %s", order.id, "placed" if new else "sent again")
        return order

    @app.get("/orders/{order_id}")
    async def find(order_id: str, store: StoreOfApp) -> Order:
        order = store.find(order_id)
        if order is None:
            raise HTTPException(404, f"there is no order {order_id}")
        return order

    @app.get("/health")
    async def health(store: StoreOfApp) -> dict[str, str | int]:
        try:
            store.check()
        except sqlite3.Error as error:
            raise HTTPException(503, "the database cannot be read") from error
        return {"status": "well", "version": __version__, "waiting": store.outbox.waiting()}

    return app


def main() -> int:
    """Serve until SIGTERM; the address is printed as soon as it can be connected to."""
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(f"orders-api: {error}", file=sys.stderr)
        return 2
    start_log()
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.create_server((settings.host, settings.port), family=family) as listening:
        port = listening.getsockname()[1]
        announce(settings.health, settings.host, port)
        print(f"orders-api listens on port {port}", flush=True)
        config = uvicorn.Config(create_app(settings), log_config=None, access_log=False)
        uvicorn.Server(config).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
