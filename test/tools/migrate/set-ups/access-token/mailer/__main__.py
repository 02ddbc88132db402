"""Sends what others have written."""

from contoso_greeting import greet


def main() -> None:
    """Starts the mailer."""
    print(greet("mailer"))


if __name__ == "__main__":
    main()
