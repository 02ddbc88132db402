"""An outbox in SQLite: events are written with the change that they tell of, and worked off at least once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contoso_events.envelope import Event

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    claimed_by TEXT,
    claimed_until REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (done, position);
CREATE TABLE IF NOT EXISTS handled (
    id TEXT NOT NULL,
    handler TEXT NOT NULL,
    PRIMARY KEY (id, handler)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that one worker has been given, and for the how many-th time it is given out."""

    event: Event
    attempt: int


def connect(path: str | Path) -> sqlite3.Connection:
    """Open a database that several processes share: each waits up to 5 s for the others' writes."""
    connection = sqlite3.connect(path, timeout=5, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


class Outbox:
    """Events waiting in a database.

    ``clock`` gives seconds since the epoch.
    """

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float] = time.time) -> None:
        """Use a database; its tables are made where they are missing."""
        self._connection = connection
        self._clock = clock
        connection.executescript(_SCHEMA)

    def add(self, event: Event) -> None:
        """Write an event within the caller's transaction; one that is there already is not written again."""
        self._connection.execute(
            "INSERT INTO outbox (id, event) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (event.id, event.to_json())
        )

    def claim(self, worker: str, limit: int = 10, seconds: float = 30) -> list[Delivery]:
        """Take up to ``limit`` events, the oldest first, that no other worker holds.

        What is not marked done within ``seconds`` is given out again: its worker may have died.
        """
        now = self._clock()
        with self._connection:
            rows = self._connection.execute(
                """
                UPDATE outbox SET claimed_by = ?, claimed_until = ?, attempts = attempts + 1
                WHERE position IN (
                    SELECT position FROM outbox WHERE done = 0 AND claimed_until <= ? ORDER BY position LIMIT ?
                )
                RETURNING position, event, attempts
                """,
                (worker, now + seconds, now, limit),
            ).fetchall()
        return [Delivery(Event.from_json(event), attempts) for _, event, attempts in sorted(map(tuple, rows))]

    def handle_once(self, delivery: Delivery, handler: str) -> bool:
        """Say within the caller's transaction that a handler takes an event; false where it has done so before.

        The event is then done. Roll the transaction back to have it given out again.
        """
        taken = self._connection.execute(
            "INSERT INTO handled (id, handler) VALUES (?, ?) ON CONFLICT DO NOTHING", (delivery.event.id, handler)
        )
        self._connection.execute("UPDATE outbox SET done = 1 WHERE id = ?", (delivery.event.id,))
        return taken.rowcount == 1

    def waiting(self) -> int:
        """How many events are not done."""
        (count,) = self._connection.execute("SELECT count(*) FROM outbox WHERE done = 0").fetchone()
        return int(count)
