"""Tuning: pure functions that check changes of limits and make plans, with their effect, command and undo."""
