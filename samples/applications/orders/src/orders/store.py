"""Orders in the database, each change together with the event that tells of it."""

from __future__ import annotations

import json
import sqlite3
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from contoso_events import Delivery, Event, Outbox, connect

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY,
    request TEXT UNIQUE,
    customer TEXT NOT NULL,
    lines TEXT NOT NULL,
    cents INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('placed', 'shipped')),
    placed TEXT NOT NULL,
    shipped TEXT
);
"""


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one item, at a price each."""

    item: str
    quantity: int
    cents: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order; ``cents`` is the price of it all, ``placed`` and ``shipped`` are times as ISO 8601 has them."""

    id: str
    customer: str
    lines: tuple[Line, ...]
    cents: int
    status: str
    placed: str
    shipped: str | None


class Store:
    """The orders, in a file that several processes may have open."""

    def __init__(self, file: Path) -> None:
        """Open the file; it and its folder are made where they are missing."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = connect(file)
        self.outbox = Outbox(self._connection)
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def place(self, customer: str, lines: tuple[Line, ...], request: str | None = None) -> tuple[Order, bool]:
        """Take an order, and say whether it is new: the same ``request`` gives the order that it made before."""
        cents = sum(line.quantity * line.cents for line in lines)
        order = Order(str(uuid.uuid4()), customer, lines, cents, "placed", _now(), None)
        with self._connection:
            added = self._connection.execute(
                "INSERT INTO orders (id, request, customer, lines, cents, status, placed) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (request) DO NOTHING",
                (
                    order.id,
                    request,
                    customer,
                    json.dumps([asdict(line) for line in lines]),
                    cents,
                    order.status,
                    order.placed,
                ),
            )
            if added.rowcount == 1:
                self.outbox.add(Event.new("order.placed", order.id, {"cents": cents}))
                return order, True
        row = self._connection.execute("SELECT * FROM orders WHERE request = ?", (request,)).fetchone()
        return _order(row), False

    def find(self, order_id: str) -> Order | None:
        """Give the order of that id, where there is one."""
        row = self._connection.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone()
        return None if row is None else _order(row)

    def ship(self, delivery: Delivery) -> Order | None:
        """Ship the order of an event; nothing where that was done before, however often the event comes."""
        with self._connection:
            if not self.outbox.handle_once(delivery, "ship"):
                return None
            order_id = delivery.event.subject
            self._connection.execute(
                "UPDATE orders SET status = 'shipped', shipped = ? WHERE id = ? AND status = 'placed'",
                (_now(), order_id),
            )
            self.outbox.add(Event(f"{order_id}:shipped", "order.shipped", order_id, datetime.now(UTC)))
        return self.find(order_id)

    def acknowledge(self, delivery: Delivery) -> None:
        """Take an event off the outbox that asks for nothing to be done here."""
        with self._connection:
            self.outbox.handle_once(delivery, "acknowledge")

    def check(self) -> None:
        """Raise ``sqlite3.Error`` where the database cannot be read."""
        self._connection.execute("SELECT count(*) FROM orders").fetchone()


def _order(row: sqlite3.Row) -> Order:
    lines = tuple(Line(**line) for line in json.loads(row["lines"]))
    return Order(row["id"], row["customer"], lines, row["cents"], row["status"], row["placed"], row["shipped"])


def _now() -> str:
    return datetime.now(UTC).isoformat()
