"""What is said: no web, no environment, so that it is tested in a moment."""

LONGEST_NAME = 100


def greet(name: str) -> str:
    """Greet someone by name.

    Raises ValueError for a name that is empty, too long, or has characters that cannot be printed.
    """
    name = name.strip()
    if not name:
        raise ValueError("the name is empty")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the name has {len(name)} characters; at most {LONGEST_NAME} can be said")
    if not name.isprintable():
        raise ValueError("the name has a character that cannot be printed")
    return f"Hello, {name}!"
