"""Answers what is on which shelf."""

from contoso_greeting import greet


def main() -> None:
    """Starts the service."""
    print(greet("stock"))
