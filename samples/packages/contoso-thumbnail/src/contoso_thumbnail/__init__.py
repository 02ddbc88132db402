"""Small JPEG pictures from large ones."""

from __future__ import annotations

from contoso_thumbnail import _jpeg

__all__ = ["PictureError", "average_colour", "make", "size"]
__version__ = "0.9.2"

#: What is not a JPEG picture, or one that is broken or too large.
PictureError = _jpeg.PictureError

#: Pictures of more pixels are refused: a small file can claim to be huge.
MOST_PIXELS = 100_000_000


def _refuse_huge(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise PictureError(f"{width} x {height} pixels are more than {MOST_PIXELS}")


def size(picture: bytes) -> tuple[int, int]:
    """Give width and height in pixels, from the picture's header alone."""
    return _jpeg.size(picture)


def average_colour(picture: bytes) -> str:
    """Give the picture's mean colour as ``#rrggbb``: what a page shows until the picture is there."""
    _refuse_huge(*size(picture))
    red, green, blue = _jpeg.average(picture)
    return f"#{red:02x}{green:02x}{blue:02x}"


def make(picture: bytes, max_width: int = 320, max_height: int = 320, quality: int = 85) -> bytes:
    """Give a JPEG that fits into ``max_width`` times ``max_height`` pixels and keeps the picture's proportions.

    A picture that fits already keeps its size. Raises :class:`PictureError` for what is not a picture, and
    ``ValueError`` for sizes that are not from 1 to 65500 and a quality that is not from 1 to 100.
    """
    if not 1 <= max_width <= 65500 or not 1 <= max_height <= 65500:
        raise ValueError("max_width and max_height are from 1 to 65500 pixels")
    if not 1 <= quality <= 100:
        raise ValueError("quality is from 1 to 100")
    width, height = size(picture)
    _refuse_huge(width, height)
    scale = min(1.0, max_width / width, max_height / height)
    return _jpeg.resize(picture, max(1, round(width * scale)), max(1, round(height * scale)), quality)
