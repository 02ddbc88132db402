"""Answers with the invoices of a customer."""

from contoso_greeting import greet


def main() -> None:
    """Starts the service."""
    print(greet("billing"))
