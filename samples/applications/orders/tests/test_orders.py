"""What holds for orders: taken once, shipped once, and served."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from contoso_metrics import Registry
from fastapi.testclient import TestClient

from orders.api import create_app
from orders.health import announce, check
from orders.settings import Settings, SettingsError
from orders.store import Line, Store
from orders.worker import Worker

TEA = {"customer": "ann", "lines": [{"item": "tea", "quantity": 2, "cents": 450}]}


class WithFolder(unittest.TestCase):
    """A folder that goes away with the test."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.environment = {
            "ORDERS_DATABASE": str(self.folder / "data" / "orders.db"),
            "ORDERS_HEALTH": str(self.folder / "health"),
            "ORDERS_HOST": "127.0.0.1",
            "ORDERS_PORT": "0",
            "ORDERS_POLL": "0.05",
        }
        self.settings = Settings.read(self.environment)

    def store(self) -> Store:
        store = Store(self.settings.database)
        self.addCleanup(store.close)
        return store


class SettingsTest(unittest.TestCase):
    """What the environment says."""

    def test_there_are_defaults(self) -> None:
        settings = Settings.read({})
        self.assertEqual((settings.host, settings.port, settings.poll), ("0.0.0.0", 8000, 0.5))

    def test_what_cannot_be_used_is_refused_by_name(self) -> None:
        for name, value in [("ORDERS_PORT", "http"), ("ORDERS_PORT", "70000"), ("ORDERS_POLL", "0")]:
            with self.subTest(name=name, value=value), self.assertRaisesRegex(SettingsError, name):
                Settings.read({name: value})


class StoreTest(WithFolder):
    """The database."""

    def test_an_order_is_found_by_its_id(self) -> None:
        store = self.store()
        order, new = store.place("ann", (Line("tea", 2, 450), Line("cup", 1, 1200)))
        self.assertTrue(new)
        self.assertEqual(order.cents, 2100)
        self.assertEqual(store.find(order.id), order)
        self.assertIsNone(store.find("other"))

    def test_the_same_request_makes_one_order(self) -> None:
        store = self.store()
        first, _ = store.place("ann", (Line("tea", 1, 1),), "r1")
        again, new = store.place("ann", (Line("tea", 1, 1),), "r1")
        self.assertEqual((again, new), (first, False))
        self.assertEqual(store.outbox.waiting(), 1)


class WorkerTest(WithFolder):
    """Shipping."""

    def test_each_order_is_shipped_once(self) -> None:
        store = self.store()
        orders = [store.place("ann", (Line("tea", 1, 1),))[0] for _ in range(3)]
        registry = Registry()
        worker = Worker(store, registry, "one")
        while worker.round() > 0:
            pass
        for order in orders:
            found = store.find(order.id)
            assert found is not None
            self.assertEqual(found.status, "shipped")
            self.assertIsNotNone(found.shipped)
        text = registry.text()
        self.assertIn('orders_events_handled_total{outcome="shipped"} 3\n', text)
        self.assertIn('orders_events_handled_total{outcome="noted"} 3\n', text)
        self.assertIn("orders_events_waiting 0\n", text)
        self.assertTrue(worker.healthy())

    def test_two_workers_share_the_work(self) -> None:
        placing = self.store()
        for _ in range(40):
            placing.place("ann", (Line("tea", 1, 1),))
        registries = [Registry(), Registry()]

        def work(registry: Registry, name: str) -> None:
            store = Store(self.settings.database)
            worker = Worker(store, registry, name)
            while worker.round() > 0:
                pass
            store.close()

        threads = [threading.Thread(target=work, args=(registry, str(n))) for n, registry in enumerate(registries)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        texts = "".join(registry.text() for registry in registries)
        shipped = [line for line in texts.splitlines() if 'outcome="shipped"' in line]
        self.assertEqual(sum(int(line.rsplit(" ", 1)[1]) for line in shipped), 40)
        self.assertNotIn('outcome="failed"', texts)


class ApiTest(WithFolder):
    """The web service."""

    def setUp(self) -> None:
        super().setUp()
        client = TestClient(create_app(self.settings))
        client.__enter__()
        self.addCleanup(client.__exit__, None, None, None)
        self.client = client

    def test_an_order_is_taken_and_given(self) -> None:
        answer = self.client.post("/orders", json=TEA)
        self.assertEqual(answer.status_code, 201)
        order = answer.json()
        self.assertEqual((order["status"], order["cents"], order["lines"]), ("placed", 900, TEA["lines"]))
        self.assertEqual(self.client.get(answer.headers["Location"]).json(), order)

    def test_an_order_that_is_sent_twice_is_taken_once(self) -> None:
        first, again = (self.client.post("/orders", json=TEA, headers={"Idempotency-Key": "k"}) for _ in range(2))
        self.assertEqual((first.status_code, again.status_code), (201, 200))
        self.assertEqual(first.json(), again.json())

    def test_what_is_no_order_is_refused(self) -> None:
        for body in [
            {},
            {**TEA, "lines": []},
            {**TEA, "discount": 1},
            {**TEA, "lines": [{"item": "tea", "quantity": 0, "cents": 450}]},
        ]:
            with self.subTest(body=body):
                self.assertEqual(self.client.post("/orders", json=body).status_code, 422)
        self.assertEqual(self.client.get("/orders/none").status_code, 404)

    def test_it_says_that_it_is_well_and_how_much_waits(self) -> None:
        self.client.post("/orders", json=TEA)
        answer = self.client.get("/health").json()
        self.assertEqual((answer["status"], answer["waiting"]), ("well", 1))


class ProgramTest(WithFolder):
    """The two programs as they are started, and their health check."""

    def start(self, module: str) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.environment, "ORDERS_HEALTH": str(self.folder / module)}
        process = subprocess.Popen(
            [sys.executable, "-m", module], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_they_start_are_well_and_end_when_asked(self) -> None:
        for module, says in [("orders.api", "orders-api listens"), ("orders.worker", "orders-worker serves")]:
            with self.subTest(module=module):
                process = self.start(module)
                assert process.stdout is not None
                self.assertIn(says, process.stdout.readline())
                self.assertIsNone(check(self.folder / module, seconds=10))
                process.send_signal(signal.SIGTERM)
                self.assertIn(process.wait(timeout=20), (0, -signal.SIGTERM))
                self.assertIsNotNone(check(self.folder / module))

    def test_a_setting_that_cannot_be_used_ends_them_at_once(self) -> None:
        self.environment["ORDERS_PORT"] = "http"
        for module in ("orders.api", "orders.worker"):
            with self.subTest(module=module):
                process = self.start(module)
                _, errors = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 2)
                self.assertIn("ORDERS_PORT", errors)

    def test_nothing_that_runs_is_not_well(self) -> None:
        self.assertIsNotNone(check(self.folder / "none"))
        announce(self.folder / "dead", "0.0.0.0", 1)
        self.assertIsNotNone(check(self.folder / "dead"))


if __name__ == "__main__":
    unittest.main()
