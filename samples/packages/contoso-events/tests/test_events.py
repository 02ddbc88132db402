"""What holds for envelopes and for the outbox."""

import tempfile
import unittest
from datetime import UTC, datetime
from pathlib import Path

from contoso_events import Event, EventError, Outbox, connect


class EnvelopeTest(unittest.TestCase):
    """The envelope and its JSON form."""

    def test_what_was_written_is_read_again(self) -> None:
        event = Event.new("order.placed", "42", {"item": "tea", "quantity": 2})
        self.assertEqual(Event.from_json(event.to_json()), event)

    def test_the_same_event_is_the_same_text(self) -> None:
        time = datetime(2026, 1, 2, tzinfo=UTC)
        one = Event("a", "order.placed", "42", time, {"x": 1, "y": 2})
        other = Event("a", "order.placed", "42", time, {"y": 2, "x": 1})
        self.assertEqual(one.to_json(), other.to_json())

    def test_what_another_service_could_not_read_is_refused(self) -> None:
        now = datetime.now(UTC)
        for kind, subject, time in [
            ("Order", "42", now),
            ("order", "42", now),
            ("order.placed", "", now),
            ("order.placed", "42", datetime(2026, 1, 2)),
        ]:
            with self.subTest(kind=kind, subject=subject), self.assertRaises(EventError):
                Event("id", kind, subject, time)

    def test_texts_that_are_no_events_are_refused(self) -> None:
        good = Event.new("order.placed", "42").to_json()
        for text in ["", "[]", "{}", good.replace('"data":{}', '"data":[]'), good.replace("placed", "PLACED")]:
            with self.subTest(text=text), self.assertRaises(EventError):
                Event.from_json(text)


class OutboxTest(unittest.TestCase):
    """The outbox, with a clock that the test turns."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "outbox.db"
        self.connection = connect(self.file)
        self.addCleanup(self.connection.close)
        self.now = 1000.0
        self.outbox = Outbox(self.connection, lambda: self.now)

    def add(self, *subjects: str) -> list[Event]:
        events = [Event.new("order.placed", subject) for subject in subjects]
        with self.connection:
            for event in events:
                self.outbox.add(event)
        return events

    def test_events_come_in_order_and_to_one_worker_each(self) -> None:
        self.add("1", "2", "3")
        first = self.outbox.claim("a", limit=2)
        second = self.outbox.claim("b", limit=2)
        self.assertEqual([delivery.event.subject for delivery in first], ["1", "2"])
        self.assertEqual([delivery.event.subject for delivery in second], ["3"])

    def test_an_event_whose_change_is_rolled_back_is_not_there(self) -> None:
        with self.assertRaises(RuntimeError), self.connection:
            self.outbox.add(Event.new("order.placed", "1"))
            raise RuntimeError
        self.assertEqual(self.outbox.waiting(), 0)

    def test_what_a_dead_worker_held_is_given_out_again(self) -> None:
        self.add("1")
        self.outbox.claim("a", seconds=30)
        self.assertEqual(self.outbox.claim("b"), [])
        self.now += 31
        (delivery,) = self.outbox.claim("b")
        self.assertEqual(delivery.attempt, 2)

    def test_an_event_that_comes_twice_is_handled_once_by_each_handler(self) -> None:
        (event,) = self.add("1")
        (first,) = self.outbox.claim("a", seconds=0)
        (again,) = self.outbox.claim("b", seconds=0)
        self.assertEqual(first.event, event)
        with self.connection:
            self.assertTrue(self.outbox.handle_once(first, "bill"))
            self.assertFalse(self.outbox.handle_once(again, "bill"))
            self.assertTrue(self.outbox.handle_once(again, "ship"))
        self.assertEqual(self.outbox.claim("c"), [])

    def test_an_event_that_failed_to_be_handled_waits_on(self) -> None:
        self.add("1")
        (delivery,) = self.outbox.claim("a", seconds=0)
        with self.assertRaises(RuntimeError), self.connection:
            self.outbox.handle_once(delivery, "bill")
            raise RuntimeError
        self.assertEqual(self.outbox.waiting(), 1)
        self.assertEqual(len(self.outbox.claim("a")), 1)

    def test_the_same_event_is_written_once(self) -> None:
        (event,) = self.add("1")
        with self.connection:
            self.outbox.add(event)
        self.assertEqual(self.outbox.waiting(), 1)

    def test_another_process_sees_what_was_committed(self) -> None:
        self.add("1")
        other = connect(self.file)
        self.addCleanup(other.close)
        self.assertEqual(Outbox(other).waiting(), 1)


if __name__ == "__main__":
    unittest.main()
