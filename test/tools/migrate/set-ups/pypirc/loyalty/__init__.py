"""Points for those who come again."""

from contoso_greeting import greet


def main() -> None:
    """Counts the points."""
    print(greet("loyalty"))
