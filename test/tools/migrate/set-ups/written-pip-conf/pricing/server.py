"""Serves the prices of the shop."""

import os

from contoso_greeting import greet

print(greet("pricing"), os.environ["PRICING_CURRENCY"])
