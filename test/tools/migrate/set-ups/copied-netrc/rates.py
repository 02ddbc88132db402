"""Prints the exchange rates of today."""

from contoso_greeting import greet

print(greet("rates"), {"EUR": 1.0, "CHF": 0.94})
