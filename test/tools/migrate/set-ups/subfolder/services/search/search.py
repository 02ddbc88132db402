"""Finds what customers mean."""

from contoso_greeting import greet

print(greet("search"))
