"""Unexpected errors and the screen that shows them."""
