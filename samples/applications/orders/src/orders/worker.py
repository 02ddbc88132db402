"""The worker that ships what was ordered, and serves its metrics."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sqlite3
import sys
import threading
import time

from contoso_events import Delivery

from orders.health import announce
from orders.log import start_log
from orders.settings import Settings, SettingsError
from orders.store import Store

try:
    from contoso_metrics import Registry, serve
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential
except ImportError as missing:
    raise SystemExit(f"orders-worker needs the packages of the extra orders[metrics]: {missing}") from missing

log = logging.getLogger("orders.worker")

#: Seconds without a round after which the worker is no longer well.
STUCK = 30.0


class Worker:
    """Works off the outbox of a store, one round after the other."""

    def __init__(self, store: Store, registry: Registry, name: str) -> None:
        """Count in ``registry`` what is done under ``name``."""
        self._store = store
        self._name = name
        self._handled = registry.counter("orders_events_handled_total", "Events that were worked off", ["outcome"])
        self._waiting = registry.gauge("orders_events_waiting", "Events that wait")
        self._seconds = registry.histogram("orders_event_seconds", "Time to work one event off")
        self._last_round = time.monotonic()

    def healthy(self) -> bool:
        """Whether a round has ended lately."""
        return time.monotonic() - self._last_round < STUCK

    def round(self) -> int:
        """Take what waits, work it off, and give how many events that was."""
        deliveries = self._store.outbox.claim(self._name, limit=20)
        for delivery in deliveries:
            started = time.perf_counter()
            self._handled.inc(outcome=self._handle(delivery))
            self._seconds.observe(time.perf_counter() - started)
        self._waiting.set(self._store.outbox.waiting())
        self._last_round = time.monotonic()
        return len(deliveries)

    def _handle(self, delivery: Delivery) -> str:
        # Another process that writes for long is no reason to give an order up.
        retrying = Retrying(
            retry=retry_if_exception_type(sqlite3.OperationalError),
            stop=stop_after_attempt(4),
            wait=wait_exponential(multiplier=0.05, max=1),
            reraise=True,
        )
        try:
            outcome: str = retrying(self._once, delivery)
        except sqlite3.Error:
            log.exception("event %s failed in attempt %s, and waits on", delivery.event.id, delivery.attempt)
            return "failed"
        return outcome

    def _once(self, delivery: Delivery) -> str:
        if delivery.event.kind == "order.placed":
            order = self._store.ship(delivery)
            if order is None:
                return "repeated"
            log.info("order %s shipped", order.id)
            return "shipped"
        self._store.acknowledge(delivery)
        return "noted"


def main() -> int:
    """Work until SIGTERM, and end after the event at hand."""
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(f"orders-worker: {error}", file=sys.stderr)
        return 2
    start_log()
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    store = Store(settings.database)
    registry = Registry()
    worker = Worker(store, registry, f"{socket.gethostname()}-{os.getpid()}")
    try:
        with serve(registry, settings.host, settings.port, worker.healthy) as server:
            port = int(server.url.rsplit(":", 1)[1])
            announce(settings.health, settings.host, port)
            print(f"orders-worker serves its metrics on port {port}", flush=True)
            while not ending.is_set():
                if worker.round() == 0:
                    ending.wait(settings.poll)
    finally:
        store.close()
    print("orders-worker has ended", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
