"""Forecasts the demand of the next week from past orders."""

__version__ = "1.1.0"
