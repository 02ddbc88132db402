"""Takes orders from the shop and works them off."""

__version__ = "3.2.0"
