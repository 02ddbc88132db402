"""Writes the report of the day."""

from contoso_greeting import greet

print(greet("reports"))
