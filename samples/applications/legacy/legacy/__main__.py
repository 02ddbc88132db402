"""Serves invoices until SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from contoso_metrics import Registry

from legacy.health import PORT_FILE
from legacy.invoices import InvoiceError, render

#: Bytes of the largest invoice that is taken.
LARGEST = 1024 * 1024


def make_server(host: str, port: int) -> ThreadingHTTPServer:
    """Make the server; port 0 takes a free one."""
    registry = Registry()
    printed = registry.counter("legacy_invoices_total", "Invoices that came", ["outcome"])

    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_GET(self) -> None:
            if self.path == "/health":
                self._answer(200, "well\n")
            elif self.path == "/metrics":
                self._answer(200, registry.text(), "text/plain; version=0.0.4; charset=utf-8")
            else:
                self._answer(404, "there is nothing here\n")

        def do_POST(self) -> None:
            if self.path != "/invoices":
                self._answer(404, "there is nothing here\n")
                return
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
                self.close_connection = True
                self._answer(413, f"an invoice says its length, and that is at most {LARGEST} bytes\n")
                return
            try:
                page = render(json.loads(self.rfile.read(int(length))))
            except (InvoiceError, ValueError) as error:
                printed.inc(outcome="refused")
                self._answer(422, f"{error}\n")
                return
            printed.inc(outcome="printed")
            self._answer(200, page, "text/html; charset=utf-8")

        def _answer(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer((host, port), Handler)


def main() -> int:
    """Give 0 at the end, and 2 for a port that is none."""
    written = os.environ.get("LEGACY_PORT") or "8081"
    if not written.isascii() or not written.isdigit() or int(written) > 65535:
        print(f"legacy: LEGACY_PORT is {written!r}, and must be a whole number from 0 to 65535", file=sys.stderr)
        return 2
    with make_server(os.environ.get("LEGACY_HOST") or "0.0.0.0", int(written)) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            # From a thread of its own: the server waits in this one, and would wait for itself.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        port = server.server_address[1]
        PORT_FILE.write_text(f"{port}\n", encoding="ascii")
        print(f"legacy listens on port {port}", flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
