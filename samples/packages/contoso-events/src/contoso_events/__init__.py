"""Events between services: an envelope, and an outbox that neither loses an event nor handles one twice."""

from contoso_events.envelope import Event, EventError
from contoso_events.outbox import Delivery, Outbox, connect

__all__ = ["Delivery", "Event", "EventError", "Outbox", "connect"]
__version__ = "1.4.0"
