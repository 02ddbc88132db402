"""What holds for the web service. Skipped where its packages are not installed: pip install -e .[test]"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import unittest
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    import httpx

INSTALLED = all(importlib.util.find_spec(name) is not None for name in ("fastapi", "uvicorn", "httpx"))


@unittest.skipUnless(INSTALLED, "fastapi, uvicorn or httpx is not installed")
class ServiceTest(unittest.IsolatedAsyncioTestCase):
    async def get(self, path: str) -> httpx.Response:
        import httpx

        from hello.service import create_app

        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://hello") as client:
            return await client.get(path)

    async def test_greets(self) -> None:
        answer = await self.get("/hello/Ann")
        self.assertEqual((answer.status_code, answer.json()), (200, {"greeting": "Hello, Ann!"}))

    async def test_says_why_it_does_not(self) -> None:
        answer = await self.get("/hello/%20")
        self.assertEqual((answer.status_code, answer.json()), (422, {"detail": "the name is empty"}))

    async def test_is_well(self) -> None:
        answer = await self.get("/health")
        self.assertEqual((answer.status_code, answer.json()["status"]), (200, "well"))

    async def test_does_not_start_on_what_is_no_port(self) -> None:
        from hello.service import main

        for value in ("http", "0", "65536", "", "²"):
            said = io.StringIO()
            with (
                self.subTest(value=value),
                mock.patch.dict(os.environ, {"HELLO_PORT": value}),
                contextlib.redirect_stderr(said),
            ):
                self.assertEqual(main(), 2)
                self.assertIn("HELLO_PORT", said.getvalue())


if __name__ == "__main__":
    unittest.main()
