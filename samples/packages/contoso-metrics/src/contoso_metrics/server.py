"""Serves a registry and the health of a program that has no web server of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from contoso_metrics.registry import Registry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsServer:
    """A server in a thread of its own: ``GET /metrics`` and ``GET /health``."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        """Serve until :meth:`close`."""
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Address without a path."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def close(self) -> None:
        """Stop, and wait for the thread to end."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> MetricsServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(
    registry: Registry, host: str = "127.0.0.1", port: int = 0, healthy: Callable[[], bool] = lambda: True
) -> MetricsServer:
    """Serve ``registry``; port 0 takes a free one. ``/health`` answers 503 while ``healthy`` gives false."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, registry.text(), CONTENT_TYPE)
            elif self.path == "/health":
                well = healthy()
                self._answer(200 if well else 503, "well\n" if well else "not well\n", "text/plain; charset=utf-8")
            else:
                self._answer(404, "there are /metrics and /health\n", "text/plain; charset=utf-8")

        def _answer(self, status: int, text: str, content_type: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a scrape every few seconds would drown the program's own log."""

    return MetricsServer(ThreadingHTTPServer((host, port), Handler))
