"""Frozen values that every package speaks in."""
