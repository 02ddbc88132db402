"""What holds for metrics, their text and their server."""

import threading
import unittest
import urllib.error
import urllib.request

from contoso_metrics import MetricError, Registry, serve


class RegistryTest(unittest.TestCase):
    """Counting and writing."""

    def setUp(self) -> None:
        self.registry = Registry()

    def test_the_text_is_what_prometheus_reads(self) -> None:
        handled = self.registry.counter("handled_total", "Orders,\nhandled", ["outcome"])
        waiting = self.registry.gauge("waiting", "Orders that wait")
        seconds = self.registry.histogram("seconds", "Time for one", buckets=[0.1, 1])
        handled.inc(outcome='a "b" \\c')
        handled.inc(2.5, outcome="a")
        waiting.set(-3)
        for value in (0.1, 0.5, 7):
            seconds.observe(value)
        self.assertEqual(
            self.registry.text(),
            "# HELP handled_total Orders,\\nhandled\n"
            "# TYPE handled_total counter\n"
            'handled_total{outcome="a"} 2.5\n'
            'handled_total{outcome="a \\"b\\" \\\\c"} 1\n'
            "# HELP seconds Time for one\n"
            "# TYPE seconds histogram\n"
            'seconds_bucket{le="0.1"} 1\n'
            'seconds_bucket{le="1"} 2\n'
            'seconds_bucket{le="+Inf"} 3\n'
            "seconds_sum 7.6\n"
            "seconds_count 3\n"
            "# HELP waiting Orders that wait\n"
            "# TYPE waiting gauge\n"
            "waiting -3\n",
        )

    def test_a_counter_without_labels_starts_at_nought(self) -> None:
        self.registry.counter("handled_total", "Orders")
        self.assertIn("\nhandled_total 0\n", self.registry.text())

    def test_wrong_names_and_uses_are_refused(self) -> None:
        counter = self.registry.counter("handled_total", "Orders", ["outcome"])
        for use in [
            lambda: self.registry.counter("handled", "no _total"),
            lambda: self.registry.counter("handled_total", "twice"),
            lambda: self.registry.gauge("a-b", "bad name"),
            lambda: self.registry.gauge("a", "bad label", ["__x"]),
            lambda: self.registry.histogram("h", "falling", buckets=[2, 1]),
            lambda: counter.inc(-1, outcome="a"),
            lambda: counter.inc(),
            lambda: counter.inc(outcome="a", more="b"),
        ]:
            with self.assertRaises(MetricError):
                use()

    def test_threads_that_count_at_the_same_time_lose_nothing(self) -> None:
        counter = self.registry.counter("handled_total", "Orders")
        threads = [threading.Thread(target=lambda: [counter.inc() for _ in range(2000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(counter.value(), 8000)


class ServerTest(unittest.TestCase):
    """The server, over a real connection."""

    def test_it_serves_the_metrics_and_the_health(self) -> None:
        registry = Registry()
        registry.gauge("waiting", "Orders that wait").set(4)
        well = True
        with serve(registry, healthy=lambda: well) as server:
            with urllib.request.urlopen(f"{server.url}/metrics", timeout=5) as answer:
                self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
                self.assertIn("\nwaiting 4\n", answer.read().decode())
            with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:
                self.assertEqual(answer.status, 200)
            well = False
            for path, status in (("/health", 503), ("/other", 404)):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(f"{server.url}{path}", timeout=5)
                refused.exception.close()
                self.assertEqual(refused.exception.code, status)


if __name__ == "__main__":
    unittest.main()
