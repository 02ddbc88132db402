"""What holds for invoices and their service."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from legacy.invoices import InvoiceError, render

INVOICE = {
    "number": 7,
    "customer": "Ann & Sons",
    "lines": [{"item": "<tea>", "quantity": 2, "cents": 450}, {"item": "cup", "quantity": 1, "cents": 1205}],
}


class InvoiceTest(unittest.TestCase):
    """The page."""

    def test_it_sums_up(self) -> None:
        page = render(INVOICE)
        self.assertIn("<td>9.00</td>", page)
        self.assertIn("<th>21.05</th>", page)

    def test_what_a_customer_wrote_is_no_html(self) -> None:
        page = render(INVOICE)
        self.assertIn("Ann &amp; Sons", page)
        self.assertIn("&lt;tea&gt;", page)

    def test_what_is_no_invoice_is_refused(self) -> None:
        for document in [
            [],
            {},
            {**INVOICE, "number": True},
            {**INVOICE, "customer": ""},
            {**INVOICE, "lines": []},
            {**INVOICE, "lines": ["tea"]},
            {**INVOICE, "lines": [{"item": "tea", "quantity": -1, "cents": 1}]},
        ]:
            with self.subTest(document=document), self.assertRaises(InvoiceError):
                render(document)


class ProgramTest(unittest.TestCase):
    """The program as it is started, and its health check."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        port_file = str(Path(folder.name) / "port")
        self.environment = {
            **os.environ,
            "LEGACY_HOST": "127.0.0.1",
            "LEGACY_PORT": "0",
            "LEGACY_PORT_FILE": port_file,
        }

    def health(self) -> int:
        command = [sys.executable, "-m", "legacy.health"]
        return subprocess.run(command, env=self.environment, capture_output=True, timeout=20, check=False).returncode

    def test_it_serves_is_well_and_ends_when_asked(self) -> None:
        self.assertEqual(self.health(), 1)
        process = subprocess.Popen(
            [sys.executable, "-m", "legacy"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        assert process.stdout is not None
        url = f"http://127.0.0.1:{process.stdout.readline().split()[-1]}"
        asking = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with asking.open(f"{url}/invoices", json.dumps(INVOICE).encode(), timeout=10) as answer:
            self.assertIn("Invoice 7", answer.read().decode())
        with self.assertRaises(urllib.error.HTTPError) as refused:
            asking.open(f"{url}/invoices", b"no json", timeout=10)
        refused.exception.close()
        self.assertEqual(refused.exception.code, 422)
        with asking.open(f"{url}/metrics", timeout=10) as answer:
            self.assertIn('legacy_invoices_total{outcome="refused"} 1', answer.read().decode())
        self.assertEqual(self.health(), 0)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 0)


if __name__ == "__main__":
    unittest.main()
