"""Reusable Textual widgets that know plain values only."""
