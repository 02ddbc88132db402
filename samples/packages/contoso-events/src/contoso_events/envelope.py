"""The envelope that every event travels in, and its JSON form."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_KIND = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)+")
_FIELDS = frozenset({"id", "kind", "subject", "time", "data"})


class EventError(ValueError):
    """What was read or given is not an event."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    ``kind`` is lower-case words with dots between them (``order.placed``), ``subject`` says what it happened to,
    ``time`` is when, in UTC, and ``data`` is whatever JSON can carry.
    """

    id: str
    kind: str
    subject: str
    time: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what another service could not read."""
        if not _KIND.fullmatch(self.kind):
            raise EventError(f"kind {self.kind!r} is not words with dots between them, such as order.placed")
        if self.id == "" or self.subject == "":
            raise EventError("id and subject of an event must not be empty")
        if self.time.tzinfo is None:
            raise EventError("the time of an event needs a time zone")

    @classmethod
    def new(cls, kind: str, subject: str, data: Mapping[str, Any] | None = None) -> Event:
        """Make an event that happened now, under an id of its own."""
        return cls(str(uuid.uuid4()), kind, subject, datetime.now(UTC), dict(data or {}))

    def to_json(self) -> str:
        """Give the event as one line of JSON, the same for the same event."""
        document = {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject,
            "time": self.time.astimezone(UTC).isoformat(),
            "data": self.data,
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Event:
        """Read what :meth:`to_json` wrote.

        Raises :class:`EventError` for anything else.
        """
        try:
            document = json.loads(text)
        except json.JSONDecodeError as error:
            raise EventError(f"an event is JSON, and this is not: {error}") from error
        if not isinstance(document, dict) or set(document) != _FIELDS:
            raise EventError(f"an event has exactly the fields {', '.join(sorted(_FIELDS))}")
        if not all(isinstance(document[name], str) for name in ("id", "kind", "subject", "time")):
            raise EventError("id, kind, subject and time of an event are texts")
        if not isinstance(document["data"], dict):
            raise EventError("the data of an event is an object")
        try:
            time = datetime.fromisoformat(document["time"])
        except ValueError as error:
            raise EventError(f"{document['time']!r} is not a time") from error
        return cls(document["id"], document["kind"], document["subject"], time, document["data"])
