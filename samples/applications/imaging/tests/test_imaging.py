"""What holds for the service that makes thumbnails."""

import base64
import os
import signal
import subprocess
import sys
import unittest
import urllib.request

from contoso_thumbnail import size
from fastapi.testclient import TestClient

from imaging.service import LARGEST, create_app

#: 64 x 48 pixels: the left half red, the right half blue.
RED_AND_BLUE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU"
    "FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    "FBQUFBQUFBT/wAARCAAwAEADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QA"
    "FgEBAQEAAAAAAAAAAAAAAAAAAAkH/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8Ah4DHFAAAEcAVmTKAAWMBJlTU"
    "ABHAFZkygAFjASZU1AARwBWZMoAB/9k="
)


class ServiceTest(unittest.TestCase):
    """The service, asked without a network."""

    def setUp(self) -> None:
        self.client = TestClient(create_app())

    def test_a_thumbnail_is_a_small_picture_of_the_same_colour(self) -> None:
        answer = self.client.post("/thumbnails?width=16&height=16", content=RED_AND_BLUE)
        self.assertEqual((answer.status_code, answer.headers["content-type"]), (200, "image/jpeg"))
        self.assertEqual(size(answer.content), (16, 12))
        mean = bytes.fromhex(answer.headers["x-average-colour"][1:])
        self.assertTrue(all(abs(a - b) <= 8 for a, b in zip(mean, (120, 30, 120), strict=True)), mean)

    def test_what_is_no_picture_or_no_size_is_refused(self) -> None:
        self.assertEqual(self.client.post("/thumbnails", content=b"not a picture").status_code, 422)
        self.assertEqual(self.client.post("/thumbnails", content=b"").status_code, 422)
        self.assertEqual(self.client.post("/thumbnails?width=0", content=RED_AND_BLUE).status_code, 422)

    def test_a_body_that_is_too_long_is_refused(self) -> None:
        self.assertEqual(self.client.post("/thumbnails", content=b"x" * (LARGEST + 1)).status_code, 413)

    def test_it_counts_what_it_does(self) -> None:
        self.client.post("/thumbnails", content=RED_AND_BLUE)
        self.client.post("/thumbnails", content=b"x")
        text = self.client.get("/metrics").text
        self.assertIn('imaging_thumbnails_total{outcome="made"} 1\n', text)
        self.assertIn('imaging_thumbnails_total{outcome="refused"} 1\n', text)


class ProgramTest(unittest.TestCase):
    """The program as it is started."""

    def start(self, port: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "imaging"],
            env={**os.environ, "IMAGING_HOST": "127.0.0.1", "IMAGING_PORT": port},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_it_serves_and_ends_when_asked(self) -> None:
        process = self.start("0")
        assert process.stdout is not None
        port = process.stdout.readline().split()[-1]
        asking = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with asking.open(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            self.assertEqual(answer.status, 200)
        process.send_signal(signal.SIGTERM)
        self.assertIn(process.wait(timeout=20), (0, -signal.SIGTERM))

    def test_a_port_that_is_none_ends_it_at_once(self) -> None:
        process = self.start("http")
        _, errors = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 2)
        self.assertIn("IMAGING_PORT", errors)


if __name__ == "__main__":
    unittest.main()
