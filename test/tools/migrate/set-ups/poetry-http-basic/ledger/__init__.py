"""Keeps the books."""
