"""Says what an order would cost."""

from contoso_greeting import greet

print(greet("quotes"))
