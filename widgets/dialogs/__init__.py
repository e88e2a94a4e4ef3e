"""Widgets that ask the user for an answer or for values."""
