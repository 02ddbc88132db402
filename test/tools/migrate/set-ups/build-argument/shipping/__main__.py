"""Prints the price of one parcel."""

from contoso_greeting import greet

from shipping import price

print(greet("shipping"), price(2500))
