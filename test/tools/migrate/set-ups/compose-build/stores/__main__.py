"""Lists the shops."""

from contoso_greeting import greet

print(greet("stores"))
