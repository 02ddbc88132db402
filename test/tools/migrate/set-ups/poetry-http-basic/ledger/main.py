"""Keeps the books."""

from contoso_greeting import greet


def run() -> None:
    """Starts the service."""
    print(greet("ledger"))
