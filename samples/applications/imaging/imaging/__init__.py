"""Makes thumbnails of product pictures."""

__version__ = "0.7.0"
