"""Sends what others have written."""
