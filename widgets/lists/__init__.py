"""Scrolling lists and the JSON tree."""
