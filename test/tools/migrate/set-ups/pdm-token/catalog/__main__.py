"""Serves the catalog."""

from contoso_greeting import greet

print(greet("catalog"))
