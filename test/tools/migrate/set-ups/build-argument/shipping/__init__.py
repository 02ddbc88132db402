"""Tells what a parcel costs."""


def price(grams: int) -> int:
    """Cents for a parcel of this weight."""
    return 390 + grams // 1000 * 120
